/** Flicker noise in a neuron: states beside u, one a pole. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { createEngine, defineNeuron, Simulator, type NeuronSpec } from "../../src/index";
import { refusal } from "../refusal";

const neuron = (lines: string, parameters: object = { S: "1e-10 V^2/Hz" }): NeuronSpec => ({
  kind: "neuron",
  name: "buffered",
  equations: `tau*du/dt = -u + n + (I + I_nudge)/g : V\n${lines}\nrho = tanh(u/u_slope) : 1`,
  parameters: { tau: "2 us", g: "1 uS", u_slope: "100 mV", ...parameters },
  unitDrive: "g*u_slope",
});
/** Two poles, written out: each of variance S ln 10. */
const byHand = [1e3, 1e4]
  .map(
    (f, k) =>
      `dn_${k + 1}/dt = -${2 * Math.PI * f}*r*n_${k + 1} + sqrt(${4 * Math.PI * f * Math.LN10}*r^2*S)*xi_${k + 1} : V`,
  )
  .join("\n");

describe("flicker noise of a neuron", () => {
  it.each(["reference", "simd"])("is poles as if they were written out, on %s", async (name) => {
    const engine = await createEngine(name);
    const shown = async (spec: NeuronSpec): Promise<Float64Array[]> => {
      const chip = layered([1, 1000], { neuron: spec, synapse: ideal({ unit: "A" }) }).fabricate({ seed: 1 });
      const simulator = new Simulator(chip, engine, { dt: "1 us", seed: 2 });
      const { states } = await simulator.phase({ samples: 1, inputs: [0], steps: 800 });
      return ["output", "output.n_1", "output.n_2"].map((plane) => states[plane].re);
    };
    const macro = await shown(neuron("n = flicker(S, 1 kHz, 10 kHz, 1) : V"));
    const hand = await shown(neuron(`n = n_1 + n_2\n${byHand}`, { S: "1e-10 V^2/Hz", r: "1 1/s" }));
    const rms = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0) / v.length);
    macro.forEach((values, k) =>
      expect(Math.max(...values.map((v, i) => Math.abs(v - hand[k][i])))).toBeLessThan(1e-3 * rms(values)),
    );
    // Five time constants of the slower pole: its variance is S ln 10, an 8th part of a percent short.
    expect(rms(macro[1]) / Math.sqrt(1e-10 * Math.LN10)).toBeCloseTo(1, 1);
    engine.dispose();
  });

  it("is held against its text", () => {
    const code = (spec: NeuronSpec): string => refusal(() => defineNeuron(spec)).code;
    expect(code(neuron("n = flicker(S, 1 kHz, 10 kHz) : V keeps"))).toBe("DEVICE-KEEPS");
    expect(code(neuron("n = flicker(S, 1 kHz, 10 kHz) : A"))).toBe("EQ-DIMENSION");
    expect(code(neuron("n = flicker(S, 10 kHz, 1 kHz) : V"))).toBe("DEVICE-FLICKER");
    expect(code(neuron("n = flicker(S, 1 kHz, 10 kHz) : V\nm = flicker(S, 1 Hz, 9 Hz) : V"))).toBe(
      "DEVICE-PORT",
    );
    expect(code(neuron("n = flicker(S, 1 kHz, 10 kHz) : V\ndn/dt = -n : V"))).toBe("EQ-DUPLICATE");
    const map = {
      kind: "neuron",
      name: "map",
      equations: "u <- I + I_nudge + n\nn = flicker(0.1, 1, 10)\nrho = u",
    } as const;
    expect(code(map)).toBe("DEVICE-DYNAMICS");
  });
});
