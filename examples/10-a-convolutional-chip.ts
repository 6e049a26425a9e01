/**
 * 10. A convolutional chip: one array of 3x3 kernels of devices, used at every position of the picture, learns
 *     digits by settling. Its kernels are shown; then they are written into other chips, once as one array and
 *     once as an array at every position, whose devices have few levels or are read with noise. Draws a
 *     picture. Run it with npm run --silent example 10 [FILE.svg]
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices", "ohmlet/circuits" and
 * "ohmlet/plot".
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { convolutional } from "../circuits";
import { crossbar, softNeuron, type CrossbarOptions } from "../devices";
import {
  adam,
  centred,
  createEngine,
  defineCircuit,
  evaluateChip,
  labelledBatches,
  Simulator,
  spread,
  strokeDigits,
  train,
  type Circuit,
  type WeightArrays,
} from "../src/index";
import { heatMap, panels, standaloneSvg } from "../src/plot";

const KERNELS = 8;
const DT = 10e-6;
const varied = (value: string) => spread(value, { mismatch: "5 %" });
const data = {
  train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 400, seed: 1, split: "test" }),
};

/** 8x8 pixels, kernels at every second of them, 10 classes; quiet, so that only the arrays differ below. */
const design = convolutional({
  shape: [8, 8, 1],
  layers: [{ channels: KERNELS, kernel: 3, padding: 1, stride: 2 }],
  outputs: 10,
  neuron: softNeuron({ C: varied("1 pF"), g_leak: varied("50 nS"), T: "0 K" }),
  synapse: crossbar({ mismatch: "5 %" }),
  initial: { distribution: "glorot", scale: 0.3 },
  cost: { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] },
});

/** The same circuit with other devices in its kernels: one array for all positions, or one for each. */
const withKernels = (options: CrossbarOptions, replicated: boolean): Circuit =>
  defineCircuit({
    ...design.spec,
    projections: design.spec.projections.map((projection) =>
      projection.through?.kind === "convolution"
        ? { ...projection, synapse: crossbar(options), through: { ...projection.through, replicated } }
        : projection,
    ),
  });

/** An array of kernels once for each position, side by side. */
const atEvery = (positions: number, { weights, biases }: WeightArrays): WeightArrays => {
  const repeated = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: values.length * positions }, (_, i) => {
      const row = Math.floor(i / (positions * KERNELS));
      return values[row * KERNELS + (i % KERNELS)];
    });
  return { weights: repeated(weights), biases: biases && repeated(biases) };
};

/** Synapses that the kernels take, with their biases. */
const arrayOf = (replicated: boolean): number => {
  const { array } = withKernels({}, replicated).projection("input-l1");
  return (array.pre + 1) * array.post;
};

/** Taps of a kernel, row by row: the array is [3 rows, 3 columns, 1 channel, kernels]. */
const kernelOf = ({ weights }: WeightArrays, kernel: number): number[][] =>
  [0, 1, 2].map((row) => [0, 1, 2].map((column) => weights[(row * 3 + column) * KERNELS + kernel]));

async function main(): Promise<void> {
  const engine = await createEngine("simd");
  const chip = design.fabricate({ seed: 1 });
  console.log(`${chip.circuit}\n`);
  for await (const { epoch, accuracy, gradientCosine } of train(chip, data, {
    estimator: centred({ amplitude: 0.3, freeSteps: 60, nudgedSteps: 40 }),
    optimizer: adam({ rate: 0.01 }),
    epochs: 5,
    dt: DT,
    seed: 1,
    engine,
  })) {
    const cosines = Object.entries(gradientCosine).map(([name, c]) => `${name} ${(c ?? NaN).toFixed(3)}`);
    console.log(
      `epoch ${epoch}: test accuracy ${(100 * accuracy).toFixed(1)} %, cosine to the true error: ` +
        cosines.join(", "),
    );
  }

  const kernels = chip.weights("input-l1");
  const largest = Math.max(...kernels.weights.map(Math.abs));
  const shade = (w: number): string => {
    const size = Math.abs(w) / largest;
    return size < 0.15 ? " ." : size < 0.5 ? (w > 0 ? " +" : " -") : w > 0 ? " #" : " =";
  };
  console.log(`\nThe kernels; # and + are above 0, = and - below, # and = beyond half of the largest:`);
  for (const row of [0, 1, 2])
    console.log(
      Array.from({ length: KERNELS }, (_, k) => `  ${kernelOf(kernels, k)[row].map(shade).join("")}`).join(
        "",
      ),
    );

  const accuracyOf = async (options: CrossbarOptions, replicated: boolean): Promise<number> => {
    const circuit = withKernels(options, replicated);
    const positions = circuit.population("l1").size / KERNELS;
    let sum = 0;
    for (let seed = 1; seed <= CHIPS; seed++) {
      const other = circuit.fabricate({ seed });
      other.setWeights("input-l1", replicated ? atEvery(positions, kernels) : kernels);
      other.setWeights("l1-output", chip.weights("l1-output"));
      const simulator = new Simulator(other, engine, { dt: DT, seed });
      const batches = labelledBatches(circuit, data.test, { size: 200 });
      sum += (await evaluateChip(simulator, batches, { freeSteps: 60 })).accuracy / CHIPS;
      simulator.dispose();
    }
    return sum;
  };
  console.log(
    `\nThe same kernels, written into ${CHIPS} other chips each and not trained there; right of the test:\n` +
      "devices of the kernels     one array    an array at every position",
  );
  for (const [name, options] of DEVICES) {
    const cells = [await accuracyOf(options, false), await accuracyOf(options, true)];
    const [one, each] = cells.map((share) => `${(100 * share).toFixed(1)} %`.padStart(9));
    console.log(`${name.padEnd(27)}${one}    ${each}`);
  }

  console.log(
    "\nOne array errs alike at all positions, and stays a convolution: here that costs less than errors of " +
      `each position's own,\nand takes ${arrayOf(false)} pairs of devices in the place of ${arrayOf(true)}.`,
  );

  const picture = panels(
    "Kernels of a convolutional chip",
    Array.from({ length: KERNELS }, (_, k) => {
      const title = `Kernel ${k + 1}`;
      const chart = heatMap({
        title,
        caption: "",
        xLabel: "column",
        yLabel: "row",
        x: ["1", "2", "3"],
        y: ["3", "2", "1"],
        range: [-largest, largest],
        values: kernelOf(kernels, k).reverse(),
      });
      return { title, caption: "", chart };
    }),
    4,
  );
  const file = process.argv.slice(2).find((argument) => argument.endsWith(".svg")) ?? "runs/kernels.svg";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, standaloneSvg(picture));
  console.log(`\n${file}: the kernels, weights in unit drives`);
  engine.dispose();
}

const CHIPS = 4;
const DEVICES: readonly (readonly [string, CrossbarOptions])[] = [
  ["5 % mismatch", { mismatch: "5 %" }],
  ["16 levels", { mismatch: "5 %", levels: 16 }],
  ["8 levels", { mismatch: "5 %", levels: 8 }],
  ["3 % noise a read", { mismatch: "5 %", readNoise: "3 %" }],
  ["10 % noise a read", { mismatch: "5 %", readNoise: "10 %" }],
];
void main();
