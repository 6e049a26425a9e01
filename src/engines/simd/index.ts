/**
 * The SIMD engine: each program becomes a WebAssembly module of its own, generated here, with vector instructions for four
 * float32 at a time, and its rows are shared out between threads. Needs no library. How it works, how exact and how fast it
 * is: docs/engines.md.
 */
import { OhmletError } from "../../errors";
import { correlate } from "../correlate";
import type { Engine, EngineInfo, EngineOptions } from "../engine";
import { Code, ModuleBuilder } from "./assembler";
import { SimdExecutable } from "./executable";
import { Lanes } from "./lanes";
import { EngineMemory } from "./memory";
import { add, keep, real } from "./values";
import { assembles } from "./webassembly";

/** @throws OhmletError ENGINE-BACKEND where WebAssembly has no vectors */
export function createSimdEngine(requested = "simd", { threads }: EngineOptions = {}): Engine {
  if (!simdRuns()) throw new OhmletError({ code: "ENGINE-BACKEND", fact: "WebAssembly SIMD does not run here", place: { where: requested }, remedy: 'use "gpu:cpu" or "reference"' });
  const memory = new EngineMemory();
  const lanes = new Lanes(memory, threads);
  return {
    get info(): EngineInfo {
      const { fallbackReason } = lanes;
      const count = fallbackReason === undefined ? lanes.count : 1;
      return { requested, name: "simd", precision: "float32", executor: count === 1 ? "one thread" : `${count} threads`, ...(fallbackReason === undefined ? {} : { fallbackReason }) };
    },
    adjusts: true,
    compile: (program, lender) => new SimdExecutable(program, memory, lanes, lender instanceof SimdExecutable ? lender : undefined),
    correlate: async (...of) => correlate(...of),
    dispose: () => lanes.dispose(),
  };
}

/** Whether this machine takes a module with vectors in it. */
export function simdRuns(): boolean {
  const code = new Code();
  keep(code, add(real(1), real(1)));
  const module = new ModuleBuilder();
  module.export("add", module.add(code));
  return assembles(module.finish(false));
}
