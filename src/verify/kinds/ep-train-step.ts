/**
 * One minibatch of equilibrium propagation with tied weights (Ernoult 2019), in several models a case:
 * energy-based layers ("EB-…"; "code": the output neuron lacks the slope of its output, as in the authors'
 * code) and the prototypical map ("P-…"). Layers count from the output: W0 leads from layer 1 to the output
 * and is [post, pre].
 */
import { energyBased, ideal, leakyIntegrator, prototypical } from "../../../devices";
import { layered, layerNames, type LayeredOptions } from "../../../circuits";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import { Controller } from "../../learning/controller";
import { oneSided } from "../../learning/estimators";
import { sgd } from "../../learning/optimizers";
import { energyBased as energyBasedRule } from "../../learning/rules";
import type { Batch } from "../../learning/types";
import { transpose } from "../arrays";
import { fault, type CaseValue } from "../case";
import { largestOf } from "../compare";
import { checkSize, checkWork, MOST_STEPS, MOST_UNITS, UNTIL_STILL, type Bench } from "../kind";

type Devices = Pick<LayeredOptions, "neuron" | "input" | "output">;

export async function epTrainStepKind(given: CaseValue, bench: Bench): Promise<void> {
  for (const [name, model] of given.at("cases").named()) await trainStep(model, devicesFor(name), bench);
}

/** The devices of a model by its name in the case. */
function devicesFor(name: string): Devices {
  const [, family, variant] = /^(EB|P)-\d+h(?:_(code|paper))?$/.exec(name) ?? [];
  if (family === "P") return { neuron: prototypical() };
  if (family !== "EB")
    return fault(
      "cases",
      `"${name.slice(0, 40)}" is no known model`,
      "models: EB-1h_code, EB-1h_paper, P-1h, and so on for more hidden layers",
    );
  const options = { rho: "sigmoid", clip: [0, 1] } as const;
  return {
    neuron: energyBased(options),
    input: energyBased({ rho: "sigmoid" }),
    ...(variant === "code" && { output: leakyIntegrator(options) }),
  };
}

async function trainStep(given: CaseValue, devices: Devices, { engine, check }: Bench): Promise<void> {
  const hyper = given.at("hyper");
  const depth = given.at("sizes_from_output").length();
  if (depth < 2) fault(given.path, "at least two layers are needed");
  const sizes = given
    .at("sizes_from_output")
    .items()
    .map((size) => size.count(MOST_UNITS));
  const names = layerNames(depth).reverse();
  const forward = names.slice(0, -1).map((name, n) => `${names[n + 1]}-${name}`);
  const chip = layered([...sizes].reverse(), {
    ...devices,
    synapse: ideal(),
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  program(given.at("params"), chip, forward, sizes);

  const samples = given.at("x").length();
  const batch: Batch = {
    samples,
    inputs: given.at("x").array([samples, sizes[depth - 1]]),
    targets: given.at("y").array([samples, sizes[0]]),
  };
  const [freeSteps, nudgedSteps] = [hyper.at("T").count(MOST_STEPS), hyper.at("K").count(MOST_STEPS)];
  checkSize(chip, samples);
  checkWork(chip, samples, freeSteps + nudgedSteps);
  const [beta, dt] = [hyper.at("beta").number(), hyper.at("eps").number()];
  const rates = hyper.at("lr").array([depth - 1]);

  const discrete = chip.circuit.output.neuron?.dynamics.kind === "discrete";
  if (discrete && dt !== 1) fault(`${given.path}/hyper/eps`, `${dt}: the prototypical map has steps of 1`);
  const simulator = new Simulator(chip, engine, discrete ? {} : { solver: "euler", dt });
  const estimator = oneSided({ amplitude: beta, freeSteps, nudgedSteps, tolerance: UNTIL_STILL });
  const optimizer = sgd({ rate: Object.fromEntries(forward.map((projection, n) => [projection, rates[n]])) });
  // Estimated by itself first: an engine that learns without the host shows no states.
  const { free, dState } = await estimator.estimate(simulator, batch, { round: 0, seed: 0 });
  const controller = new Controller(simulator, { estimator, rule: energyBasedRule, optimizer, seed: 0 });
  const report = await controller.learn(batch);
  const learned = forward.map((projection) => chip.weights(projection));
  controller.dispose();
  simulator.dispose();

  const nudged = (name: string): Float64Array =>
    free.states[name].re.map((u, i) => u + beta * dState[name][i]);
  const layers = names.slice(0, -1);
  given
    .at("s_free")
    .items(layers.length)
    .forEach((layer, n) => check.states(layer, [samples, sizes[n]], free.states[layers[n]].re));
  given
    .at("s_nudged")
    .items(layers.length)
    .forEach((layer, n) => check.states(layer, [samples, sizes[n]], nudged(layers[n])));
  check.statesNumber(given.at("loss_free"), report.cost);
  const size = largestOf(layers.map(nudged));
  learned.forEach(({ weights, biases }, n) => {
    const compare = (name: string, shape: readonly number[], found: Float64Array): void => {
      const before = given.at("params").at(name).array(shape);
      const change = largestOf([found.map((w, i) => w - before[i])]);
      check.quotients(given.at("params_new").at(name), shape, found, {
        beta,
        dt,
        size,
        share: { factor: rates[n], change },
      });
    };
    compare(`W${n}`, [sizes[n], sizes[n + 1]], transpose(weights, sizes[n + 1], sizes[n]));
    compare(`b${n}`, [sizes[n]], biases as Float64Array);
  });
}

function program(params: CaseValue, chip: Chip, forward: readonly string[], sizes: readonly number[]): void {
  forward.forEach((projection, n) => {
    const weights = transpose(params.at(`W${n}`).array([sizes[n], sizes[n + 1]]), sizes[n], sizes[n + 1]);
    chip.setWeights(projection, { weights, biases: params.at(`b${n}`).array([sizes[n]]) });
  });
}
