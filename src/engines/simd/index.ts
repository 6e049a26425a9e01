/**
 * The SIMD engine: each program becomes a WebAssembly module of its own, generated here, with vector
 * instructions for four float32 at a time, and its rows are shared out between threads. Needs no library. How
 * it works, how exact and how fast it is: docs/engines.md.
 */
import { OhmletError } from "../../errors";
import { correlate } from "../correlate";
import type { Engine, EngineInfo, EngineOptions } from "../engine";
import { Code, ModuleBuilder } from "./assembler";
import { SimdExecutable } from "./executable";
import { Lanes } from "./lanes";
import { EngineMemory } from "./memory";
import { add, keep, real } from "./values";
import { allowFused } from "./threads";
import { assembles } from "./webassembly";

/**
 * @throws OhmletError ENGINE-BACKEND where WebAssembly has no vectors, or no fused products where they are
 *   asked for
 * @param chosen by what `auto` chose it
 */
export function createSimdEngine(
  requested = "simd",
  { threads, fused = false, stop }: EngineOptions = {},
  chosen?: string,
): Engine {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "ENGINE-BACKEND", fact, place: { where: requested }, remedy });
  };
  if (!simdRuns()) fail("WebAssembly SIMD does not run here", 'use "gpu:cpu" or "reference"');
  if (fused && !fusedRuns())
    fail(
      "WebAssembly does not fuse products and sums here",
      "leave out fused: results are the same to rounding",
    );
  const memory = new EngineMemory();
  const lanes = new Lanes(memory, threads, stop);
  const features = { shared: memory.shared, fused };
  return {
    get info(): EngineInfo {
      const { fallbackReason } = lanes;
      const count = fallbackReason === undefined ? lanes.count : 1;
      const executor = `${count === 1 ? "one thread" : `${count} threads`}${fused ? ", fused products" : ""}`;
      return {
        requested,
        name: "simd",
        precision: "float32",
        ...(fused && { fused }),
        executor,
        ...(fallbackReason === undefined ? {} : { fallbackReason }),
        ...(chosen === undefined ? {} : { chosen }),
      };
    },
    adjusts: true,
    solves: { shape: "two-sets", ready: async () => undefined },
    stop,
    compile: (program, lender) =>
      new SimdExecutable(
        program,
        memory,
        lanes,
        features,
        lender instanceof SimdExecutable ? lender : undefined,
      ),
    correlate: async (...of) => correlate(...of),
    dispose: () => lanes.dispose(),
  };
}

/** Whether this machine takes a module with vectors in it. */
export function simdRuns(): boolean {
  return takes((code) => keep(code, add(real(1), real(1))), false);
}

/** Whether it takes fused products, which older versions of Node have to be told. */
function fusedRuns(): boolean {
  const product = (code: Code): void => {
    const [a, b, c] = [code.local("v128"), code.local("v128"), code.local("v128")];
    code.multiplyAdd(a, b, c, { shared: false, fused: true });
  };
  if (takes(product, true)) return true;
  allowFused();
  return takes(product, true);
}

function takes(body: (code: Code) => unknown, fused: boolean): boolean {
  const module = new ModuleBuilder({ shared: false, fused });
  const code = new Code();
  body(code);
  module.export("try", module.add(code));
  return assembles(module.finish());
}
