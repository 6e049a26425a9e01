/** A chip written as a netlist comes to the voltages, the motion and the gradient that the chip comes to. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue, layered, nonideal, resistive } from "../../circuits";
import { ideal, softNeuron } from "../../devices";
import type { Chip } from "../../src/circuit/chip-types";
import { Simulator } from "../../src/dynamics/simulator";
import type { Planes } from "../../src/dynamics/types";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { exampleInput } from "../../src/cli/example-input";
import { openRun } from "../../src/runs";
import { hasNgspice, ngspice } from "../../src/io/ngspice";
import { centred } from "../../src/learning/estimators";
import { energyBased } from "../../src/learning/rules";
import { netlistOf, operatingPoint, readCircuit, transientOf, type ExportOptions } from "../../src/spice";
import { ohmlet } from "../cli/run";
import { refusal } from "../refusal";

let reference: Engine;
let installed = false;
beforeAll(async () => {
  reference = await createEngine("reference");
  installed = await hasNgspice();
  if (!installed)
    console.warn("ngspice is not installed: exported netlists are only held against our own solver");
});

const TIGHT = ".options temp=27 tnom=27 gmin=1e-12 reltol=1e-9 vntol=1e-12 abstol=1e-15 itl1=1000";
const set = (values: readonly number[]) => ({ weights: Float64Array.from(values), biases: null });
const many = (min: number, max: number, length: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: length, maxLength: length });
const network = fc.record({
  first: many(0.05, 3, 6),
  second: many(0.05, 3, 6),
  inputs: many(-2, 2, 2),
  targets: many(-0.5, 0.5, 2),
});

function chipOf({ first, second }: { first: number[]; second: number[] }): Chip {
  const chip = resistive([2, 3, 2]).fabricate();
  chip.setWeights("input-l1", set(first));
  chip.setWeights("l1-output", set(second));
  return chip;
}

/** Voltages of nodes, by our solver and, where it is there, by ngspice. */
async function voltagesOf(chip: Chip, options: ExportOptions): Promise<ReadonlyMap<string, number>[]> {
  const text = netlistOf(chip, { ...options, lines: [TIGHT] });
  const own = new Map(Object.entries(operatingPoint(readCircuit(text, "export")).nodes));
  if (!installed) return [own];
  const { plot, log } = await ngspice(text);
  if (plot === null) throw new Error(log);
  return [own, new Map([...plot.variables].map(([name, [v]]) => [name, v]))];
}

const statesOf = (chip: Chip, found: ReadonlyMap<string, number>): Record<string, number[]> =>
  Object.fromEntries(
    chip.circuit.populations
      .filter(({ clamped }) => !clamped)
      .map(({ name, size }) => [
        name,
        Array.from({ length: size }, (_, i) => found.get(`${name}_${i}`) ?? NaN),
      ]),
  );

function expectEqual(states: Planes, found: Record<string, number[]>, tolerance: number): void {
  for (const [name, values] of Object.entries(found))
    values.forEach((v, i) => expect(Math.abs(v - states[name].re[i])).toBeLessThan(tolerance));
}

