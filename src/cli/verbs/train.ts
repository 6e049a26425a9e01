/** `ohmlet train`: fabricates a chip, trains it, and writes what happened into a run folder. */
import { refuseIdle } from "../idle";
import { defineVerb, COMMON } from "../verb";

export const train = defineVerb({
  name: "train",
  summary: "train a nonideal analog chip and write a run folder",
  description:
    "Fabricates a layered chip with the imperfections of real hardware (thermal noise, mismatch, leaking conductances, feedback that is not the transpose of the forward weights) and trains it by equilibrium propagation. Without --data it learns digits that Ohmlet draws itself.\n\nThe run folder holds run.json (what ran, and the result), config.json, events.jsonl, curves.csv, weights.npz and report.html.",
  options: {
    data: { type: "string", value: "FOLDER", help: "folder of the four IDX files (train-images-idx3-ubyte, …, gzipped or not); default: generated digits" },
    train: { type: "integer", min: 1, max: 10_000_000, value: "N", help: "training samples (default: 2000 generated, or all of the folder)" },
    test: { type: "integer", min: 1, max: 10_000_000, value: "N", help: "test samples (default: 1000 generated, or all of the folder)" },
    "image-size": { type: "integer", default: 8, min: 8, max: 28, value: "PIXELS", help: "side of the generated digits" },
    sizes: { type: "numbers", integer: true, min: 1, max: 100_000, least: 2, most: 20, value: "N N …", help: "units of each layer (default: the size of the images, 32, and the number of classes)" },
    mismatch: { type: "number", default: 5, min: 0, max: 24, value: "PERCENT", help: "spread of every device parameter from device to device" },
    angle: { type: "number", default: 20, min: 0, max: 180, value: "DEGREES", help: "between feedback weights and transposed forward weights at the start" },
    temperature: { type: "number", default: 300, min: 0, max: 1000, value: "KELVIN", help: "of the thermal noise; 0 for none" },
    retention: { type: "number", default: 1e5, above: 0, max: 1e15, value: "SECONDS", help: "time constant with which the conductances leak" },
    "read-noise": { type: "number", default: 0, min: 0, max: 100, value: "PERCENT", help: "spread of every conductance from read to read" },
    estimator: { type: "string", default: "centred", choices: ["one-sided", "centred", "random-sign", "holomorphic", "continuous", "oscillating", "lock-in"], value: "NAME", help: "how the derivative at the fixed point is measured" },
    points: { type: "integer", default: 4, min: 1, max: 64, value: "N", help: "nudge points on the circle (holomorphic, continuous)" },
    period: { type: "integer", default: 80, min: 8, max: 1_000_000, value: "N", help: "steps a period of an oscillating nudge (oscillating, lock-in)" },
    periods: { type: "integer", default: 2, min: 1, max: 10_000, value: "N", help: "periods to average over, after one to warm up (oscillating, lock-in)" },
    amplitude: { type: "number", default: 0.3, above: 0, max: 1e6, value: "BETA", help: "teaching amplitude, in multiples of the unit drive" },
    dt: { type: "number", default: 1e-5, above: 0, max: 1, value: "SECONDS", help: "time step; the neurons' time constant is 2e-5 s" },
    "free-steps": { type: "integer", default: 40, min: 1, max: 1_000_000, value: "N", help: "steps of a free phase" },
    "nudged-steps": { type: "integer", default: 25, min: 1, max: 1_000_000, value: "N", help: "steps of a nudged phase" },
    average: { type: "integer", default: 0, min: 0, max: 1_000_000, value: "N", help: "average the last N steps of a phase instead of reading the last" },
    optimizer: { type: "string", default: "adam", choices: ["adam", "sgd"], value: "NAME", help: "how updates become changes of the weights" },
    rate: { type: "number", default: 0.005, above: 0, max: 1000, value: "RATE", help: "learning rate" },
    "feedback-rate": { type: "number", default: 0.3, min: 0, max: 1000, value: "SHARE", help: "learning rate of the feedback weights, relative to --rate; slower feedback keeps its angle" },
    schedule: { type: "string", default: "cosine", choices: ["constant", "linear", "cosine"], value: "NAME", help: "how the learning rate falls over the epochs" },
    momentum: { type: "number", default: 0, min: 0, max: 0.9999, value: "M", help: "momentum (sgd)" },
    "weight-decay": { type: "number", default: 0, min: 0, max: 1, value: "D", help: "weight decay" },
    epochs: { type: "integer", default: 8, min: 1, max: 100_000, value: "N", help: "passes over the training samples" },
    batch: { type: "integer", default: 20, min: 1, max: 10_000, value: "N", help: "samples that settle side by side" },
    probe: { type: "integer", default: 20, min: 0, max: 10_000, value: "N", help: "test samples on which the estimate is held against the true error vector; 0 for none" },
    out: { type: "string", default: "runs", value: "FOLDER", help: "where run folders go" },
    ...COMMON,
  },
  examples: [
    { command: "train", what: "the default chip on generated digits" },
    { command: "train --angle 90 --epochs 4", what: "independent feedback: how much does it cost?" },
    { command: "train --data path/to/mnist --train 10000 --sizes 784 64 10 --batch 50", what: "a larger chip on the first 10,000 images of MNIST" },
    { command: "train --estimator holomorphic --points 4 --amplitude 0.5", what: "complex nudges, four points on a circle" },
    { command: "train --estimator lock-in --amplitude 0.5", what: "a real nudge that oscillates in continuous time, without a free phase" },
  ],
  async run({ options, given }, io) {
    const oscillates = options.estimator === "oscillating" || options.estimator === "lock-in";
    refuseIdle(given, [
      { name: "image-size", idle: options.data !== undefined, why: "the images of --data have a size of their own" },
      { name: "points", idle: options.estimator !== "holomorphic" && options.estimator !== "continuous", why: `the ${options.estimator} estimator has no circle of points` },
      ...(["period", "periods"] as const).map((name) => ({ name, idle: !oscillates, why: `the nudge of the ${options.estimator} estimator does not oscillate` })),
      { name: "free-steps", idle: options.estimator === "continuous" || oscillates, why: `the ${options.estimator} estimator has no free phase` },
      { name: "nudged-steps", idle: oscillates, why: "its nudge never rests; --period says how fast it turns" },
      { name: "average", idle: options.estimator === "continuous", why: "the continuous estimator averages over its blocks" },
      { name: "average", idle: oscillates, why: "it averages over whole periods (--periods)" },
      { name: "momentum", idle: options.optimizer !== "sgd", why: `${options.optimizer} has no momentum of its own to set` },
    ]);
    io.note("reading data and fabricating the chip …");
    const { runTraining } = await import("../training/run");
    return runTraining(
      {
        circuit: {
          sizes: options.sizes ?? [],
          mismatch: options.mismatch / 100,
          angle: options.angle,
          temperature: options.temperature,
          retention: options.retention,
          readNoise: options["read-noise"] / 100,
        },
        data: { folder: options.data ?? null, imageSize: options["image-size"], train: options.train ?? (options.data === undefined ? 2000 : 0), test: options.test ?? (options.data === undefined ? 1000 : 0) },
        estimator: { kind: options.estimator, amplitude: options.amplitude, points: options.points, period: options.period, periods: options.periods, freeSteps: options["free-steps"], nudgedSteps: options["nudged-steps"], average: options.average },
        optimizer: { kind: options.optimizer, rate: options.rate, feedbackRate: options["feedback-rate"], momentum: options.momentum, weightDecay: options["weight-decay"], schedule: options.schedule },
        epochs: options.epochs,
        batch: options.batch,
        dt: options.dt,
        probe: options.probe,
        seed: options.seed,
        engine: options.engine,
      },
      options.out,
      io,
    );
  },
});
