/**
 * The dense Jacobian of the vector field at given states, over the concatenation of the unclamped
 * populations, and how symmetric it is. Frozen units (linearisation.ts) have no row and no column. For
 * circuits up to LARGEST_DENSE units; recurrent-backpropagation.ts needs no matrix.
 */
import { terminalOf } from "../../circuit/amplifiers";
import { drivesThrough, type ByPopulation } from "../drives";
import { OhmletError } from "../../errors";
import type { Chip, Circuit } from "../../circuit/chip-types";
import { isPooled } from "../../dynamics/lowering/pooling";
import { tile } from "../../dynamics/lowering/arrays";
import { eachUse } from "../../program/connections";
import { norm, splitSymmetric } from "./linear";
import { unclamped, type Linearisation } from "./linearisation";
import { eachBack } from "./units";

/** Most units for which dense matrices are formed. */
export const LARGEST_DENSE = 2000;

/**
 * Which matrix. With W the recurrent logical weights [post, pre], K = dF/dI times the unit drive and D =
 * rho'(u):
 *
 * - `state`: J = dF/du = diag(dF/du at constant I) + K W D. Rates of the circuit; 1/s where it is in seconds.
 * - `activity`: K^-1 J D^-1 = W + diag(slope / (K D)), counted in drive for each unit of activity. For the
 *   papers' neurons it is Laborieux and Zenke's J_eff = W - diag(1/rho'). The one whose symmetry makes d_beta
 *   rho the true error vector.
 * - `weights`: W - identity, the matrix of Laborieux and Zenke's code; it does not depend on the states.
 */
export type JacobianKind = "state" | "activity" | "weights";

/**
 * A dense Jacobian, [post, pre] row-major. `units`: place of each row in the concatenation of unclamped
 * populations.
 */
export interface DenseJacobian {
  readonly n: number;
  readonly matrix: Float64Array;
  readonly units: Int32Array;
}

/** Whether what populations receive depends on what they show by more than weights: where windows are pooled. */
export const dependsOnStates = ({ projections }: Circuit): boolean =>
  projections.some(({ from, wiring }) => !from.clamped && isPooled(wiring));

/**
 * Effective recurrent weights of a chip, [post, pre] over all unclamped units, logical.
 * @param at where, and `sample` of which: for circuits that pool
 * @throws OhmletError JACOBIAN-SIZE above LARGEST_DENSE units
 */
export function recurrentWeights(chip: Chip, at?: Linearisation, sample = 0): Float64Array {
  const n = chip.circuit.units;
  expectSmall(chip);
  if (at !== undefined && dependsOnStates(chip.circuit)) return slopesOfDrives(at, sample);
  const out = new Float64Array(n * n);
  for (const projection of chip.circuit.projections) {
    const { name, from, to, wiring } = projection;
    if (from.clamped || terminalOf(projection) !== "node") continue;
    const { weights } = chip.weights(name);
    const put = (i: number, j: number, w: number): void => {
      out[(to.offset + j) * n + from.offset + i] += w;
    };
    if (wiring !== null)
      eachUse(wiring.members[0], wiring.array.post, (pre, post, at) =>
        wiring.backwards ? put(post, pre, weights[at]) : put(pre, post, weights[at]),
      );
    else
      for (let i = 0; i < from.size; i++)
        for (let j = 0; j < to.size; j++) put(i, j, weights[i * to.size + j]);
  }
  return out;
}

/** How the drive of each unit depends on each activity, at a sample: a row of the batch for each unit. */
function slopesOfDrives({ chip, activities, samples }: Linearisation, sample: number): Float64Array {
  const n = chip.circuit.units;
  const one = (values: Float64Array): Float64Array => {
    const size = values.length / samples;
    return tile(values.subarray(sample * size, (sample + 1) * size), n);
  };
  const byDrive = Object.fromEntries(
    unclamped(chip).map(({ name, size, offset }) => {
      const units = new Float64Array(n * size);
      for (let j = 0; j < size; j++) units[(offset + j) * size + j] = 1;
      return [name, units];
    }),
  );
  const here = Object.fromEntries(Object.entries(activities).map(([name, values]) => [name, one(values)]));
  const slopes = drivesThrough(chip, n).byActivity(here, byDrive);
  const out = new Float64Array(n * n);
  for (const { name, size, offset } of unclamped(chip))
    for (let row = 0; row < n; row++)
      out.set(slopes[name].subarray(row * size, (row + 1) * size), row * n + offset);
  return out;
}

function expectSmall(chip: Chip): void {
  const n = chip.circuit.units;
  if (n > LARGEST_DENSE) {
    throw new OhmletError({
      code: "JACOBIAN-SIZE",
      fact: `the circuit has ${n} units, dense Jacobians are formed for at most ${LARGEST_DENSE}`,
      place: { where: chip.circuit.name },
      remedy: "use recurrent backpropagation by iteration, which works for any size",
    });
  }
}

