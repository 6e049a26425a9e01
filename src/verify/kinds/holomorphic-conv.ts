/**
 * Holomorphic EP through kernels with softmax pooling and feedback kernels of their own (Laborieux and Zenke
 * 2023, section D.2): kernels that keep the size of what they see lead to the hidden layers, the last ones,
 * without padding, to the output; maps whose output is the derivative of a SiLU. Cases have kernels [rows,
 * columns, in, out] and states [rows, columns, channels], as circuits do.
 */
import { convolutional, layerNames } from "../../../circuits";
import { ideal } from "../../../devices";
import type { NeuronSpec } from "../../device/types";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import type { Planes } from "../../dynamics/types";
import { costGradient, readoutGradient } from "../../learning/cost";
import type { ByPopulation, ByProjection } from "../../learning/drives";
import { holomorphic } from "../../learning/estimators";
import { homeostaticLoss } from "../../learning/homeostasis/homeostasis";
import { exactAnswers, gradientOf, type ExactAnswers } from "../../learning/references/exact";
import { concatenate, jacobian, symmetry } from "../../learning/references/jacobian";
import { nudgeResponse } from "../../learning/references/nudge-response";
import { recurrentBackpropagation } from "../../learning/references/recurrent-backpropagation";
import type { Batch } from "../../learning/types";
import { realParts } from "../arrays";
import { fault, type CaseValue } from "../case";
import { cosine, type CompareOptions, type Comparison } from "../compare";
import { checkSize, checkWork, MOST_UNITS, type Bench } from "../kind";
import { quotientOf, readKey, USUAL_STEPS } from "./holomorphic/estimates";
import { radiusWithoutLeak } from "./holomorphic/exact";
import { termsOf } from "./homeostasis";
import { converged, setReadout } from "./holomorphic/model";

/** dSiLU: the derivative of u/(1 + e^-u). */
const NEURON: NeuronSpec = {
  kind: "neuron",
  name: "dSiLU map",
  equations: "u <- I + I_nudge\nrho = 0.5*u*logistic(u) + (1 - 0.5*u)*logistic(u - 2)",
};
const POOL = { kind: "softmax", window: 2 } as const;

/** A layer or a kernel: its name in the circuit and in the case, and its shape there. */
interface Named {
  readonly name: string;
  readonly caseName: string;
  readonly shape: readonly number[];
}

interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  readonly classes: number;
  readonly layers: readonly Named[];
  readonly kernels: readonly (Named & { readonly biases: string | null })[];
}

export async function holomorphicConvKind(given: CaseValue, bench: Bench): Promise<void> {
  const model = build(given);
  const { chip, batch } = model;
  const { samples, inputs } = batch;
  checkSize(chip, samples);
  checkWork(chip, samples, USUAL_STEPS);
  const exactly = new Simulator(chip, bench.reference);
  const { states } = await exactly.phase({ samples, inputs, ...converged(bench.reference) });
  exactly.dispose();
  await compareExact(given, model, states, bench.check);
  await compareEstimates(given, model, bench);
}

/** Arrays [samples, size] by population, against those of a case by layer. */
function eachLayer(
  expected: CaseValue,
  { layers, batch: { samples } }: Model,
  found: ByPopulation,
  compare: (expected: CaseValue, shape: readonly number[], found: Float64Array) => void,
): void {
  for (const { name, caseName, shape } of layers)
    compare(expected.at(caseName), [samples, ...shape], found[name]);
}

