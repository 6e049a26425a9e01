/** `bench train`: seconds of training epochs by a paper's protocol, and the errors that they reach. */
import { defineVerb } from "../../src/cli/verb";
import { OhmletError } from "../../src/index";
import { MODEL, SHARED, PATH } from "../options";

export const train = defineVerb({
  name: "train",
  summary: "seconds and errors of training epochs, by a paper's protocol",
  description:
    "Equilibrium propagation as in Ernoult et al. 2019, Table 4: prototypical dynamics with the " +
    "sigmoid, a one-sided nudge, a fixed number of steps of each phase, minibatches of 20, plain SGD " +
    "with a rate for each layer, tied weights. holomorphic is 784-256-256-10 of Laborieux and Zenke 2023, " +
    "untied, phases of 150 and 20 steps, minibatches of 50, momentum: by nudges on a circle (--method ep), " +
    "or by one that steps around it and never rests (--method continuous). One line an epoch; seconds are " +
    "of training alone.\n\nWith --tolerance a phase ends as soon as it is settled, which the papers do " +
    "not do. With --timed so many batches are timed one by one, beforehand and on a chip of their own, and " +
    "their nudged phases apart: medians in milliseconds, by the clock and of processor time.",
  options: {
    ...MODEL,
    method: {
      type: "string",
      default: "ep",
      choices: ["ep", "bptt", "continuous"],
      value: "NAME",
      help:
        "equilibrium propagation, backpropagation through as many steps as its nudged phase has, or a " +
        "nudge that steps around the circle (holomorphic)",
    },
    points: {
      type: "integer",
      min: 1,
      max: 64,
      value: "N",
      help: "nudges on the circle, for holomorphic (default: 4)",
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
    batch: {
      type: "integer",
      min: 1,
      max: 10_000,
      value: "N",
      help: "samples a minibatch (default: 20; holomorphic 50)",
    },
    timed: {
      type: "integer",
      min: 0,
      max: 10_000,
      value: "N",
      help: "batches that are timed one by one (default: none; holomorphic 20)",
    },
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
    const { estimatorOf, MODELS } = await import("../networks");
    const { digits, trainEpochs } = await import("../training");
    const { openEngine } = await import("../engine");
    const { rounded } = await import("../timing");
    const { timeBatches } = await import("../batches");
    const model = MODELS[options.model];
    const { batch = model.batch, tolerance, points } = options;
    const circles = options.model === "holomorphic";
    if (points !== undefined && !circles)
      throw new OhmletError({
        code: "CLI-IDLE",
        fact: `${options.model} has no nudges on a circle that could be counted`,
        place: { where: "bench train" },
        remedy: "leave --points out, or use --model holomorphic",
      });
    const estimator = estimatorOf(options.model, options.method, { tolerance, points });
    const timed = options.timed ?? (circles ? 20 : 0);
    const data = digits(options.data, { train: options.train, test: options.test, seed: options.seed });
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    const settings = {
      model,
      estimator,
      batch,
      epochs: options.epochs,
      seed: options.seed,
      order: options.order,
      acceleration: options.acceleration,
      persistent: options.persistent,
    } as const;
    io.print(`${options.model} on ${data.train.name}, ${data.train.samples} samples, ${fields.engine}`);
    const times = timed === 0 ? null : await timeBatches(engine, data, settings, timed);
    const ms = times && {
      ms_per_batch: rounded(times.whole.median, 2),
      ms_nudged: rounded(times.nudged.median, 2),
      cpu_ms_per_batch: rounded(times.cpuWhole.median, 2),
      cpu_ms_nudged: rounded(times.cpuNudged.median, 2),
      timed,
      learned: times.place,
    };
    if (ms !== null)
      io.print(
        `${ms.ms_per_batch} ms a batch, ${ms.ms_nudged} of it nudged phases (processor time ` +
          `${ms.cpu_ms_per_batch} and ${ms.cpu_ms_nudged}), learned in the ${ms.learned}`,
      );
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
        ...(report.crossings && {
          calls_per_batch: rounded(report.crossings.callsPerBatch, 2),
          bytes_up: rounded(report.crossings.bytesUp, 0),
          bytes_down: rounded(report.crossings.bytesDown, 0),
        }),
      };
      io.print(
        `epoch ${figures.epoch}: ${figures.seconds} s, training error ${figures.train_error} %, test ` +
          `error ${figures.test_error} %, ${figures.rss_mb} MB of memory` +
          (figures.calls_per_batch === undefined
            ? ""
            : `; a batch is ${figures.calls_per_batch} calls, ${figures.bytes_up} bytes up, ${figures.bytes_down} down`),
      );
      io.emit({
        bench: "train",
        model: options.model,
        method: options.method,
        data: data.train.name,
        train: data.train.samples,
        test: data.test.samples,
        ...(circles && { points: estimator.settings.points }),
        batch,
        seed: options.seed,
        ...fields,
        order: options.order,
        acceleration: options.acceleration,
        persistent: options.persistent,
        tolerance: options.tolerance ?? null,
        ...figures,
        ...ms,
        steps: report.steps.map((steps) => rounded(steps, 1)),
      });
    }
    engine.dispose();
    return 0;
  },
});
