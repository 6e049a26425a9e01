/** Conductances load the nodes that they end at; `balance` finds where that leaves them. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { diodeNode, plainNode, resistor } from "../../devices";
import { defineCircuit } from "../../src";
import { defineSynapse } from "../../src/device/synapse";
import { Simulator } from "../../src/dynamics/simulator";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { homeostasisOf } from "../../src/learning/homeostasis/options";
import { refusal } from "../refusal";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const synapse = (equations: string) =>
  defineSynapse({
    name: "s",
    equations,
    parameters: { ...(/\bR\b/.test(equations) && { R: "1 ohm" }), ...(/\ba\b/.test(equations) && { a: 2 }) },
  });

describe("a synapse's text", () => {
  it.each([
    ["I = g*(rho_pre - u_post) : A\ng <- g + dw : S", "g"],
    ["I = g*rho_pre - g*u_post : A\ng <- g + dw : S", "g"],
    ["I = (rho_pre - u_post)*(g + 1/R) : A\ng <- g + dw : S", "g"],
  ])("%s is a conductance", (equations) => {
    const { loads, dimensions } = synapse(equations);
    expect(loads).toBe(true);
    expect(dimensions.rho).toEqual([1, 2, -3, -1, 0]);
  });

  it.each([
    "I = g*(rho_pre - a*u_post) : A\ng <- g + dw : S",
    "I = g*rho_pre + g*u_post : A\ng <- g + dw : S",
    "I = g*(rho_pre - u_post)*u_post*1/R : A\ng <- g + dw : S",
    "I = g*(rho_pre - u_post)*(1 + 0.1*xi) : A\ng <- g + dw : S",
  ])("%s is none", (equations) => {
    expect(["DEVICE-WEIGHT", "EQ-DIMENSION"]).toContain(refusal(() => synapse(equations)).code);
  });

  it("without u_post loads nothing", () => {
    expect(synapse("I = g*rho_pre : A\ng <- g + dw : S").loads).toBe(false);
  });
});

const set = (values: readonly number[]) => ({ weights: Float64Array.from(values), biases: null });
const conductance = fc.double({ min: 0.01, max: 10, noNaN: true });

describe("a divider", () => {
  it("is the mean of its inputs by their conductances, and follows when these change", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(conductance, { minLength: 3, maxLength: 3 }),
        fc.array(conductance, { minLength: 3, maxLength: 3 }),
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
        async (first, second, volts) => {
          const chip = resistive([3, 1]).fabricate();
          const simulator = new Simulator(chip, reference, { solver: "balance" });
          for (const g of [first, second]) {
            chip.setWeights("input-output", set(g));
            const { states } = await simulator.phase({
              samples: 1,
              inputs: volts,
              steps: 50,
              tolerance: 1e-12,
            });
            const mean = volts.reduce((sum, v, i) => sum + v * g[i], 0) / g.reduce((a, b) => a + b);
            expect(states.output.re[0]).toBeCloseTo(mean, 11);
          }
          simulator.dispose();
        },
      ),
      { numRuns: 20 },
    );
  });

  it("charges with the time constant of all its conductances", async () => {
    const chip = resistive([2, 1]).fabricate();
    chip.setWeights("input-output", set([1, 3]));
    const dt = 1e-12;
    const simulator = new Simulator(chip, reference, { solver: "rk4", dt });
    const { states } = await simulator.phase({ samples: 1, inputs: [1, 0], steps: 250 });
    // 1 pF at 4 mS: 250 ps.
    expect(states.output.re[0]).toBeCloseTo(0.25 * (1 - Math.exp(-1)), 9);
  });
});

describe("a network", () => {
  const sizes = [3, 4, 2];
  const network = fc.record({
    weights: fc.tuple(
      fc.array(conductance, { minLength: 12, maxLength: 12 }),
      fc.array(conductance, { minLength: 8, maxLength: 8 }),
    ),
    volts: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
    currents: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
  });
  const chipOf = ([one, other]: readonly [readonly number[], readonly number[]]) => {
    const chip = resistive(sizes, { currents: true, neuron: diodeNode() }).fabricate();
    chip.setWeights("input-l1", set(one));
    chip.setWeights("l1-output", set(other));
    chip.setWeights("currents-output", set([1, 1]));
    return chip;
  };
  const restOf = async (
    chip: ReturnType<typeof chipOf>,
    inputs: readonly number[],
    engine: Engine,
    options: object,
  ) => {
    const simulator = new Simulator(chip, engine, { solver: "balance", ...options });
    const tolerance = engine === reference ? 1e-13 : 1e-6;
    const { states, outcome } = await simulator.phase({ samples: 1, inputs, steps: 20_000, tolerance });
    simulator.dispose();
    expect(outcome.kind).toBe("settled");
    return [...states.l1.re, ...states.output.re];
  };

  it("has one point of rest, whatever the order and the engine", async () => {
    await fc.assert(
      fc.asyncProperty(network, async ({ weights, volts, currents }) => {
        const chip = chipOf(weights);
        const inputs = [...volts, ...currents];
        const found = await restOf(chip, inputs, reference, { order: "alternate" });
        const others = await Promise.all([
          restOf(chip, inputs, reference, { order: "alternate" }),
          restOf(chip, inputs, reference, {}),
        ]);
        for (const other of others) other.forEach((v, k) => expect(v).toBeCloseTo(found[k], 9));
        (await restOf(chip, inputs, simd, { order: "alternate" })).forEach((v, k) =>
          expect(Math.abs(v - found[k])).toBeLessThan(3e-5 * Math.max(1, Math.abs(found[k]))),
        );
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("is reciprocal: a current here moves there as much as one there moves here", async () => {
    await fc.assert(
      fc.asyncProperty(network, async ({ weights, volts }) => {
        const chip = chipOf(weights);
        const h = 1e-4;
        const moved = async (i: number): Promise<number[]> => {
          const at = async (amount: number): Promise<number[]> => {
            const currents = [0, 0];
            currents[i] = amount;
            return (
              await restOf(chip, [...volts, ...currents], reference, {
                order: "alternate",
              })
            ).slice(4);
          };
          const [up, down] = [await at(h), await at(-h)];
          return up.map((v, k) => (v - down[k]) / (2 * h));
        };
        const [first, second] = [await moved(0), await moved(1)];
        expect(Math.abs(first[1] - second[0])).toBeLessThan(1e-5 * Math.max(1, Math.abs(first[1])));
        // Passive: a current raises its own node, and no other by more.
        expect(first[0]).toBeGreaterThan(0);
        expect(Math.abs(first[1])).toBeLessThanOrEqual(first[0] + 1e-9);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});

describe("refused", () => {
  it("are lines of biases of conductances, nodes of another unit, and what walks backwards", () => {
    const circuit = (bias: boolean, neuron: object) => () =>
      defineCircuit({
        name: "c",
        populations: [
          { name: "input", size: 2, neuron: plainNode() },
          { name: "output", size: 1, neuron: neuron as ReturnType<typeof plainNode> },
        ],
        projections: [
          {
            name: "w",
            from: "input",
            to: "output",
            synapse: resistor(),
            bias,
            initial: { distribution: "zero" },
          },
        ],
        input: "input",
        output: "output",
        cost: { kind: "squared-error", argument: "state" },
      });
    expect(refusal(circuit(true, plainNode())).code).toBe("CIRCUIT-LOAD");
    const other = {
      ...plainNode(),
      equations: "C*du/dt = I + I_nudge : V\nrho = u/V1 : 1",
      parameters: { C: "1 pF", V1: "1 V", I_unit: "1 mA" },
    };
    expect(circuit(false, other)()).toBeDefined();
    expect(
      refusal(
        circuit(false, {
          ...other,
          equations: "tau*du/dt = -u + I*R + I_nudge*R : 1\nrho = u",
          parameters: { tau: "1 ns", R: "1 1/A", I_unit: "1 mA" },
        }),
      ).code,
    ).toBe("CIRCUIT-UNITS");
    const simulator = new Simulator(resistive([2, 1]).fabricate(), reference, { solver: "balance" });
    expect(refusal(() => simulator.backwards(1)).code).toBe("LEARN-LOAD");
    expect(refusal(() => homeostasisOf(resistive([2, 1, 1]), { coefficient: 1 })).code).toBe("LEARN-LOAD");
  });

  it("says which node floats, where no conductance is at it", async () => {
    for (const engine of [reference, simd]) {
      const chip = resistive([2, 2]).fabricate();
      chip.setWeights("input-output", { weights: Float64Array.of(1, 0, 1, 0), biases: null });
      const simulator = new Simulator(chip, engine, { solver: "balance" });
      const { outcome } = await simulator.phase({ samples: 1, inputs: [1, 0.5], steps: 10, tolerance: 1e-6 });
      expect(outcome.kind).toBe("diverged");
      expect(outcome.advice).toContain('node 1 of "output" floats');
      simulator.dispose();
    }
  });
});