async function compareExact(
  given: CaseValue,
  model: Model,
  states: Planes,
  check: Comparison,
): Promise<void> {
  const { chip, batch } = model;
  const { samples, inputs, targets } = batch;
  const exact = exactAnswers(chip, samples, inputs, states, targets);
  const { linearisation: at, delta, dActivity } = exact;
  const { output } = chip.circuit;
  check.exactNumber(given.at("loss"), exact.cost);
  const slope = costGradient(chip, at.activities[output.name], targets);
  check.exact(given.at("dLda_out"), [samples, output.size], slope);
  const exactly: Parameters<typeof eachLayer>[3] = (...compared) => check.exact(...compared);
  eachLayer(given.at("delta_rbp"), model, delta, exactly);
  const careful = { steps: 5000, tolerance: 1e-14 };
  const back = await recurrentBackpropagation(chip, samples, inputs, states, targets, careful);
  eachLayer(given.at("delta_rbp"), model, back.delta, exactly);
  eachLayer(given.at("d_beta_a_exact"), model, dActivity, exactly);
  const forth = await nudgeResponse(chip, samples, inputs, states, targets, careful);
  eachLayer(given.at("d_beta_a_exact"), model, forth.dActivity, exactly);
  const each = <T>(of: (sample: number) => T): T[] => Array.from({ length: samples }, (_, s) => of(s));
  const cosines = each((s) => cosine([concatenate(chip, delta, s)], [concatenate(chip, dActivity, s)]));
  check.exact(given.at("cos_delta_dba"), [samples], cosines, { floor: 1e-3 });
  const radii = each((s) => radiusWithoutLeak(jacobian(at, s), 1));
  check.exact(given.at("spectral_radius"), [samples], radii);
  const measures = each((s) => symmetry(jacobian(at, s, "weights")));
  check.exact(
    given.at("jac_code_S_A_sym"),
    [samples, 3],
    measures.flatMap(({ S, A, ratio }) => [S, A, ratio]),
  );
  compareGradients(given, model, exact, check);
  compareHomeostasis(given.at("homeo"), model, exact, check);
}

function compareGradients(given: CaseValue, model: Model, exact: ExactAnswers, check: Comparison): void {
  const { chip, batch, classes } = model;
  const { linearisation: at } = exact;
  const { output } = chip.circuit;
  const readout = readoutGradient(chip, at.activities[output.name], batch.targets);
  for (const [key, error] of [
    ["grad_rbp", exact.delta],
    ["grad_hep_exact", exact.dActivity],
  ] as const) {
    const expected = given.at(key);
    const found = gradientOf(at, error);
    compareKernels(expected, model, found, check);
    for (const { name, biases, shape } of model.kernels)
      if (biases !== null) check.exact(expected.at(biases), shape.slice(-1), found[name].biases ?? []);
    check.exact(expected.at("roK"), [output.size, classes], readout.weights);
    check.exact(expected.at("rob"), [classes], readout.biases);
  }
}

function compareKernels(
  expected: CaseValue,
  { kernels }: Model,
  found: ByProjection,
  check: Comparison,
  options: CompareOptions = {},
): void {
  for (const { name, caseName, shape } of kernels)
    check.exact(expected.at(caseName), shape, found[name].weights, options);
}

/** Of the drives' Jacobian; kernels from the input have no part in it. */
function compareHomeostasis(
  expected: CaseValue,
  model: Model,
  { linearisation: at }: ExactAnswers,
  check: Comparison,
): void {
  const { circuit } = model.chip;
  const told = expected.at("n").number();
  if (told !== circuit.units) fault("homeo/n", `${told} units, and the layers have ${circuit.units}`);
  const { loss, gradient } = homeostaticLoss(at, { form: "exact" });
  const { square, largest } = termsOf(
    model.kernels.map(({ name }) => name),
    model.chip,
  );
  check.exactNumber(expected.at("L_exact"), loss, { floor: square });
  check.exactNumber(expected.at("L_exact_over_n"), loss / circuit.units, { floor: square / circuit.units });
  const between = model.kernels.filter(({ name }) => !circuit.projection(name).from.clamped);
  compareKernels(expected.at("grad_exact"), { ...model, kernels: between }, gradient, check, {
    floor: largest,
  });
}

/** The free state, and estimates for each amplitude and number of points. */
async function compareEstimates(given: CaseValue, model: Model, { engine, check }: Bench): Promise<void> {
  const { chip, batch } = model;
  const { samples, inputs } = batch;
  const { steps, tolerance } = converged(engine);
  const simulator = new Simulator(chip, engine);
  try {
    const free = await simulator.phase({ samples, inputs, steps, tolerance });
    eachLayer(given.at("u_free"), model, realParts(free.states), (...compared) => check.states(...compared));
    for (const [key, expected] of given.at("estimates").named()) {
      const { amplitude, points } = readKey(key, expected.path);
      checkWork(chip, samples * points, USUAL_STEPS);
      const lengths = { freeSteps: steps, nudgedSteps: steps, tolerance };
      const estimator = holomorphic({ amplitude, points, ...lengths });
      const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 0 });
      const quotient = quotientOf(estimate, amplitude);
      eachLayer(expected.at("d_beta_a"), model, estimate.dActivity, (...compared) =>
        check.quotients(...compared, quotient),
      );
    }
  } finally {
    simulator.dispose();
  }
}

