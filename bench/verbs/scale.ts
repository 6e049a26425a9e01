/** `bench scale`: cost and memory of a step, from small networks to large ones. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

export const scale = defineVerb({
  name: "scale",
  summary: "cost and memory of a step from 10^4 to 10^7 synapses, with a picture",
  description:
    "Prototypical networks of two equal hidden layers, as many synaptic devices as asked (each is " +
    "read in both directions), settled for a number of steps that shrinks as the network grows. Each " +
    "size runs in a process of its own, so that its memory can be told: the growth of the resident " +
    "set from before the chip is made to after its phases, and the part of it that the simulator and " +
    "the engine add to the chip. Both are held against the bytes of weights and states alone, in the " +
    "engine's precision.",
  options: {
    synapses: {
      type: "numbers",
      integer: true,
      min: 1000,
      max: 100_000_000,
      least: 1,
      most: 20,
      default: [10_000, 100_000, 1_000_000, 10_000_000],
      value: "N N …",
      help: "synaptic devices, about",
    },
    batch: { type: "integer", default: 20, min: 1, max: 10_000, value: "N", help: "rows side by side" },
    steps: {
      type: "integer",
      min: 1,
      max: 1_000_000,
      value: "N",
      help: "steps of a phase (default: 2e9 multiply-adds' worth, 5 … 1000)",
    },
    repeats: {
      type: "integer",
      default: 5,
      min: 1,
      max: 1000,
      value: "N",
      help: "phases that are timed; the median counts",
    },
    picture: { type: "string", value: "FILE", help: "where the picture goes, as SVG (default: none)" },
    ...SHARED,
  },
  examples: [
    { command: "scale --synapses 10000 100000 --engine reference", what: "two small networks" },
    { command: "scale --picture runs/scale.svg", what: "four decades, with a picture" },
  ],
  async run({ options }, io) {
    const { measureSize, scaleFields } = await import("../scaling");
    const { openEngine } = await import("../engine");
    const { columns } = await import("../../src/printable");
    if (options.synapses.length === 1) {
      const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
      const line = {
        bench: "scale",
        ...fields,
        ...scaleFields(await measureSize(engine, { ...options, synapses: options.synapses[0] })),
      };
      engine.dispose();
      io.print(...Object.entries(line).map(([name, value]) => `${name} ${value}`));
      io.emit(line);
      return 0;
    }
    const { sizeInProcess } = await import("../scaling-processes");
    const lines = [];
    for (const [k, synapses] of options.synapses.entries()) {
      io.progress().update(k / options.synapses.length, `${synapses} synapses`);
      lines.push(await sizeInProcess({ ...options, synapses }));
      io.emit(lines[k]);
    }
    io.progress().end();
    const shown = [
      "synapses",
      "steps",
      "us_per_step",
      "ps_per_mac",
      "gmac_per_s",
      "memory_mb",
      "memory_ratio",
      "engine_mb",
      "engine_ratio",
    ];
    io.print(`batch ${options.batch}, ${String(lines[0].engine)}`);
    io.print(...columns([shown, ...lines.map((line) => shown.map((name) => String(line[name])))]));
    if (options.picture !== undefined) {
      const { drawScale } = await import("../scale-picture");
      drawScale(options.picture, lines);
      io.note(`picture: ${options.picture}`);
    }
    return 0;
  },
});
