/**
 * Jacobian homeostasis (Laborieux and Zenke 2023, section 3.4): a loss that is 0 where the Jacobian at the free
 * fixed point is symmetric, L = 2 |A|^2 = E [|J e|^2 - e J^2 e] over kicks e (Eq. 12), its gradient by the
 * weights, and how symmetric a Jacobian is, at any size. On the host, in float64; states count as constant.
 */
import { fillPhaseNormals, PHASE_STREAMS, type PhaseKey } from "../../random";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import type { ByPopulation, ByProjection } from "../drives";
import { asSymmetry, type SymmetryMeasure } from "../references/jacobian";
import { unclamped, type Linearisation } from "../references/linearisation";
import { factorsAt } from "./factors";
import { kicksThrough, type KickRows } from "./host-kicks";
import { DRAWS, isSame, MOST_DRAWS, type HomeostasisForm, type HomeostasisOf } from "./options";

/** Of which Jacobian, and from which kicks. */
export interface JacobianKicks {
  /** Default "drive". */
  readonly of?: HomeostasisOf;
  /** Random kicks of each sample. Default 5, as in the paper. */
  readonly draws?: number;
  /** Keys the draws. Default 0. */
  readonly seed?: number;
  /** Numbers the draws of one seed, as phases are numbered. Default 0. */
  readonly phase?: number;
  /** Kicks in the place of random ones, [draws, samples, size] by population; `draws` tells how many. */
  readonly kicks?: ByPopulation;
}

/** What the homeostatic loss is computed of, and how. */
export interface HomeostaticLossOptions extends JacobianKicks {
  /** Default "hutchinson". "exact" draws nothing. */
  readonly form?: HomeostasisForm;
  /**
   * Whether the diagonal of the Jacobian takes part in the products, as it does in the paper's: it cancels from
   * the loss, and where it differs from unit to unit it only makes the estimate noisier. Default false.
   */
  readonly diagonal?: boolean;
}

/** The homeostatic loss, and how it depends on the weights. */
export interface HomeostaticLoss {
  /** Mean over samples; not divided by the number of units. */
  readonly loss: number;
  /** By the effective weights of each projection, as an array of its own; by biases it is 0. */
  readonly gradient: ByProjection;
}

const KICKS = {
  of: check.oneOf("drive", "state", "activity"),
  draws: check.whole(1, MOST_DRAWS),
  seed: check.whole(),
  phase: check.whole(),
  kicks: check.anything,
} as const;
const readLoss = optionsOf<HomeostaticLossOptions>("homeostaticLoss", {
  takes: { ...KICKS, form: check.oneOf("exact", "hutchinson", "local"), diagonal: check.flag },
});
const readSymmetry = optionsOf<SymmetryOptions>("estimateSymmetry", {
  takes: { ...KICKS, form: check.oneOf("exact", "hutchinson") },
});

/**
 * The homeostatic loss at given states, and its gradient by the weights, the states held (Laborieux and Zenke
 * 2023, Eq. 12).
 * @param at the free fixed point, from `linearise`
 * @throws OhmletError OPTION-…, HOMEO-KICKS for kicks of other shapes; JACOBIAN-SLOPE for the diagonal of
 *   "activity" where an output is flat
 */
export function homeostaticLoss(at: Linearisation, options: HomeostaticLossOptions = {}): HomeostaticLoss {
  const { of = "drive", form = "hutchinson", diagonal = false } = readLoss(options);
  const { rows, scale } = rowsOf(at, of, form === "exact", diagonal, options);
  // Over all units the local form is exact, too.
  const { loss, gradient } = kicksThrough(at.chip, form === "hutchinson" ? form : "local").run(rows);
  const scaled = (values: Float64Array): Float64Array => values.map((x) => x * scale);
  return {
    loss: loss * scale,
    gradient: Object.fromEntries(
      Object.entries(gradient).map(([name, { weights, biases }]) => [
        name,
        { weights: scaled(weights), biases: biases && scaled(biases) },
      ]),
    ),
  };
}

