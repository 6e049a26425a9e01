/**
 * Jacobian homeostasis on the circuits of holomorphic cases (Laborieux and Zenke 2023, Eq. 12): norms of the
 * symmetric and the skew part, loss and gradient exactly, and both from the kicks that the case gives. All are
 * exact quantities; the engine settles the free state.
 */
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import {
  homeostaticLoss,
  type HomeostaticLoss,
  type HomeostaticLossOptions,
} from "../../learning/homeostasis/homeostasis";
import { KIND, type HomeostasisOf } from "../../learning/homeostasis/options";
import { jacobian, symmetry } from "../../learning/references/jacobian";
import { linearise, type Linearisation } from "../../learning/references/linearisation";
import { realParts, sideBySide } from "../arrays";
import { fault, type CaseValue } from "../case";
import type { Comparison } from "../compare";
import { checkSize, type Bench } from "../kind";
import { build, converged, type Model } from "./holomorphic/model";

/** Most draws of a case. */
const MOST_DRAWS = 10_000;

export async function homeostasisKind(given: CaseValue, { engine, reference, check }: Bench): Promise<void> {
  const model = build(given);
  const { chip, batch, layers } = model;
  const { samples, inputs } = batch;
  checkSize(chip, samples);
  const { units } = chip.circuit;
  const told = given.at("sizes").find("n")?.number() ?? units;
  if (told !== units) fault("sizes/n", `${told} units, and the layers have ${units}`);

  const names = layers.map(({ name }) => name);
  const simulator = new Simulator(chip, engine);
  const free = await simulator.phase({ samples, inputs, ...converged(engine) });
  check.states(given.at("u_free"), [samples, units], sideBySide(realParts(free.states), names, samples));
  simulator.dispose();
  const exactly = new Simulator(chip, reference);
  const { states } = await exactly.phase({ samples, inputs, ...converged(reference) });
  exactly.dispose();

  const at = linearise(chip, samples, inputs, states);
  const kicks = kicksOf(given.at("eps"), model);
  for (const [name, expected] of given.at("variants").named())
    compareVariant(expected, model, at, ofVariant(name), kicks, check);
}

/** "code_W_minus_I", "ustate_Wsigp_minus_I": which Jacobian it is, by its formula. */
function ofVariant(name: string): HomeostasisOf {
  const formula = name.replace(/^(code|ustate|activity)_?/, "");
  if (/^W_minus_I$/.test(formula)) return "drive";
  if (/^Wsigp_minus_I$/.test(formula)) return "state";
  if (/^W_minus_(1_over_|inv_?)sigp$/.test(formula)) return "activity";
  return fault(
    "variants",
    `"${name.slice(0, 40)}" is no known Jacobian`,
    "Jacobians: code_W_minus_I, ustate_Wsigp_minus_I, activity_W_minus_1_over_sigp",
  );
}

type Given = Required<Pick<HomeostaticLossOptions, "draws" | "kicks">>;

/** Of all units of each draw and sample, in the order of the layers. */
function kicksOf(eps: CaseValue, { chip, batch: { samples }, layers }: Model): Given {
  const draws = eps.length();
  if (draws > MOST_DRAWS) fault(eps.path, `${draws} draws, at most ${MOST_DRAWS} can be verified`);
  const { units } = chip.circuit;
  const values = eps.array([draws, samples, units]);
  let first = 0;
  const kicks = layers.map(({ name }) => {
    const { size } = chip.circuit.population(name);
    const start = first;
    first += size;
    const own = new Float64Array(draws * samples * size);
    for (let row = 0; row < draws * samples; row++)
      own.set(values.subarray(row * units + start, row * units + start + size), row * size);
    return [name, own] as const;
  });
  return { draws, kicks: Object.fromEntries(kicks) };
}

function compareVariant(
  expected: CaseValue,
  model: Model,
  at: Linearisation,
  of: HomeostasisOf,
  kicks: Given,
  check: Comparison,
): void {
  const { samples, chip } = at;
  const { units } = chip.circuit;
  const measures = Array.from({ length: samples }, (_, s) => symmetry(jacobian(at, s, KIND[of])));
  check.exact(
    expected.at("S_A_sym"),
    [samples, 3],
    measures.flatMap(({ S, A, ratio }) => [S, A, ratio]),
  );
  const skew = measures.reduce((sum, { A }) => sum + (2 * A ** 2) / samples, 0);
  const exact = homeostaticLoss(at, { of, form: "exact", diagonal: true });
  const { square, largest } = termsOf(
    model.projections.map(({ name }) => name),
    chip,
  );
  const floor = { floor: square };
  check.exactNumber(expected.at("L_exact"), exact.loss, floor);
  check.exactNumber(expected.at("L_exact_over_n"), exact.loss / units, { floor: square / units });
  check.exactNumber(expected.at("L_check_2A2"), skew, floor);
  compareGradient(expected.at("grad_exact"), model, exact, largest, check);
  const estimate = homeostaticLoss(at, { of, form: "hutchinson", diagonal: true, ...kicks });
  check.exactNumber(expected.at("L_hutchinson"), estimate.loss, floor);
  compareGradient(expected.at("grad_hutchinson"), model, estimate, largest, check);
}

/**
 * What the loss |J|^2 - tr J^2 and its gradient are differences of, at least: where feedback is the transpose they are
 * 0, and what is found is rounding of these.
 */
export function termsOf(names: readonly string[], chip: Chip): { square: number; largest: number } {
  let [square, largest] = [0, 0];
  for (const name of names) {
    if (chip.circuit.projection(name).from.clamped) continue;
    for (const w of chip.weights(name).weights) {
      square += w * w;
      largest = Math.max(largest, Math.abs(w));
    }
  }
  return { square, largest };
}

/** By the kernels between layers; by those from the input it is 0. */
function compareGradient(
  expected: CaseValue,
  { chip, projections }: Model,
  { gradient }: HomeostaticLoss,
  floor: number,
  check: Comparison,
): void {
  for (const { name, caseName } of projections) {
    const { from, to } = chip.circuit.projection(name);
    const wanted = from.clamped ? expected.find(caseName) : expected.at(caseName);
    if (wanted !== null) check.exact(wanted, [from.size, to.size], gradient[name].weights, { floor });
  }
}
