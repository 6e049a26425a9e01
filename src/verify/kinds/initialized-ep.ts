/**
 * One minibatch of initialized equilibrium propagation (O'Connor et al. 2019, Algorithm 1; the authors' code has
 * half of lambda (s_f - s)^2 in the energy, and a cost without the half that Ohmlet's has, so that its beta counts
 * twice): forward states, both phases step by step, energies, new parameters of chip and net, the net's losses.
 */
import { energyBased, ideal } from "../../../devices";
import { layered, layerNames } from "../../../circuits";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import type { PhaseRequest, Planes } from "../../dynamics/types";
import { Controller } from "../../learning/controller";
import { drivesThrough, type ByPopulation, type ByProjection } from "../../learning/drives";
import { oneSided } from "../../learning/estimators";
import {
  alignment,
  forwardGradient,
  forwardNet,
  Initializer,
  type ForwardNet,
  type Prediction,
} from "../../learning/initialized";
import { sgd } from "../../learning/optimizers";
import { energyBased as energyBasedRule } from "../../learning/rules";
import type { Batch } from "../../learning/types";
import { fault, type CaseValue } from "../case";
import { realParts } from "../arrays";
import { largestOf, type Comparison } from "../compare";
import { RATIO } from "./ep-vs-bptt-paths";
import { checkSize, checkWork, MOST_STEPS, MOST_UNITS, UNTIL_STILL, type Bench } from "../kind";

interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  readonly sizes: readonly number[];
  /** Unclamped layers from the first on, and the projections that lead to them. */
  readonly layers: readonly string[];
  readonly forward: readonly string[];
  readonly rates: Float64Array;
  readonly leak: number;
  readonly dt: number;
  readonly steps: { readonly free: number; readonly nudged: number };
}

export async function initializedEpKind(given: CaseValue, bench: Bench): Promise<void> {
  const model = read(given);
  let first = true;
  for (const [name, results] of given.at("cases").named()) {
    await minibatch(given, results, model, factorsIn(name, results), first, bench);
    first = false;
  }
}

/** lambda, as the code counts it, and beta. */
function factorsIn(name: string, { path }: CaseValue): { readonly lambda: number; readonly beta: number } {
  const [, lambda, beta] = /^lambda=([^,]+),beta=(.+)$/.exec(name)?.map(Number) ?? [];
  if (lambda >= 0 && lambda <= 1000 && Number.isFinite(beta) && beta !== 0) return { lambda, beta };
  return fault(path, `"${name.slice(0, 40)}" names no factors`, "write lambda=0.1,beta=0.5");
}

