/** Learning in the engine: the same laws, to the engine's precision, as on the host in float64. */
import { describe, expect, it } from "vitest";
import { apart, CASES, DATA, discrete, learn, lengths, type Case } from "./in-engine-cases";
import { layered, nonideal } from "../../circuits";
import { crossbar, softNeuron } from "../../devices";
import {
  adam,
  centred,
  Controller,
  createEngine,
  labelledBatches,
  oneSided,
  sgd,
  Simulator,
  vectorFieldRule,
  type Circuit,
} from "../../src/index";

describe("learning in the engine", () => {
  it.each(Object.entries(CASES))("agrees with the host: %s", async (_, plan) => {
    const [host, engine] = [await learn(plan, "reference"), await learn(plan, "simd")];
    expect([host.controller.place.place, engine.controller.place.place]).toEqual(["host", "engine"]);
    for (const { name } of plan.circuit.projections) {
      const learned = host.chip.weights(name).weights.map((w, i) => w - host.initial[name][i]);
      const found = engine.chip.weights(name).weights.map((w, i) => w - host.initial[name][i]);
      expect(learned.some((x) => x !== 0)).toBe(true);
      expect(apart(found, learned), name).toBeLessThan(2e-3);
    }
    const [a, b] = [host.chip.arrays(), engine.chip.arrays()];
    expect(Object.keys(b)).toEqual(Object.keys(a));
    for (const name of Object.keys(a)) expect(apart(b[name].values, a[name].values), name).toBeLessThan(1e-4);
    const [memory, remembered] = [host.optimizer.save(), engine.optimizer.save()];
    expect(Object.keys(remembered).sort()).toEqual(Object.keys(memory).sort());
    for (const name of Object.keys(memory))
      expect(apart(remembered[name].values, memory[name].values), name).toBeLessThan(2e-3);
    host.reports.forEach((report, k) => {
      const other = engine.reports[k];
      expect(other.cost / report.cost).toBeCloseTo(1, 3);
      expect(other.correct).toBe(report.correct);
      expect(other.nudgeShift / report.nudgeShift).toBeCloseTo(1, 2);
      if (report.aliasing === null) expect(other.aliasing).toBeNull();
      else expect((other.aliasing ?? NaN) / report.aliasing).toBeCloseTo(1, 1);
    });
  });

  it("sees what others do to the chip and the optimizer between batches", async () => {
    const plan = CASES["tied, vector field, random sign, momentum and decay"];
    const { estimator, rule } = plan;
    const batches = [...labelledBatches(plan.circuit, DATA, { size: 13 })];
    const run = async (place?: "host"): Promise<Float64Array> => {
      const chip = plan.circuit.fabricate({ seed: 5 });
      const optimizer = plan.optimizer();
      const controller = new Controller(new Simulator(chip, await createEngine("simd")), {
        estimator,
        rule,
        optimizer,
        seed: 4,
        ...(place && { place }),
      });
      await controller.learn(batches[0]);
      const saved = { arrays: chip.arrays(), memory: optimizer.save() };
      await controller.learn(batches[1]);
      chip.program("input-l1", { weights: new Float64Array(64 * 12).fill(0.1), biases: null });
      await controller.learn(batches[0]);
      chip.load(saved.arrays);
      optimizer.load(saved.memory);
      await controller.learn(batches[1]);
      controller.dispose();
      return chip.weights("input-l1").weights;
    };
    expect(apart(await run(), await run("host"))).toBeLessThan(1e-5);
  });

  it("steps devices of few levels where the host does", async () => {
    const plan: Case = {
      circuit: layered([64, 10, 10], {
        neuron: softNeuron({ T: "0 K" }),
        synapse: crossbar({ levels: 33, mismatch: "5 %" }),
        initial: { distribution: "glorot", scale: 0.5 },
      }),
      estimator: centred({ amplitude: 0.3, ...lengths }),
      rule: vectorFieldRule,
      optimizer: () => adam({ rate: 0.05, epsilon: 1e-4 }),
      options: { dt: 1e-5 },
    };
    const [host, engine] = [await learn(plan, "reference"), await learn(plan, "simd")];
    expect(engine.controller.place.place).toBe("engine");
    const [a, b] = [host, engine].map(({ chip }) => chip.weights("input-l1").weights);
    // A device on the edge between two levels may fall to either side.
    const other = a.filter((w, k) => Math.abs(w - b[k]) > 1e-5).length;
    expect(other).toBeLessThan(a.length / 50);
    expect(a.filter((w, k) => Math.abs(w - host.initial["input-l1"][k]) > 0.05).length).toBeGreaterThan(
      a.length / 10,
    );
  });

  it("is done on the host where it has to be, and says why", async () => {
    const place = async (
      circuit: Circuit,
      engine: string,
      extra: Partial<ConstructorParameters<typeof Controller>[1]> = {},
    ): Promise<unknown> => {
      const options = {
        estimator: oneSided({ amplitude: 0.3, ...lengths }),
        rule: vectorFieldRule,
        optimizer: sgd({ rate: 0.1 }),
        seed: 1,
        ...extra,
      };
      return new Controller(
        new Simulator(circuit.fabricate(), await createEngine(engine), { dt: 1e-5 }),
        options,
      ).place;
    };
    expect(await place(discrete, "reference")).toEqual({
      place: "host",
      reason: expect.stringContaining("reference"),
    });
    expect(await place(discrete, "simd", { place: "host" })).toEqual({
      place: "host",
      reason: expect.any(String),
    });
    expect(await place(nonideal({ readNoise: "1 %" }), "simd")).toEqual({
      place: "host",
      reason: expect.stringContaining("read to read"),
    });
    const current = new Controller(
      new Simulator(nonideal({ readNoise: "1 %" }).fabricate(), await createEngine("simd"), {
        dt: 1e-5,
        reads: "by-current",
      }),
      {
        estimator: oneSided({ amplitude: 0.3, ...lengths }),
        rule: vectorFieldRule,
        optimizer: sgd({ rate: 0.1 }),
        seed: 1,
      },
    );
    expect(current.place).toEqual({ place: "engine" });
    expect(await place(nonideal(), "simd")).toEqual({ place: "engine" });
  });
});
