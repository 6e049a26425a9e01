/**
 * Costs as equations: what nudges by them finds is the gradient of the settled cost, what weights and parameters
 * cost included; a squared error that is written out is the one that has a name.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, softNeuron } from "../../devices";
import { circuitOf, runOf } from "../../src/config";
import {
  centred,
  Controller,
  costArgument,
  createEngine,
  evaluateChip,
  holomorphic,
  sgd,
  Simulator,
  trainablesOf,
  vectorFieldRule,
  type Batch,
  type Chip,
  type CostDesign,
  type NeuronLike,
  type NeuronSpec,
} from "../../src/index";
import { fewer } from "../long";
import { refusal } from "../refusal";

const BATCH: Batch = {
  samples: 2,
  inputs: Float64Array.of(0.3, 0.9, -0.4, 0.6),
  targets: Float64Array.of(0.8, -0.3, 0.2, 0.7),
};
const chipOf = (cost: CostDesign, neuron: NeuronLike, seed = 1): Chip =>
  layered([2, 3, 2], {
    neuron,
    synapse: ideal(),
    initial: { distribution: "lecun", scale: 0.4 },
    cost,
  }).fabricate({ seed });

const trained: NeuronSpec = {
  kind: "neuron",
  name: "trained",
  equations: "du/dt = -u + I + I_nudge\nrho = tanh(s*u)",
  parameters: { s: { value: 1.1, trainable: true } },
};

async function withSimulator<T>(
  chip: Chip,
  dt: number,
  use: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const simulator = new Simulator(chip, await createEngine("reference"), { dt, solver: "euler" });
  try {
    return await use(simulator);
  } finally {
    simulator.dispose();
  }
}

/** The mean cost where free phases end, what weights cost included. */
const settledCost = async (simulator: Simulator): Promise<number> =>
  (await evaluateChip(simulator, [BATCH], { freeSteps: 2000, tolerance: 1e-14 }, 7)).cost;

/** What one batch of plain descent at rate 1 moves everything by. */
async function moved(simulator: Simulator, rule = vectorFieldRule): Promise<ReturnType<Chip["arrays"]>> {
  const { chip } = simulator;
  const before = chip.arrays();
  const estimator = centred({ amplitude: 1e-3, freeSteps: 2000, nudgedSteps: 2000, tolerance: 1e-13 });
  const controller = new Controller(simulator, { estimator, rule, optimizer: sgd({ rate: 1 }), seed: 1 });
  await controller.learn(BATCH);
  controller.dispose();
  const after = chip.arrays();
  chip.load(before);
  return Object.fromEntries(
    Object.entries(after).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((x, i) => x - before[name].values[i]) },
    ]),
  );
}

const VALUES = [
  "(rho - y)^2/2",
  "log(1 + exp(3*(rho - y))) + log(1 + exp(3*(y - rho)))",
  "e = rho - y\ncost = e^2 + k*e^4",
  "-(1 + y)/2*log((1 + rho)/2) - (1 - y)/2*log((1 - rho)/2)",
  "(rho - y)^2/2 + k*(s - 1)^2*rho",
];

