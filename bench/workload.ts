/**
 * Counts that do not depend on the machine: multiply-adds of a step, devices of a chip, bytes that cannot be
 * avoided.
 */
import type { Circuit, PhaseRequest, Projection } from "../src/index";

/** Which synapses count, for the field of that name. */
export const COUNTED =
  "projections between unclamped populations, each direction; twice for complex rows; not the clamped " +
  "input's drive, which is computed once, nor a readout";

/** Multiply-adds of one synchronous step of all rows of a phase. See COUNTED. */
export function multiplyAdds(
  circuit: Circuit,
  { samples, nudges, complex }: Pick<PhaseRequest, "samples" | "nudges" | "complex">,
): number {
  const planes = complex === true || nudges?.some((nudge) => nudge.im !== 0) === true ? 2 : 1;
  return recurrentReads(circuit) * samples * (nudges?.length ?? 1) * planes;
}

/** Weights that one row reads in a step. */
function recurrentReads(circuit: Circuit): number {
  return circuit.projections.filter((p) => !p.from.clamped).reduce((sum, p) => sum + usesOf(p), 0);
}

/**
 * Multiply-adds of a projection; feedback to pooled windows through kernels of its own runs them forwards, too,
 * to know the windows.
 */
function usesOf({ wiring, array, spec }: Projection): number {
  if (wiring === null) return array.pre * array.post;
  const uses = wiring.members.reduce((sum, { at, block }) => sum + at.length * block.pre * block.post, 0);
  const own = wiring.backwards && wiring.pool !== null && spec.feedback?.kind === "angled";
  return own ? 2 * uses : uses;
}

/** Synaptic devices of a chip: those that two directions share count once, biases not at all. */
export function devices(circuit: Circuit): number {
  return circuit.projections
    .filter((p) => p.spec.feedback?.kind !== "tied")
    .reduce((sum, { array }) => sum + array.pre * array.post, 0);
}

/** Bytes of the weights and states alone, each number once. */
export function weightsAndStates(circuit: Circuit, rows: number, bytesPerNumber: number): number {
  return (devices(circuit) + rows * circuit.units) * bytesPerNumber;
}
