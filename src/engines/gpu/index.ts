/**
 * The GPU.js engine: whole relaxations as compiled pipelines on the backend that is asked for. float32. A backend that is
 * named runs or fails; which is the best is for the caller to say (select.ts).
 *
 * How exact: states of order one differ from the reference by at most 2e-7 after 30 contracting steps, on both backends,
 * real or complex, noisy or not (test/conformance/table.ts prints the table). Transcendental functions are JavaScript's
 * own, rounded to float32, but tanh and the logistic function, which are off by 2.5e-7 at most (inline.ts).
 *
 * How fast: microseconds a step in chunks of 20, one x86-64 core, against the reference,
 *
 *   | tanh circuit, rows  | noise | reference | gpu:cpu | gpu:webasm |
 *   | 64-32-10, 40 rows   | no    |        85 |      80 |         35 |
 *   | 64-32-10, 40 rows   | yes   |       135 |     135 |         80 |
 *   | 784-64-10, 50 rows  | no    |       220 |     190 |         80 |
 *   | 784-64-10, 50 rows  | yes   |       315 |     285 |        180 |
 *
 * where what noise adds is the host drawing it. A call costs 0.03 to 0.05 ms besides its steps: chunks of 5 steps cost a
 * fifth more than the longest, chunks of 20 a few percent. The first call of each length builds its plan, 10 to 40 ms.
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
