/** `bench stack`: a Monte Carlo over chips, stacked against one after another. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

const { fused: _, ...UNFUSED } = SHARED;

export const stack = defineVerb({
  name: "stack",
  summary: "many chips of one circuit, stacked against one after another",
  description:
    "Runs one phase of each of --chips chips of the default circuit on the same samples: stacked, and " +
    "one after another. Each worker has its share of the chips and an engine of its own, on both " +
    "sides; both take turns, round after round, with other inputs in each.\n\n`again` times " +
    "simulators that have run before, so that nothing is compiled on either side; `anew` makes " +
    "simulators for each round, as a Monte Carlo that sees every chip once does; `whole` fabricates " +
    "the chips as well. busy is CPU time over wall time: how many cores work. Ends with exit code 1 " +
    "where both sides do not give the same numbers to the last bit.",
  options: {
    sizes: {
      type: "numbers",
      integer: true,
      min: 1,
      max: 1_000_000,
      least: 2,
      most: 20,
      default: [64, 32, 10],
      value: "N N …",
      help: "units of each layer, the input first",
    },
    chips: { type: "integer", default: 128, min: 1, max: 100_000, value: "N", help: "chips" },
    batch: { type: "integer", default: 4, min: 1, max: 100_000, value: "N", help: "samples of each" },
    steps: { type: "integer", default: 40, min: 1, max: 1_000_000, value: "N", help: "steps of a phase" },
    repeats: {
      type: "integer",
      default: 11,
      min: 1,
      max: 1000,
      value: "N",
      help: "rounds that are timed; the median counts",
    },
    workers: {
      type: "integer",
      default: 2,
      min: 1,
      max: 64,
      value: "N",
      help: "worker threads that share the chips",
    },
    "one-noise": { type: "flag", help: "all chips draw the same noise; default: each its own" },
    ...UNFUSED,
    engine: { ...SHARED.engine, default: "simd" },
    threads: { ...SHARED.threads, default: 1, help: "threads of each worker's engine, for the simd engine" },
  },
  examples: [
    { command: "stack --json", what: "128 chips of 64-32-10, four samples each" },
    {
      command: "stack --sizes 784 128 10 --batch 1000 --chips 8 --repeats 5",
      what: "where chips are large and stacking is not for speed",
    },
  ],
  async run({ options }, io) {
    const { openEngine } = await import("../engine");
    const { measureStacking } = await import("../stack-workers");
    const { rounded, roundedSpread, spreadOf } = await import("../timing");
    const { sizes, chips, batch, steps, repeats, threads, engine: name, seed } = options;
    // Workers open their own: this one tells what it is, and whether it is there.
    const { engine, fields } = await openEngine(name, threads);
    engine.dispose();
    const workers = Math.min(options.workers, chips);
    const measured = await measureStacking(
      { sizes, chips, batch, steps, engine: name, threads, seed, workers, oneNoise: options["one-noise"] },
      repeats,
    );
    io.print(
      `${chips} chips of ${sizes.join("-")}, batch ${batch}, ${steps} steps, ${fields.engine}, ` +
        `${workers} worker(s) of ${threads} thread(s)`,
    );
    const figures = (["again", "anew", "whole"] as const).flatMap((kind) => {
      const { ms, cpu, busy } = measured.kinds[kind];
      const [stacked, single] = [
        roundedSpread(spreadOf(ms.stacked), 2),
        roundedSpread(spreadOf(ms.single), 2),
      ];
      const ratio = roundedSpread(spreadOf(ms.single.map((t, k) => t / ms.stacked[k])), 2);
      io.print(
        `${kind}: ${ratio.median} times as fast (quartiles ${ratio.quartiles.join(" … ")}): ` +
          `${stacked.median} ms stacked (busy ${rounded(busy.stacked, 2)}), ${single.median} ms one ` +
          `after another (busy ${rounded(busy.single, 2)}); CPU time ` +
          `${rounded(cpu.single / cpu.stacked, 2)} times less`,
      );
      return [
        [`${kind}_ratio`, ratio.median],
        [`${kind}_ratio_quartiles`, ratio.quartiles],
        [`${kind}_cpu_ratio`, rounded(cpu.single / cpu.stacked, 2)],
        [`${kind}_ms_stacked`, stacked.median],
        [`${kind}_ms_stacked_quartiles`, stacked.quartiles],
        [`${kind}_busy_stacked`, rounded(busy.stacked, 2)],
        [`${kind}_ms_single`, single.median],
        [`${kind}_ms_single_quartiles`, single.quartiles],
        [`${kind}_busy_single`, rounded(busy.single, 2)],
      ] as const;
    });
    io.print(measured.same ? "both give the same numbers" : "they do NOT give the same numbers");
    io.emit({
      bench: "stack",
      ...fields,
      sizes,
      chips,
      batch,
      steps,
      repeats,
      workers,
      one_noise: options["one-noise"],
      ...Object.fromEntries(figures),
      same: measured.same,
    });
    return measured.same ? 0 : 1;
  },
});
