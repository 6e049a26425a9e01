/** Training that leaves its time step to the circuit trains as with the number that it comes to. */
import { expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import { strokeDigits } from "../../src/data/strokes";
import {
  centred,
  chooseStep,
  createEngine,
  labelledBatches,
  sgd,
  train,
  type Checkpoint,
} from "../../src/index";
import { LONG } from "../long";

const digits = (split: "train" | "test") => strokeDigits({ size: 8, samples: 12, seed: 1, split });
const data = { train: digits("train"), test: digits("test") };
const fabricate = () =>
  layered([64, 6, 10], { neuron: leakyIntegrator({ rho: "tanh" }), synapse: ideal() }).fabricate({ seed: 3 });

it.runIf(LONG)("trains with the step chosen on the first batch, and resumes with it", async () => {
  const engine = await createEngine("reference");
  const [{ inputs, targets }] = [...labelledBatches(fabricate().circuit, data.train, { size: 6, limit: 6 })];
  const dt = await chooseStep(fabricate(), engine, { samples: 6, inputs, targets, nudge: 0.3 });
  const trained = async (step: number | "auto", epochs: number, resume?: Checkpoint) => {
    const chip = fabricate();
    let last: Checkpoint | undefined;
    const signal = { aborted: false };
    const options = {
      estimator: centred({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 20 }),
      optimizer: sgd({ rate: 0.1 }),
      probe: 0,
      batch: 6,
      epochs: 2,
      seed: 4,
      engine,
      dt: step,
      signal,
      resume,
      onCheckpoint: (checkpoint: Checkpoint) => void (last = checkpoint),
    };
    for await (const { epoch } of train(chip, data, options)) signal.aborted = epoch === epochs;
    return { weights: [...chip.weights("l1-output").weights], last };
  };
  const [auto, given] = [await trained("auto", 2), await trained(dt, 2)];
  expect(auto.weights).toEqual(given.weights);
  const half = await trained("auto", 1);
  expect((await trained("auto", 2, half.last)).weights).toEqual(auto.weights);
});
