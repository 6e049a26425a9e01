/**
 * The chosen step: as good as a fine one at the fixed point, no slower than the advice, the same every time;
 * refused where there is none.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../devices";
import {
  chooseStep,
  createEngine,
  defineCircuit,
  Simulator,
  type Chip,
  type NeuronSpec,
  type SolverName,
} from "../../src/index";
import { fewer, LONG } from "../long";

const inputs = [0.3, -0.7, 0.9, -0.2, 0.5, 0.1];
const samples = 2;

/** A capacitor behind a leak, in volts and seconds, without noise. */
const node = (picofarads: number, gain: number): NeuronSpec => ({
  kind: "neuron",
  name: "node",
  unitDrive: "g*v",
  equations: "C*du/dt = -g*u + I + I_nudge : V\nrho = tanh(gain*u/v) : 1",
  parameters: { C: `${picofarads} pF`, g: "50 nS", v: "100 mV", gain },
});
const plain = (rate: number): NeuronSpec => ({
  kind: "neuron",
  name: "node",
  equations: `du/dt = ${rate}*(I - u) + I_nudge\nrho = tanh(u)`,
});

const chips = fc
  .record({
    physical: fc.boolean(),
    decade: fc.integer({ min: -3, max: 4 }),
    scale: fc.double({ min: 0.2, max: 1, noNaN: true }),
    angle: fc.constantFrom(0, 60),
    seed: fc.nat(1000),
  })
  .map(({ physical, decade, scale, angle, seed }) => ({
    chip: layered([3, 5, 2], {
      neuron: physical ? node(10 ** decade, 0.8) : plain(10 ** decade),
      synapse: ideal(physical ? { unit: "A" } : {}),
      feedback: { angle },
      initial: { distribution: "glorot", scale },
    }).fabricate({ seed }),
  }));

