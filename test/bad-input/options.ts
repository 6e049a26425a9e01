/**
 * Options that must be refused. Types tell of them before: this is for plain JavaScript, and for data that
 * were read from somewhere.
 */
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, softNeuron } from "../../devices";
import { adam, centred, createEngine, sgd, strokeDigits, train, type TrainOptions } from "../../src/index";
import { given, type Kind } from "./kind";

const unit = leakyIntegrator();
const untyped = <T>(options: object): T => options as T;
const PHASES = { amplitude: 0.3, freeSteps: 4, nudgedSteps: 4 };
const training = (options: object) => {
  const digits = strokeDigits({ samples: 10, seed: 1, split: "train" });
  const chip = layered([64, 10], { neuron: unit, synapse: ideal() }).fabricate();
  return train(
    chip,
    { train: digits, test: digits },
    untyped<TrainOptions>({
      estimator: centred(PHASES),
      optimizer: sgd({ rate: 0.1 }),
      engine: "reference",
      dt: 0.1,
      ...options,
    }),
  ).next();
};

export const OPTIONS: readonly Kind[] = [
  given("a misspelt option of a circuit", "OPTION-UNKNOWN", /layered/, () =>
    layered([2, 2], untyped({ neuron: unit, synapse: ideal(), feedbak: "untied" })),
  ),
  given("a misspelt option of an estimator", "OPTION-UNKNOWN", /centred/, () =>
    centred(untyped({ ...PHASES, tolerence: 1e-3 })),
  ),
  given("a misspelt option of a device", "OPTION-UNKNOWN", /softNeuron/, () =>
    softNeuron(untyped({ g_leek: "1 nS" })),
  ),
  given("a misspelt option of a training", "OPTION-UNKNOWN", /train/, () => training({ epoch: 1 })),
  given("a training without an end", "OPTION-MISSING", /train/, () => training({})),
  given("the name of an estimator for one", "OPTION-VALUE", /train/, () =>
    training({ estimator: "centred", epochs: 1 }),
  ),
  given("an engine that was not waited for", "OPTION-VALUE", /train/, () =>
    training({ engine: createEngine("reference"), epochs: 1 }),
  ),
  given("a rate of a projection that is not there", "OPTIMIZER-RATE", /./, () =>
    training({ optimizer: adam({ rate: { "input-output": 0.1, "l2-output": 0.1 } }), epochs: 1 }),
  ),
  given("epochs in quotes", "OPTION-VALUE", /train/, () => training({ epochs: "3" })),
  given("no epochs at all", "OPTION-VALUE", /train/, () => training({ epochs: 0 })),
  given("homeostasis without a coefficient", "OPTION-MISSING", /homeostasis/, () =>
    training({ homeostasis: {}, epochs: 1 }),
  ),
  given("homeostasis without feedback", "HOMEO-NOTHING", /homeostasis/, () =>
    training({ homeostasis: { coefficient: 1 }, epochs: 1 }),
  ),
  given("half an epoch", "OPTION-VALUE", /train/, () => training({ epochs: 1.5 })),
  given("epochs that are not a number", "OPTION-VALUE", /train/, () => training({ epochs: NaN })),
];
