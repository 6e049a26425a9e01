/** `bench settle`: the way of a trained network to its free fixed point, in sweeps and in time. */
import { defineVerb } from "../../src/cli/verb";
import { MODEL, SHARED, PATH } from "../options";

export const settle = defineVerb({
  name: "settle",
  summary: "sweeps and time to the free fixed point of a trained network",
  description:
    "Trains by the paper's protocol (synchronous, fixed phases) on the first --warmup images, then " +
    "settles batches of test images from zero and counts sweeps until no unit of any row moves by " +
    "more than the tolerance. The time of a batch holds all of its phase, the drive of its input and " +
    "the read-out included.\n\nEach result is judged by one synchronous step in float64 on the " +
    "reference engine: `moved` is the largest change of a unit in it, `settled` whether that is " +
    "within the tolerance in all batches. Ends with exit code 1 where it is not.",
  options: {
    ...MODEL,
    model: { ...MODEL.model, default: "p-2h" },
    tolerance: {
      type: "number",
      default: 1e-4,
      above: 0,
      max: 1,
      value: "CHANGE",
      help: "change of a unit in a step that counts as settled",
    },
    ...PATH,
    warmup: { type: "integer", default: 6000, min: 1, max: 10_000_000, value: "N", help: "training images" },
    epochs: { type: "integer", default: 3, min: 1, max: 10_000, value: "N", help: "passes over them" },
    batch: {
      type: "integer",
      default: 20,
      min: 1,
      max: 100_000,
      value: "N",
      help: "test images that settle side by side",
    },
    batches: {
      type: "integer",
      default: 25,
      min: 1,
      max: 100_000,
      value: "N",
      help: "batches that are timed; the median counts",
    },
    "most-sweeps": {
      type: "integer",
      default: 2000,
      min: 1,
      max: 10_000_000,
      value: "N",
      help: "where a phase gives up",
    },
    weights: {
      type: "string",
      value: "FILE",
      help:
        "keeps the trained weights in this file, or takes them from it where it exists, so that options " +
        "can be compared on one network",
    },
    ...SHARED,
  },
  examples: [
    {
      command: "settle --model p-1h --warmup 200 --epochs 1 --batches 3",
      what: "a small network on generated digits",
    },
    {
      command: "settle --model p-2h --data path/to/mnist --tolerance 1e-4 --json",
      what: "the network and the data of the paper",
    },
  ],
  async run({ options }, io) {
    const { estimatorOf, MODELS } = await import("../networks");
    const { digits } = await import("../training");
    const { settleBatches, trainedChip } = await import("../settling");
    const { openEngine } = await import("../engine");
    const { rounded, roundedSpread, spreadOf } = await import("../timing");
    const { tolerance, seed } = options;
    const data = digits(options.data, { train: options.warmup, test: options.batch * options.batches, seed });
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    io.note(`training ${options.model} on ${data.train.samples} samples of ${data.train.name} …`);
    const chip = await trainedChip(
      engine,
      data,
      {
        model: MODELS[options.model],
        estimator: estimatorOf(options.model, "ep", {}),
        batch: MODELS[options.model].batch,
        epochs: options.epochs,
        seed,
      },
      options.weights,
    );
    const measured = await settleBatches(chip, engine, data.test, {
      tolerance,
      steps: options["most-sweeps"],
      batch: options.batch,
      seed,
      path: { order: options.order, acceleration: options.acceleration },
    });
    engine.dispose();
    const [sweeps, us] = [
      roundedSpread(spreadOf(measured.map((m) => m.sweeps))),
      roundedSpread(spreadOf(measured.map((m) => m.us))),
    ];
    const moved = Math.max(...measured.map((m) => m.moved));
    const settled = moved <= tolerance;
    io.print(
      `${options.model}, batch ${options.batch}, ${options.order}, acceleration ` +
        `${options.acceleration}, ${fields.engine}`,
    );
    io.print(
      `${sweeps.median} sweeps (quartiles ${sweeps.quartiles.join(" … ")}), ${us.median} us a batch ` +
        `(quartiles ${us.quartiles.join(" … ")})`,
    );
    io.print(
      `${settled ? "settled" : "NOT settled"}: one more synchronous step moves a unit by ` +
        `${moved.toPrecision(3)} at most`,
    );
    io.emit({
      bench: "settle",
      model: options.model,
      data: data.train.name,
      warmup: data.train.samples,
      epochs: options.epochs,
      batch: options.batch,
      batches: measured.length,
      seed,
      ...fields,
      order: options.order,
      acceleration: options.acceleration,
      tolerance,
      sweeps: sweeps.median,
      sweeps_quartiles: sweeps.quartiles,
      us_per_batch: us.median,
      us_quartiles: us.quartiles,
      us_per_sweep: rounded(us.median / sweeps.median, 2),
      moved: Number(moved.toPrecision(3)),
      settled,
    });
    return settled ? 0 : 1;
  },
});
