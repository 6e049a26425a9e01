/** A config that is resolved, written and read again is the same run: the same circuit, chip and learning. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  circuitOf,
  estimatorOf,
  resolvedConfig,
  ruleOf,
  timeStepOf,
  writeConfig,
  type CompleteRunConfig,
} from "../../src/config";
import { DEFAULT_RUN } from "../../src/cli/training/default";
import { runOf } from "../../src/config";
import { OBEYED } from "../obeyed";
import { readAll, SHIPPED, textOf, TINY } from "./read";
import { CONVOLUTIONAL, WIRED } from "./wired";
import { fewer } from "../long";

/** Everything decided, as a run folder holds it. */
function resolve(text: string): { config: CompleteRunConfig; written: string } {
  const run = readAll(text);
  const circuit = circuitOf(run);
  const { train = 10, test = 10 } = run.config.data;
  const dt = timeStepOf(run, circuit);
  if (dt === "auto") throw new Error("a run chooses it before it is resolved");
  const config = resolvedConfig(run, circuit, {
    chipSeed: run.config.seed,
    dt,
    rule: ruleOf(run, circuit).name,
    solver: run.config.solver ?? "map",
    engine: run.config.engine,
    train,
    test,
  });
  return { config, written: writeConfig(config, ["a comment"]) };
}

const runTiny = JSON.parse(JSON.stringify(readAll(TINY).config)) as object;
/** The same with two inputs. */
const HALVES = TINY.replace(
  "{ name: input, size: 64 }",
  "{ name: upper, size: 24 }\n    - { name: lower, size: 40 }",
)
  .replace("from: input", "from: upper")
  .replace(
    "  input: input",
    "    - { name: too, from: lower, to: output, synapse: ideal, initial: glorot }\n  input: [upper, lower]",
  );
const TEXTS = [
  ...SHIPPED.map((file) => [file, textOf(file)] as const),
  ["tiny.yaml", TINY] as const,
  ["wired.yaml", WIRED] as const,
  ["convolutional.yaml", CONVOLUTIONAL] as const,
  ["halves.yaml", HALVES] as const,
  ["read.yaml", `${TINY}\nreadout: { bits: 6, clip: [0, 1], zero: 2, twin: { mismatch: 1 % } }`] as const,
  [
    "warm.yaml",
    `name: warm
circuit: { topology: nonideal }
wires: { row: 1 ohm, column: 2, solve: ladders }
temperature: 350 K
ledger: { converter: { bits: 8, perStep: 20 fJ }, pulse: { voltage: 3.2 V, width: 300 us }, matching: 0.01 um }
readout: { bits: 8, times: { load: 1 us, read: 2 us } }
data: { kind: generated }
estimator: { kind: centred, amplitude: 0.2, freeSteps: 60, nudgedSteps: 40 }
optimizer: { kind: sgd, rate: 0.1 }
dt: 10 us
epochs: 2
`,
  ] as const,
  ["adc.yaml", `${TINY}\nreadout: adc`] as const,
  [
    "reader.yaml",
    `${TINY.replace("devices:", 'devices:\n  reader: { equations: "read = x + os\\nproduct = x*y + b", parameters: { os: 0.1, b: 0.01 } }')}
readout: { device: reader, chop: batch, drive: { bits: 4, clip: [0, 1] } }`,
  ] as const,
];