/**
 * The Jacobian for one sample.
 * @param weights what `recurrentWeights` gave, to be formed once for many samples
 * @throws OhmletError JACOBIAN-SIZE; JACOBIAN-SLOPE for `activity` where an active unit has rho'(u) = 0 or
 *   takes no current
 */
export function jacobian(
  at: Linearisation,
  sample: number,
  kind: JacobianKind = "state",
  weights = recurrentWeights(at.chip, at, sample),
): DenseJacobian {
  const total = at.chip.circuit.units;
  const [slope, gain, rhoPrime] = [at.slope, at.gain, at.rhoPrime].map((values) =>
    concatenate(at.chip, values, sample),
  );
  const units =
    kind === "weights" ? Int32Array.from({ length: total }, (_, i) => i) : activeUnits(at, sample);
  const n = units.length;
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    const i = units[a];
    for (let b = 0; b < n; b++) {
      const w = weights[i * total + units[b]];
      matrix[a * n + b] = kind === "state" ? gain[i] * w * rhoPrime[units[b]] : w;
    }
    const diagonal =
      kind === "weights" ? -1 : kind === "state" ? slope[i] : slope[i] / (gain[i] * rhoPrime[i]);
    if (!Number.isFinite(diagonal)) throw flat(at, i);
    matrix[a * n + a] += diagonal;
  }
  addBack(at, sample, kind, { n, matrix, units });
  return { n, matrix, units };
}

/** What comes back to the outputs of amplifiers: of states, whatever they show. */
function addBack(
  { chip, gain, gainBack, rhoPrime }: Linearisation,
  sample: number,
  kind: JacobianKind,
  { n, matrix, units }: DenseJacobian,
): void {
  const rows = new Map([...units].map((unit, row) => [unit, row]));
  for (const to of unclamped(chip))
    eachBack(chip, to, ({ from, pre, post, weight }) => {
      const [row, column] = [rows.get(to.offset + post), rows.get(from.offset + pre)];
      if (row === undefined || column === undefined) return;
      const at = sample * to.size + post;
      const by =
        kind === "weights"
          ? 1
          : kind === "state"
            ? gainBack[to.name][at]
            : gainBack[to.name][at] / gain[to.name][at] / rhoPrime[from.name][sample * from.size + pre];
      matrix[row * n + column] += by * weight;
    });
}

function flat({ chip }: Linearisation, unit: number): OhmletError {
  const population = unclamped(chip).find((p) => unit < p.offset + p.size);
  return flatUnit(chip.circuit.name, population?.name ?? "", unit - (population?.offset ?? 0));
}

/** A unit whose output does not follow its current: it has no activity Jacobian. */
export const flatUnit = (where: string, population: string, unit: number): OhmletError =>
  new OhmletError({
    code: "JACOBIAN-SLOPE",
    fact:
      `unit ${unit} of "${population}" has no finite activity ` +
      "Jacobian: its output does not follow its current",
    place: { where },
    remedy: 'ask for the "state" Jacobian, or give the neuron bounds where its output is flat',
    category: "run",
  });

/** Norms of the symmetric part S and the skew part A of a Jacobian, and S/(S + A): 1 symmetric, 0 skew. */
export interface SymmetryMeasure {
  readonly S: number;
  readonly A: number;
  readonly ratio: number;
}

/** Frobenius norms of (J + J^T)/2 and (J - J^T)/2 (Laborieux and Zenke 2023, section 3). */
export function symmetry({ matrix, n }: DenseJacobian): SymmetryMeasure {
  const { symmetric, skew } = splitSymmetric(matrix, n);
  return asSymmetry(norm(symmetric), norm(skew));
}

/** From both norms. */
export const asSymmetry = (S: number, A: number): SymmetryMeasure => ({
  S,
  A,
  ratio: S + A === 0 ? 1 : S / (S + A),
});

/** Places of the units that are not frozen, in the concatenation. */
function activeUnits({ chip, active }: Linearisation, sample: number): Int32Array {
  return Int32Array.from(
    unclamped(chip).flatMap(({ name, size, offset }) =>
      Array.from({ length: size }, (_, j) => offset + j).filter(
        (i) => active[name][sample * size + i - offset],
      ),
    ),
  );
}

/** One sample's values of all unclamped populations, in the order of their offsets. */
export function concatenate(chip: Chip, values: ByPopulation, sample: number): Float64Array {
  const out = new Float64Array(chip.circuit.units);
  for (const { name, size, offset } of unclamped(chip)) {
    if (values[name]) out.set(values[name].subarray(sample * size, (sample + 1) * size), offset);
  }
  return out;
}
