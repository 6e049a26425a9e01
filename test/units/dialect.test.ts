/**
 * One way to write quantities: in scripts, in configs and on the command line they are the same, with a unit
 * and in SI.
 */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, softNeuron } from "../../devices";
import { runOf, timeStepOf } from "../../src/config";
import { createEngine, defineNeuron, defineSynapse, Simulator, spread } from "../../src/index";
import { circuitOf } from "../../src/config";
import { parseIn } from "../../src/units/parse";
import { readArgs } from "../../src/cli/args";
import { withQuantities } from "../../src/cli/quantities";
import { DEFAULT_RUN } from "../../src/cli/training/default";
import { TRAIN_OPTIONS } from "../../src/cli/training/options";
import { withOptions } from "../../src/cli/training/with-options";

const SECOND = [0, 0, 1, 0, 0] as const;
const typed = async (...words: string[]) =>
  withOptions(
    DEFAULT_RUN,
    await withQuantities(
      readArgs(words, TRAIN_OPTIONS, undefined, "train", "ohmlet"),
      TRAIN_OPTIONS,
      "train",
    ),
  );

describe("a time step", () => {
  it.each(["10 us", "10us", "1e-5", "1e-5 s", "0.01 ms", 1e-5])("%s is the same everywhere", async (dt) => {
    expect(parseIn(dt, SECOND)).toBe(1e-5);
    const simulator = new Simulator(nonideal().fabricate(), await createEngine("reference"), { dt });
    expect(simulator.dt).toBe(1e-5);
    const run = runOf({ ...DEFAULT_RUN, dt });
    expect(timeStepOf(run, circuitOf(run))).toBe(1e-5);
    const fromLine = runOf(await typed("--dt", String(dt)));
    expect(timeStepOf(fromLine, circuitOf(fromLine))).toBe(1e-5);
  });

  it("in seconds is refused where time has no unit, and in volts anywhere", async () => {
    const engine = await createEngine("reference");
    const plain = layered([2, 2], { neuron: leakyIntegrator(), synapse: ideal() }).fabricate();
    expect(() => new Simulator(plain, engine, { dt: "10 us" })).toThrow(
      expect.objectContaining({ code: "UNIT-DIMENSION", remedy: "write a plain number, such as 0.2" }),
    );
    expect(() => new Simulator(nonideal().fabricate(), engine, { dt: "10 mV" })).toThrow(
      expect.objectContaining({
        code: "UNIT-DIMENSION",
        remedy: "write  10 us,  or a number without unit, which is in s",
      }),
    );
    const run = runOf({ ...(await typed("--dt", "10us")), circuit: "toy" });
    expect(() => timeStepOf(run, circuitOf(run))).toThrow(
      expect.objectContaining({ code: "UNIT-DIMENSION" }),
    );
  });
});

describe("an age", () => {
  it("is the same in hours and in seconds", () => {
    const aged = (time: number | string) => {
      const chip = nonideal({ sizes: [4, 3, 2], retention: "1 h" }).fabricate({ seed: 1 });
      chip.age(time);
      return chip.arrays();
    };
    expect(aged("0.5 h")).toEqual(aged(1800));
    expect(aged("1800")).toEqual(aged(1800));
    expect(() => aged("3 mV")).toThrow(expect.objectContaining({ code: "UNIT-DIMENSION" }));
    expect(() => aged("-1 s")).toThrow(expect.objectContaining({ code: "CHIP-AGE" }));
  });
});

describe("parameters of the catalogue", () => {
  it("are in SI without a unit", () => {
    const text = defineNeuron(
      softNeuron({ C: "1.2 pF", g_leak: spread("50 nS", { mismatch: "5 %" }), u_slope: "0.1 V", T: "290 K" }),
    );
    const bare = defineNeuron(
      softNeuron({ C: 1.2e-12, g_leak: spread(5e-8, { mismatch: 0.05 }), u_slope: 0.1, T: "290" }),
    );
    expect(bare.parameters).toEqual(text.parameters);
    const pair = (
      range: readonly [number | string, number | string],
      V_read: number | string,
      retention: number | string,
    ) => defineSynapse(crossbar({ range, V_read, retention })).parameters;
    expect(pair([1e-9, "2e-7"], 0.1, 1e5)).toEqual(pair(["1 nS", "200 nS"], "100 mV", "100 ks"));
    expect(nonideal({ temperature: 300, retention: 1e5 }).spec.populations[1].neuron?.parameters).toEqual(
      nonideal({ temperature: "300 K" }).spec.populations[1].neuron?.parameters,
    );
  });
});

describe("percentages", () => {
  it("are the same in a config and on the command line", async () => {
    const config = await typed("--mismatch", "7%", "--read-noise", "3 %");
    expect(config.circuit).toMatchObject({ mismatch: 0.07, readNoise: 0.03 });
    expect(await typed("--mismatch", "7", "--read-noise", "3")).toEqual(config);
    const [fraction, percent] = [0.07, "7 %"].map(
      (mismatch) =>
        circuitOf(runOf({ ...DEFAULT_RUN, circuit: { topology: "nonideal", mismatch } })).population("l1")
          .neuron?.parameters,
    );
    expect(percent).toEqual(fraction);
  });
});
