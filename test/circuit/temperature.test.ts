/** The temperature of a chip: one number that reaches whatever depends on it. */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, floatingGate, softNeuron, transconductor } from "../../devices";
import { defineSynapse, defineCircuit, spread } from "../../src/index";

const THERMAL_VOLTAGE = 1.380649e-23 / 1.602176634e-19;

describe("the temperature of a chip", () => {
  it("is T of its devices: kT in their noise, the thermal voltage in their curves", () => {
    const design = layered([3, 2], {
      neuron: transconductor({ V_os: "0 V" }),
      synapse: { ...floatingGate(), preset: undefined } as ReturnType<typeof floatingGate>,
    });
    for (const temperature of ["350 K", 350]) {
      const chip = design.fabricate({ temperature });
      expect(chip.parametersOf("output").T).toBe(350);
      expect(chip.array("input-output").parameters.T).toBe(350);
      // What one unit of drive holds is a thermal voltage.
      expect(chip.unitDriveOf("output")).toBeCloseTo((100e-9 * 2 * THERMAL_VOLTAGE * 350) / 0.7, 15);
    }
  });

  it("keeps the spread that a device gives it, and leaves others alone", () => {
    const design = layered([3, 40], {
      neuron: softNeuron({ T: spread("300 K", { sd: "1 K" }) }),
      synapse: crossbar(),
    });
    const T = design.fabricate({ temperature: 400 }).parametersOf("output").T as Float64Array;
    expect(T.reduce((sum, v) => sum + v, 0) / 40).toBeCloseTo(400, -0.5);
    expect(new Set(T).size).toBe(40);
  });

  it("is a part of the design as well, which is read again as it was written", () => {
    const { spec } = nonideal({ sizes: [3, 2, 2] });
    const warm = defineCircuit({ ...spec, temperature: "320 K" });
    expect(defineCircuit(warm.spec).spec).toEqual(warm.spec);
    expect(warm.fabricate().parametersOf("l1").T).toBe(320);
    expect(warm.fabricate({ temperature: 310 }).parametersOf("l1").T).toBe(310);
  });

  it("activates leaks: 0.6 eV from 300 K to 358 K, 42.954 times", () => {
    const design = layered([2, 2], {
      neuron: softNeuron(),
      synapse: crossbar({ retention: "1 s", activation: "0.6 V" }),
    });
    const left = (temperature: number, seconds: number): number => {
      const chip = design.fabricate({ seed: 4, temperature });
      const before = chip.weights("input-output").weights[0];
      chip.age(seconds);
      return Math.log(before / chip.weights("input-output").weights[0]);
    };
    expect(left(300, 0.01)).toBeCloseTo(0.01, 9);
    expect(left(358, 0.01) / left(300, 0.01)).toBeCloseTo(42.954, 3);
    expect(defineSynapse(crossbar({ retention: "1 s", activation: "0.6 V" })).plain).toBe(true);
  });
});
