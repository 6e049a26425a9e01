/**
 * 11. Equilibrium propagation beside backpropagation through time, from the same start (Ernoult et al. 2019):
 *     what a nudged phase moves states and weights by, step by step, is what backpropagation finds as many
 *     steps back, where there is an energy; the prototypical map has none, and its paths are saw-teeth. Then
 *     both train the same chip. Draws a picture. Run it with npm run --silent example 11 [FILE.svg]
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices", "ohmlet/circuits" and
 * "ohmlet/plot".
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { layered } from "../circuits";
import { energyBased, ideal, prototypical } from "../devices";
import {
  bptt,
  createEngine,
  cumulated,
  epBesideBptt,
  labelledBatches,
  oneSided,
  relativeError,
  sgd,
  Simulator,
  signAgreement,
  strokeDigits,
  train,
  type EpBesideBptt,
  type Estimator,
  type NeuronSpec,
} from "../src/index";
import { lineChart, panels, standaloneSvg, type Series } from "../src/plot";

const data = {
  train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 500, seed: 1, split: "test" }),
};
const designOf = (neuron: NeuronSpec, sizes: readonly number[]) =>
  layered(sizes, {
    neuron,
    synapse: ideal(),
    initial: { distribution: "fan-in" },
    cost: { kind: "squared-error", argument: "state" },
  });

/** Layers of the first part: small steps of a field with an energy, and steps of the map. */
const KINDS = [
  { name: "energy-based", neuron: energyBased({ rho: "tanh" }), dt: 0.08, freeSteps: 1400, steps: 60 },
  { name: "prototypical", neuron: prototypical({ rho: "tanh" }), freeSteps: 300, steps: 10 },
] as const;
const AMPLITUDES = [0.1, 0.01, 0.001] as const;

async function pathsOf({
  neuron,
  freeSteps,
  steps,
  ...how
}: (typeof KINDS)[number]): Promise<EpBesideBptt[]> {
  const design = designOf(neuron, [64, 24, 16, 10]);
  const [batch] = labelledBatches(design, data.train, { size: 2, limit: 2 });
  const engine = await createEngine("reference");
  const simulator = new Simulator(
    design.fabricate({ seed: 1 }),
    engine,
    "dt" in how ? { solver: "euler", dt: how.dt } : {},
  );
  const found: EpBesideBptt[] = [];
  for (const amplitude of AMPLITUDES)
    found.push(await epBesideBptt(simulator, batch, { freeSteps, steps, amplitude }));
  simulator.dispose();
  return found;
}

/** Both paths of the element of each tensor that moves most. */
const curves = (
  ep: Readonly<Record<string, readonly Float64Array[]>>,
  reference: Readonly<Record<string, readonly Float64Array[]>>,
  names: readonly string[],
): Series[] =>
  names.flatMap((name): Series[] => {
    const sizes = reference[name][0].map((_, i) => Math.max(...reference[name].map((v) => Math.abs(v[i]))));
    const most = sizes.indexOf(Math.max(...sizes));
    const of = (path: readonly Float64Array[]) => ({
      x: path.map((_, t) => t + 1),
      y: path.map((values) => values[most]),
    });
    return [
      { name: `${name}, backpropagation`, ...of(reference[name]) },
      { name: `${name}, nudge`, ...of(ep[name]), loose: true },
    ];
  });

