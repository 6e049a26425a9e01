/**
 * What small displacements and small nudges do at a fixed point (Scellier et al. 2018, Propositions 4 and 5, and
 * the good parameters of section 5). The papers call a fixed point stable where the field points back to it from
 * everywhere near; a Jacobian whose eigenvalues alone are stable is less, and a nudge may then raise the cost.
 */
import { costArgument, costs } from "../../learning/cost";
import type { Batch } from "../../learning/types";
import type { Planes } from "../../dynamics/types";
import { jacobian, symmetry } from "../../learning/references/jacobian";
import { linearise } from "../../learning/references/linearisation";
import { linkingJacobian } from "../../learning/references/exact";
import {
  nudgeEffects,
  nudgeStretch,
  stretchOf,
  type NudgeEffect,
} from "../../learning/references/nudge-effects";
import type { Chip } from "../../circuit/chip-types";
import { hasInternalStates } from "../../circuit/states";
import { optionsOf } from "../../options";
import {
  broken,
  callOf,
  chipText,
  doesNotApply,
  holds,
  short,
  type Judged,
  type Subject,
  type Trial,
  TRIAL,
} from "./law";
import { chipFrom, draws, staged, type Stage } from "./law-setup";
import { silenced } from "./view";

const INWARD = "where the Jacobian is negative, the field points back";
const HELPS = "where the Jacobian is negative, a nudge lowers the cost";
const GOOD = "where the Jacobian is symmetric, the update descends the cost";

const reads = {
  inward: optionsOf<Trial>("laws.inward", TRIAL),
  nudgeHelps: optionsOf<Trial>("laws.nudgeHelps", TRIAL),
  goodParameter: optionsOf<Trial>("laws.goodParameter", TRIAL),
};

/** Displacements that are small, and how many of them. */
const SMALL = 1e-4;
const DIRECTIONS = 20;
/** A nudge that is small. */
const NUDGE = 1e-4;
/** Skew parts below this share of the symmetric one count as rounding. */
const SYMMETRIC = 1e-9;

interface AtRest {
  readonly stage: Stage;
  readonly chip: Chip;
  readonly inputs: Float64Array;
  readonly states: Planes;
}

/** Settles and hands over; says nothing of chips that do not settle. */
async function atRest(
  law: string,
  subject: Subject,
  trial: Trial,
  judge: (at: AtRest) => Promise<Judged> | Judged,
): Promise<Judged> {
  const { steps = 4000 } = trial;
  const chip = silenced(chipFrom(subject, trial));
  return staged(chip, trial, async (stage) => {
    const inputs = Float64Array.from(stage.inputs);
    const { simulator, samples } = stage;
    const { outcome, states } = await simulator.phase({ samples, inputs, steps, tolerance: 1e-12 });
    return outcome.kind === "settled"
      ? judge({ stage, chip, inputs, states })
      : doesNotApply(law, `the chip does not settle: ${outcome.kind} after ${outcome.steps} steps`);
  });
}

/**
 * Looks at the field near the fixed point in random directions: (s - s0) . F(s) is below 0 wherever the symmetric
 * part of the Jacobian is negative, and never above what its largest eigenvalue makes of the distance
 * (Proposition 4).
 * @throws OhmletError LAW-INWARD
 */
export async function inward(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { allowed = 1e-2, seed = 1 } = reads.inward(trial);
  return atRest(INWARD, subject, trial, ({ stage: { samples }, chip, inputs, states }) => {
    if (hasInternalStates(chip.circuit))
      return doesNotApply(INWARD, "neurons have several states: the Jacobian by u alone is not that of all");
    const at = linearise(chip, samples, inputs, states);
    let found = -Infinity;
    for (let s = 0; s < samples; s++) {
      const { n, matrix, units } = jacobian(at, s, "state");
      const stretch = stretchOf({ n, matrix, units }) ?? Infinity;
      const size = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      if (n === 0 || !(stretch < -allowed * size))
        return doesNotApply(
          INWARD,
          `the symmetric part of the Jacobian is not negative: an eigenvalue of ${short(stretch)}`,
        );
    }
    for (let k = 0; k < DIRECTIONS; k++) {
      const moved = Object.fromEntries(
        Object.entries(states).map(([name, { re }]) => {
          const by = draws(seed, `law/inward/${k}/${name}`, re.length);
          // Whoever is held by a bound stays there.
          return [name, { re: re.map((u, i) => (at.active[name][i] ? u + SMALL * (2 * by[i] - 1) : u)) }];
        }),
      );
      const { field } = linearise(chip, samples, inputs, moved);
      const [products, squares] = [new Float64Array(samples), new Float64Array(samples)];
      for (const [name, { re }] of Object.entries(moved)) {
        const width = re.length / samples;
        re.forEach((u, i) => {
          const by = u - states[name].re[i];
          products[Math.floor(i / width)] += by * (field[name][i] - at.field[name][i]);
          squares[Math.floor(i / width)] += by * by;
        });
      }
      products.forEach((product, s) => (found = Math.max(found, product / squares[s])));
    }
    if (!(found < 0))
      throw broken(
        "LAW-INWARD",
        chip.circuit.name,
        `the Jacobian is negative, yet (s - s0) . F(s) is ${short(found)} of the squared distance`,
        "an output or a bound whose slope jumps at the fixed point",
        callOf("inward", chipText(chip), trial),
      );
    return holds(INWARD, found, 0);
  });
}

