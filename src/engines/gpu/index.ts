/**
 * The GPU.js engine: whole relaxations as compiled pipelines on the backend that is asked for. float32. A backend that is
 * named runs or fails; `gpu` takes the best that runs here and says which, and why it passed over a better one.
 */
import { GPU, type IKernelRunShortcut } from "gpu.js";
import { OhmletError } from "../../errors";
import type { Engine, EngineInfo } from "../engine";
import { GpuExecutable } from "./executable";
import { correlateKernel } from "./kernels";
import { packed } from "./plan";

export type Backend = "webasm" | "cpu";

/** @throws OhmletError ENGINE-BACKEND where the backend cannot run here */
export function createGpuEngine(requested: string, backend: Backend, fallbackReason?: string): Engine {
  if (backend === "webasm" && !webAssemblyRuns()) {
    throw new OhmletError({ code: "ENGINE-BACKEND", fact: "WebAssembly SIMD does not run here", place: { where: requested }, remedy: 'use "gpu:cpu" or "reference"' });
  }
  const gpu = new GPU({ mode: backend as never });
  let executor: string | undefined;
  const products = new Map<string, IKernelRunShortcut>();
  const info = (): EngineInfo => ({
    requested,
    name: `gpu:${backend}`,
    precision: "float32",
    ...(executor === undefined ? {} : { executor }),
    ...(fallbackReason === undefined ? {} : { fallbackReason }),
  });
  return {
    get info() {
      return info();
    },
    compile: (program) => new GpuExecutable(gpu, backend, program, (kind) => (executor = kind)),
    async correlate(pre, post, rows, preWidth, postWidth) {
      const key = [rows, preWidth, postWidth].join();
      let kernel = products.get(key);
      if (kernel === undefined) {
        const { source, output } = correlateKernel(rows, preWidth, postWidth);
        kernel = gpu.createKernel(source as never, { output: [...output], precision: "single" });
        products.set(key, kernel);
      }
      const found = (await kernel(packed(Float32Array.from(pre), [preWidth, rows]), packed(Float32Array.from(post), [postWidth, rows]))) as unknown as Float32Array[];
      const out = new Float64Array(preWidth * postWidth);
      found.forEach((row, i) => out.set(row, i * postWidth));
      return out;
    },
    dispose() {
      void gpu.destroy();
    },
  };
}

export function webAssemblyRuns(): boolean {
  return (GPU as unknown as { isWebAssemblySupported?: boolean }).isWebAssemblySupported === true;
}
