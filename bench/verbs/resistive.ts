/** `bench resistive`: networks of conductances and diodes, settled or followed in time, beside a circuit simulator. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

export const resistive = defineVerb({
  name: "resistive",
  summary: "operating points and transients of resistive networks, a sample, and their errors",
  description:
    "Draws a layered network with two diodes at each hidden node, as the peer's script does, and finds " +
    "where batches of inputs lead it: operating points from zero, or transients from 0 V over the " +
    "peer's span, read at four moments. Where the accuracy is beyond float32, float64 goes on from where " +
    "it ends. Batches before those that are timed warm up, for two seconds at most. The error is over every row and node, against the reference engine at a ten-millionth of the " +
    "accuracy.\n\nWith --peers, ngspice runs the same work before and after in the same run, a solve within a " +
    "running process; `ratio` is its time over ours. Ends with exit code 1 where the error is beyond the accuracy.",
  options: {
    sizes: {
      type: "numbers",
      integer: true,
      min: 1,
      max: 10_000,
      least: 2,
      most: 10,
      default: [64, 64, 10],
      value: "N …",
      help: "nodes of the layers",
    },
    batch: { type: "integer", default: 64, min: 1, max: 10_000, value: "N", help: "samples side by side" },
    what: {
      type: "string",
      default: "op",
      choices: ["op", "tran"],
      value: "NAME",
      help: "operating points, or transients",
    },
    accuracy: {
      type: "number",
      default: 1e-6,
      above: 0,
      max: 1,
      value: "VOLTS",
      help: "how far every node may be off",
    },
    repeats: {
      type: "integer",
      default: 51,
      min: 1,
      max: 10_000,
      value: "N",
      help: "batches that are timed",
    },
    peers: {
      type: "string",
      value: "FOLDER",
      help: "folder of spice_net.py, which then runs as well: ../shared/peers",
    },
    python: {
      type: "string",
      default: "/usr/bin/python3",
      value: "FILE",
      help: "the interpreter that has its packages",
    },
    ...SHARED,
    engine: { ...SHARED.engine, default: "simd" },
    threads: { ...SHARED.threads, default: 1, help: "threads, for the simd engine" },
  },
  examples: [
    {
      command: "resistive --sizes 8 8 2 --batch 4 --repeats 2 --what op --accuracy 1e-6",
      what: "operating points of a small network",
    },
    {
      command: "resistive --what tran --accuracy 1e-4 --peers ../shared/peers --json",
      what: "beside ngspice",
    },
  ],
  async run({ options }, io) {
    const { measureRest, measureTransient } = await import("../resistive");
    const { openEngine } = await import("../engine");
    const { roundedSpread } = await import("../timing");
    const { peerOf } = await import("../spice-peer");
    const { sizes, batch, what, accuracy, repeats, seed } = options;
    const peer = async (): Promise<number | null> =>
      options.peers === undefined ? null : peerOf(options.peers, options.python, sizes, what, io);
    const before = await peer();
    const { engine, fields } = await openEngine(options.engine, options.threads, options.fused);
    const measure = what === "op" ? measureRest : measureTransient;
    const { us, largestError, steps } = await measure(engine, { sizes, batch, accuracy, repeats, seed });
    engine.dispose();
    const after = await peer();
    const { median, quartiles } = roundedSpread(us, 2);
    const theirs = before === null || after === null ? null : (before + after) / 2;
    io.print(
      `${sizes.join("-")}, ${what}, batch ${batch}, ${fields.engine}: ${median} us a sample ` +
        `(quartiles ${quartiles.join(" … ")}), off by ${largestError.toExponential(1)} V`,
    );
    if (theirs !== null)
      io.print(`ngspice, within a process: ${theirs.toFixed(1)} us; ratio ${(theirs / median).toFixed(0)}`);
    io.emit({
      bench: "resistive",
      sizes,
      batch,
      what,
      accuracy,
      repeats,
      seed,
      ...fields,
      us_per_sample: median,
      us_quartiles: quartiles,
      largest_error_v: Number(largestError.toPrecision(3)),
      steps,
      ...(theirs !== null && {
        peer_us: Number(theirs.toPrecision(4)),
        ratio: Number((theirs / median).toPrecision(4)),
      }),
    });
    return largestError <= accuracy ? 0 : 1;
  },
});
