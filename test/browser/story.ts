/** A chip that learns, through the public entry only: the same in a page as in Node. */
import { nonideal } from "../../circuits";
import { adam, centred, createEngine, strokeDigits, train } from "../../src/index";

/** Costs of the training and of the test after an epoch on a hundred digits. */
export async function learn(name: string): Promise<readonly [number, number]> {
  const chip = nonideal({ sizes: [64, 16, 10], mismatch: "5 %", angle: 20 }).fabricate({ seed: 1 });
  const data = {
    train: strokeDigits({ samples: 100, seed: 1, split: "train" }),
    test: strokeDigits({ samples: 50, seed: 1, split: "test" }),
  };
  const engine = await createEngine(name);
  const estimator = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 });
  let costs: readonly [number, number] = [Number.NaN, Number.NaN];
  for await (const epoch of train(chip, data, {
    engine,
    estimator,
    optimizer: adam({ rate: 0.005 }),
    epochs: 1,
    dt: 1e-5,
    seed: 1,
    probe: 0,
  }))
    costs = [epoch.trainCost, epoch.cost];
  engine.dispose();
  return costs;
}
