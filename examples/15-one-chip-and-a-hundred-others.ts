/**
 * 15. One chip learns; what are its weights worth to others? (O'Connor et al. 2019, section 5.) The same values
 *     are stored in a hundred chips of the same design, whose devices and neurons differ by their mismatch: as
 *     they are, and after one epoch of learning of their own. Beside them stands the digital copy, the feedforward
 *     net that the first chip has taught. Run it with npm run --silent example 15
 *
 * An installed package is imported as "ohmlet" and "ohmlet/circuits".
 */
import { layered } from "../circuits";
import {
  centred,
  createEngine,
  evaluateChips,
  forwardNet,
  labelledBatches,
  quantile,
  sgd,
  Simulator,
  spread,
  stackChips,
  strokeDigits,
  train,
  type Chip,
  type Circuit,
} from "../src/index";

/** How many others there are, and how many of them learn: fewer in a hurry. */
const [others = 100, learners = 10] = process.argv.slice(2).map(Number);

const digits = {
  train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 200, seed: 1, split: "test" }),
};
const estimator = centred({ amplitude: 0.5, freeSteps: 24, nudgedSteps: 24 });
const settling = { solver: "euler", dt: 0.5 } as const;

/** Devices pass more or less than they store, neurons leak more or less than they should. */
const designOf = (mismatch: number): Circuit =>
  layered([64, 48, 10], {
    neuron: {
      kind: "neuron",
      name: "leaking unlike others",
      equations: "du/dt = -g*u + rho'(u)*I + I_nudge\nrho = clip(u, 0, 1)\n0 <= u <= 1",
      parameters: { g: spread(1, { mismatch }) },
    },
    synapse: {
      kind: "synapse",
      name: "passing unlike others",
      equations: "I = k*w*rho_pre\nw <- w + dw : 1",
      parameters: { k: spread(1, { mismatch }) },
    },
    cost: { kind: "squared-error", argument: "state" },
  });

async function main(): Promise<void> {
  const engine = await createEngine("auto");
  const learn = async (chip: Chip, epochs: number, beside = false): Promise<number> => {
    const net = forwardNet(chip, { optimizer: sgd({ rate: 0.4 }), lambda: 0.02 });
    const options = { estimator, ...settling, engine, probe: 0, seed: chip.seed };
    let copy = 0;
    for await (const { forward } of train(chip, digits, {
      ...options,
      optimizer: sgd({ rate: 0.2 }),
      epochs,
      ...(beside && { initialized: net }),
    }))
      copy = forward?.accuracy ?? 0;
    return copy;
  };
  /** All in one launch, from rest. */
  const tested = async (chips: readonly Chip[]): Promise<number[]> => {
    const simulator = new Simulator(stackChips(chips), engine, settling);
    const batches = labelledBatches(chips[0].circuit, digits.test, { size: 50 });
    const found = await evaluateChips(simulator, batches, { freeSteps: 40 });
    simulator.dispose();
    return found.map(({ accuracy }) => accuracy);
  };
  const share = (x: number): string => `${(100 * x).toFixed(1)} %`.padStart(8);

  console.log(`Accuracy on ${digits.test.samples} generated digits: the chip that learned, ${others} others`);
  console.log(
    `with its stored values, ${learners} of them after one epoch of their own, the digital copy.\n`,
  );
  console.log("mismatch   taught   median    worst   +1 epoch (median, worst)     copy");
  for (const mismatch of [0, 0.02, 0.05, 0.1, 0.2]) {
    const design = designOf(mismatch);
    const teacher = design.fabricate({ seed: 1 });
    const copy = await learn(teacher, 6, true);
    const [taught] = await tested([teacher]);
    const chips = Array.from({ length: others }, (_, k) => design.fabricate({ seed: 2 + k }));
    for (const chip of chips) chip.load(teacher.arrays());
    const asTheyAre = await tested(chips);
    const some = chips.slice(0, learners);
    for (const chip of some) await learn(chip, 1);
    const after = await tested(some);
    const [blind, learned] = [asTheyAre, after].map((a) => [quantile(a.sort(), 0.5), Math.min(...a)]);
    const figures = [taught, ...blind, ...learned, copy].map(share);
    console.log(
      `${share(mismatch)} ${figures.slice(0, 3).join(" ")}   ${figures.slice(3, 5).join(" ")}         ${figures[5]}`,
    );
  }
  engine.dispose();
}
void main();