async function main(): Promise<void> {
  const [smooth, stepped] = [await pathsOf(KINDS[0]), await pathsOf(KINDS[1])];
  const errors: Series[] = [];
  for (const [kind, found] of [
    [KINDS[0].name, smooth],
    [KINDS[1].name, stepped],
  ] as const) {
    console.log(`\n${kind}: relative error of the paths of states, and share of weights with the same sign`);
    const layers = Object.keys(found[0].ep.states);
    console.log(
      ["beta", ...layers, ...Object.keys(found[0].ep.weights)]
        .map((word) => word.padEnd(11))
        .join("")
        .trimEnd(),
    );
    const table = found.map(({ ep, reference }) =>
      layers.map((name) => relativeError(ep.states[name], reference.states[name])),
    );
    found.forEach(({ ep, reference }, k) => {
      const signs = Object.keys(ep.weights).map(
        (name) => `${(100 * signAgreement(ep.weights[name], reference.weights[name])).toFixed(1)} %`,
      );
      const cells = [String(AMPLITUDES[k]), ...table[k].map((e) => e.toExponential(1)), ...signs];
      console.log(
        cells
          .map((cell) => cell.padEnd(11))
          .join("")
          .trimEnd(),
      );
    });
    layers.forEach((name, layer) =>
      errors.push({ name: `${kind}, ${name}`, x: AMPLITUDES, y: table.map((row) => row[layer]) }),
    );
  }

  const { reference } = stepped[2];
  console.log("\nThe saw-tooth: steps back in which backpropagation through the map finds exact zeros");
  for (const [name, path] of Object.entries(reference.states)) {
    const zeros = path.flatMap((values, t) => (values.every((x) => x === 0) ? [t + 1] : []));
    console.log(`  ${name.padEnd(8)}${zeros.join(" ")}`);
  }

  console.log("\nBoth train the map 64-32-10 from the same start; test accuracy by epoch");
  const methods: Readonly<Record<string, Estimator>> = {
    "one-sided nudge": oneSided({ amplitude: 0.1, freeSteps: 30, nudgedSteps: 10 }),
    backpropagation: bptt({ freeSteps: 30, steps: 10 }),
  };
  const learned: Series[] = [];
  for (const [name, estimator] of Object.entries(methods)) {
    const accuracies: number[] = [];
    const chip = designOf(prototypical(), [64, 32, 10]).fabricate({ seed: 1 });
    for await (const { accuracy } of train(chip, data, {
      estimator,
      optimizer: sgd({ rate: 0.2 }),
      epochs: 6,
      seed: 1,
      probe: 0,
    }))
      accuracies.push(accuracy);
    console.log(`  ${name.padEnd(17)}${accuracies.map((a) => `${(100 * a).toFixed(1)} %`).join("  ")}`);
    learned.push({ name, x: accuracies.map((_, k) => k + 1), y: accuracies });
  }

  const draw = (
    title: string,
    caption: string,
    chart: Omit<Parameters<typeof lineChart>[0], "title" | "caption">,
  ) => ({ title, caption, chart: lineChart({ title, caption, ...chart }) });
  const sums = (paths: Readonly<Record<string, readonly Float64Array[]>>) =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, cumulated(path)]));
  const [near, map] = [smooth[1], stepped[1]];
  const steps = "steps, on in the nudged phase and back in time";
  const picture = panels("Equilibrium propagation beside backpropagation through time", [
    draw(
      "States, where there is an energy",
      "Of the unit of each layer that moves most, at beta = 0.01: the points lie on the lines.",
      {
        xLabel: steps,
        yLabel: "change a step",
        series: curves(near.ep.states, near.reference.states, ["l1", "l2", "output"]),
      },
    ),
    draw("Weights, where there is an energy", "Sums of all steps so far: the gradient builds up.", {
      xLabel: steps,
      yLabel: "sum of updates",
      series: curves(sums(near.ep.weights), sums(near.reference.weights), ["input-l1", "l1-l2", "l2-output"]),
    }),
    draw(
      "The saw-tooth of the map",
      "All layers move at once, so that what the nudge does reaches a layer in every second step only.",
      {
        xLabel: steps,
        yLabel: "change a step",
        series: curves(map.ep.states, map.reference.states, ["l1", "l2", "output"]),
      },
    ),
    draw("Error of the paths of states", "With an energy it falls with the nudge; without one it stays.", {
      xLabel: "beta",
      yLabel: "relative error (Eq. 67)",
      log: true,
      logX: true,
      series: errors,
    }),
    draw("Test accuracy", "The map 64-32-10, from the same start, at the same rate.", {
      xLabel: "epoch",
      yLabel: "right",
      percent: true,
      series: learned,
    }),
  ]);
  const file = process.argv.slice(2).find((argument) => argument.endsWith(".svg")) ?? "runs/two-ways.svg";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, standaloneSvg(picture));
  console.log(`\n${file}: paths of states and weights, their errors, and what both learn`);
}
void main();