describe("spice export", () => {
  it("writes networks whose operating points and gradients are the chip's", async () => {
    await fc.assert(
      fc.asyncProperty(network, async (drawn) => {
        const chip = chipOf(drawn);
        const simulator = new Simulator(chip, reference, { solver: "balance", order: "alternate" });
        const { inputs, targets } = drawn;
        const request = { samples: 1, inputs, steps: 2000, tolerance: 1e-13 };
        const free = await simulator.phase(request);
        for (const found of await voltagesOf(chip, { inputs }))
          expectEqual(free.states, statesOf(chip, found), 1e-8);
        const beta = 0.05;
        const batch = { samples: 1, inputs: Float64Array.from(inputs), targets: Float64Array.from(targets) };
        const lengths = { freeSteps: 2000, nudgedSteps: 2000, tolerance: 1e-13 };
        const estimator = centred({ amplitude: beta, ...lengths });
        const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 1 });
        const updates = await energyBased.update(chip.circuit, estimate, (...of) =>
          reference.correlate(...of),
        );
        const [up, down] = await Promise.all(
          [beta, -beta].map((nudge) => voltagesOf(chip, { inputs, targets, nudge })),
        );
        up.forEach((plus, k) => {
          const across = (of: ReadonlyMap<string, number>, i: number, j: number): number =>
            ((of.get(`l1_${i}`) ?? NaN) - (of.get(`output_${j}`) ?? NaN)) ** 2;
          const { weights } = updates["l1-output"];
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 2; j++) {
              const gradient = -(across(plus, i, j) - across(down[k], i, j)) / (4 * beta);
              expect(Math.abs(gradient - weights[i * 2 + j])).toBeLessThan(1e-5);
            }
        });
        simulator.dispose();
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it("writes transconductors and crossbars, outputs that are no states, and what moves", async () => {
    const chips = [
      layered([3, 4, 2], { neuron: softNeuron({ T: "0 K" }), synapse: ideal({ unit: "A" }) }).fabricate({
        seed: 2,
      }),
      nonideal({ sizes: [3, 4, 2], temperature: "0 K" }).fabricate({ seed: 2 }),
    ];
    for (const chip of chips) {
      const inputs = [0.3, 1, -0.7];
      const dt = 1e-6;
      const simulator = new Simulator(chip, reference, { solver: "rk4", dt });
      const { states } = await simulator.phase({ samples: 1, inputs, steps: 20_000, tolerance: 1e-13 });
      for (const found of await voltagesOf(chip, { inputs }))
        expectEqual(states, statesOf(chip, found), 1e-9);
      const moved = await simulator.phase({ samples: 1, inputs, steps: 20 });
      simulator.dispose();
      const transient = { step: dt, stop: 20 * dt };
      const { nodes } = transientOf(readCircuit(netlistOf(chip, { inputs, transient }), "export"));
      const last = new Map(Object.entries(nodes).map(([name, values]) => [name, values[values.length - 1]]));
      expectEqual(moved.states, statesOf(chip, last), 1e-5);
    }
  });

  it("writes nudges that turn", async () => {
    const chip = chipOf({ first: [1, 2, 0.5, 0.3, 0.7, 1.1], second: [1, 0.5, 0.8, 0.2, 1.5, 0.7] });
    const asked = {
      inputs: [1, -0.5],
      targets: [0.3, -0.2],
      nudge: 0.2,
      frequency: 2e8,
      transient: { step: 1e-10, stop: 2e-8 },
    };
    const text = netlistOf(chip, asked);
    const own = transientOf(readCircuit(text, "export"));
    const period = 200;
    const simulator = new Simulator(chip, reference, { solver: "rk4", dt: 5e-9 / period });
    const { states } = await simulator.phase({
      samples: 1,
      inputs: asked.inputs,
      targets: asked.targets,
      steps: 4 * period,
      nudges: [{ re: 0.2, im: 0 }],
      oscillation: { period, form: "lock-in" },
    });
    simulator.dispose();
    const last = new Map(
      Object.entries(own.nodes).map(([name, values]) => [name, values[values.length - 1]]),
    );
    expectEqual(states, statesOf(chip, last), 2e-5);
    if (!installed) return;
    const { plot, log } = await ngspice(text);
    if (plot === null) throw new Error(log);
    const theirs = new Map([...plot.variables].map(([name, values]) => [name, values[values.length - 1]]));
    expectEqual(states, statesOf(chip, theirs), 1e-3);
  });

  it("refuses by name what SPICE has no element for", () => {
    const code = (chip: Chip, options: Partial<ExportOptions> = {}) =>
      refusal(() => netlistOf(chip, { inputs: new Float64Array(chip.circuit.inputSize), ...options }));
    const map = code(
      catalogue
        .find(({ name }) => name === "toy")!
        .build()
        .fabricate(),
    );
    expect([map.code, map.message]).toEqual([
      "SPICE-DEVICE",
      expect.stringContaining("SPICE has no element"),
    ]);
    const chip = resistive([2, 1]).fabricate();
    expect(code(chip, { inputs: [1] }).code).toBe("SPICE-SHAPE");
    expect(code(chip, { nudge: 1 }).code).toBe("SPICE-SHAPE");
    expect(code(resistive([1000, 1000]).fabricate()).code).toBe("SPICE-SIZE");
  });
});

describe("ohmlet spice export", () => {
  it("prints a netlist of a circuit that reads back, free, nudged, in time", async () => {
    const options = ["--nudge", "0.1", "--target", "3", "--stop", "1e-5"];
    const { code, out, err } = await ohmlet("spice", "export", "nonideal", ...options);
    expect([code, err]).toEqual([0, expect.stringContaining("generated")]);
    expect(out).toContain("b_nudge_3 0 output_3");
    expect(out).toMatch(/\.tran \S+ 0\.00001 uic\n\.end\n$/);
    expect(readCircuit(out, "export").elements.length).toBeGreaterThan(2000);
    const json = await ohmlet("spice", "export", "nonideal", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ netlist: expect.stringContaining(".op") });
  });

  it("writes the chip that a run trained: amplifiers, pairs of outputs and all", async () => {
    const folder = mkdtempSync(join(tmpdir(), "export-"));
    try {
      const config = join(folder, "run.yaml");
      writeFileSync(
        config,
        `circuit: { topology: resistive, sizes: [64, 4, 10], volts: 20, doubled: true, initial: fan-in,
  neuron: { device: diode-node, V_up: 0 V, V_down: 0 V, A: 3, k: 1 }, synapse: { device: resistor, range: [1 uS, 10 mS] } }
data: { kind: generated, train: 24, test: 10 }
estimator: { kind: centred, amplitude: 0.1, freeSteps: 8, nudgedSteps: 6 }
optimizer: { kind: sgd, rate: 0.05 }
solver: balance
order: alternate
epochs: 1
batch: 8
probe: 0
engine: reference
`,
      );
      expect((await ohmlet("train", config, "--out", folder, "--json")).code).toBe(0);
      const run = join(folder, readdirSync(folder).find((name) => name !== "run.yaml") ?? "");
      const { chip } = await openRun(run);
      const untrained = chip.circuit.fabricate({ seed: chip.seed });
      expect(chip.weights("input-l1").weights).not.toEqual(untrained.weights("input-l1").weights);
      const { netlist } = JSON.parse((await ohmlet("spice", "export", run, "--sample", "2", "--json")).out);
      const { inputs } = exampleInput(64, 2, 1);
      const simulator = new Simulator(chip, reference, { solver: "balance", order: "alternate" });
      const { states } = await simulator.phase({ samples: 1, inputs, steps: 2000, tolerance: 1e-13 });
      simulator.dispose();
      const { nodes } = operatingPoint(readCircuit(netlist, "run"));
      expectEqual(states, statesOf(chip, new Map(Object.entries(nodes))), 1e-8);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses options and circuits that say nothing", async () => {
    const codeOf = async (...args: string[]) =>
      /\b(?:CLI|SPICE)-[A-Z]+/.exec((await ohmlet("spice", ...args)).err)?.[0];
    expect(await codeOf("export", "toy")).toBe("SPICE-DEVICE");
    expect(await codeOf("export", "nonidal")).toBe("CLI-NAME");
    expect(await codeOf("export", "nonideal", "--target", "10", "--nudge", "1")).toBe("CLI-OPTION");
    expect(await codeOf("export", "nonideal", "--step", "1e-6")).toBeDefined();
    expect(await codeOf("op", "x.cir", "--nudge", "1")).toBeDefined();
  });
});
