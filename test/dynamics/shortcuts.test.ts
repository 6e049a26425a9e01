/**
 * Alternate order, Anderson mixing and momentum: the same fixed points in fewer sweeps, refused where they make no
 * sense.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convolutional, layered, loop } from "../../circuits";
import { ideal, leakyIntegrator, prototypical, shiftedSigmoid, softNeuron } from "../../devices";
import { createEngine, Simulator, type SimulatorOptions, type UpdateOrder } from "../../src/index";
import { holomorphicCircuits, prepare, assumeContracting } from "../properties/random-circuits";
import { pairOf, setPair } from "./pair";

const SHORTCUTS: readonly SimulatorOptions[] = [
  { order: "alternate" },
  { acceleration: "anderson" },
  { order: "alternate", acceleration: "anderson" },
  { order: "alternate", acceleration: "nesterov" },
];

describe("shortcuts to the fixed point", () => {
  it("lead to the same fixed point in random contracting circuits, free, nudged and complex", async () => {
    await fc.assert(
      fc.asyncProperty(
        holomorphicCircuits(),
        fc.constantFrom({ re: 0, im: 0 }, { re: 0.1, im: 0 }, { re: 0.06, im: 0.08 }),
        async (random, nudge) => {
          const prepared = await prepare(random);
          await assumeContracting(prepared);
          const { chip, simulator, batch } = prepared;
          const request = { ...batch, nudges: [nudge], steps: 3000, tolerance: 1e-12 };
          const plain = await simulator.phase(request);
          // One fixed point only: whoever has several may end in another, however it gets there.
          for (const far of [-2, 2]) {
            const from = Object.fromEntries(
              Object.entries(plain.states).map(([name, { re }]) => [name, { re: re.map(() => far) }]),
            );
            const { states } = await simulator.phase({ ...request, from });
            fc.pre(
              Object.keys(states).every((name) =>
                states[name].re.every((v, i) => Math.abs(v - plain.states[name].re[i]) < 1e-9),
              ),
            );
          }
          for (const options of SHORTCUTS) {
            const quick = new Simulator(chip, simulator.engine, {
              ...options,
              ...(random.neuron === "map" ? {} : { solver: "euler", dt: 0.7 }),
            });
            const { outcome, states } = await quick.phase(request);
            expect(outcome.kind).toBe("settled");
            for (const name of Object.keys(states)) {
              states[name].re.forEach((v, i) =>
                expect(Math.abs(v - plain.states[name].re[i])).toBeLessThan(1e-10),
              );
              states[name].im?.forEach((v, i) =>
                expect(Math.abs(v - (plain.states[name].im?.[i] ?? 0))).toBeLessThan(1e-10),
              );
            }
          }
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });

  it("save sweeps, and settled still means settled under a synchronous step", async () => {
    const chip = layered([20, 30, 30, 30, 5], {
      neuron: prototypical({ rho: "tanh" }),
      synapse: ideal(),
      initial: { distribution: "fan-in", scale: 1.2 },
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 3 });
    const engine = await createEngine("reference");
    const request = {
      samples: 3,
      inputs: Float64Array.from({ length: 60 }, (_, i) => ((i * 7919) % 100) / 100),
      steps: 5000,
      tolerance: 1e-9,
    };
    const sweeps = async (options: SimulatorOptions): Promise<number> => {
      const { outcome, states } = await new Simulator(chip, engine, options).phase(request);
      expect(outcome.kind).toBe("settled");
      const after = await new Simulator(chip, engine).phase({
        ...request,
        from: states,
        steps: 1,
        tolerance: undefined,
      });
      for (const name of Object.keys(states))
        after.states[name].re.forEach((v, i) =>
          expect(Math.abs(v - states[name].re[i])).toBeLessThanOrEqual(1e-9),
        );
      return outcome.steps;
    };
    const [plain, alternate, anderson, both] = [
      await sweeps({}),
      await sweeps({ order: "alternate" }),
      await sweeps({ acceleration: "anderson" }),
      await sweeps({ order: "alternate", acceleration: "anderson" }),
    ];
    expect(alternate).toBeLessThan(0.75 * plain);
    expect(anderson).toBeLessThan(0.75 * plain);
    expect(both).toBeLessThan(anderson);
  });

  it("by momentum, save sweeps where units have kinks", async () => {
    const chip = layered([20, 30, 30, 30, 5], {
      neuron: prototypical({ rho: "hard-sigmoid" }),
      synapse: ideal(),
      initial: { distribution: "fan-in", scale: 1.5 },
    }).fabricate({ seed: 4 });
    const engine = await createEngine("reference");
    const sweeps = async (options: SimulatorOptions): Promise<number> => {
      const simulator = new Simulator(chip, engine, { order: "alternate", ...options });
      const inputs = Float64Array.from({ length: 60 }, (_, i) => ((i * 7919) % 100) / 100);
      const { outcome } = await simulator.phase({ samples: 3, inputs, steps: 5000, tolerance: 1e-6 });
      expect(outcome.kind).toBe("settled");
      return outcome.steps;
    };
    const [plain, led] = [await sweeps({}), await sweeps({ acceleration: "nesterov" })];
    expect(led).toBeLessThan(0.8 * plain);
    // What was in the past before a phase is not of it.
    const again = new Simulator(chip, engine, { order: "alternate", acceleration: "nesterov" });
    const request = { samples: 1, inputs: Float64Array.from({ length: 20 }, (_, i) => i / 20), steps: 4 };
    const once = await again.phase({ ...request, tolerance: 1e-12 });
    expect((await again.phase({ ...request, tolerance: 1e-12 })).states).toEqual(once.states);
  });

  it("pool once a sweep, as a synchronous step does", async () => {
    const chip = convolutional({
      shape: [6, 6, 1],
      layers: [
        { channels: 2, kernel: 3 },
        { channels: 3, kernel: 3, pool: { kind: "max", window: 2 } },
      ],
      outputs: 2,
      neuron: prototypical({ rho: "hard-sigmoid" }),
      synapse: ideal(),
    }).fabricate({ seed: 1 });
    const engine = await createEngine("reference");
    const products = { synchronous: 0, alternate: 0 };
    let order: UpdateOrder = "synchronous";
    const counting = Object.assign(Object.create(engine) as typeof engine, {
      compile: (...of: Parameters<typeof engine.compile>) => {
        products[order] += of[0].step.filter(({ op }) => op === "project").length;
        return engine.compile(...of);
      },
    });
    for (order of ["synchronous", "alternate"] as const)
      await new Simulator(chip, counting, { order }).phase({
        samples: 1,
        inputs: new Float64Array(36),
        steps: 1,
      });
    expect(products.alternate).toBe(products.synchronous);
    expect(products.alternate).toBeGreaterThan(4);
  });

  it("respect bounds, and run on a float32 engine", async () => {
    const chip = layered([6, 8, 4], {
      neuron: leakyIntegrator(),
      synapse: ideal(),
      initial: { distribution: "glorot" },
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 2 });
    const request = {
      samples: 1,
      inputs: Float64Array.from({ length: 6 }, (_, i) => i / 6),
      steps: 3000,
      tolerance: 1e-5,
    };
    const plain = await new Simulator(chip, await createEngine("reference"), {
      solver: "euler",
      dt: 0.5,
    }).phase(request);
    const engine = await createEngine("gpu:cpu");
    const quick = await new Simulator(chip, engine, {
      solver: "euler",
      dt: 0.5,
      order: "alternate",
      acceleration: "anderson",
    }).phase(request);
    engine.dispose();
    expect(quick.outcome.kind).toBe("settled");
    quick.states.l1.re.forEach((v, i) => {
      expect(v).toBeGreaterThanOrEqual(0);
      expect(v).toBeLessThanOrEqual(1);
      expect(Math.abs(v - plain.states.l1.re[i])).toBeLessThan(1e-3);
    });
  });

  it("save as many steps of a small circuit on every engine: float32 tells its steps apart", async () => {
    const chip = pairOf("du/dt = -u + I + I_nudge\nrho = u");
    for (const [forth, back] of [
      [0.9, 0.9],
      [3, -3],
      [0.5, -0.9],
    ]) {
      setPair(chip, { in: 1, xy: forth, yx: back });
      for (const name of ["reference", "simd", "gpu:cpu"]) {
        const { outcome } = await new Simulator(chip, await createEngine(name), {
          dt: 0.1,
          acceleration: "anderson",
        }).phase({ samples: 1, inputs: [1], steps: 2000, tolerance: 1e-4 });
        expect(outcome.kind).toBe("settled");
        expect(outcome.steps).toBeLessThanOrEqual(7);
      }
    }
  });

  it("are refused where populations cannot move in turn", async () => {
    const engine = await createEngine("reference");
    const ring = loop([3, 3, 3, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    const request = { samples: 1, inputs: [0, 0, 0], steps: 3 };
    await expect(new Simulator(ring, engine, { order: "alternate" }).phase(request)).rejects.toMatchObject({
      code: "DYN-ORDER",
    });
    const smooth = layered([3, 3, 2], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
    }).fabricate();
    await expect(
      new Simulator(smooth, engine, { order: "alternate", solver: "rk4", dt: 0.1 }).phase(request),
    ).rejects.toMatchObject({ code: "DYN-ORDER" });
  });

  it("are refused by name where there are none of that name", async () => {
    const engine = await createEngine("reference");
    const chip = layered([3, 3, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    expect(() => new Simulator(chip, engine, { order: "random" as "alternate" })).toThrow(/DYN-ORDER/);
    expect(() => new Simulator(chip, engine, { acceleration: "constructor" as "anderson" })).toThrow(
      /DYN-ACCELERATION/,
    );
    expect(() => new Simulator(chip, engine, { solver: "toString" as "euler" })).toThrow(/DYN-SOLVER/);
  });

  it("leave noisy chips to their means", async () => {
    const chip = layered([3, 4, 2], {
      neuron: softNeuron(),
      synapse: { kind: "synapse", name: "g", equations: "I = G*rho_pre : A\nG <- G + dw : A" },
    }).fabricate({ seed: 1 });
    const simulator = new Simulator(chip, await createEngine("reference"), {
      dt: 1e-5,
      acceleration: "anderson",
    });
    expect(
      (await simulator.phase({ samples: 1, inputs: [1, 0, 1], steps: 2000, tolerance: 1e-3 })).outcome.kind,
    ).toBe("settled");
  });
});
