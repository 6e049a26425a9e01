/**
 * Vector-field EP (Scellier 2018): leaky integrators in layers with feedback weights of their own, a squared
 * error on the state, Theorem 1 and its one-sided estimates. Layers count from the output: h0 is the output,
 * W01 leads from h1 to h0 and is [post, pre].
 */
import { ideal, leakyIntegrator, type OutputFunction } from "../../../devices";
import { layered, layerNames } from "../../../circuits";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import { oneSided } from "../../learning/estimators";
import { exactAnswers, gradientOf, type ExactAnswers } from "../../learning/references/exact";
import { jacobian, symmetry } from "../../learning/references/jacobian";
import { vectorField } from "../../learning/rules";
import type { Batch } from "../../learning/types";
import { negated, realParts, sideBySide, transpose } from "../arrays";
import { fault, type CaseValue } from "../case";
import { cosine, degrees, largestOf, type Comparison } from "../compare";
import { checkSize, checkWork, MOST_STEPS, MOST_UNITS, UNTIL_STILL, type Bench } from "../kind";

const RHO: ReadonlyMap<string, OutputFunction> = new Map<string, OutputFunction>([
  ["hard_sigmoid_clip", "hard-sigmoid"],
  ["hard_sigmoid", "hard-sigmoid"],
  ["sigmoid", "sigmoid"],
  ["tanh", "tanh"],
]);

/** A parameter of the case: its name there, and where it stands in the circuit. */
interface Parameter {
  readonly name: string;
  readonly projection: string;
  /** Weights are [post, pre] in the case; biases [post]. */
  readonly shape: readonly number[];
}

interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  readonly dt: number;
  readonly steps: number;
  /** Layers from the output. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  readonly parameters: readonly Parameter[];
}

export async function vectorFieldKind(given: CaseValue, { engine, reference, check }: Bench): Promise<void> {
  const model = build(given);
  const { chip, batch, dt, steps, names, sizes, parameters } = model;
  const { samples, inputs, targets } = batch;
  const units = sizes.reduce((a, b) => a + b, 0);

  const exactly = new Simulator(chip, reference, { solver: "euler", dt });
  const settled = await exactly.phase({ samples, inputs, steps, tolerance: UNTIL_STILL });
  const exact = exactAnswers(chip, samples, inputs, settled.states, targets);
  check.exact(given.at("dh_dbeta_exact"), [samples, units], sideBySide(exact.dState, names, samples));
  if (given.find("minus_JinvT_dC"))
    check.exact(given.at("minus_JinvT_dC"), [samples, units], sideBySide(exact.delta, names, samples));
  const falling = theorem(given, model, exact, check);
  exactly.dispose();

  const simulator = new Simulator(chip, engine, { solver: "euler", dt });
  const free = await simulator.phase({ samples, inputs, steps, tolerance: UNTIL_STILL });
  compareLayers(given.at("free_fixed_point"), names, sizes, samples, realParts(free.states), check);
  for (const [key, nudged] of given.at("nudged").named()) {
    const amplitude = Number(key);
    const estimator = oneSided({ amplitude, freeSteps: steps, nudgedSteps: steps, tolerance: UNTIL_STILL });
    const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 0 });
    const updates = await vectorField.update(chip.circuit, estimate, (...product) =>
      engine.correlate(...product),
    );
    const states = Object.fromEntries(
      names.map((name) => [
        name,
        estimate.free.states[name].re.map((u, i) => u + amplitude * estimate.dState[name][i]),
      ]),
    );
    const quotient = { beta: amplitude, dt, size: largestOf(Object.values(states)) };
    compareLayers(nudged.at("nudged_fixed_point"), names, sizes, samples, states, check);
    if (nudged.find("fd_dh_dbeta"))
      check.quotients(
        nudged.at("fd_dh_dbeta"),
        [samples, units],
        sideBySide(estimate.dState, names, samples),
        quotient,
      );
    const found = parameters.map((p) => valueOf(p, updates));
    parameters.forEach((p, i) =>
      check.quotients(nudged.at("update_onesided").at(p.name), p.shape, found[i], quotient),
    );
    if (nudged.find("cos_total_vs_minus_dJ"))
      check.quotients(nudged.at("cos_total_vs_minus_dJ"), [], [cosine(found, falling)], quotient, {
        floor: 0.1,
      });
  }
  simulator.dispose();
}

function build(given: CaseValue): Model {
  const hyper = given.at("hyper");
  hyper.find("scale")?.number(); // of the draws of the weights, which are given
  const depth = hyper.at("sizes").length();
  if (depth < 2 || depth > 10) fault("hyper/sizes", `${depth} layers, 2 to 10 are needed`);
  const all = hyper
    .at("sizes")
    .items()
    .map((size) => size.count(MOST_UNITS));
  const names = layerNames(depth).reverse();
  const sizes = [...all].reverse();
  const kind = hyper.at("rho").text();
  const rho =
    RHO.get(kind) ??
    fault("hyper/rho", `"${kind.slice(0, 40)}" is not known`, `write one of ${[...RHO.keys()].join(", ")}`);
  const neuron = leakyIntegrator({ rho, clip: hyper.at("clip").flag() ? [0, 1] : null });
  const input = leakyIntegrator({ rho, clip: null });
  const circuit = layered(all, {
    neuron,
    input,
    synapse: ideal(),
    feedback: "untied",
    cost: { kind: "squared-error", argument: "state" },
  });
  const chip = circuit.fabricate();
  const parameters = program(given.at("params"), chip, names, sizes);
  const samples = given.at("x").length();
  const steps = hyper.at("T").count(MOST_STEPS);
  checkSize(chip, samples);
  checkWork(chip, samples, steps);
  const batch = {
    samples,
    inputs: given.at("x").array([samples, all[0]]),
    targets: given.at("y").array([samples, sizes[0]]),
  };
  return {
    chip,
    batch,
    dt: hyper.at("eps").number(),
    steps,
    names: names.slice(0, -1),
    sizes: sizes.slice(0, -1),
    parameters,
  };
}

/** Sets every weight and bias of the chip from the case. */
function program(
  params: CaseValue,
  chip: Chip,
  names: readonly string[],
  sizes: readonly number[],
): Parameter[] {
  const [weights, biases]: Parameter[][] = [[], []];
  for (let n = 0; n < names.length - 1; n++) {
    const [forward, backward] = [`${names[n + 1]}-${names[n]}`, `${names[n]}-${names[n + 1]}`];
    const down = { name: `W${n}${n + 1}`, projection: forward, shape: [sizes[n], sizes[n + 1]] };
    const bias = { name: `b${n}`, projection: forward, shape: [sizes[n]] };
    chip.setWeights(forward, {
      weights: logical(params, down),
      biases: params.at(bias.name).array(bias.shape),
    });
    weights.push(down);
    biases.push(bias);
    if (n + 2 === names.length) continue;
    const up = { name: `W${n + 1}${n}`, projection: backward, shape: [sizes[n + 1], sizes[n]] };
    chip.setWeights(backward, { weights: logical(params, up), biases: null });
    weights.push(up);
  }
  return [...weights, ...biases];
}

