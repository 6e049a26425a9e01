/**
 * 12. Homeostasis repairs an asymmetric chip (Laborieux and Zenke 2023): its feedback has devices of its own, at
 *     a right angle to the forward weights, so that what a nudge measures points nowhere near the true error in
 *     the hidden layers, and little is learned. The same chip learns beside the task to make its Jacobian
 *     symmetric, from nothing but its velocities after random kicks. Draws a picture. Run it with
 *     npm run --silent example 12 [FILE.svg]
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices", "ohmlet/circuits" and
 * "ohmlet/plot".
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { layered } from "../circuits";
import { crossbar, softNeuron } from "../devices";
import { adam, centred, createEngine, strokeDigits, train, type EpochReport } from "../src/index";
import { lineChart, panels, standaloneSvg, type Series } from "../src/plot";

const data = {
  train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 200, seed: 1, split: "test" }),
};
const design = layered([64, 32, 24, 10], {
  neuron: softNeuron({ T: "0 K" }),
  synapse: crossbar({ mismatch: "5 %" }),
  feedback: { angle: 90 },
  cost: { kind: "squared-error", argument: "activity" },
});
const EPOCHS = 15;
/** The loss is that of dF/du, in the form that a chip could follow: the velocity after a kick. */
const HOMEOSTASIS = { of: "state", form: "local", draws: 5 } as const;
const CHIPS = [
  { name: "as it is", coefficient: 0 },
  { name: "with homeostasis", coefficient: 0.03 },
] as const;

/** Trains a chip of the same draws. A coefficient of 0 tells the symmetry and does nothing for it. */
async function learn(coefficient: number): Promise<EpochReport[]> {
  const epochs: EpochReport[] = [];
  // So small a circuit is done before a second thread has heard of it.
  const engine = await createEngine("simd", { threads: 1 });
  for await (const epoch of train(design.fabricate({ seed: 3 }), data, {
    estimator: centred({ amplitude: 0.5, freeSteps: 60, nudgedSteps: 30 }),
    optimizer: adam({ rate: 0.003 }),
    homeostasis: { coefficient, ...HOMEOSTASIS },
    dt: "10 us",
    epochs: EPOCHS,
    probe: 10,
    seed: 1,
    engine,
  }))
    epochs.push(epoch);
  engine.dispose();
  return epochs;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const figures = (values: Readonly<Record<string, number | null>>, digits: number): string =>
  Object.values(values)
    .map((value) => (value ?? NaN).toFixed(digits).padStart(6))
    .join("");

async function main(): Promise<void> {
  const found: { readonly name: string; readonly epochs: readonly EpochReport[] }[] = [];
  for (const { name, coefficient } of CHIPS) {
    const epochs = await learn(coefficient);
    found.push({ name, epochs });
    console.log(`\nThe chip ${name}`);
    console.log("epoch   test right   S/(S + A)   cosine to the true error   angle of the feedback");
    for (const { epoch, accuracy, symmetry, gradientCosine, feedbackAngle } of epochs)
      if (epoch === 1 || epoch % 5 === 0)
        console.log(
          `${String(epoch).padEnd(8)}${percent(accuracy).padEnd(13)}${(symmetry?.ratio ?? NaN).toFixed(3).padEnd(12)}` +
            `${figures(gradientCosine, 2).padEnd(27)}${figures(feedbackAngle, 0)}`,
        );
  }
  const [plain, repaired] = found.map(({ epochs }) => epochs[EPOCHS - 1]);
  console.log(
    `\nThe same chip gets ${percent(plain.accuracy)} right as it is, and ${percent(repaired.accuracy)} once ` +
      "its Jacobian is made symmetric",
  );

  const over = (
    name: string,
    epochs: readonly EpochReport[],
    of: (e: EpochReport) => number | null,
  ): Series => ({
    name,
    x: epochs.map(({ epoch }) => epoch),
    y: epochs.map(of),
  });
  const draw = (
    title: string,
    caption: string,
    chart: Omit<Parameters<typeof lineChart>[0], "title" | "caption" | "xLabel">,
  ) => ({ title, caption, chart: lineChart({ title, caption, xLabel: "epoch", ...chart }) });
  const picture = panels("Homeostasis repairs an asymmetric chip", [
    draw("Test accuracy", "The same draws of fabrication, the same data.", {
      yLabel: "right",
      percent: true,
      series: found.map(({ name, epochs }) => over(name, epochs, (e) => e.accuracy)),
    }),
    draw("Symmetry of the Jacobian", "Norm of its symmetric part, as a share of both.", {
      yLabel: "S/(S + A)",
      series: found.map(({ name, epochs }) => over(name, epochs, (e) => e.symmetry?.ratio ?? null)),
    }),
    draw(
      "Does the nudge measure the true error?",
      "Cosine of the estimate with it: 1 is perfect, 0 is chance.",
      {
        yLabel: "cosine",
        series: found.flatMap(({ name, epochs }) =>
          ["l1", "l2"].map((layer) => over(`${layer}, ${name}`, epochs, (e) => e.gradientCosine[layer])),
        ),
      },
    ),
    draw("Angle between feedback and forward weights", "It falls, but is not what was asked for.", {
      yLabel: "degrees",
      series: found.flatMap(({ name, epochs }) =>
        ["l2-l1", "output-l2"].map((layer) =>
          over(`${layer}, ${name}`, epochs, (e) => e.feedbackAngle[layer]),
        ),
      ),
    }),
  ]);
  const file = process.argv.slice(2).find((argument) => argument.endsWith(".svg")) ?? "runs/homeostasis.svg";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, standaloneSvg(picture));
  console.log(`\n${file}: accuracy, symmetry, cosines and angles over the epochs`);
}
void main();
