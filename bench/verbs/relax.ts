/** `bench relax`: the time of one synchronous step of a network, many rows side by side. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

export const relax = defineVerb({
  name: "relax",
  summary: "time of a relaxation step, and multiply-adds a second",
  description:
    "Runs phases of --steps steps from zero and divides their time by the steps: what a user waits " +
    "for, setting up and reading out included. One phase of one step is timed too, which shows how " +
    "much that is. The drive of the clamped input is computed once, before the first phase, and does " +
    "not count.\n\nprototypical and energy are the networks of Ernoult et al. 2019, holomorphic is " +
    "the complex step of Laborieux and Zenke 2023 with an imaginary nudge, rate is a noisy network of " +
    "leaky integrators whose first size is the clamped input. p-conv is the convolutional network of " +
    "Ernoult et al., nudged, hep-conv that of Laborieux and Zenke, an eighth as wide, with softmax " +
    "pooling and an imaginary nudge; these two have sizes of their own.",
  options: {
    dynamics: {
      type: "string",
      default: "prototypical",
      choices: ["prototypical", "energy", "holomorphic", "rate", "p-conv", "hep-conv"],
      value: "NAME",
      help: "which step",
    },
    sizes: {
      type: "numbers",
      integer: true,
      min: 1,
      max: 1_000_000,
      least: 2,
      most: 20,
      value: "N N …",
      help: "units of each layer, the input first (default: those of the sources)",
    },
    batch: {
      type: "integer",
      min: 1,
      max: 100_000,
      value: "N",
      help: "rows side by side (default: 20; holomorphic 50; rate 1)",
    },
    steps: { type: "integer", default: 200, min: 1, max: 10_000_000, value: "N", help: "steps of a phase" },
    repeats: {
      type: "integer",
      default: 11,
      min: 1,
      max: 10_000,
      value: "N",
      help: "phases that are timed; the median counts",
    },
    ...SHARED,
  },
  examples: [
    {
      command: "relax --engine reference --steps 20 --repeats 3",
      what: "784-512-512-10 at batch 20, briefly",
    },
    { command: "relax --dynamics holomorphic --json", what: "complex rows, as one line of JSON" },
  ],
  async run({ options }, io) {
    const { DYNAMICS } = await import("../networks");
    const { measureSteps } = await import("../relaxation");
    const { openEngine } = await import("../engine");
    const { COUNTED } = await import("../workload");
    const { rounded, roundedSpread } = await import("../timing");
    const dynamics = DYNAMICS[options.dynamics];
    const [sizes, batch] = [options.sizes ?? dynamics.sizes, options.batch ?? dynamics.batch];
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    const { steps, repeats, seed } = options;
    const measured = await measureSteps(engine, { dynamics, sizes, batch, steps, repeats, seed });
    engine.dispose();
    const us = roundedSpread(measured.step, 2);
    const gmac = rounded(measured.multiplyAdds / measured.step.median / 1e3, 3);
    io.print(`${options.dynamics} ${sizes.join("-")}, batch ${batch}, ${fields.engine}`);
    io.print(
      `${us.median} us a step (quartiles ${us.quartiles.join(" … ")}, least ${us.least}), ${gmac} GMAC/s`,
    );
    io.print(`${rounded(measured.shortest.median)} us for a phase of one step`);
    io.emit({
      bench: "relax",
      dynamics: options.dynamics,
      sizes,
      batch,
      steps,
      repeats,
      ...fields,
      us_per_step: us.median,
      us_quartiles: us.quartiles,
      min_us: us.least,
      us_phase_of_one_step: rounded(measured.shortest.median),
      gmac_per_s: gmac,
      macs_per_step: measured.multiplyAdds,
      macs_counted: COUNTED,
    });
    return 0;
  },
});