/** Rows, columns, and so on: how long the lists of a case are. */
function shapeOf(value: CaseValue, depth: number): number[] {
  const length = value.length();
  if (length > MOST_UNITS) fault(value.path, `${length} entries, at most ${MOST_UNITS} can be verified`);
  return depth === 1 ? [length] : [length, ...shapeOf(value.items()[0], depth - 1)];
}

function build(given: CaseValue): Model {
  const kernels = given.at("kernels");
  const keys = kernels.keys();
  const hidden = keys.filter((key) => /^(in|conv\d+)-conv\d+$/.test(key) && isForward(key)).length;
  const caseNames = ["in", ...Array.from({ length: hidden }, (_, i) => `conv${i + 1}`), "out"];
  const names = layerNames(caseNames.length);
  const forward = caseNames.slice(1).map((to, i) => `${caseNames[i]}-${to}`);
  const back = caseNames.slice(2).map((to, i) => `${to}-${caseNames[i + 1]}`);
  const strange = keys.find((key) => ![...forward, ...back].includes(key));
  if (hidden < 1 || strange !== undefined)
    fault(
      "kernels",
      strange === undefined ? "no hidden layer" : `"${strange.slice(0, 40)}" belongs to no chain of kernels`,
      "kernels of a chain: in-conv1, conv1-out, out-conv1",
    );
  const shapes = new Map([...forward, ...back].map((key) => [key, shapeOf(kernels.at(key), 4)]));
  const [samples, rows, columns, channels] = shapeOf(given.at("x"), 4);
  const classes = shapeOf(given.at("readout_bias"), 1)[0];
  const circuit = convolutional({
    shape: [rows, columns, channels],
    layers: forward.map((key, i) => {
      const [high, wide, , out] = shapes.get(key) as number[];
      const keeps = i < forward.length - 1;
      if (keeps && (high % 2 === 0 || wide % 2 === 0))
        fault(`kernels/${key}`, `${high} x ${wide} kernels have no middle`);
      const padding: [number, number] = keeps ? [(high - 1) / 2, (wide - 1) / 2] : [0, 0];
      return { channels: out, kernel: [high, wide] as const, padding, pool: POOL };
    }),
    neuron: NEURON,
    synapse: ideal(),
    feedback: "untied",
    cost: { kind: "cross-entropy", argument: "activity", classes, ascend: true },
  });
  const chip = circuit.fabricate();
  const named = [...forward, ...back].map((caseName) => {
    const [from, to] = caseName.split("-");
    const name = [from, to].map((end) => names[caseNames.indexOf(end)]).join("-");
    const shape = shapes.get(caseName) as number[];
    const biases = forward.includes(caseName) ? `b_${caseName}` : null;
    chip.setWeights(name, {
      weights: kernels.at(caseName).array(shape),
      biases: biases === null ? null : given.at(biases.replace("-", "_")).array(shape.slice(-1)),
    });
    return { name, caseName, shape, biases };
  });
  setReadout(chip, {
    weights: given.at("readout_kernel").array([circuit.output.size, classes]),
    biases: given.at("readout_bias").array([classes]),
  });
  return {
    chip,
    classes,
    kernels: named,
    batch: {
      samples,
      inputs: given.at("x").array([samples, rows, columns, channels]),
      targets: given.at("y").array([samples, classes]),
    },
    layers: names.slice(1).map((name, i) => ({
      name,
      caseName: caseNames[i + 1],
      shape: circuit.population(name).shape ?? [circuit.population(name).size],
    })),
  };
}

/** in-conv1, conv1-conv2, …; the other way round it is feedback. */
function isForward(key: string): boolean {
  const [from, to] = key.split("-").map((end) => (end === "in" ? 0 : Number(end.slice("conv".length))));
  return from < to;
}
