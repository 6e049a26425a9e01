/**
 * One device, four faces: how it moves, how it is noisy, its line of SPICE, its picture. Every device of the catalogue
 * that a netlist can hold has them all and comes to the same voltages in it; the others are refused by name.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { layered, resistive } from "../../circuits";
import { DEVICES, diodeNode, ideal, resistor, softNeuron } from "../../devices";
import { createEngine, Simulator, smallSignal, type Chip, type Circuit, type Engine } from "../../src";
import { curveOf } from "../../src/characterize/curves";
import { readDevice } from "../../src/device/read-device";
import type { Neuron, NeuronSpec, Synapse } from "../../src/device/types";
import { hasNgspice, ngspice } from "../../src/io/ngspice";
import { junctionOf, termsOf } from "../../src/spice/junctions";
import { netlistOf, operatingPoint, readCircuit } from "../../src/spice";
import { describeDimension } from "../../src/units/dimension";
import { refusalOf } from "../refusal";

let reference: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
});

/** What a netlist does not hold: maps, bounds, drives that the state weighs. */
const REFUSED = ["leaky-integrator", "energy-based", "prototypical", "shifted-sigmoid", "op-amp"];
/** Of no circuit by themselves. */
const ALONE = ["telegraph", "flicker"];

const inputs = [0.4, -0.3];

/** What synapses without a unit drive. */
const PURE: NeuronSpec = {
  kind: "neuron",
  name: "pure neuron",
  equations: "du/dt = I + I_nudge - u\nrho = tanh(u)",
};

function circuitOf(device: Neuron | Synapse): Circuit {
  const unit = describeDimension(device.dimensions.I);
  const volts = describeDimension(device.dimensions.rho) === "V";
  if (device.kind === "neuron")
    return volts
      ? resistive([2, 2, 1], { neuron: device })
      : layered([2, 2, 1], { neuron: device, synapse: ideal({ unit }) });
  if (device.loads) return resistive([2, 2, 1], { synapse: device });
  return layered([2, 2, 1], { neuron: unit === "1" ? PURE : softNeuron(), synapse: device });
}

function chipOf(device: Neuron | Synapse): Chip {
  const chip = circuitOf(device).fabricate({ seed: 4 });
  for (const { name, array, spec } of chip.circuit.projections) {
    if (spec.feedback !== undefined) continue;
    const weights = Float64Array.from({ length: array.pre * array.post }, (_, k) => 0.3 + 0.2 * k);
    chip.setWeights(name, { weights, biases: spec.bias ? new Float64Array(array.post).fill(0.1) : null });
  }
  return chip;
}

describe("a device of the catalogue", () => {
  const written: string[] = [];
  const refused: string[] = [];

  it.each([...DEVICES].filter(([name]) => !ALONE.includes(name)))(
    "%s has four faces, or is refused",
    async (name, make) => {
      const device = readDevice(make());
      if (device.kind !== "neuron" && device.kind !== "synapse") return;
      const curve = device.kind === "neuron" ? "transfer" : "iv";
      const drawn = curveOf(device, curve, name, { devices: 1 });
      expect(drawn.y.mean.every(Number.isFinite)).toBe(true);
      const noisy = refusalOf(() => curveOf(device, "spectrum", name, { devices: 1 }));
      expect(noisy === null || noisy.code === "DEVICE-CURVE").toBe(true);
      const chip = chipOf(device);
      const no = refusalOf(() => netlistOf(chip, { inputs }));
      if (no !== null) {
        expect(no.code).toBe("SPICE-DEVICE");
        expect(no.message).toContain(`"${device.name}"`);
        refused.push(name);
        return;
      }
      const simulator = new Simulator(chip, reference, { solver: "euler", dt: 1e-9 });
      const zeros = chip.circuit.populations.flatMap(({ name: of, size, clamped }) =>
        clamped ? [] : [[of, { re: new Float64Array(size) }] as const],
      );
      const small = smallSignal(simulator, { inputs, from: Object.fromEntries(zeros) });
      const reads = device.kind === "synapse" && device.readNoise !== null;
      if (reads) await expect(small).rejects.toMatchObject({ code: "DYN-FREQUENCY" });
      const states = reads ? {} : (await small).states;
      simulator.dispose();
      const text = netlistOf(chip, {
        inputs,
        lines: [".options reltol=1e-9 vntol=1e-12 abstol=1e-15 itl1=1000"],
      });
      const found = [new Map(Object.entries(operatingPoint(readCircuit(text, name)).nodes))];
      if (device.kind === "neuron" && (await hasNgspice())) {
        const { plot, log } = await ngspice(text);
        if (plot === null) throw new Error(log);
        found.push(new Map([...plot.variables].map(([node, [v]]) => [node, v])));
      }
      if (reads) expect(text).toContain("* read noise of");
      for (const nodes of found)
        for (const [population, { re }] of Object.entries(states))
          re.forEach((u, i) =>
            expect(Math.abs((nodes.get(`${population}_${i}`) ?? NaN) - u)).toBeLessThan(1e-8),
          );
      written.push(name);
    },
  );

  it("is refused by name where no element is it", () => {
    expect(refused).toEqual(REFUSED);
    expect(written.length).toBeGreaterThan(10);
  });
});

describe("diodes of nodes", () => {
  const netlist = (neuron = diodeNode()): string => {
    const chip = resistive([2, 1, 1], { neuron, synapse: resistor() }).fabricate();
    chip.setWeights("input-l1", { weights: Float64Array.of(1, 2), biases: null });
    return netlistOf(chip, { inputs });
  };

  it("are D lines with a model and a rail each, and nothing beside", () => {
    const text = netlist();
    expect(text).toMatch(/^\.model dm_0 d\(is=1e-9 n=1\.5001\d*\)$/m);
    expect(text).toMatch(/^d_l1_0_0 l1_0 rail_0 dm_0$/m);
    expect(text).toMatch(/^d_l1_0_1 rail_1 l1_0 dm_0$/m);
    expect(text).toContain("v_rail_0 rail_0 0 dc 0.3");
    expect(text).not.toMatch(/^b_l1/m);
    expect(netlist(diodeNode({ rails: "down", V_down: 0 }))).toMatch(/^d_l1_0_0 0 l1_0 dm_0$/m);
  });

  it("keep a conductance that is not SPICE's beside them, and what only looks like one as it is", () => {
    expect(netlist(diodeNode({ g_min: "1 nS" }))).toMatch(/^b_l1_0 0 l1_0 i=/m);
    const node = diodeNode();
    const other = { ...node, equations: node.equations.replace("(3*exp(-1)/x)^3", "(3*exp(-1)/x)^2") };
    expect(netlist(other)).not.toMatch(/^d_/m);
    const plain = { ...node, equations: node.equations.replace("x < -3", "x < -1000") };
    expect(netlist(plain)).not.toMatch(/^d_/m);
    expect(termsOf({ kind: "symbol", name: "u" }).map(({ term }) => junctionOf(term, 1))).toEqual([null]);
  });
});
