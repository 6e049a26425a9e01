/**
 * The GPU.js engine: whole relaxations as compiled pipelines on the backend that is asked for. float32. A backend that is
 * named runs or fails; which is the best is for the caller to say (select.ts).
 */
import { GPU } from "gpu.js";
import { OhmletError } from "../../errors";
import { correlate } from "../correlate";
import type { Engine, EngineInfo } from "../engine";
import { GpuExecutable, type Backend } from "./executable";

/** @throws OhmletError ENGINE-BACKEND where the backend cannot run here */
export function createGpuEngine(requested: string, backend: Backend, fallbackReason?: string): Engine {
  if (backend === "webasm" && !webAssemblyRuns()) {
    throw new OhmletError({ code: "ENGINE-BACKEND", fact: "WebAssembly SIMD does not run here", place: { where: requested }, remedy: 'use "gpu:cpu" or "reference"' });
  }
  const gpu = new GPU({ mode: backend as never });
  const known: EngineInfo = { requested, name: `gpu:${backend}`, precision: "float32", ...(fallbackReason === undefined ? {} : { fallbackReason }) };
  let executor: string | undefined;
  return {
    get info() {
      return executor === undefined ? known : { ...known, executor };
    },
    compile: (program) => new GpuExecutable(gpu, backend, program, (kind) => (executor = kind)),
    correlate: async (...of) => correlate(...of),
    dispose: () => void gpu.destroy(),
  };
}

export function webAssemblyRuns(): boolean {
  return (GPU as unknown as { isWebAssemblySupported?: boolean }).isWebAssemblySupported === true;
}
