/** Estimators that hold the output: against fixed points that are found by hand, and how far from the derivative they are. */
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../../devices";
import {
  centred,
  clamped,
  coupled,
  createEngine,
  exactAnswers,
  Simulator,
  type Circuit,
  type CostSpec,
  type Estimate,
  type Estimator,
} from "../../../src/index";
import { jacobian } from "../../../src/learning/references/jacobian";
import { factorise } from "../../../src/learning/references/linear";

const LENGTHS = { freeSteps: 2000, nudgedSteps: 2000, tolerance: 1e-13 };
const INPUTS = Float64Array.of(0.2, 0.9, 0.5);
const TARGETS = Float64Array.of(1, 0);
const sigma = (x: number): number => 1 / (1 + Math.exp(-4 * x + 2));

const design = (cost: CostSpec): Circuit =>
  layered([3, 4, 2], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback: { angle: 50 },
    initial: { distribution: "lecun", scale: 0.7 },
    cost,
  });

async function on(circuit: Circuit, estimator: Estimator) {
  const chip = circuit.fabricate({ seed: 3 });
  const engine = await createEngine("reference");
  const simulator = new Simulator(
    chip,
    engine,
    circuit.output.neuron?.dynamics.kind === "discrete" ? {} : { dt: 0.3 },
  );
  const batch = { samples: 1, inputs: INPUTS, targets: TARGETS };
  const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 1 });
  simulator.dispose();
  return { chip, estimate };
}

/** The hidden layer and the output of the same circuit, the output held, or free: by iteration. */
function settledByHand(circuit: Circuit, held?: readonly number[]) {
  const chip = circuit.fabricate({ seed: 3 });
  const [into, up, down] = ["input-l1", "l1-output", "output-l1"].map((name) => chip.weights(name));
  let [l1, output] = [[0, 0, 0, 0], [...(held ?? [0, 0])]];
  const sum = (w: typeof up, rho: readonly number[], j: number, size: number): number =>
    (w.biases?.[j] ?? 0) + rho.reduce((all, r, i) => all + r * w.weights[i * size + j], 0);
  for (let k = 0; k < 3000; k++) {
    const [a, b] = [l1.map(sigma), output.map(sigma)];
    l1 = l1.map((_, j) => sum(into, [...INPUTS], j, 4) + sum(down, b, j, 4));
    if (held === undefined) output = output.map((_, j) => sum(up, a, j, 2));
  }
  return { l1, output };
}

const largestGap = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((x, i) => Math.abs(x - a[i])));