const logical = (params: CaseValue, { name, shape }: Parameter): Float64Array =>
  transpose(params.at(name).array(shape), shape[0], shape[1]);

/** A parameter's part of weights and biases by projection, in the layout of the case. */
function valueOf({ projection, shape }: Parameter, arrays: ReturnType<typeof gradientOf>): Float64Array {
  const { weights, biases } = arrays[projection];
  return shape.length === 1 ? (biases as Float64Array) : transpose(weights, shape[1], shape[0]);
}

/**
 * Theorem 1: nu and dJ/dtheta, how they agree, and what the weights and the Jacobian have of symmetry.
 * Returns -dJ/dtheta.
 */
function theorem(
  given: CaseValue,
  { batch, parameters, sizes }: Model,
  exact: ExactAnswers,
  check: Comparison,
): Float64Array[] {
  const gradient = gradientOf(exact.linearisation, exact.delta);
  const against = gradientOf(exact.linearisation, exact.dState);
  const falling = parameters.map((p) => negated(valueOf(p, gradient)));
  const nu = parameters.map((p) => negated(valueOf(p, against)));
  parameters.forEach((p, i) => {
    check.exact(given.at("nu_exact").at(p.name), p.shape, nu[i]);
    check.exact(given.at("dJ_dtheta_exact").at(p.name), p.shape, negated(falling[i]));
    check.exactNumber(given.at("cos_nu_vs_minus_dJ").at(p.name), cosine([nu[i]], [falling[i]]), {
      floor: 1e-3,
    });
  });
  const total = cosine(nu, falling);
  check.exactNumber(given.at("cos_total"), total, { floor: 1e-3 });
  check.exactAngle(given.at("angle_total_deg"), degrees(total));
  const measure = given.find("symmetry_S_over_SplusA");
  if (measure)
    check.exact(
      measure,
      [batch.samples],
      Array.from({ length: batch.samples }, (_, s) => symmetry(jacobian(exact.linearisation, s)).ratio),
    );
  const params = given.at("params");
  for (let n = 0; n + 1 < sizes.length; n++) {
    const [down, up] = [`W${n}${n + 1}`, `W${n + 1}${n}`];
    const forward = params.at(down).array([sizes[n], sizes[n + 1]]);
    const back = transpose(params.at(up).array([sizes[n + 1], sizes[n]]), sizes[n + 1], sizes[n]);
    // The trace of a product is the sum over the elements of one times the transpose of the other.
    check.exactNumber(
      given.at("alignment_trace").at(`${down}${up}`),
      forward.reduce((sum, w, i) => sum + w * back[i], 0),
    );
    const angle = given.find("weight_angle_deg")?.find(`${down},${up}^T`);
    if (angle) check.exactAngle(angle, degrees(cosine([forward], [back])));
  }
  return falling;
}

function compareLayers(
  expected: CaseValue,
  names: readonly string[],
  sizes: readonly number[],
  samples: number,
  states: Readonly<Record<string, Float64Array>>,
  check: Comparison,
): void {
  expected
    .items(names.length)
    .forEach((layer, n) => check.states(layer, [samples, sizes[n]], states[names[n]]));
}
