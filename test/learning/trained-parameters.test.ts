/**
 * Parameters of neurons that learn: what training moves them by is the gradient of the settled cost, on the way that
 * a run takes; and ranges, rates, resuming, run.json.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, resistive } from "../../circuits";
import { diodeNode, ideal } from "../../devices";
import {
  adam,
  bptt,
  centred,
  Controller,
  defaultRule,
  costArgument,
  costs,
  createEngine,
  exactNudge,
  recurrentBackprop,
  sgd,
  Simulator,
  spread,
  strokeDigits,
  train,
  trainablesOf,
  vectorFieldRule,
  type Checkpoint,
  type Chip,
  type Estimator,
  type NeuronSpec,
  type Optimizer,
} from "../../src/index";
import { optimizerOf, circuitOf, runOf } from "../../src/config";
import { trainInto } from "../../src/runs";
import { fewer } from "../long";
import { refusal } from "../refusal";

const FIELDS = ["du/dt = (-g*(u - o) + k*I + k*I_nudge)/tau", "u <- k*(I + I_nudge)/(1 + g) + o/4"];
const OUTPUTS = ["tanh(s*u + o)", "1/(1 + exp(-s*(u - o)))", "s*atan(u) + o*u"];
const VALUES = { g: 1.1, k: 0.9, tau: 0.7, s: 1.2, o: 0.2 };
const neuronOf = (field: string, rho: string, more: object = {}): NeuronSpec => {
  const equations = `${field}\nrho = ${rho}`;
  const used = Object.entries(VALUES).filter(([name]) => new RegExp(`\\b${name}\\b`).test(equations));
  return {
    kind: "neuron",
    name: "trained",
    equations,
    parameters: Object.fromEntries(
      used.map(([name, value]) => [name, { value, mismatch: 0.05, trainable: name !== "tau", ...more }]),
    ),
  };
};
const chipOf = (neuron: NeuronSpec, seed: number, feedback: "tied" | "untied" = "tied"): Chip =>
  layered([2, 3, 2], {
    neuron,
    synapse: ideal(),
    feedback,
    initial: { distribution: "lecun", scale: 0.35 },
    cost: { kind: "squared-error", argument: "activity" },
  }).fabricate({ seed });

const BATCH = {
  samples: 2,
  inputs: Float64Array.of(0.3, 0.9, -0.4, 0.6),
  targets: Float64Array.of(1, 0, 0.2, 0.7),
};
const STEPS = { dt: 0.25, solver: "euler" } as const;
const BALANCE = { solver: "balance", order: "alternate" } as const;
const simulatorOf = async (chip: Chip): Promise<Simulator> =>
  new Simulator(
    chip,
    await createEngine("reference"),
    chip.circuit.projections.some(({ synapse }) => synapse.loads)
      ? BALANCE
      : chip.circuit.output.neuron?.dynamics.kind === "discrete"
        ? {}
        : STEPS,
  );

async function settledCost(simulator: Simulator): Promise<number> {
  const { samples, inputs, targets } = BATCH;
  const phase = await simulator.phase({ samples, inputs, steps: 3000, tolerance: 1e-14 });
  expect(phase.outcome.residual).toBeLessThan(1e-10);
  const each = costs(simulator.chip, costArgument(simulator.chip, phase), targets);
  return each.reduce((sum, c) => sum + c / samples, 0);
}

/** What one batch of plain descent at rate 1 moves a parameter by, against the slope of the settled cost. */
async function compare(chip: Chip, estimator: Estimator): Promise<readonly (readonly [number, number])[]> {
  const simulator = await simulatorOf(chip);
  const before = chip.arrays();
  const controller = new Controller(simulator, {
    estimator,
    rule: defaultRule(chip.circuit),
    optimizer: sgd({ rate: 1 }),
    seed: 1,
  });
  expect(controller.place).toEqual({ place: "host", reason: "parameters of neurons learn" });
  await controller.learn(BATCH);
  const after = chip.arrays();
  chip.load(before);
  const found: (readonly [number, number])[] = [];
  for (const { name, size, unit } of trainablesOf(chip.circuit))
    for (let i = chip.seed % size; i < size; i += size) {
      const by = (h: number): Float64Array =>
        Float64Array.from({ length: size }, (_, k) => (k === i ? h : 0));
      const at = async (h: number): Promise<number> => {
        chip.tune(name, by(h));
        const cost = await settledCost(simulator);
        chip.tune(name, by(-h));
        return cost;
      };
      const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
      found.push([(after[name].values[i] - before[name].values[i]) / unit, -slope]);
    }
  controller.dispose();
  simulator.dispose();
  return found;
}

