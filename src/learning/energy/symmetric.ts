/** Whether what a circuit's units do to each other goes both ways alike, and where it does not. */
import type { Chip, Circuit, Projection } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { recurrentWeights } from "../references/jacobian";
import { pools } from "../rules/pooled";

/** A unit, by its population and its place there. */
export interface UnitName {
  readonly population: string;
  readonly unit: number;
}

/** Two units of which one does to the other what that does not do to it. */
export interface UnlikePair {
  readonly units: readonly [UnitName, UnitName];
  /**
   * The weight from the second to the first, and from the first to the second: entries of the Jacobian by what
   * units show. Null where they are not numbers yet: of a design.
   */
  readonly entries: readonly [number, number] | null;
}

/** Weights that differ by no more, as a share of the largest, are alike. */
const ROUNDING = 1e-12;

/** From each unit to itself: it has no other direction. */
const toItself = ({ from, to, wiring }: Projection): boolean => from === to && wiring?.kind === "one-to-one";

/** Whether every connection between unclamped populations is shared by both directions. */
export const isShared = (circuit: Circuit): boolean => unshared(circuit) === undefined;

function unshared(circuit: Circuit): Projection | undefined {
  const shared = new Set(
    circuit.projections.filter((p) => ownerOf(p) !== p.name).flatMap((p) => [p.name, ownerOf(p)]),
  );
  return circuit.projections.find((p) => !p.from.clamped && !shared.has(p.name) && !toItself(p));
}

const isUneven = ({ spec }: Projection): boolean => (spec.asymmetry ?? 0) > 0;

/** Of a design: what makes its weights unlike, whatever they are; null where nothing does. */
export function unlikeByDesign(circuit: Circuit): UnlikePair | null {
  const found = unshared(circuit) ?? circuit.projections.find((p) => !p.from.clamped && isUneven(p));
  if (found === undefined) return null;
  const { from, to } = found;
  const units = [
    { population: to.name, unit: 0 },
    { population: from.name, unit: from === to ? Math.min(1, from.size - 1) : 0 },
  ] as const;
  return { units, entries: null };
}

/** Of a chip as it is: the pair of units that differs most, or null. @throws OhmletError JACOBIAN-SIZE */
export function unlikeUnits(chip: Chip): UnlikePair | null {
  const { circuit } = chip;
  const recurrent = circuit.projections.filter((p) => !p.from.clamped);
  if (isShared(circuit) && recurrent.every((p) => chip.gains(p.name) === null)) return null;
  // Of windows that are pooled, weights alone do not tell.
  if (pools(circuit)) return unlikeByDesign(circuit);
  const weights = recurrentWeights(chip);
  const n = circuit.units;
  let [largest, apart, at] = [0, 0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      largest = Math.max(largest, Math.abs(weights[i * n + j]));
      const gap = Math.abs(weights[i * n + j] - weights[j * n + i]);
      if (gap > apart) [apart, at] = [gap, i * n + j];
    }
  if (apart <= ROUNDING * largest) return null;
  const [i, j] = [Math.floor(at / n), at % n];
  return {
    units: [unitAt(circuit, i), unitAt(circuit, j)],
    entries: [weights[i * n + j], weights[j * n + i]],
  };
}

function unitAt({ populations }: Circuit, place: number): UnitName {
  const { name, offset } =
    populations.find((p) => !p.clamped && place >= p.offset && place < p.offset + p.size) ?? populations[0];
  return { population: name, unit: place - offset };
}
