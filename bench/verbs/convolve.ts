/** `bench convolve`: a convolution on its own, forwards, backwards, and the update of its kernels. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

const size = (fallback: number, help: string) =>
  ({ type: "integer", default: fallback, min: 1, max: 10_000, value: "N", help }) as const;

export const convolve = defineVerb({
  name: "convolve",
  summary: "time of a convolution, forwards, backwards and in an update, and multiply-adds a second",
  description:
    "Runs programs of nothing but a convolution without padding: units from what it sees, back through the " +
    "same kernels, and the kernels' update from both ends. --pooled gives each member of the 2 x 2 windows " +
    "of a pooling a buffer of its own, as circuits with pooling do. The defaults are the second convolution " +
    "of Ernoult et al. 2019; its first is --size 28 --channels 1 --filters 32.",
  options: {
    size: size(12, "positions along each side of what is seen"),
    channels: size(32, "channels of what is seen"),
    kernel: size(5, "positions along each side of the kernel"),
    filters: size(64, "channels that are made"),
    pooled: { type: "flag", help: "four buffers, one for each member of a window" },
    batch: size(20, "rows side by side"),
    steps: size(10, "steps of a run"),
    repeats: size(15, "runs that are timed; the median counts"),
    ...SHARED,
  },
  examples: [
    { command: "convolve --engine simd --threads 1", what: "12 x 12 x 32 to 8 x 8 x 64 at batch 20" },
    { command: "convolve --engine simd --pooled --json", what: "by members of windows, as lines of JSON" },
  ],
  async run({ options }, io) {
    const { convolutionProgram, DIRECTIONS, measureConvolution } = await import("../convolution");
    const { openEngine } = await import("../engine");
    const { rounded, roundedSpread } = await import("../timing");
    const { kernel, channels, filters, batch, steps, repeats, seed, pooled } = options;
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    const shape = { size: options.size, channels, kernel, filters };
    io.print(
      `${options.size} x ${options.size} x ${channels}, ${kernel} x ${kernel} kernels of ${filters}, batch ${batch}, ${fields.engine}`,
    );
    for (const direction of DIRECTIONS) {
      const { program, multiplyAdds } = convolutionProgram(shape, batch, pooled, direction);
      const measured = await measureConvolution(engine, program, { steps, repeats, seed });
      if (measured === null) continue;
      const us = roundedSpread(measured, 2);
      const gmac = rounded(multiplyAdds / measured.median / 1e3, 3);
      io.print(
        `${direction}: ${us.median} us (quartiles ${us.quartiles.join(" … ")}, least ${us.least}), ${gmac} GMAC/s`,
      );
      io.emit({
        bench: "convolve",
        direction,
        ...shape,
        pooled,
        batch,
        steps,
        repeats,
        ...fields,
        us_per_step: us.median,
        us_quartiles: us.quartiles,
        min_us: us.least,
        gmac_per_s: gmac,
        macs_per_step: multiplyAdds,
      });
    }
    engine.dispose();
    return 0;
  },
});