describe("a chosen step", () => {
  it.runIf(LONG)(
    "settles where a fine step does, in no more steps than the advice, over decades of stiffness",
    async () => {
      const engine = await createEngine("reference");
      await fc.assert(
        fc.asyncProperty(
          chips,
          fc.constantFrom("euler", "exponential-euler", "heun", "rk4"),
          async ({ chip }, solver) => {
            const dt = await chooseStep(chip, engine, { solver, samples, inputs });
            const settle = (step: number) =>
              new Simulator(chip, engine, { solver, dt: step }).phase({
                samples,
                inputs,
                steps: 20_000,
                tolerance: 1e-9,
              });
            const { recommended, stable } = await new Simulator(chip, engine, { solver, dt }).stepAdvice({
              samples,
              inputs,
              from: (await settle(dt)).states,
            });
            const [chosen, fine, advised] = [
              await settle(dt),
              await settle(dt / 10),
              await settle(recommended),
            ];
            expect([chosen, fine, advised].map(({ outcome }) => outcome.kind)).toEqual([
              "settled",
              "settled",
              "settled",
            ]);
            expect(dt).toBeLessThanOrEqual(0.53 * stable[solver]);
            expect(chosen.outcome.steps).toBeLessThanOrEqual(advised.outcome.steps);
            for (const name of Object.keys(fine.states)) {
              const [a, b] = [chosen.states[name].re, fine.states[name].re];
              const size = Math.hypot(...b);
              expect(Math.hypot(...a.map((x, i) => x - b[i])) / size).toBeLessThan(1e-6);
            }
          },
        ),
        { numRuns: fewer(40), seed: 6 },
      );
    },
  );

  it("scales with the capacitance", async () => {
    const engine = await createEngine("reference");
    const steps: number[] = [];
    for (const picofarads of [0.01, 1, 100])
      steps.push(
        await chooseStep(
          layered([3, 4, 2], { neuron: node(picofarads, 1), synapse: ideal({ unit: "A" }) }).fabricate({
            seed: 3,
          }),
          engine,
          { samples, inputs },
        ),
      );
    expect(steps[1] / steps[0]).toBeCloseTo(100, 0);
    expect(steps[2] / steps[1]).toBeCloseTo(100, 0);
  });

  it.each([0.001, 1, 1000])(
    "looks at where the chip settles, not at zeros alone, at rate %d",
    async (rate) => {
      const neuron: NeuronSpec = {
        kind: "neuron",
        name: "stiffening",
        equations: `du/dt = ${rate}*(-u - 4*u^3 + 20*I) + I_nudge\nrho = tanh(u)`,
      };
      const chip = layered([1, 1], { neuron, synapse: ideal() }).fabricate();
      chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
      const engine = await createEngine("reference");
      const choose = (x: number): Promise<number> =>
        chooseStep(chip, engine, { solver: "euler", samples: 1, inputs: [x] });
      expect(rate * (await choose(0))).toBeCloseTo(0.5, 6); // half of the leak's time constant
      const u = 1.66; // near 4 u^3 + u = 20
      expect((rate * (await choose(1))) / (1 / (1 + 12 * u * u))).toBeCloseTo(1, 1);
    },
  );

  /**
   * A leaky node with a diode to ground: at rest it is slow, driven it is up to ten thousand times as fast.
   */
  const diode: NeuronSpec = {
    kind: "neuron",
    name: "diode node",
    unitDrive: "g*v",
    equations: "C*du/dt = -g*u - I_s*(exp(u/V_T) - 1) + I + I_nudge : V\nrho = tanh(u/v) : 1",
    parameters: { C: "1 pF", g: "50 nS", I_s: "1 fA", V_T: "25.85 mV", v: "100 mV" },
  };
  /** Where all currents into the node cancel, in volts. */
  function held(drive: number): number {
    let [low, high] = [-Math.abs(drive) / 5, 1];
    for (let k = 0; k < 60; k++) {
      const u = (low + high) / 2;
      if (-50e-9 * u - 1e-15 * (Math.exp(u / 25.85e-3) - 1) + drive * 5e-9 > 0) low = u;
      else high = u;
    }
    return low;
  }

  it.each(LONG ? ["reference", "simd"] : [])(
    "works where the circuit is far stiffer on its way than at rest: diodes (%s)",
    async (name) => {
      const engine = await createEngine(name);
      const inputs = [1, 0.1, -0.3];
      for (const drive of LONG ? [1, 20, 200] : [1, 200]) {
        const chip = layered([1, 1], { neuron: diode, synapse: ideal({ unit: "A" }) }).fabricate();
        chip.setWeights("input-output", { weights: Float64Array.of(drive), biases: Float64Array.of(0) });
        for (const solver of ["euler", "heun", "rk4", "exponential-euler"] as const) {
          const dt = await chooseStep(chip, engine, { solver, samples: 3, inputs });
          const { states } = await new Simulator(chip, engine, { solver, dt }).phase({
            samples: 3,
            inputs,
            steps: Math.ceil(400e-6 / dt),
          });
          inputs.forEach((x, i) =>
            expect(
              Math.abs(states.output.re[i] / held(x * drive) - 1),
              `${solver}, ${drive * x}: ${dt}`,
            ).toBeLessThan(1e-3),
          );
        }
      }
      engine.dispose();
    },
  );

  it("finds one where nothing leaks at rest but does where drives lead", async () => {
    const chip = layered([1, 1], {
      neuron: { kind: "neuron", name: "cubic", equations: "du/dt = -u^3 + I + I_nudge\nrho = u" },
      synapse: ideal(),
    }).fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
    const engine = await createEngine("reference");
    for (const solver of ["euler", "exponential-euler"] as const) {
      const dt = await chooseStep(chip, engine, { solver, samples: 1, inputs: [8] });
      const { states } = await new Simulator(chip, engine, { solver, dt }).phase({
        samples: 1,
        inputs: [8],
        steps: Math.ceil(10 / dt),
      });
      expect(states.output.re[0]).toBeCloseTo(2, 3);
    }
  });

  const oneUnit = (rate: string): Chip => {
    const chip = layered([1, 1], {
      neuron: { kind: "neuron", name: "leak", equations: `du/dt = ${rate} + I + I_nudge\nrho = u` },
      synapse: ideal(),
    }).fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
    return chip;
  };
  const stateAt = async (
    chip: Chip,
    solver: SolverName,
    dt: number,
    time: number,
    drive = 2,
  ): Promise<number> =>
    (
      await new Simulator(chip, await createEngine("reference"), { solver, dt }).phase({
        samples: 1,
        inputs: [drive],
        steps: Math.round(time / dt),
      })
    ).states.output.re[0];

  it.each([
    ["-sign(u)*sqrt(abs(u))", 4],
    ["-0.1*u - sign(u)*sqrt(abs(u))", 2.918],
    ["-sign(u)*abs(u)^(1/3)", 8],
  ])("finds one where a leak is infinitely steep at rest: %s", async (rate, end) => {
    const chip = oneUnit(rate);
    for (const solver of ["euler", "exponential-euler"] as const) {
      const dt = await chooseStep(chip, await createEngine("reference"), { solver, samples: 1, inputs: [2] });
      expect(dt).toBeGreaterThan(0.05);
      expect(await stateAt(chip, solver, dt, 200)).toBeCloseTo(end, 3);
    }
  });

  it("leads past the states that finer steps lead past, not to the same end alone", async () => {
    // Exponential Euler jumps over the knee of a diode in one long step and creeps back for twelve time
    // constants.
    const chip = oneUnit("-u - 1e-8*(exp(u/0.02) - exp(-u/0.02))");
    const [long, dt] = [
      0.5,
      await chooseStep(chip, await createEngine("reference"), { samples: 1, inputs: [2] }),
    ];
    const held = await stateAt(chip, "exponential-euler", 1e-3, 3);
    expect(Math.abs((await stateAt(chip, "exponential-euler", long, 3)) / held - 1)).toBeGreaterThan(0.5);
    for (const time of [1, 2, 3, 6])
      expect(Math.abs((await stateAt(chip, "exponential-euler", dt, time)) / held - 1)).toBeLessThan(0.25);
  });

  it("holds states that are small against ends that are as small", async () => {
    const chip = oneUnit("-u");
    const engine = await createEngine("reference");
    const [large, small] = [
      await chooseStep(chip, engine, { solver: "euler", samples: 1, inputs: [1] }),
      await chooseStep(chip, engine, { solver: "euler", samples: 1, inputs: [1e-3] }),
    ];
    expect(small).toBe(large);
  });

  it("is seldom shortened for noise", async () => {
    const engine = await createEngine("simd");
    const chosen = (T: string, seed: number): Promise<number> =>
      chooseStep(
        layered([3, 8, 2], { neuron: softNeuron({ T }), synapse: crossbar() }).fabricate({ seed }),
        engine,
        { samples, inputs },
      );
    let same = 0;
    for (let seed = 1; seed <= (LONG ? 8 : 4); seed++)
      same += Number((await chosen("300 K", seed)) === (await chosen("0 K", seed)));
    expect(same).toBeGreaterThanOrEqual(LONG ? 6 : 3);
    engine.dispose();
  });

  it.each(LONG ? [1.5, 1.9, 1.95] : [1.5, 1.95])(
    "looks at swings that die slowly, which too long a step keeps alive: a ring of gain %d",
    async (gain) => {
      const neuron: NeuronSpec = {
        kind: "neuron",
        name: "node",
        equations: "du/dt = -u + I + I_nudge\nrho = tanh(u)",
      };
      const chip = defineCircuit({
        name: "ring",
        input: "input",
        output: "c",
        cost: { kind: "squared-error", argument: "state" },
        populations: [
          { name: "input", size: 1 },
          ...["a", "b", "c"].map((name) => ({ name, size: 1, neuron })),
        ],
        projections: [
          ["input", "a"],
          ["a", "b"],
          ["b", "c"],
          ["c", "a"],
        ].map(([from, to]) => ({
          name: from + to,
          from,
          to,
          synapse: ideal(),
          initial: { distribution: "zero" as const },
        })),
      }).fabricate();
      for (const name of ["ab", "bc", "ca"])
        chip.setWeights(name, { weights: Float64Array.of(-gain), biases: null });
      chip.setWeights("inputa", { weights: Float64Array.of(1), biases: null });
      const engine = await createEngine("reference");
      // Near zeros, tanh is all but linear: the swing is -1 + gain e^(i pi/3).
      const [re, im] = [gain / 2 - 1, (gain * Math.sqrt(3)) / 2];
      const limits = {
        euler: (-2 * re) / (re * re + im * im),
        "exponential-euler": (-2 * re) / (re * re + im * im),
      };
      for (const solver of ["euler", "exponential-euler"] as const)
        expect(await chooseStep(chip, engine, { solver, samples: 1, inputs: [0.05] })).toBeLessThan(
          0.8 * limits[solver],
        );
      const { stable } = await new Simulator(chip, engine, { solver: "euler", dt: 0.1 }).stepAdvice({
        samples: 1,
        inputs: [0],
      });
      expect(stable.euler / limits.euler).toBeCloseTo(1, 2);
    },
  );

  it("looks at nudged states too", async () => {
    const chip = layered([1, 1], {
      neuron: diode,
      synapse: ideal({ unit: "A" }),
      initial: { distribution: "zero" },
    }).fabricate();
    const engine = await createEngine("reference");
    const choose = (more: { readonly nudge?: number; readonly targets?: number[] }): Promise<number> =>
      chooseStep(chip, engine, { solver: "euler", samples: 1, inputs: [1], ...more });
    expect(await choose({ nudge: 60, targets: [1] })).toBeLessThan((await choose({})) / 4);
    await expect(choose({ nudge: 1 })).rejects.toMatchObject({ code: "DYN-TARGET" });
  });

  it("takes a fifth of the time in which a mode grows by itself", async () => {
    const chip = layered([1, 1], {
      neuron: { kind: "neuron", name: "growing", equations: "du/dt = 2*u - 0.01*u^3 + I + I_nudge\nrho = u" },
      synapse: ideal(),
    }).fabricate();
    const dt = await chooseStep(chip, await createEngine("reference"), {
      solver: "rk4",
      samples: 1,
      inputs: [0],
    });
    expect(dt).toBeCloseTo(0.1, 3);
  });

  it.each(["reference", "simd"])(
    "is the same every time, with noise and imperfections too (%s)",
    async (name) => {
      const engine = await createEngine(name);
      const make = (): Chip =>
        layered([3, 8, 2], {
          neuron: softNeuron(),
          synapse: crossbar({ mismatch: "5 %", readNoise: "1 %" }),
        }).fabricate({ seed: 2 });
      const [first, second] = [
        await chooseStep(make(), engine, { samples, inputs }),
        await chooseStep(make(), engine, { samples, inputs }),
      ];
      expect(first).toBe(second);
      expect(first).toBeGreaterThan(1e-6);
      expect(first).toBeLessThan(2e-5);
      engine.dispose();
    },
  );

  it("is refused where there is none to choose", async () => {
    const engine = await createEngine("reference");
    const map = layered([3, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    const field = layered([3, 2], { neuron: leakyIntegrator({ rho: "tanh" }), synapse: ideal() }).fabricate();
    await expect(chooseStep(map, engine, { samples, inputs })).rejects.toMatchObject({ code: "DYN-SOLVER" });
    for (const solver of ["dormand-prince", "map"] as const)
      await expect(chooseStep(field, engine, { solver, samples, inputs })).rejects.toMatchObject({
        code: "DYN-SOLVER",
      });
    await expect(chooseStep(field, engine, { samples, inputs: [1] })).rejects.toMatchObject({
      code: "DYN-SHAPE",
    });
  });
});