function read(given: CaseValue): Model {
  const model = given.at("model").text();
  if (model !== "layered")
    fault("model", `"${model.slice(0, 40)}" is not supported`, "there is one model: layered");
  const hyper = given.at("hyper");
  const sizes = hyper
    .at("sizes")
    .items()
    .map((size) => size.count(MOST_UNITS));
  if (sizes.length < 2) fault("hyper/sizes", "at least two layers are needed");
  const names = layerNames(sizes.length);
  const forward = names.slice(1).map((name, k) => `${names[k]}-${name}`);
  const samples = hyper.at("batch").count(100_000);
  const chip = layered(sizes, {
    neuron: energyBased(),
    input: energyBased({ clip: null }),
    synapse: ideal(),
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  checkSize(chip, samples);
  const steps = { free: hyper.at("T_neg").count(MOST_STEPS), nudged: hyper.at("T_pos").count(MOST_STEPS) };
  checkWork(chip, samples, 4 * (steps.free + steps.nudged));
  const leak = hyper.at("leak").number();
  if (!(leak >= 0 && leak <= 1)) fault("hyper/leak", `${leak} is not from 0 to 1`);
  return {
    chip,
    sizes,
    layers: names.slice(1),
    forward,
    batch: {
      samples,
      inputs: given.at("x").array([samples, sizes[0]]),
      targets: given.at("y").array([samples, sizes[sizes.length - 1]]),
    },
    rates: hyper.at("lr").array([forward.length]),
    leak,
    dt: hyper.at("eps").number(),
    steps,
  };
}

function program(params: CaseValue, chip: Chip, { forward, sizes }: Model): void {
  params.items(forward.length).forEach((layer, k) =>
    chip.setWeights(forward[k], {
      weights: layer.at("W").array([sizes[k], sizes[k + 1]]),
      biases: layer.at("b").array([sizes[k + 1]]),
    }),
  );
}

interface Factors {
  readonly lambda: number;
  readonly beta: number;
}

async function minibatch(
  given: CaseValue,
  results: CaseValue,
  model: Model,
  { lambda, beta }: Factors,
  first: boolean,
  { engine, check }: Bench,
): Promise<void> {
  const { chip, batch, sizes, layers, forward, rates, leak, dt, steps } = model;
  const { samples } = batch;
  const sgdOf = (times: number) =>
    sgd({ rate: Object.fromEntries(forward.map((name, k) => [name, times * rates[k]])) });
  const net = forwardNet(chip, { optimizer: sgdOf(1), lambda, factor: "code", leak });
  program(given.at("theta"), chip, model);
  program(given.at("phi"), net.chip, model);
  const bench = net.bench(chip);
  const simulator = new Simulator(bench, engine, { solver: "euler", dt });
  const initializer = new Initializer(net, chip.circuit, engine);
  const nudges = [{ re: 2 * beta, im: 0 }];
  try {
    const begun = await initializer.begin(batch);
    const start = begun.start as Planes;
    if (first)
      given
        .at("s_f")
        .items(layers.length)
        .forEach((layer, k) => check.states(layer, [samples, sizes[k + 1]], start[layers[k]].re));
    const output = layers[layers.length - 1];
    const { inputs, targets } = begun;
    const free = await steppedThrough(simulator, { samples, inputs, from: start }, steps.free, output);
    const nudged = await steppedThrough(
      simulator,
      { samples, inputs, targets, nudges, from: free.states },
      steps.nudged,
      output,
    );
    const last = sizes[sizes.length - 1];
    check.states(results.at("output_traj_neg"), [steps.free, samples, last], free.path);
    check.states(results.at("output_traj_pos"), [steps.nudged, samples, last], nudged.path);
    comparePhase(results, "minus", free.states, model, { start, lambda }, check);
    comparePhase(results, "plus", nudged.states, model, { start, lambda }, check);
    check.states(results.at("n_at_boundary"), [], [atBoundary(free.states)]);
    compareLosses(results, net, initializer.predictionOf(begun), realParts(free.states), model, check);

    const controller = new Controller(simulator, {
      estimator: oneSided({
        amplitude: 2 * beta,
        freeSteps: steps.free,
        nudgedSteps: steps.nudged,
        tolerance: UNTIL_STILL,
      }),
      rule: energyBasedRule,
      optimizer: sgdOf(2),
      seed: 0,
      initialized: initializer,
    });
    await controller.learn(batch);
    controller.dispose();
    const size = largestOf(layers.map((name) => nudged.states[name].re));
    forward.forEach((name, k) => {
      const pair = [
        ["theta", chip.weights(name), { beta: 2 * beta, dt, size }],
        ["phi", net.chip.weights(name), { beta: 1, dt, size }],
      ] as const;
      for (const [of, { weights, biases }, quotient] of pair)
        for (const [part, found, shape] of [
          ["W", weights, [sizes[k], sizes[k + 1]]],
          ["b", biases as Float64Array, [sizes[k + 1]]],
        ] as const) {
          const before = given.at(of).items()[k].at(part).array(shape);
          const change = largestOf([found.map((w, i) => w - before[i])]);
          check.quotients(results.at(`${of}_new`).items(forward.length)[k].at(part), shape, found, {
            ...quotient,
            share: { factor: (of === "theta" ? 2 : 1) * rates[k], change },
          });
        }
    });
  } finally {
    initializer.dispose();
    simulator.dispose();
  }
}

/** All steps of a phase, and the output after each, [steps, samples, size]. */
async function steppedThrough(
  simulator: Simulator,
  request: Omit<PhaseRequest, "steps">,
  steps: number,
  output: string,
): Promise<{ readonly states: Planes; readonly path: Float64Array }> {
  let states = request.from as Planes;
  const size = states[output].re.length;
  const path = new Float64Array(steps * size);
  for (let step = 0; step < steps; step++) {
    ({ states } = await simulator.phase({ ...request, from: states, steps: 1 }));
    path.set(states[output].re, step * size);
  }
  return { states, path };
}

function comparePhase(
  results: CaseValue,
  sign: "minus" | "plus",
  states: Planes,
  { chip, batch, sizes, layers }: Model,
  { start, lambda }: { readonly start: Planes; readonly lambda: number },
  check: Comparison,
): void {
  const { samples } = batch;
  results
    .at(`s_${sign}`)
    .items(layers.length)
    .forEach((layer, k) => check.states(layer, [samples, sizes[k + 1]], states[layers[k]].re));
  // 1/2 |s|^2 + lambda/2 |s - s_f|^2 less what each unit shows times what it receives through forward arrays.
  const clip = (values: Float64Array): Float64Array => values.map((x) => Math.min(1, Math.max(0, x)));
  const shown: ByPopulation = {
    input: clip(batch.inputs),
    ...Object.fromEntries(layers.map((name) => [name, clip(states[name].re)])),
  };
  const drives = drivesThrough(chip, samples, "owners").of(shown);
  let energy = 0;
  for (const name of layers)
    states[name].re.forEach((s, i) => {
      energy += s ** 2 / 2 + (lambda / 2) * (s - start[name].re[i]) ** 2 - shown[name][i] * drives[name][i];
    });
  check.statesNumber(results.at(`E_${sign}_mean`), energy / samples);
}

/** Where the hard sigmoid ends. */
const atBoundary = (states: Planes): number =>
  Object.values(states).reduce(
    (sum, { re }) => sum + re.reduce((all, s) => all + Number(s === 0 || s === 1), 0),
    0,
  );

/** The net's losses, and their gradients where the case has them. */
function compareLosses(
  results: CaseValue,
  net: ForwardNet,
  prediction: Prediction,
  targets: ByPopulation,
  { sizes, layers, forward, dt }: Model,
  check: Comparison,
): void {
  const [local, global] = (["local", "global"] as const).map((of) =>
    forwardGradient(net.chip, prediction, targets, of),
  );
  const quotient = { beta: 1, dt, size: largestOf(layers.map((name) => prediction.activities[name])) };
  check.statesNumber(results.at("local_loss"), local.loss);
  const gradients = (name: string, of: ByProjection, parts: readonly ("W" | "b")[]): void => {
    const expected = results.at(name);
    if (expected.isNull) return;
    expected.items(forward.length).forEach((layer, k) => {
      const { weights, biases } = of[forward[k]];
      const value = (part: "W" | "b"): CaseValue => (parts.length === 1 ? layer : layer.at(part));
      check.quotients(value("W"), [sizes[k], sizes[k + 1]], weights, quotient);
      if (parts.includes("b")) check.quotients(value("b"), [sizes[k + 1]], biases as Float64Array, quotient);
    });
  };
  gradients("phi_grad_local", local.gradient, ["W", "b"]);
  gradients("phi_grad_global_W", global.gradient, ["W"]);
  const cosines = alignment(net.chip, prediction, targets);
  check.quotients(
    results.at("alignment_cos_local_vs_distant_per_layer"),
    [layers.length - 1],
    layers.slice(0, -1).map((name) => cosines[name] ?? 0),
    quotient,
    { floor: RATIO },
  );
}