describe("a resolved config", () => {
  it("holds any text so that it reads back, and that nobody who prints the file is harmed", () => {
    const piece = fc.constantFrom(
      "a",
      " ",
      ": ",
      "#",
      '"',
      "\n",
      "\u001b[2J",
      "\u007f",
      "\u009b",
      "\u202e",
      "\u2028",
      "\u2066",
      "é",
      "漢",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, minLength: 1, maxLength: 12 }), (text) => {
        const config = { ...runOf(runTiny).config, name: text };
        const written = writeConfig(config, [text]);
        expect(written.replaceAll("\n", "")).not.toMatch(OBEYED);
        expect(readAll(written).config.name).toBe(text);
      }),
      { examples: [[" \n"], ["a\n  \nb"]] },
    );
  });

  it.each(TEXTS)("reads back as the same run: %s", (_, text) => {
    const { config, written } = resolve(text);
    const [first, again] = [readAll(text), readAll(written)];
    expect(JSON.parse(JSON.stringify(again.config))).toEqual(JSON.parse(JSON.stringify(config)));
    expect(circuitOf(again).spec).toEqual(circuitOf(first).spec);
    expect(estimatorOf(again).settings).toEqual(estimatorOf(first).settings);
    expect(JSON.stringify(estimatorOf(again).reading)).toBe(JSON.stringify(estimatorOf(first).reading));
    expect(resolve(written).written).toBe(written);
  });

  it("keeps every setting, whatever it is", () => {
    const phases = fc.record({
      amplitude: fc.double({ min: 1e-6, max: 10, noNaN: true }),
      freeSteps: fc.integer({ min: 1, max: 1e6 }),
      nudgedSteps: fc.integer({ min: 1, max: 1e6 }),
    });
    const estimator = fc.oneof(
      fc
        .record({ kind: fc.constantFrom("one-sided", "centred", "random-sign"), average: fc.nat(100) })
        .chain((kind) => phases.map((all) => ({ ...all, ...kind }))),
      phases.chain((all) =>
        fc
          .record({
            kind: fc.constant("holomorphic"),
            points: fc.integer({ min: 1, max: 64 }),
            tolerance: fc.double({ min: 1e-12, max: 1, noNaN: true }),
          })
          .map((rest) => ({ ...all, ...rest })),
      ),
      fc.record({
        kind: fc.constant("continuous"),
        amplitude: fc.constant(0.1),
        stepsPerPoint: fc.integer({ min: 1, max: 1e6 }),
        presynaptic: fc.constantFrom("mean-activity", "activity-of-mean"),
      }),
    );
    const rate = fc.double({ min: 0, max: 1000, noNaN: true });
    const optimizer = fc.oneof(
      fc.record({ kind: fc.constant("sgd"), rate: fc.oneof(rate, fc.record({ up: rate })) }),
      fc.record({ kind: fc.constant("adam"), rate, weightDecay: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    const rest = fc.record({
      summary: fc.string({ minLength: 1, maxLength: 80, unit: "grapheme" }),
      seed: fc.maxSafeNat(),
      batch: fc.integer({ min: 1, max: 10_000 }),
      persistent: fc.boolean(),
      schedule: fc.oneof(
        fc.constantFrom("constant", "cosine"),
        fc.record({
          kind: fc.constantFrom("linear", "cosine"),
          floor: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      ),
    });
    fc.assert(
      fc.property(estimator, optimizer, rest, (e, o, r) => {
        const { config, written } = resolve(JSON.stringify({ ...runTiny, ...r, estimator: e, optimizer: o }));
        expect(readAll(written).config).toEqual(readAll(JSON.stringify(config)).config);
        expect(readAll(written).config).toMatchObject({ ...r, estimator: e, optimizer: o });
      }),
      { numRuns: fewer(60) },
    );
  });

  it("is the same in JSON", () => {
    const { config } = resolve(TINY);
    expect(readAll(JSON.stringify(config, null, "\t"), "run.json").config).toEqual(
      readAll(writeConfig(config)).config,
    );
  });

  it("fabricates the same chip to the last bit", () => {
    const { written } = resolve(textOf("default.yaml"));
    const weights = (text: string) =>
      circuitOf(readAll(text)).fabricate({ seed: 7 }).weights("output-l1").weights;
    expect(weights(written)).toEqual(weights(textOf("default.yaml")));
  });

  it("keeps devices apart that share a name", () => {
    const text = TINY.replace(
      "size: 10, neuron: mine",
      'size: 10, neuron: { name: mine, equations: "u <- I + I_nudge\\nrho = u" }',
    ).replace(
      "  - { name: output",
      '  - { name: extra, size: 2, neuron: { name: mine, equations: "u <- I\\nrho = u" } }\n    - { ' +
        "name: output",
    );
    const spec = text
      .replace(
        "  input: input",
        "    - { name: side, from: input, to: extra, synapse: ideal, initial: zero }\n  input: input",
      )
      .replace("u <- I\\n", "u <- I + I_nudge\\nsigma(x) = x\\n");
    expect(Object.keys(resolve(spec.replace("dt: 0.2\n", "")).config.devices ?? {})).toEqual([
      "mine",
      "mine 2",
      "ideal synapse",
    ]);
  });
});

describe("configs/default.yaml", () => {
  it("is the run of the command line without a config", () => {
    const [file, ours] = [readAll(textOf("default.yaml")), runOf(DEFAULT_RUN)];
    const chip = (run: typeof file) => circuitOf(run, [64, 32, 10]).fabricate({ seed: 3 }).arrays();
    expect(chip(file)).toEqual(chip(ours));
    const rest = ({ config }: typeof file) => ({
      ...config,
      name: "",
      summary: "",
      circuit: "",
      dt: 0,
      estimator: { ...config.estimator, average: 0 },
    });
    expect(rest(file)).toEqual(rest(ours));
    expect(timeStepOf(file, circuitOf(file))).toBe(DEFAULT_RUN.dt);
  });
});
