/** The ledger: joules, seconds and square metres of a sample, against laws of circuits. */
import { afterAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { capacitorCell, crossbar, floatingGate, ideal, leakyIntegrator, softNeuron } from "../../devices";
import { areaOf } from "../../src/ledger/area";
import { ledgerOf, pulseEnergy } from "../../src/ledger/ledger";
import { ledgerTermsOf } from "../../src/ledger/options";
import { powerAt } from "../../src/ledger/power";
import {
  centred,
  createEngine,
  defineNeuron,
  Simulator,
  spread,
  type Engine,
  type SynapseSpec,
} from "../../src/index";

const engine: Promise<Engine> = createEngine("reference");
afterAll(async () => (await engine).dispose());

const G = 40e-9;
const [V, C, LEAK] = [0.1, 1e-12, 50e-9];
/** Two rows, a line of biases, one node; devices of a pair in the middle of their range. */
const design = (bias = true) =>
  layered([2, 1], {
    neuron: softNeuron({ T: "0 K" }),
    synapse: crossbar({ range: ["1 nS", "79 nS"] }),
    bias,
    initial: { distribution: "zero" },
  });
const settled = async (chip: ReturnType<ReturnType<typeof design>["fabricate"]>, inputs: number[]) =>
  new Simulator(chip, await engine, { dt: "2 us" }).phase({ samples: inputs.length / 2, inputs, steps: 400 });

describe("power", () => {
  it("is V^2 G in each device at the voltage of its row", async () => {
    const chip = design().fabricate();
    const { devices, nodes } = powerAt(chip, await settled(chip, [1, -0.5, 0, 0]));
    // Two samples; the line of biases is always on.
    const rows = (1 + 0.25) / 2 + 1;
    expect(devices).toBeCloseTo(2 * G * V ** 2 * rows, 18);
    expect(nodes).toBe(0);
  });

  it("is g u^2 in a leak, and charging draws C u^2", async () => {
    const chip = design().fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(0.6, 0), biases: Float64Array.of(0.2) });
    const phase = await settled(chip, [1, 0]);
    const u = phase.states.output.re[0];
    expect(u).toBeCloseTo(0.08, 6);
    const { nodes, charging } = powerAt(chip, phase);
    expect(nodes).toBeCloseTo(LEAK * u ** 2, 16);
    expect(charging).toBeCloseTo(C * u ** 2, 20);
  });

  it("names what its equations do not tell", async () => {
    const chip = layered([2, 1], { neuron: softNeuron(), synapse: ideal({ unit: "A" }) }).fabricate();
    expect(powerAt(chip, await settled(chip, [1, 0])).untold).toEqual(["input-output"]);
    // A weight of either sign times a conductance is none.
    const signed: SynapseSpec = {
      kind: "synapse",
      name: "signed",
      equations: "I = w*G*V*rho_pre : A\nw <- w + dw/(G*V)",
      parameters: { G: "10 nS", V: "0.1 V" },
    };
    const other = layered([2, 1], { neuron: softNeuron(), synapse: signed }).fabricate();
    other.setWeights("input-output", { weights: Float64Array.of(1e-9, -2e-9), biases: Float64Array.of(0) });
    expect(powerAt(other, await settled(other, [1, 0])).untold).toEqual(["input-output"]);
  });
});

describe("a write", () => {
  it("of 3.2 V, 38.5 nS and 300 us takes 118.27 pJ", () => {
    expect(1e12 * pulseEnergy(3.2, 38.5e-9, 300e-6)).toBeCloseTo(118.27, 2);
  });
});

describe("a sample", () => {
  const estimator = centred({ amplitude: 0.2, freeSteps: 100, nudgedSteps: 50 });
  const ledger = async (terms = {}, more = {}) => {
    const chip = design().fabricate();
    const simulator = new Simulator(chip, await engine, { dt: "2 us" });
    const inputs = [1, 0];
    return ledgerOf(simulator, {
      estimator,
      terms: ledgerTermsOf(terms),
      batch: 10,
      programming: null,
      inputs,
      samples: 1,
      ...more,
    });
  };

  it("adds phases, conversions and its share of writes", async () => {
    const found = await ledger({
      converter: { bits: 8, perStep: "20 fJ" },
      pulse: { voltage: "3.2 V", width: "300 us" },
    });
    expect(found?.seconds).toBeCloseTo(400e-6, 12);
    const { devices, converters, writes } = found!.sample;
    expect(devices.joules).toBeCloseTo(2 * G * V ** 2 * 2 * 400e-6, 18);
    // Two inputs, and one state after each of three phases.
    expect(converters.joules).toBeCloseTo(5 * 256 * 20e-15, 20);
    // Three pairs are written once for ten samples.
    expect(writes.joules).toBeCloseTo((3 / 10) * 2 * pulseEnergy(3.2, G, 300e-6), 16);
    expect(found!.joules).toBe(Object.values(found!.sample).reduce((sum, { joules }) => sum + joules, 0));
  });

  it("counts what was counted, and nothing that nobody names", async () => {
    const pulse = { voltage: 3.2, width: 300e-6 };
    const counted = await ledger({ pulse }, { counted: { writes: { "input-output": 7 }, refreshes: {} } });
    expect(counted!.sample.writes.joules).toBeCloseTo(7 * counted!.pulses["input-output"], 20);
    const bare = await ledger();
    expect([bare!.sample.converters.joules, bare!.sample.writes.joules, bare!.area]).toEqual([0, 0, null]);
    expect(bare!.assumptions).toContain("writes: no pulse is named: 0 J");
  });

  it("is told only of chips with units", async () => {
    const chip = layered([2, 1], { neuron: leakyIntegrator(), synapse: ideal() }).fabricate();
    const simulator = new Simulator(chip, await engine, { dt: 0.1 });
    const request = {
      estimator,
      terms: ledgerTermsOf(),
      batch: 1,
      programming: null,
      inputs: [1, 0],
      samples: 1,
    };
    expect(await ledgerOf(simulator, request)).toBeNull();
  });

  it("refuses a pulse of no length", () => {
    expect(() => ledgerTermsOf({ pulse: { voltage: 1 } })).toThrow(/LEDGER-TERM/);
    expect(ledgerTermsOf({ pulse: { voltage: 1 } }, "1 us").pulse).toEqual({ volts: 1, seconds: 1e-6 });
  });
});