describe("a held output", () => {
  it.each(["state", "activity"] as const)(
    "is where it is held, by hand: a cost of the %s",
    async (argument) => {
      const circuit = design({ kind: "squared-error", argument });
      const free = settledByHand(circuit);
      for (const [share, estimator] of [
        [0.3, coupled({ amplitude: 0.3, ...LENGTHS })],
        [
          argument === "state" ? 1 : 0.8,
          argument === "state" ? clamped(LENGTHS) : coupled({ amplitude: 0.8, ...LENGTHS }),
        ],
      ] as const) {
        const { estimate } = await on(circuit, estimator);
        const inverse = (y: number): number => (Math.log(y / (1 - y)) + 2) / 4;
        const held = free.output.map((u, j) =>
          argument === "state"
            ? u + share * (TARGETS[j] - u)
            : inverse(sigma(u) + share * (TARGETS[j] - sigma(u))),
        );
        const nudged = settledByHand(circuit, held);
        expect(largestGap(estimate.free.states.l1.re, free.l1)).toBeLessThan(1e-11);
        for (const layer of ["l1", "output"] as const) {
          const moved = nudged[layer].map((u, i) => (u - free[layer][i]) / share);
          expect(largestGap(estimate.dState[layer], moved)).toBeLessThan(1e-9);
          const shown = nudged[layer].map((u, i) => (sigma(u) - sigma(free[layer][i])) / share);
          expect(largestGap(estimate.dActivity[layer], shown)).toBeLessThan(1e-9);
        }
        expect(estimate.outcomes.map(({ kind }) => kind)).toEqual(["settled", "settled"]);
      }
    },
  );
  it("stops a thousandth short of what no state shows", async () => {
    const { estimate } = await on(design({ kind: "squared-error", argument: "activity" }), clamped(LENGTHS));
    const shown = estimate.free.activities.output.re.map((r, j) => r + estimate.dActivity.output[j]);
    expect(shown[0]).toBeCloseTo(0.999, 6);
    expect(shown[1]).toBeCloseTo(0.001, 6);
  });
  it("tends, at small shares, to what the hidden units make of an output that moves by its error", async () => {
    const circuit = design({ kind: "squared-error", argument: "state" });
    const { chip, estimate } = await on(circuit, coupled({ amplitude: 1e-5, ...LENGTHS }));
    const { linearisation } = exactAnswers(chip, 1, INPUTS, estimate.free.states, TARGETS);
    const { matrix, n } = jacobian(linearisation, 0);
    const error = estimate.free.states.output.re.map((u, j) => TARGETS[j] - u);
    const [inner, from] = [new Float64Array(16), new Float64Array(4)];
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) inner[i * 4 + j] = matrix[i * n + j];
      for (let j = 0; j < 2; j++) from[i] -= matrix[i * n + 4 + j] * error[j];
    }
    expect(largestGap(estimate.dState.l1, [...factorise(inner, 4).solve(from)])).toBeLessThan(1e-5);
    expect(largestGap(estimate.dState.output, [...error])).toBeLessThan(1e-6);
    // Which is not the derivative by a nudge, and no smaller share helps.
    const { estimate: nudged } = await on(circuit, centred({ amplitude: 1e-5, ...LENGTHS }));
    expect(largestGap(nudged.dState.output, [...error])).toBeGreaterThan(0.01);
  });
  it("has the sign of the circuit's nudges", async () => {
    const [down, up] = await Promise.all(
      [false, true].map(async (ascend) => {
        const circuit = design({ kind: "squared-error", argument: "state", ascend });
        return (await on(circuit, coupled({ amplitude: 0.3, ...LENGTHS }))).estimate;
      }),
    );
    expect([...up.dState.l1]).toEqual([...down.dState.l1].map((x) => -x));
  });
  it("settles by alternate order and acceleration where plain steps do, in continuous time", async () => {
    const circuit = layered([3, 4, 2], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 0.4 },
      cost: { kind: "squared-error", argument: "state" },
    });
    const chip = circuit.fabricate({ seed: 3 });
    const engine = await createEngine("reference");
    const batch = { samples: 1, inputs: INPUTS, targets: TARGETS };
    const found: Estimate[] = [];
    for (const options of [{}, { order: "alternate", acceleration: "anderson" }] as const) {
      const simulator = new Simulator(chip, engine, { dt: 0.3, solver: "euler", ...options });
      found.push(await clamped(LENGTHS).estimate(simulator, batch, { round: 0, seed: 1 }));
      simulator.dispose();
    }
    expect(found[1].outcomes[1].kind).toBe("settled");
    expect(found[1].outcomes[1].steps).toBeLessThan(found[0].outcomes[1].steps);
    expect(largestGap(found[1].dState.l1, [...found[0].dState.l1])).toBeLessThan(1e-9);
    expect(largestGap(found[1].dState.output, [...found[0].dState.output])).toBeLessThan(1e-9);
  });
  it("is refused where targets are classes of a readout, and by solvers that choose their steps", async () => {
    const readout = design({ kind: "cross-entropy", argument: "activity", classes: 2 });
    await expect(on(readout, clamped(LENGTHS))).rejects.toMatchObject({ code: "LEARN-HOLD" });
    const circuit = layered([3, 4, 2], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
      cost: { kind: "squared-error", argument: "state" },
    });
    const simulator = new Simulator(circuit.fabricate(), await createEngine("reference"), {
      solver: "dormand-prince",
      dt: 0.1,
    });
    const hold = { output: { re: TARGETS } };
    await expect(simulator.phase({ samples: 1, inputs: INPUTS, steps: 5, hold })).rejects.toMatchObject({
      code: "DYN-HOLD",
    });
    const odd = { output: { re: new Float64Array(3) } };
    await expect(simulator.phase({ samples: 1, inputs: INPUTS, steps: 5, hold: odd })).rejects.toMatchObject({
      code: "DYN-SHAPE",
    });
    simulator.dispose();
  });
});
