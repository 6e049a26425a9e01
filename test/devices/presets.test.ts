/** Presets: where values come from, what is refused outside of them, and what their models do. */
import { describe, expect, it } from "vitest";
import {
  chargeTrap,
  cmoHfox,
  DEVICES,
  fefet,
  floatingGate,
  ideal,
  liEcram,
  opAmp,
  pcm,
  phaseChange,
  softBounds,
  transconductor,
} from "../../devices/index";
import { layered } from "../../circuits";
import { createEngine, Simulator } from "../../src/index";
import { curveOf } from "../../src/characterize/curves";
import { Specimen } from "../../src/characterize/specimen";
import { readDevice } from "../../src/device/read-device";
import { readNeuron } from "../../src/device/neuron";
import { readSynapse } from "../../src/device/synapse";
import { evaluate } from "../../src/equations/evaluate";
import { columnsOf } from "../../src/circuit/wires/columns";
import { refusal } from "../refusal";

const CELL = { t_0: 20, V_read: 0.1, G_max: 25e-6 };

const spreadOf = (values: Float64Array): { mean: number; sd: number } => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
};

describe("presets", () => {
  it("say where each value comes from, in data and in print", () => {
    const presets = [...DEVICES.values()].map((make) => make()).filter(({ preset }) => preset !== undefined);
    expect(presets.length).toBeGreaterThanOrEqual(9);
    for (const spec of presets) {
      expect(spec.source, spec.name).toMatch(/\d{4}/);
      expect(`${readDevice(spec)}`, spec.name).toMatch(/(measured|fitted|assumed), valid from /);
    }
  });

  it("are refused outside of their range, however a value gets there, and are free without it", () => {
    expect(refusal(() => readSynapse(liEcram({ dw_up: 0.1 })))).toMatchObject({ code: "PRESET-RANGE" });
    const { preset: _, ...own } = liEcram({ dw_up: 0.1 });
    expect(readSynapse(own).name).toBe("Li-ECRAM");
    const odd = { ...softBounds(), preset: { dw_up: { origin: "guessed", valid: [0, 1] } } };
    expect(refusal(() => readSynapse(odd as never))).toMatchObject({ code: "DEVICE-SPEC" });
  });

  it("in a pair subtract their currents, carry out half of a change each, and draw for themselves", () => {
    for (const make of [pcm, phaseChange, cmoHfox, chargeTrap, floatingGate])
      expect(readSynapse(make({ pair: true })).name).toBe(`pair of ${make().name}`);
    const cell = readSynapse(pcm({ pair: true, nu: { value: 0.05, mismatch: "10 %" }, sigma_read: 0.02 }));
    expect(Object.keys(cell.stored).sort()).toEqual(["G_minus", "G_plus", "age_minus", "age_plus"]);
    expect(Object.keys(cell.parameters)).toEqual(expect.arrayContaining(["nu_plus", "nu_minus", "V_read"]));
    const at = {
      ...CELL,
      G_plus: 10e-6,
      G_minus: 4e-6,
      nu_plus: 0.05,
      nu_minus: 0.1,
      age_plus: 20,
      age_minus: 60,
    };
    const [plus, minus] = [10e-6 * 2 ** -0.05, 4e-6 * 4 ** -0.1];
    expect(evaluate(cell.weight, at)).toBeCloseTo(0.1 * (plus - minus), 15);
    // Reads of the two are independent.
    expect(evaluate(cell.readNoise!, { ...at, sigma_read: 0.02 })).toBeCloseTo(
      0.002 * Math.hypot(plus, minus),
      15,
    );
    const written = (state: "G_plus" | "G_minus") =>
      evaluate(cell.stored[state].events.write!, { ...at, age_plus: 0, age_minus: 0, dw: 0.2e-6 });
    expect(written("G_plus")).toBeCloseTo(11e-6, 12);
    expect(written("G_minus")).toBeCloseTo(3e-6, 12);
  });

  it("of normalised weights are conductances where G_unit says of what", () => {
    for (const make of [softBounds, liEcram]) {
      const cell = readSynapse(make({ G_unit: "10 uS" }));
      const { plus, minus, volts } = columnsOf(cell)!;
      const at = { w: 0.3, b_down: -0.75, G_unit: 10e-6, V_read: 0.1 };
      expect(volts).toBe("V_read");
      expect(evaluate(cell.weight, at)).toBeCloseTo(0.3e-6, 15);
      expect([evaluate(plus, at), evaluate(minus!, at)]).toEqual([
        expect.closeTo(1.05e-6, 14),
        expect.closeTo(0.75e-6, 14),
      ]);
    }
  });

  it("a CMO/HfOx cell relaxes with the logarithm of time, and spreads", () => {
    const specimen = new Specimen(readSynapse(cmoHfox()), { devices: 8000 });
    specimen.programTo("G", 50e-6);
    specimen.age(Math.E ** 5 - 1);
    const { mean, sd } = spreadOf(specimen.shown());
    expect(mean / 0.1).toBeCloseTo(50e-6 - 5 * 0.089e-6, 7);
    expect(sd / 0.1 / (0.4118e-6 + 5 * 0.042e-6)).toBeCloseTo(1, 1);
  });

  it("a charge trap errs by A (1 - e^(-I/B)), and a floating gate shows e^(Q/Q_U)", () => {
    const trap = new Specimen(readSynapse(chargeTrap()), { devices: 8000 });
    trap.programTo("I_cell", 300e-9);
    expect(spreadOf(trap.shown()).sd / (12.58e-9 * (1 - Math.exp(-300 / 215.4)))).toBeCloseTo(1, 1);
    const gate = new Specimen(readSynapse(floatingGate()));
    gate.happen("write", (into) => into.fill(4e-9));
    expect(gate.shown()[0] / 5e-9).toBeCloseTo(1, 9);
    const before = gate.shown()[0];
    gate.age(10 * 365.25 * 86_400);
    expect(gate.shown()[0] / before).toBeGreaterThan(0.9);
  });

  it("a FeFET goes through its range in its pulses, and back along another curve", () => {
    const { y } = curveOf(readDevice(fefet({ sigma: 0 })), "pulses", "fefet", {
      up: 97,
      down: 100,
      from: 3.1e-9,
    });
    const up = (p: number): number => 3.1e-9 + (35.4e-9 / (1 - Math.exp(-97 / 40))) * (1 - Math.exp(-p / 40));
    for (const p of [1, 30, 97]) expect(y.mean[p - 1] / up(p)).toBeCloseTo(1, 9);
    expect(y.mean[196] / 3.1e-9).toBeCloseTo(1, 6);
    expect(y.mean[146]).toBeLessThan(y.mean[49]);
  });

  it("a transconductor has the noise of kT/C and of half of its shot noise", () => {
    const { dynamics } = readNeuron(transconductor({ I_b: "1 uA", kappa: 0.7 }));
    if (dynamics.kind !== "continuous" || dynamics.diffusion === null) throw new Error("it has no noise");
    const values = {
      C: 1e-12,
      g_leak: 1e-7,
      I_b: 1e-6,
      kappa: 0.7,
      T: 300,
      V_os: 0,
      k_B: 1.380649e-23,
      q_e: 1.602176634e-19,
    };
    // One-sided, 2 q I_b/kappa beside 4 k T g.
    expect(2 * (evaluate(dynamics.diffusion, values) * 1e-12) ** 2).toBeCloseTo(
      4 * 1.380649e-23 * 300 * 1e-7 + (2 * 1.602176634e-19 * 1e-6) / 0.7,
      30,
    );
  });

  describe("an operational amplifier", () => {
    const quiet = { V_os: "0 V", T: "230 K", V_sat: "1 V" } as const;
    /** Settles one amplifier for a drive in units of V_sat. */
    const phase = async (options: object, drive: number, steps: number, dt: string) => {
      const chip = layered([1, 1], {
        neuron: opAmp({ ...quiet, ...options }),
        synapse: ideal({ unit: "A" }),
        bias: false,
        initial: { distribution: "zero" },
      }).fabricate();
      chip.setWeights("input-output", { weights: Float64Array.of(drive), biases: null });
      const simulator = new Simulator(chip, await createEngine("reference"), { dt, solver: "euler" });
      return (await simulator.phase({ samples: 1, inputs: [1], steps })).states.output.re[0];
    };

    it("misses what its gain cannot give: an inverter of 80 dB shows .99980004", async () => {
      expect(await phase({ R_f: "1 ohm" }, 1, 4000, "5 ns")).toBeCloseTo(0.99980004, 6);
      expect(await phase({ R_f: "1 ohm", A_0: 100 }, 1, 4000, "5 ns")).toBeCloseTo(1 / 1.02, 6);
    });

    it("adds its offset as often as it amplifies noise", async () => {
      expect(await phase({ R_f: "1 ohm", V_os: "10 mV", noise_gain: 5 }, 0, 8000, "5 ns")).toBeCloseTo(
        0.05,
        4,
      );
    });

    it("moves no faster than its slew rate, and no farther than its rails", async () => {
      const slow = { R_f: "1 ohm", SR: "1e4 V/s" };
      // 10 us at 0.01 V/us, a little late by the second pole.
      const late = await phase(slow, 1, 1000, "10 ns");
      expect(late).toBeLessThan(0.1);
      expect(late).toBeGreaterThan(0.0985);
      expect(await phase({ R_f: "1 ohm" }, 5, 4000, "5 ns")).toBeCloseTo(1.5, 3);
    });
  });
});