describe("cells that are no conductances", () => {
  const estimator = centred({ amplitude: 0.2, freeSteps: 10, nudgedSteps: 5 });
  const ledger = async (synapse: SynapseSpec, terms: object) => {
    const chip = layered([2, 1], {
      neuron: softNeuron({ T: "0 K", g_leak: "1 uS" }),
      synapse,
      initial: { distribution: "zero" },
    }).fabricate();
    chip.setWeights("input-output", {
      weights: Float64Array.of(0.02, -0.03),
      biases: Float64Array.of(0.01),
    });
    const request = { batch: 10, programming: null, inputs: [1, -0.5], samples: 1 };
    return ledgerOf(new Simulator(chip, await engine, { dt: "1 us" }), {
      estimator,
      terms: ledgerTermsOf(terms),
      ...request,
    });
  };
  const pulse = { voltage: "1.5 V", width: "1 us" };

  it("are written by C V^2: a capacitor, and both floating gates of a pair", async () => {
    const capacitor = await ledger(capacitorCell({ C: "20 fF" }), { pulse });
    expect(1e15 * capacitor!.pulses["input-output"]).toBeCloseTo(45, 9);
    // Three cells, once for ten samples.
    expect(1e15 * capacitor!.sample.writes.joules).toBeCloseTo(0.3 * 45, 9);
    expect(capacitor!.assumptions.join()).toMatch(/C V\^2 at 1\.5 V/);
    expect(capacitor!.assumptions.join()).not.toMatch(/V\^2 G t/);
    const own = floatingGate({ pair: true, C_T: spread("10 fF", { mismatch: "5 %" }) });
    for (const [synapse, near] of [
      [floatingGate({ pair: true }), 9],
      [own, 0],
    ] as const)
      expect(1e14 * (await ledger(synapse, { pulse }))!.pulses["input-output"]).toBeCloseTo(4.5, near);
  });

  it("draw the currents that they drive from a supply that is named, and are told of where none is", async () => {
    const unit = 1e-6 * 0.1;
    const rows = Math.abs(0.02) * 1 + Math.abs(-0.03) * 0.5 + 0.01;
    const told = await ledger(capacitorCell(), { supply: "1.2 V" });
    expect(told!.sample.devices.joules).toBeCloseTo(1.2 * unit * rows * 20e-6, 20);
    const bare = await ledger(capacitorCell(), {});
    expect(bare!.sample.devices.joules).toBe(0);
    expect(bare!.assumptions.join()).toContain("not told by their equations: input-output");
    // Currents of a pair flow both, whatever their difference.
    const pair = await ledger(floatingGate({ pair: true }), { supply: "1.2 V" });
    expect(pair!.sample.devices.joules).toBeGreaterThan(1.2 * 2 * 0.9e-9 * 2 * 20e-6);
  });
});

describe("area", () => {
  const sized = (area: string) => spread("50 nS", { matching: "0.01 um", area });
  it("makes the spread of a parameter: a constant over its root", () => {
    const { parameters } = defineNeuron(softNeuron({ g_leak: sized("4 um^2") }));
    expect(parameters.g_leak.mismatch).toBeCloseTo(0.005, 12);
    const shifted = softNeuron({ u_slope: spread("100 mV", { matching: "5 mV*um", area: "4 um^2" }) });
    expect(defineNeuron(shifted).parameters.u_slope.sd).toBeCloseTo(2.5e-3, 12);
    expect(String(defineNeuron(softNeuron({ g_leak: sized("4 um^2") })))).toContain("+- 0.5 % at 4e-12 m^2");
  });

  it("is what parameters say, or what their mismatch takes", () => {
    const circuit = layered([2, 3], {
      neuron: softNeuron({ g_leak: sized("4 um^2") }),
      synapse: crossbar({ mismatch: "5 %" }),
    });
    expect(areaOf(circuit, null)).toBeCloseTo(3 * 4e-12, 20);
    // Nine pairs, of which each device has a gain of its own.
    expect(areaOf(circuit, 1e-8)).toBeCloseTo(3 * 4e-12 + 9 * 2 * (1e-8 / 0.05) ** 2, 20);
    expect(areaOf(layered([2, 3], { neuron: softNeuron(), synapse: crossbar() }), 1e-8)).toBeNull();
    // A column's offset is there once, however many devices stand in it.
    const column = layered([9, 3], {
      neuron: leakyIntegrator(),
      synapse: {
        kind: "synapse",
        name: "offset",
        equations: "I = w*rho_pre + I_os\nw <- w + dw\nI_os per column",
        parameters: { I_os: spread(0.1, { matching: "0.01 um", area: "4 um^2" }) },
      },
    });
    expect(areaOf(column, null)).toBeCloseTo(3 * 4e-12, 20);
  });
});
