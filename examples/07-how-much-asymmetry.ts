/**
 * 07. How much feedback asymmetry does this chip survive? A design whose feedback is not the transpose of its
 *     forward weights still learns, up to a point: this finds the point, with the seeds that voted on it and
 *     its neighbours, and replays it. Run it with npm run --silent example 07
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices", "ohmlet/circuits" and "ohmlet/robustness".
 */
import { layered } from "../circuits";
import { crossbar, softNeuron } from "../devices";
import { adam, centred, createEngine, spread, strokeDigits, train } from "../src/index";
import { describeWeakest, replay, weakestPoint, type Experiment, type Ranges } from "../src/robustness";

const digits = {
  train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 500, seed: 1, split: "test" }),
};
const estimator = centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 });

/** The ideal first: feedback through the transposed weights, every synapse as strong as its partner. */
const ranges: Ranges = {
  angle: { from: 0, to: 180, steps: 60 }, // degrees between feedback and transposed forward weights
  asymmetry: { from: 0, to: 2, steps: 20 }, // relative spread of the feedback weights, synapse by synapse
};
const claim = { accuracy: ">= 0.85" };
const options = { seeds: 3, seed: 1, evaluations: 120, seconds: 100 };

async function main(): Promise<void> {
  const engine = await createEngine("auto");

  /** Fabricates a chip with these imperfections and this seed, trains it, and tests it. */
  const experiment: Experiment = async ({ angle, asymmetry }, seed) => {
    const chip = layered([64, 32, 10], {
      neuron: softNeuron({ g_leak: spread("50 nS", { mismatch: "5 %" }) }),
      synapse: crossbar({ mismatch: "5 %", retention: "1e5 s" }),
      feedback: { angle: Number(angle), asymmetry: Number(asymmetry) },
      initial: { distribution: "glorot", scale: 0.3 },
      cost: { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] },
    }).fabricate({ seed });
    // The feedback does not learn, so that it keeps the asymmetry it was made with.
    const optimizer = adam({ rate: { "input-l1": 0.005, "l1-output": 0.005, "output-l1": 0 } });
    let accuracy = 0;
    for await (const epoch of train(chip, digits, {
      estimator,
      optimizer,
      epochs: 3,
      dt: 1e-5,
      seed,
      engine,
      probe: 0,
    }))
      accuracy = epoch.accuracy;
    return { accuracy };
  };

  console.log(
    "A 64-32-10 chip of soft neurons and crossbars, 5 % mismatch, thermal noise, trained on 1,000 " +
      "generated digits.\n",
  );
  const weakest = await weakestPoint(claim, ranges, experiment, options);
  console.log(describeWeakest(weakest));

  if (weakest.verdict !== null) {
    const again = await replay(claim, ranges, experiment, weakest.verdict.point, options);
    const same = JSON.stringify(again) === JSON.stringify(weakest.verdict);
    console.log(
      `\nReplayed: ${same ? "the same votes and the same accuracies, to the last digit" : "NOT the same"}.`,
    );
  }
  engine.dispose();
}
void main();
