/** `bench train`: seconds of training epochs by a paper's protocol, and the errors that they reach. */
import { defineVerb } from "../../src/cli/verb";
import { MODEL, SHARED, PATH } from "../options";

export const train = defineVerb({
  name: "train",
  summary: "seconds and errors of training epochs, by a paper's protocol",
  description:
    "Equilibrium propagation as in Ernoult et al. 2019, Table 4: prototypical dynamics with the " +
    "sigmoid, a one-sided nudge, a fixed number of steps of each phase, minibatches of 20, plain SGD " +
    "with a rate for each layer, tied weights. One line an epoch; seconds are of training alone.\n\n" +
    "With --tolerance a phase ends as soon as it is settled, which the papers do not do.",
  options: {
    ...MODEL,
    method: {
      type: "string",
      default: "ep",
      choices: ["ep", "bptt"],
      value: "NAME",
      help: "equilibrium propagation, or backpropagation through as many steps as its nudged phase has",
    },
    epochs: {
      type: "integer",
      default: 1,
      min: 1,
      max: 10_000,
      value: "N",
      help: "passes over the training samples",
    },
    train: {
      type: "integer",
      default: 60_000,
      min: 1,
      max: 10_000_000,
      value: "N",
      help: "training samples, the first of the set",
    },
    test: {
      type: "integer",
      default: 10_000,
      min: 1,
      max: 10_000_000,
      value: "N",
      help: "test samples, the first of the set",
    },
    batch: { type: "integer", default: 20, min: 1, max: 10_000, value: "N", help: "samples a minibatch" },
    ...PATH,
    tolerance: {
      type: "number",
      above: 0,
      max: 1,
      value: "CHANGE",
      help: "ends a phase when no unit of any row moves by more in a step (default: never)",
    },
    persistent: {
      type: "flag",
      help: "starts the free phase of a sample where its last one ended, an epoch ago",
    },
    ...SHARED,
  },
  examples: [
    { command: "train --data path/to/mnist --train 1000 --test 1000", what: "p-1h, briefly" },
    {
      command: "train --model p-2h --data path/to/mnist --epochs 1 --json",
      what: "an epoch of all 60,000 images",
    },
  ],
  async run({ options }, io) {
    const { MODELS } = await import("../networks");
    const { digits, trainEpochs } = await import("../training");
    const { openEngine } = await import("../engine");
    const { rounded } = await import("../timing");
    const data = digits(options.data, { train: options.train, test: options.test, seed: options.seed });
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    const settings = {
      model: MODELS[options.model],
      method: options.method,
      batch: options.batch,
      epochs: options.epochs,
      seed: options.seed,
      tolerance: options.tolerance,
      order: options.order,
      acceleration: options.acceleration,
      persistent: options.persistent,
    } as const;
    io.print(`${options.model} on ${data.train.name}, ${data.train.samples} samples, ${fields.engine}`);
    for await (const { report } of trainEpochs(engine, data, settings, ({ epoch, batch, batches }) =>
      io.progress().update((epoch - 1 + batch / batches) / options.epochs, `epoch ${epoch}, batch ${batch}`),
    )) {
      io.progress().end();
      const figures = {
        epoch: report.epoch,
        seconds: rounded(report.seconds.training, 2),
        train_error: rounded(100 * (1 - report.trainAccuracy), 2),
        test_error: rounded(100 * (1 - report.accuracy), 2),
        rss_mb: rounded(process.memoryUsage.rss() / 1e6, 0),
      };
      io.print(
        `epoch ${figures.epoch}: ${figures.seconds} s, training error ${figures.train_error} %, test ` +
          `error ${figures.test_error} %, ${figures.rss_mb} MB of memory`,
      );
      io.emit({
        bench: "train",
        model: options.model,
        method: options.method,
        data: data.train.name,
        train: data.train.samples,
        test: data.test.samples,
        batch: options.batch,
        seed: options.seed,
        ...fields,
        order: options.order,
        acceleration: options.acceleration,
        persistent: options.persistent,
        tolerance: options.tolerance ?? null,
        ...figures,
        steps: report.steps.map((steps) => rounded(steps, 1)),
      });
    }
    engine.dispose();
    return 0;
  },
});
