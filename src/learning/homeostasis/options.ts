/** What Jacobian homeostasis may be asked for: of which Jacobian, in which form, from how many kicks. */
import type { Circuit } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { expectUnloaded } from "../../dynamics/lowering/loads";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { dependsOnStates, type JacobianKind } from "../references/jacobian";

/**
 * Which Jacobian is to become symmetric:
 *
 * - `drive`: W - identity, how what populations receive depends on what they show (the authors' code); where
 *   nothing is pooled it does not depend on the states.
 * - `state`: dF/du, how fast a state changes that was pushed; time counts in the circuit's own unit.
 * - `activity`: W + diag(slope / (K D)), which is `drive` without the units that a bound holds, and with the
 *   diagonal that decides how d_beta rho and the true error differ (Laborieux and Zenke 2023, Eq. 10).
 */
export type HomeostasisOf = "drive" | "state" | "activity";

/**
 * How loss and gradient are computed:
 *
 * - `exact`: from the correlations of all units' kicks, one after another; for small circuits.
 * - `hutchinson`: from random kicks e, the derivative of |J e|^2 - e J^2 e itself (Laborieux and Zenke 2023,
 *   Eq. 12 and 18); needs J^T e, which no chip has.
 * - `local`: from the velocity v = J e after a kick alone: dW_ij ~ -(v_i e_j - e_i v_j), without bias; what a
 *   synapse needs is at its two ends.
 */
export type HomeostasisForm = "exact" | "hutchinson" | "local";

/** Kicks of a sample, unless said, and at most. */
export const DRAWS = 5;
export const MOST_DRAWS = 10_000;
/** Most kicks of a batch in the exact form. */
const MOST_ROWS = 8192;

/** The same Jacobian where it is formed densely. */
export const KIND: Readonly<Record<HomeostasisOf, JacobianKind>> = {
  drive: "weights",
  state: "state",
  activity: "activity",
};

/** How much of the homeostatic loss is learned beside the cost, and how its gradient is found. */
export interface HomeostasisOptions {
  /** Factor on the loss, which is added to the cost. 0: the symmetry is told, and nothing is done for it. */
  readonly coefficient: number;
  /** Default "drive". */
  readonly of?: HomeostasisOf;
  /** Default "hutchinson". */
  readonly form?: HomeostasisForm;
  /** Random kicks of each sample of a batch, for the forms that draw. Default 5, as in the paper. */
  readonly draws?: number;
  /** Divides the loss by the number of units, as the authors' code does and their paper does not. Default false. */
  readonly perUnit?: boolean;
}

/** The same with everything said. */
export type Homeostasis = Required<HomeostasisOptions>;

const read = optionsOf<HomeostasisOptions>("homeostasis", {
  needs: { coefficient: check.notNegative },
  takes: {
    of: check.oneOf("drive", "state", "activity"),
    form: check.oneOf("exact", "hutchinson", "local"),
    draws: check.whole(1, MOST_DRAWS),
    perUnit: check.flag,
  },
});

/**
 * Homeostasis of a circuit.
 * @param samples of a batch, where that is known
 * @throws OhmletError OPTION-…; HOMEO-DRAWS for draws where nothing is drawn; HOMEO-NOTHING where no weight could
 *   make the Jacobian more symmetric; HOMEO-SIZE
 */
export function homeostasisOf(circuit: Circuit, options: HomeostasisOptions, samples = 1): Homeostasis {
  const { coefficient, of = "drive", form = "hutchinson", draws, perUnit = false } = read(options);
  if (form === "exact" && draws !== undefined)
    throw new OhmletError({
      code: "HOMEO-DRAWS",
      fact: `there are ${draws} draws for the exact form, which draws nothing`,
      place: { where: "homeostasis" },
      remedy: 'leave out draws, or write  form: "hutchinson"',
    });
  if (coefficient > 0) {
    expectUnloaded(
      circuit,
      "homeostasis",
      "leave out homeostasis: a tied conductance is symmetric by itself",
    );
    expectUse(circuit, of);
  }
  const homeostasis = { coefficient, of, form, draws: form === "exact" ? 0 : (draws ?? DRAWS), perUnit };
  if (coefficient > 0) expectFits(circuit, homeostasis, samples);
  return homeostasis;
}

function expectUse({ name, projections }: Circuit, of: HomeostasisOf): void {
  const recurrent = projections.filter(({ from }) => !from.clamped);
  const shared = new Set(recurrent.filter((p) => ownerOf(p) !== p.name).flatMap((p) => [p.name, ownerOf(p)]));
  const nothing = recurrent.length === 0;
  if (!nothing && (of === "state" || recurrent.some((p) => !shared.has(p.name)))) return;
  throw new OhmletError({
    code: "HOMEO-NOTHING",
    fact: nothing
      ? "no population drives another one that has dynamics: there is nothing to make symmetric"
      : "feedback reads the devices of the forward direction, and what one direction asks of them the other takes back",
    place: { where: `${name}, homeostasis` },
    remedy: nothing
      ? "leave out homeostasis, or add feedback"
      : 'give feedback devices of its own (feedback: "untied", or an angle), or write  of: "state"',
  });
}

/** Rows of kicks that a batch of this many samples takes. */
export const kickRows = (
  circuit: Circuit,
  { of, form, draws }: Pick<Homeostasis, "of" | "form" | "draws">,
  samples: number,
): number => (form === "exact" ? circuit.units * (isSame(circuit, of) ? 1 : samples) : draws * samples);

/** Whether the Jacobian is the same at all states. */
export const isSame = (circuit: Circuit, of: HomeostasisOf): boolean =>
  of === "drive" && !dependsOnStates(circuit);

/** @throws OhmletError HOMEO-SIZE where the exact form would kick too much for a batch */
export function expectFits(circuit: Circuit, homeostasis: Homeostasis, samples: number): void {
  const rows = kickRows(circuit, homeostasis, samples);
  if (homeostasis.form !== "exact" || rows <= MOST_ROWS) return;
  throw new OhmletError({
    code: "HOMEO-SIZE",
    fact:
      `the exact form kicks each of ${circuit.units} units in each of ${samples} samples, ${rows} times, at most ` +
      `${MOST_ROWS} are possible`,
    place: { where: "homeostasis" },
    remedy: 'write  form: "hutchinson", or learn from smaller batches',
  });
}
