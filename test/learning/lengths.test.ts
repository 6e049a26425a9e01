/**
 * Phases as long as a time: the same steps as if they were counted, at every dt; one of steps and time for
 * each, and what is wrong is said.
 */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../devices";
import {
  centred,
  createEngine,
  evaluateChip,
  holomorphic,
  labelledBatches,
  oneSided,
  randomSign,
  sgd,
  Simulator,
  strokeDigits,
  train,
  type Chip,
} from "../../src/index";
import { freeStepsOf, nudgedStepsOf } from "../../src/learning/lengths";

const data = {
  train: strokeDigits({ samples: 40, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
};
const chip = (): Chip => nonideal({ sizes: [64, 6, 10] }).fabricate({ seed: 1 });

describe("a phase that lasts a time", () => {
  it("has the nearest whole number of steps, at least one", async () => {
    const engine = await createEngine("reference");
    const at = (dt: number | string): Simulator => new Simulator(chip(), engine, { dt });
    expect(freeStepsOf(at("10 us"), { freeTime: "400 us" })).toBe(40);
    expect(freeStepsOf(at("10 us"), { freeTime: 4e-4 })).toBe(40);
    expect(freeStepsOf(at("7 us"), { freeTime: "400us" })).toBe(57);
    expect(nudgedStepsOf(at("10 us"), { nudgedTime: "0.25 ms" })).toBe(25);
    expect(nudgedStepsOf(at("10 us"), { nudgedTime: "1 us" })).toBe(1);
    const numbers = new Simulator(
      layered([2, 2], { neuron: leakyIntegrator(), synapse: ideal() }).fabricate(),
      engine,
      { dt: 0.2 },
    );
    expect(freeStepsOf(numbers, { freeTime: 6 })).toBe(30);
    // A map takes a step in a unit of time.
    expect(
      freeStepsOf(
        new Simulator(layered([2, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate(), engine),
        { freeTime: 30 },
      ),
    ).toBe(30);
  });

  it.each(["reference", "simd"])(
    "trains and is tested to the same numbers as steps, at each dt (%s)",
    async (name) => {
      for (const [dt, freeSteps, nudgedSteps] of [
        ["10 us", 40, 25],
        ["5 us", 80, 50],
      ] as const) {
        const run = async (lengths: object) => {
          const engine = await createEngine(name);
          const trained = chip();
          for await (const { cost, steps } of train(trained, data, {
            estimator: centred({ amplitude: 0.3, ...lengths }),
            optimizer: sgd({ rate: 0.05 }),
            epochs: 1,
            dt,
            engine,
            probe: 5,
          })) {
            const simulator = new Simulator(trained, engine, { dt });
            const free = Object.fromEntries(
              Object.entries(lengths).filter(([key]) => key.startsWith("free")),
            );
            const tested = await evaluateChip(
              simulator,
              labelledBatches(trained.circuit, data.test, { size: 20 }),
              free,
            );
            simulator.dispose();
            return { cost, steps, tested: tested.cost, weights: [...trained.weights("l1-output").weights] };
          }
          return null;
        };
        const [times, counted] = [
          await run({ freeTime: "400 us", nudgedTime: "250 us" }),
          await run({ freeSteps, nudgedSteps }),
        ];
        expect(times).toEqual(counted);
        expect(times?.steps).toEqual([freeSteps, nudgedSteps]);
      }
    },
  );

  it("is one of steps and time, for each phase", () => {
    for (const make of [
      centred,
      oneSided,
      randomSign,
      (options: Parameters<typeof centred>[0]) => holomorphic({ ...options, points: 4 }),
    ]) {
      const wrong = (lengths: object): void =>
        expect(() => make({ amplitude: 0.3, ...lengths })).toThrow(/LEARN-LENGTH/);
      wrong({ freeSteps: 40 });
      wrong({ nudgedTime: "1 ms" });
      wrong({ freeSteps: 40, freeTime: "1 ms", nudgedSteps: 5 });
      expect(make({ amplitude: 0.3, freeTime: "1 ms", nudgedSteps: 5 }).settings).toMatchObject({
        freeTime: "1 ms",
        nudgedSteps: 5,
      });
    }
  });

  it.each([
    ["400 V", "UNIT-DIMENSION"],
    ["-1 ms", "LEARN-LENGTH"],
    ["0 s", "LEARN-LENGTH"],
    ["400 bananas", "UNIT-UNKNOWN"],
    ["1 day", "LEARN-LENGTH"],
    ["1 us", "LEARN-SHORT"],
  ])("of %s is refused before anything runs: %s", async (freeTime, code) => {
    const steps = train(chip(), data, {
      estimator: centred({ amplitude: 0.3, freeTime, nudgedSteps: 25 }),
      optimizer: sgd({ rate: 0.05 }),
      epochs: 1,
      dt: "10 us",
      engine: "reference",
    });
    await expect(steps.next()).rejects.toMatchObject({ code });
  });
});
