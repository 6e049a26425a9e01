/** A config that is resolved, written and read again is the same run: the same circuit, chip and learning. */
import { describe, expect, it } from "vitest";
import { circuitOf, estimatorOf, resolvedConfig, ruleOf, timeStepOf, writeConfig, type RunConfig } from "../../src/config";
import { DEFAULT_RUN } from "../../src/cli/training/default";
import { runOf } from "../../src/config";
import { readAll, SHIPPED, textOf, TINY } from "./read";

/** Everything decided, as a run folder holds it. */
function resolve(text: string): { config: RunConfig; written: string } {
  const run = readAll(text);
  const circuit = circuitOf(run);
  const { train = 10, test = 10 } = run.config.data;
  const config = resolvedConfig(run, circuit, { chipSeed: run.config.seed, dt: timeStepOf(run, circuit), rule: ruleOf(run, circuit).name, solver: run.config.solver ?? "map", train, test });
  return { config, written: writeConfig(config, ["a comment"]) };
}

const TEXTS = [...SHIPPED.map((file) => [file, textOf(file)] as const), ["tiny.yaml", TINY] as const];

describe("a resolved config", () => {
  it.each(TEXTS)("reads back as the same run: %s", (_, text) => {
    const { config, written } = resolve(text);
    const [first, again] = [readAll(text), readAll(written)];
    expect(JSON.parse(JSON.stringify(again.config))).toEqual(JSON.parse(JSON.stringify(config)));
    expect(circuitOf(again).spec).toEqual(circuitOf(first).spec);
    expect(estimatorOf(again).settings).toEqual(estimatorOf(first).settings);
    expect(resolve(written).written).toBe(written);
  });

  it("is the same in JSON", () => {
    const { config } = resolve(TINY);
    expect(readAll(JSON.stringify(config, null, "\t"), "run.json").config).toEqual(readAll(writeConfig(config)).config);
  });

  it("fabricates the same chip to the last bit", () => {
    const { written } = resolve(textOf("default.yaml"));
    const weights = (text: string) => circuitOf(readAll(text)).fabricate({ seed: 7 }).weights("output-l1").weights;
    expect(weights(written)).toEqual(weights(textOf("default.yaml")));
  });

  it("keeps devices apart that share a name", () => {
    const text = TINY.replace("size: 10, neuron: mine", "size: 10, neuron: { name: mine, equations: \"u <- I + I_nudge\\nrho = u\" }").replace("  - { name: output", "  - { name: extra, size: 2, neuron: { name: mine, equations: \"u <- I\\nrho = u\" } }\n    - { name: output");
    const spec = text.replace("  input: input", "    - { name: side, from: input, to: extra, synapse: ideal, initial: zero }\n  input: input").replace("u <- I\\n", "u <- I + I_nudge\\nsigma(x) = x\\n");
    expect(Object.keys(resolve(spec.replace("dt: 0.2\n", "")).config.devices ?? {})).toEqual(["mine", "mine 2", "ideal synapse"]);
  });
});

describe("configs/default.yaml", () => {
  it("is the run of the command line without a config", () => {
    const [file, ours] = [readAll(textOf("default.yaml")), runOf(DEFAULT_RUN)];
    const chip = (run: typeof file) => circuitOf(run, [64, 32, 10]).fabricate({ seed: 3 }).arrays();
    expect(chip(file)).toEqual(chip(ours));
    const rest = ({ config }: typeof file) => ({ ...config, name: "", summary: "", circuit: "", dt: 0, estimator: { ...config.estimator, average: 0 } });
    expect(rest(file)).toEqual(rest(ours));
    expect(timeStepOf(file, circuitOf(file))).toBe(DEFAULT_RUN.dt);
  });
});
