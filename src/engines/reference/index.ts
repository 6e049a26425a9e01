/**
 * The reference engine: plain float64 JavaScript, small and obvious, the judge of all others. It does what
 * the contract says, operation by operation, and takes no short cuts.
 */
import type { Engine, EngineInfo, EngineOptions } from "../engine";
import type { Program } from "../../program/program";
import { correlate } from "../correlate";
import { Room, valuesOf } from "../room";
import { ReferenceExecutable } from "./executable";
import type { bindSolve } from "./solve";

export function createReference(requested = "reference", { stop }: EngineOptions = {}): Engine {
  const info: EngineInfo = { requested, name: "reference", precision: "float64" };
  const room = new Room("reference", (program) => 8 * valuesOf(program));
  let solving: typeof bindSolve | undefined;
  return {
    info,
    stop,
    solves: {
      shape: "any",
      // Few ask for it, and pages that do not need not load it.
      ready: async () => void (solving = (await import("./solve")).bindSolve),
    },
    compile: (program) => new ReferenceExecutable(program, room, stop, solving),
    correlate: async (...of) => correlate(...of),
    dispose: () => undefined,
  };
}

/** A program without noise that is stepped at once: what exact references on the host are computed by. */
export type AtOnce = Pick<
  ReferenceExecutable,
  "write" | "clear" | "setWeights" | "stepOnce" | "buffers" | "dispose"
>;

/** @throws OhmletError ENGINE-PROGRAM, ENGINE-MEMORY */
export const atOnce = (program: Program): AtOnce =>
  new ReferenceExecutable(program, new Room("reference", (of) => 8 * valuesOf(of)));