/** From which kicks the symmetry of a Jacobian is told. */
export interface SymmetryOptions extends JacobianKicks {
  /** Default "hutchinson"; "exact" kicks every unit. */
  readonly form?: "exact" | "hutchinson";
}

/**
 * Norms of the symmetric and the skew part of the Jacobian, and S/(S + A), without a matrix, at any size: root
 * mean squares over samples and kicks of |(J + J^T) e| / 2 and |(J - J^T) e| / 2. `symmetry` gives those of one
 * sample from a dense Jacobian.
 * @param at the free fixed point, from `linearise`
 * @throws OhmletError as homeostaticLoss
 */
export function estimateSymmetry(at: Linearisation, options: SymmetryOptions = {}): SymmetryMeasure {
  const { of = "drive", form = "hutchinson" } = readSymmetry(options);
  const { rows, scale } = rowsOf(at, of, form === "exact", true, options);
  const { symmetric, skew } = kicksThrough(at.chip, null).run(rows);
  return asSymmetry(Math.sqrt(symmetric * scale) / 2, Math.sqrt(skew * scale) / 2);
}

/** Streams of kicks, from the last one downwards: noise of neurons and of reads counts upwards. */
export const kickStream = (population: number): number => PHASE_STREAMS - 1 - population;

/** The rows to be run, and what makes of their sum a mean over samples of the expectation over kicks. */
function rowsOf(
  at: Linearisation,
  of: HomeostasisOf,
  exact: boolean,
  diagonal: boolean,
  { draws = DRAWS, seed = 0, phase = 0, kicks }: JacobianKicks,
): { readonly rows: KickRows; readonly scale: number } {
  const { chip, activities } = at;
  const factors = factorsAt(at, of, diagonal);
  // Where J is the same for all samples one tells all.
  const same = exact && isSame(chip.circuit, of);
  const samples = same ? 1 : at.samples;
  const common = { samples, activities, factors };
  if (exact) {
    const offsets = unclamped(chip).map(({ offset }) => offset);
    const kick: KickRows["kick"] = (out, population, draw) => {
      out.fill(0);
      const unit = draw - offsets[population];
      if (unit >= 0 && unit < out.length) out[unit] = 1;
    };
    return { rows: { ...common, draws: chip.circuit.units, kick }, scale: 1 / samples };
  }
  const values = kicks === undefined ? drawn(at, draws, { seed, phase }) : given(at, draws, kicks);
  const kick: KickRows["kick"] = (out, population, draw, sample) => {
    const first = (draw * samples + sample) * out.length;
    out.set(values[population].subarray(first, first + out.length));
  };
  return { rows: { ...common, draws, kick }, scale: 1 / (draws * samples) };
}

/** Standard normal kicks, [draws, samples, size] of each population. */
function drawn({ chip, samples }: Linearisation, draws: number, key: PhaseKey): readonly Float64Array[] {
  return unclamped(chip).map(({ size }, index) => {
    const values = new Float64Array(draws * samples * size);
    fillPhaseNormals(values, key, kickStream(index), 0);
    return values;
  });
}

/** @throws OhmletError HOMEO-KICKS */
function given(
  { chip, samples }: Linearisation,
  draws: number,
  kicks: ByPopulation,
): readonly Float64Array[] {
  const populations = unclamped(chip);
  return populations.map(({ name, size }) => {
    const wanted = draws * samples * size;
    const found = Object.hasOwn(kicks, name) ? kicks[name] : undefined;
    if (found?.length === wanted && found.every(Number.isFinite)) return found;
    throw new OhmletError({
      code: "HOMEO-KICKS",
      fact:
        found?.length === wanted
          ? `kicks of "${name}" are not all finite`
          : `${found === undefined ? "no" : found.length} kicks for "${name}", ${wanted} are needed`,
      place: { where: "kicks" },
      remedy:
        "give an array [draws, samples, size] for each of " +
        `${populations.map((p) => p.name).join(", ")}, and say how many draws they are`,
    });
  });
}
