/** Noise obeys physics: kT/C for an isolated leaky node, the Lyapunov equation for a coupled linear pair. */
import { describe, expect, it } from "vitest";
import { ideal } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  type NeuronSpec,
  type SolverName,
  type SynapseSpec,
} from "../../src/index";
import { LONG } from "../long";

const K_B = 1.380649e-23;
const C = 1e-12;
const G = 50e-9;
const T = 300;
const TAU = C / G;

/** A linear thermal node: what kT/C is about. */
const node: NeuronSpec = {
  kind: "neuron",
  name: "leaky node",
  equations: `
    C*du/dt = -g*u + I + I_nudge + sqrt(2*k_B*T*g)*xi : V
    rho = u : V
  `,
  parameters: { C: "1 pF", g: "50 nS", T: "300 K", u_unit: "1 V" },
  unitDrive: "g*u_unit",
};

const conductance: SynapseSpec = {
  kind: "synapse",
  name: "conductance",
  equations: `
    I = G*rho_pre : A
    G <- G + dw : S
  `,
};

/** Covariance of the last states of `a` and `b` over rows. */
function covariance(a: Float64Array, b: Float64Array): number {
  const mean = (x: Float64Array) => x.reduce((s, v) => s + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  return a.reduce((s, v, i) => s + (v - ma) * (b[i] - mb), 0) / a.length;
}

const SAMPLES = 20_000;

async function varianceOfIsolatedNode(solver: SolverName, dt: number, engineName: string): Promise<number> {
  const circuit = defineCircuit({
    name: "isolated",
    populations: [
      { name: "input", size: 1, neuron: node },
      { name: "output", size: 4, neuron: node },
    ],
    projections: [
      { name: "in", from: "input", to: "output", synapse: conductance, initial: { distribution: "zero" } },
    ],
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  });
  const engine = await createEngine(engineName);
  const simulator = new Simulator(circuit.fabricate(), engine, { solver, dt, seed: 3 });
  const samples = SAMPLES / 4;
  const { states } = await simulator.phase({
    samples,
    inputs: new Float64Array(samples),
    steps: Math.ceil((8 * TAU) / dt),
  });
  simulator.dispose();
  engine.dispose();
  return covariance(states.output.re, states.output.re);
}

describe("thermal noise", () => {
  const physical = (K_B * T) / C;

  it.each(["reference", "gpu:cpu"])(
    "leaves kT/C on an isolated node (exponential Euler, %s)",
    async (engine) => {
      expect((await varianceOfIsolatedNode("exponential-euler", TAU / 4, engine)) / physical).toBeCloseTo(
        1,
        1.4,
      );
    },
  );

  it("is 1/(1 - dt/2 tau) higher under Euler-Maruyama", async () => {
    const measured = (await varianceOfIsolatedNode("euler", TAU / 5, "reference")) / physical;
    expect(Math.abs(measured - 1 / (1 - 1 / 10))).toBeLessThan(0.03);
  });

  it.runIf(LONG)(
    "obeys the Lyapunov equation J Sigma + Sigma J^T + 2 D = 0 in a coupled linear pair",
    async () => {
      const [ab, ba] = [30e-9, -15e-9];
      const circuit = defineCircuit({
        name: "pair",
        populations: [
          { name: "input", size: 1, neuron: node },
          { name: "a", size: 1, neuron: node },
          { name: "b", size: 1, neuron: node },
        ],
        projections: [
          { name: "in", from: "input", to: "a", synapse: conductance, initial: { distribution: "zero" } },
          { name: "ab", from: "a", to: "b", synapse: conductance, initial: { distribution: "zero" } },
          { name: "ba", from: "b", to: "a", synapse: conductance, initial: { distribution: "zero" } },
        ],
        input: "input",
        output: "b",
        cost: { kind: "squared-error", argument: "state" },
      });
      const chip = circuit.fabricate();
      // Logical weights count in the unit drive, G times 1 V.
      chip.setWeights("ab", { weights: Float64Array.of(ab / G), biases: null });
      chip.setWeights("ba", { weights: Float64Array.of(ba / G), biases: null });
      const engine = await createEngine("reference");
      const dt = TAU / 50;
      const simulator = new Simulator(chip, engine, { solver: "exponential-euler", dt, seed: 5 });
      const { states } = await simulator.phase({
        samples: SAMPLES,
        inputs: new Float64Array(SAMPLES),
        steps: 500,
      });
      const [u, v] = [states.a.re, states.b.re];
      // J = [[-g, ba], [ab, -g]] / C, D = kT g / C^2: solved by hand for Sigma.
      const j = { aa: -G / C, ab: ba / C, ba: ab / C, bb: -G / C };
      const d = (K_B * T * G) / C ** 2;
      const expected = lyapunov(j, d);
      const scale = expected.aa;
      expect(Math.abs(covariance(u, u) - expected.aa) / scale).toBeLessThan(0.04);
      expect(Math.abs(covariance(v, v) - expected.bb) / scale).toBeLessThan(0.04);
      expect(Math.abs(covariance(u, v) - expected.ab) / scale).toBeLessThan(0.04);
      expect(Math.abs(expected.ab) / scale).toBeGreaterThan(0.1);
    },
  );

  it("draws the same noise for the same seed and other noise for another", async () => {
    const run = async (seed: number): Promise<Float64Array> => {
      const circuit = defineCircuit({
        name: "seeded",
        populations: [
          { name: "input", size: 1 },
          {
            name: "output",
            size: 3,
            neuron: {
              kind: "neuron",
              name: "noisy",
              equations: "du/dt = -u + I + I_nudge + 0.1*xi\nrho = u",
            },
          },
        ],
        projections: [
          { name: "in", from: "input", to: "output", synapse: ideal(), initial: { distribution: "zero" } },
        ],
        input: "input",
        output: "output",
        cost: { kind: "squared-error", argument: "state" },
      });
      const simulator = new Simulator(circuit.fabricate(), await createEngine("reference"), {
        solver: "euler",
        dt: 0.1,
        seed,
      });
      return (await simulator.phase({ samples: 2, inputs: [0, 0], steps: 30 })).states.output.re;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});

/** Sigma of J Sigma + Sigma J^T + 2 d I = 0 for two nodes: three linear equations, by Cramer's rule. */
function lyapunov(
  j: { aa: number; ab: number; ba: number; bb: number },
  d: number,
): { aa: number; ab: number; bb: number } {
  const m = [
    [2 * j.aa, 2 * j.ab, 0],
    [j.ba, j.aa + j.bb, j.ab],
    [0, 2 * j.ba, 2 * j.bb],
  ];
  const r = [-2 * d, 0, -2 * d];
  const det = (a: number[][]): number =>
    a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
    a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
    a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  const solve = (k: number): number =>
    det(m.map((row, i) => row.map((x, column) => (column === k ? r[i] : x)))) / det(m);
  return { aa: solve(0), ab: solve(1), bb: solve(2) };
}

describe("a tolerance below the noise", () => {
  it("is told of as such, and not as steps that are too few", async () => {
    const chip = defineCircuit({
      name: "node",
      input: "input",
      output: "output",
      populations: [
        { name: "input", size: 1, neuron: node },
        { name: "output", size: 1, neuron: node },
      ],
      projections: [
        { name: "up", from: "input", to: "output", synapse: conductance, initial: { distribution: "zero" } },
      ],
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 1 });
    const { outcome } = await new Simulator(chip, await createEngine("reference"), { dt: TAU / 10 }).phase({
      samples: 1,
      inputs: [1],
      steps: 400,
      tolerance: 1e-9,
    });
    expect(outcome).toMatchObject({
      kind: "timedOut",
      advice: expect.stringContaining("noise keeps a state moving"),
    });
  });
});