const nudged = centred({ amplitude: 1e-3, freeSteps: 3000, nudgedSteps: 3000, tolerance: 1e-13 });

describe("a parameter that learns", () => {
  it("moves down the settled cost, over random devices", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FIELDS),
        fc.constantFrom(...OUTPUTS),
        fc.integer({ min: 1, max: 1000 }),
        fc.boolean(),
        async (field, rho, seed, tied) => {
          // Nudging finds the gradient where the Jacobian is symmetric: of the units' outputs, with equal units.
          const exact = recurrentBackprop({ freeSteps: 3000, tolerance: 1e-13 });
          const [chip, estimator] = tied
            ? [chipOf(neuronOf(field, rho, { mismatch: 0 }), seed), nudged]
            : [chipOf(neuronOf(field, rho), seed, "untied"), exact];
          for (const [moved, slope] of await compare(chip, estimator))
            expect(Math.abs(moved - slope)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: fewer(36), seed: 11 },
    );
  });

  it("moves down it in nodes that conductances load, in amplifiers, and beside further states", async () => {
    const learns = (value: number | string) => ({ value, trainable: true });
    const ranged = (value: string, least: string, most: string) => ({
      ...learns(value),
      range: [least, most] as [string, string],
    });
    const resistiveOf = (neuron: NeuronSpec): Chip => {
      const chip = resistive([2, 3, 3, 2], { neuron }).fabricate({ seed: 4 });
      for (const { name, from, to, spec } of chip.circuit.projections)
        if (spec.feedback === undefined)
          chip.setWeights(name, {
            weights: Float64Array.from({ length: from.size * to.size }, (_, i) => 0.1 + ((5 * i) % 7) / 5),
            biases: null,
          });
      return chip;
    };
    const diodes = { I_S: learns("1 uA"), V_up: learns("200 mV"), V_T: ranged("39 mV", "20 mV", "60 mV") };
    const poles = (rho: string): NeuronSpec => ({
      kind: "neuron",
      name: "two poles",
      equations: `dv/dt = -g*v + I + I_nudge\ndu/dt = (k*v - u)/tau\nrho = ${rho}`,
      parameters: { g: learns(1.1), k: learns(0.9), tau: 0.7, s: learns(1.2), o: learns(0.2) },
    });
    const amplifier = diodeNode({ ...diodes, A: learns(3), k: learns(2) });
    const exact = recurrentBackprop({ freeSteps: 3000, tolerance: 1e-13 });
    for (const [chip, trained, estimator] of [
      [resistiveOf(diodeNode(diodes)), 6, nudged],
      [resistiveOf(amplifier), 10, nudged],
      [resistiveOf(amplifier), 10, exactNudge({ freeSteps: 3000, tolerance: 1e-13 })],
      [resistiveOf(diodeNode(diodes)), 6, exact],
      [chipOf(poles(OUTPUTS[0]), 2), 8, nudged],
      [chipOf(poles(OUTPUTS[2]), 5), 8, nudged],
      [chipOf(poles(OUTPUTS[1]), 3, "untied"), 8, exact],
    ] as const) {
      const found = await compare(chip, estimator);
      expect(found).toHaveLength(trained);
      const most = Math.max(...found.map(([, slope]) => Math.abs(slope)));
      expect(most).toBeGreaterThan(1e-3);
      for (const [moved, slope] of found) expect(Math.abs(moved - slope)).toBeLessThan(1e-4 * most);
    }
  });

  it("moves the bounds that hold voltages with it", async () => {
    const neuron = diodeNode({ V_up: { value: "0.1 V", trainable: true } });
    const chip = resistive([2, 2, 2], { neuron }).fabricate();
    chip.setWeights("input-l1", { weights: Float64Array.of(3, 2, 3, 2), biases: null });
    chip.setWeights("l1-output", { weights: new Float64Array(4).fill(0.1), biases: null });
    const old = await simulatorOf(chip);
    const settled = async (simulator: Simulator): Promise<Float64Array> => {
      const phase = await simulator.phase({
        samples: 1,
        inputs: [4, 3],
        steps: 3000,
        tolerance: 1e-12,
      });
      return phase.states.l1.re;
    };
    const before = await settled(old);
    chip.tune("l1/V_up", Float64Array.of(15, 15));
    const [after, fresh] = [await settled(old), await settled(await simulatorOf(chip))];
    expect([...after]).toEqual([...fresh]);
    expect(after[0]).toBeGreaterThan(before[0] + 0.5);
  });

  it("stays within its range, decays to its nominal value, and has a rate of its own", async () => {
    const neuron = neuronOf(FIELDS[0], OUTPUTS[0], { mismatch: 0 });
    const ranged: NeuronSpec = {
      ...neuron,
      parameters: { ...neuron.parameters, s: { value: 1.2, trainable: true, range: [1.15, 1.25] } },
    };
    const chip = chipOf(ranged, 3);
    chip.tune("l1/s", Float64Array.of(9, -9, 0));
    expect([...(chip.parametersOf("l1").s as Float64Array)]).toEqual([1.25, 1.15, 1.2]);
    const rates = Object.fromEntries(
      [...chip.circuit.projections, ...trainablesOf(chip.circuit)].map(({ name }) => [name, 0]),
    );
    const controller = new Controller(await simulatorOf(chip), {
      estimator: nudged,
      rule: vectorFieldRule,
      optimizer: sgd({ rate: { ...rates, "l1/s": 1 }, weightDecay: 0.5 }),
      seed: 1,
    });
    const before = chip.arrays();
    await controller.learn(BATCH);
    const after = chip.arrays();
    for (const name of Object.keys(before))
      if (name !== "l1/s") expect([...after[name].values]).toEqual([...before[name].values]);
    const [high, low] = after["l1/s"].values;
    expect(high).toBeLessThan(1.25);
    expect(low).toBeGreaterThan(1.15);
  });

  it("is resumed to the byte, and told of in reports", async () => {
    const data = {
      train: strokeDigits({ samples: 40, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
    };
    const neuron = neuronOf(FIELDS[1], OUTPUTS[1]);
    const make = (): Chip =>
      layered([64, 6, 10], { neuron, synapse: ideal(), feedback: "tied" }).fabricate({ seed: 2 });
    const run = async (
      chip: Chip,
      optimizer: Optimizer,
      resume?: Checkpoint,
      at?: (c: Checkpoint) => void,
    ) => {
      const reports = [];
      for await (const report of train(chip, data, {
        estimator: centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 10 }),
        optimizer,
        epochs: 2,
        probe: 0,
        seed: 1,
        engine: "simd",
        checkpointEvery: 1,
        resume,
        onCheckpoint: at,
      }))
        reports.push(report);
      return reports;
    };
    const [whole, again] = [make(), make()];
    const kept: Checkpoint[] = [];
    const reports = await run(whole, adam({ rate: 0.01 }), undefined, (c) => kept.push(c));
    const optimizer = adam({ rate: 0.01 });
    const rest = await run(again, optimizer, kept[2]);
    expect(again.arrays()).toEqual(whole.arrays());
    const [last] = reports.slice(-1);
    expect(rest.at(-1)?.parameters).toEqual(last.parameters);
    expect(Object.keys(last.parameters ?? {}).sort()).toEqual(
      ["l1", "output"].flatMap((population) => ["g", "k", "o", "s"].map((name) => `${population}/${name}`)),
    );
    expect(String(last)).toContain("l1/s");
    expect(last.learned).toEqual({ place: "host", reason: "parameters of neurons learn" });
  });

  it("is asked for in a config, and stands in run.json", async () => {
    const config = {
      circuit: {
        topology: "layered",
        sizes: [64, 4, 10],
        synapse: { device: "ideal", unit: "A" },
        neuron: {
          device: "soft-neuron",
          u_slope: { value: "100 mV", trainable: true, range: ["50 mV", "200 mV"] },
        },
      },
      data: { kind: "generated", train: 30, test: 10 },
      estimator: { kind: "centred", amplitude: 0.3, freeSteps: 30, nudgedSteps: 10 },
      optimizer: { kind: "sgd", rate: 0.1 },
      dt: "10 us",
      epochs: 1,
      outputs: { report: false },
    };
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-parameters-"));
    try {
      await trainInto(join(folder, "run"), config as never);
      const { result } = JSON.parse(readFileSync(join(folder, "run", "run.json"), "utf8")) as {
        result: { parameters: Record<string, { least: number; most: number }>; learned: { reason: string } };
      };
      expect(result.learned.reason).toBe("parameters of neurons learn");
      const { least, most } = result.parameters["l1/u_slope"];
      expect(least).toBeGreaterThanOrEqual(0.05);
      expect(most).toBeGreaterThan(least);
      expect(most).toBeLessThanOrEqual(0.2);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const rated = (rate: object) => runOf({ ...config, optimizer: { kind: "sgd", rate } });
    const rates = { "input-l1": 0.1, "l1-output": 0.1, "l1/u_slope": 0.01, "output/u_slope": 0.01 };
    const run = rated(rates);
    expect(optimizerOf(run, circuitOf(run)).rates).toContain("l1/u_slope");
    const without = rated({ "input-l1": 0.1, "l1-output": 0.1 });
    expect(refusal(() => optimizerOf(without, circuitOf(without)))).toMatchObject({
      code: "OPTIMIZER-RATE",
      fact: expect.stringContaining("l1/u_slope") as string,
    });
  });

  it("is refused where it cannot learn", async () => {
    const chip = chipOf(neuronOf(FIELDS[0], OUTPUTS[0]), 1);
    const simulator = await simulatorOf(chip);
    const options = { rule: vectorFieldRule, optimizer: sgd({ rate: 1 }), seed: 1 };
    const make = (estimator: Estimator) => () => new Controller(simulator, { ...options, estimator });
    expect(refusal(make(bptt({ freeSteps: 20, steps: 5 })))).toMatchObject({ code: "LEARN-PARAMETERS" });
    expect(refusal(() => chip.tune("l1/tau", new Float64Array(3)))).toMatchObject({ code: "CIRCUIT-PORT" });
    expect(refusal(() => chip.tune("l1/s", new Float64Array(2)))).toMatchObject({ code: "CIRCUIT-SHAPE" });
    const odd = (equations: string, parameters: NonNullable<NeuronSpec["parameters"]>) =>
      refusal(() =>
        layered([1, 1], { neuron: { kind: "neuron", name: "n", equations, parameters }, synapse: ideal() }),
      );
    const text = "du/dt = -u + I + I_nudge\nrho = tanh(s*u)";
    expect(odd(text, { s: { value: 1, trainable: true, range: [2, 3] } })).toMatchObject({
      code: "DEVICE-TRAINABLE",
    });
    expect(odd(text, { s: { value: 1, range: [0, 3] } })).toMatchObject({ code: "DEVICE-TRAINABLE" });
    expect(odd(`${text}\n0 < s`, { s: { value: 1, trainable: true } })).toMatchObject({
      code: "DEVICE-TRAINABLE",
      remedy: expect.stringContaining("range") as string,
    });
    expect(odd(`${text}\n0 < s`, { s: { value: 1, trainable: true, range: [-1, 2] } })).toMatchObject({
      code: "DEVICE-VALUE",
    });
    expect(odd(`${text}\nu <= s`, { s: { value: 1, trainable: true } })).toMatchObject({
      code: "DEVICE-TRAINABLE",
    });
    expect(
      odd("du/dt = -u + I + I_nudge : V\nrho = tanh((u - o)/s)", {
        o: spread("0 V", { trainable: true }),
        s: "1 V",
      }),
    ).toMatchObject({ code: "DEVICE-TRAINABLE", remedy: expect.stringContaining("range") as string });
    const synapse = { kind: "synapse", name: "s", equations: "I = k*w*rho_pre\nw <- w + dw/k" } as const;
    expect(
      refusal(() =>
        layered([1, 1], {
          neuron: neuronOf(FIELDS[0], OUTPUTS[0]),
          synapse: { ...synapse, parameters: { k: { value: 1, trainable: true } } },
        }),
      ),
    ).toMatchObject({ code: "DEVICE-TRAINABLE" });
  });
});