const effectsOf = (
  { chip, stage, inputs, states }: AtRest,
  targets: Batch["targets"],
): readonly NudgeEffect[] => nudgeEffects(chip, stage.samples, inputs, states, targets);

/**
 * Nudges a little both ways and looks at the cost: it falls wherever the symmetric part of the Jacobian, in what
 * the cost is a function of, is negative (Proposition 5). Elsewhere it may rise; that is told.
 * @throws OhmletError LAW-NUDGE
 */
export async function nudgeHelps(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { steps = 4000, allowed = 1e-3 } = reads.nudgeHelps(trial);
  return atRest(HELPS, subject, trial, async (at) => {
    const { stage, chip, inputs, states } = at;
    const { simulator, samples, targets } = stage;
    const effects = effectsOf(at, targets);
    const slopes = effects.map(({ costSlope }) => short(costSlope)).join(", ");
    const field = linearise(chip, samples, inputs, states);
    for (let s = 0; s < samples; s++) {
      const stretch = nudgeStretch(field, s);
      if (stretch === null || stretch > 0)
        return doesNotApply(
          HELPS,
          "the symmetric part of the Jacobian is not negative: " +
            `${stretch === null ? "an output is flat" : `an eigenvalue of ${short(stretch)}`}; ` +
            `dC/dbeta is ${slopes}`,
        );
    }
    const sign = chip.circuit.spec.cost.ascend ? -1 : 1;
    const nudged = async (beta: number): Promise<Float64Array> => {
      const ended = await simulator.phase({
        samples,
        inputs,
        targets,
        nudges: [{ re: sign * beta, im: 0 }],
        from: states,
        steps,
        tolerance: 1e-9,
      });
      return costs(chip, costArgument(chip, ended), targets);
    };
    const [more, less] = [await nudged(NUDGE), await nudged(-NUDGE)];
    const found = Math.max(...more.map((cost, s) => (cost - less[s]) / (2 * NUDGE)));
    if (!(found <= allowed))
      throw broken(
        "LAW-NUDGE",
        chip.circuit.name,
        `the Jacobian is negative, yet the cost rises by ${short(found)} for each unit of nudge`,
        "a nudge that acts elsewhere than the cost says, or with another sign",
        callOf("nudgeHelps", chipText(chip), trial),
      );
    return holds(HELPS, found, allowed);
  });
}

/**
 * Holds the update that nudging finds against minus the true gradient: their product is above 0, so that the
 * chip's weights are "good parameters", wherever the Jacobian that links them is symmetric (Scellier et al.
 * 2018, section 5). Elsewhere it may be below; studies measure the share ("good").
 * @throws OhmletError LAW-GOOD
 */
export async function goodParameter(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { allowed = 1e-6 } = reads.goodParameter(trial);
  return atRest(GOOD, subject, trial, (at) => {
    const { stage, chip, inputs, states } = at;
    const field = linearise(chip, stage.samples, inputs, states);
    const factor = chip.circuit.spec.cost.argument === "state" ? "dState" : "dActivity";
    for (let s = 0; s < stage.samples; s++) {
      const { S, A } = symmetry(linkingJacobian(field, s, factor));
      if (A > SYMMETRIC * S)
        return doesNotApply(
          GOOD,
          `the Jacobian is not symmetric: its skew part is ${short(A / S)} of the other`,
        );
    }
    const found = Math.max(...effectsOf(at, stage.targets).map(({ descent }) => 1 - descent));
    if (!(found <= allowed))
      throw broken(
        "LAW-GOOD",
        chip.circuit.name,
        `the Jacobian is symmetric, yet the update and minus the gradient have a cosine of ${short(1 - found)}`,
        "a rule that multiplies another derivative than its cost asks for",
        callOf("goodParameter", chipText(chip), trial),
      );
    return holds(GOOD, found, allowed);
  });
}