describe("a cost by its equation", () => {
  it("is descended, with what weights and parameters cost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...VALUES),
        fc.constantFrom(undefined, "k*w^2/2", "k*log(1 + w^2)"),
        fc.integer({ min: 1, max: 1000 }),
        async (equation, weights, seed) => {
          const said = `${equation} ${weights ?? ""}`;
          const cost = { kind: "equation", equation, weights, parameters: { k: 0.3 } } as const;
          const chip = chipOf(/\bk\b/.test(said) ? cost : equation, trained, seed);
          await withSimulator(chip, 0.25, async (simulator) => {
            const by = await moved(simulator);
            // Tied: one array for both ways, of which every weight is looked at; and every parameter.
            const before = chip.arrays();
            for (const [name, { values }] of Object.entries(by)) {
              const i = seed % values.length;
              const unit = trainablesOf(chip.circuit).find((one) => one.name === name)?.unit ?? 1;
              const at = async (h: number): Promise<number> => {
                const own = Float64Array.from(before[name].values);
                own[i] += h;
                chip.load({ ...before, [name]: { ...before[name], values: own } });
                return settledCost(simulator);
              };
              const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
              chip.load(before);
              // A forward weight is read backwards, too: by the vector field its own share alone.
              if (name.startsWith("l1-output.")) continue;
              // What a centred nudge of this size is off by itself, where the cost is a quartic.
              expect(Math.abs(values[i] / unit ** 2 + slope)).toBeLessThan(1e-4);
            }
          });
        },
      ),
      { numRuns: fewer(24), seed: 3 },
    );
  });

  it("written out is the squared error, in volts and without a unit, on the host and in the engine", async () => {
    const volts = softNeuron({ T: "0 K" });
    const cases: readonly (readonly [string, CostDesign, NeuronLike, number])[] = [
      ["(rho - y)^2/2", { kind: "squared-error", argument: "activity" }, volts, 1e-5],
      ["0.5*(u - y)^2", { kind: "squared-error", argument: "state" }, leakyIntegrator(), 0.25],
      ["0.5*(u - y)^2", { kind: "squared-error", argument: "state" }, volts, 1e-5],
    ];
    for (const [equation, named, neuron, dt] of cases) {
      const synapse = neuron === volts ? ideal({ unit: "A" }) : ideal();
      const states: Float64Array[] = [];
      for (const cost of [equation, named])
        for (const engine of ["reference", "simd"] as const) {
          const chip = layered([2, 3, 2], { neuron, synapse, cost }).fabricate({ seed: 4 });
          expect(chip.circuit.spec.cost.argument).toBe(equation.includes("rho") ? "activity" : "state");
          const simulator = new Simulator(chip, await createEngine(engine), { dt });
          const { samples, inputs, targets } = BATCH;
          const phase = { samples, inputs, targets, steps: 60, nudges: [{ re: 0.3, im: 0 }] };
          states.push((await simulator.phase(phase)).states.output.re);
          simulator.dispose();
        }
      for (const found of states.slice(1))
        found.forEach((x, i) =>
          expect(Math.abs(x - states[0][i])).toBeLessThan(2e-5 * Math.abs(states[0][i]) + 1e-9),
        );
    }
  });

  it("takes complex nudges where it is holomorphic, and is asked for in configs", async () => {
    const exact = chipOf("(rho - y)^2/2 + (rho - y)^4/4", trained);
    const estimator = holomorphic({
      points: 4,
      amplitude: 0.1,
      freeSteps: 800,
      nudgedSteps: 800,
      tolerance: 1e-10,
    });
    await withSimulator(exact, 0.25, async (simulator) => {
      const estimate = await estimator.estimate(simulator, BATCH, { round: 0, seed: 1 });
      expect(estimate.aliasing).toBeLessThan(0.05);
      expect(costArgument(exact, estimate.free)).toHaveLength(4);
    });
    const bent = chipOf("abs(rho - y)", trained);
    await withSimulator(bent, 0.25, async (simulator) => {
      await expect(estimator.estimate(simulator, BATCH, { round: 0, seed: 1 })).rejects.toMatchObject({
        code: "EQ-HOLOMORPHIC",
      });
    });
    const base = { estimator: { kind: "centred", amplitude: 0.3, freeSteps: 30, nudgedSteps: 10 } };
    const of = (cost: unknown) =>
      circuitOf(
        runOf({
          ...base,
          data: { kind: "generated" },
          optimizer: { kind: "sgd", rate: 0.1 },
          epochs: 1,
          circuit: {
            topology: "layered",
            sizes: [64, 4, 10],
            neuron: "leaky-integrator",
            synapse: "ideal",
            cost,
          },
        }),
      );
    expect(of("(rho - y)^2/2").spec.cost).toMatchObject({ kind: "equation", argument: "activity" });
    const law = of({ kind: "equation", equation: "(u - y)^4", weights: { "l1-output": "1e-3*w^2" } }).cost;
    expect(law?.ofWeight("input-l1")).toBeNull();
    expect(law?.ofWeight("l1-output")).not.toBeNull();
    expect(String(of("(rho - y)^2/2"))).toContain("cost: (rho - y)^2/2");
  });

  it("is refused where it says nothing that can be followed", () => {
    const code = (cost: unknown, neuron: NeuronLike = trained) =>
      refusal(() => chipOf(cost as CostDesign, neuron)).code;
    const equation = (more: object) => ({ kind: "equation", equation: "(rho - y)^2", ...more });
    expect(code("y^2")).toBe("CIRCUIT-COST");
    expect(code("(rho - t)^2")).toBe("EQ-UNKNOWN");
    expect(code("e = rho - y")).toBe("CIRCUIT-COST");
    expect(code("cost <- rho")).toBe("CIRCUIT-COST");
    expect(code("(rho - u)^2")).toBe("EQ-UNKNOWN");
    expect(code(equation({ parameters: { k: 1 } }))).toBe("CIRCUIT-COST");
    expect(code(equation({ parameters: { k: { value: 1, mismatch: 0.1 } } }))).toBe("CIRCUIT-TYPE");
    expect(code(equation({ weights: { nowhere: "w^2" } }))).toBe("CIRCUIT-PORT");
    expect(code(equation({ weights: "v^2" }))).toBe("EQ-UNKNOWN");
    expect(code(equation({ classes: 3 }))).toBe("CIRCUIT-KEY");
    const volts = { neuron: softNeuron(), synapse: ideal({ unit: "A" }), cost: "exp(u - y)" };
    expect(refusal(() => layered([1, 1], volts)).code).toBe("EQ-DIMENSION");
  });
});
