/** Newton's method for all units together: where sweeps lead, in fewer steps, on graphs of any shape; refused where it cannot be. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { layered, resistive } from "../../circuits";
import { diodeNode, ideal, leakyIntegrator, plainNode, resistor } from "../../devices";
import { defineCircuit, defineNeuron } from "../../src/index";
import type { Chip } from "../../src/circuit/chip-types";
import { ownerOf } from "../../src/circuit/owner";
import { Simulator } from "../../src/dynamics/simulator";
import type { SimulatorOptions } from "../../src/dynamics/simulator-options";
import type { PhaseRequest, PhaseResult, Planes } from "../../src/dynamics/types";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { fewer } from "../long";
import { streamOf, uniform } from "../../src/random";
import { netlistOf, operatingPoint, readCircuit } from "../../src/spice";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const draw = (seed: number, what: string, k: number): number =>
  uniform(seed, streamOf(`newton ${what}`), 0, k);

/** Conductances of so many decades below 1 mS. */
function joined(chip: Chip, seed: number, decades: number): Chip {
  for (const p of chip.circuit.projections)
    if (ownerOf(p) === p.name)
      chip.setWeights(p.name, {
        weights: chip.weights(p.name).weights.map((_, k) => 10 ** -(decades * draw(seed, p.name, k))),
        biases: null,
      });
  return chip;
}

const volts = (seed: number, length: number, most: number): Float64Array =>
  Float64Array.from({ length }, (_, k) => most * (2 * draw(seed, "inputs", k) - 1));

async function phaseOf(
  chip: Chip,
  engine: Engine,
  options: SimulatorOptions,
  request: PhaseRequest,
): Promise<PhaseResult> {
  const simulator = new Simulator(chip, engine, options);
  const result = await simulator.phase(request);
  simulator.dispose();
  return result;
}

const farthest = (a: Planes, b: Planes): number =>
  Math.max(
    ...Object.entries(a).flatMap(([name, { re }]) => [...re].map((v, k) => Math.abs(v - b[name].re[k]))),
  );

const ZERO = { distribution: "zero" } as const;
const NEWTON = { solver: "newton" } as const;
const SWEEPS = { solver: "balance", order: "alternate" } as const;

const networks = fc.record({
  sizes: fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 0, maxLength: 3 }),
    fc.integer({ min: 1, max: 5 }),
  ),
  seed: fc.integer({ min: 0, max: 1e6 }),
  decades: fc.constantFrom(1, 3, 5),
  most: fc.constantFrom(1, 5, 50),
  amplifiers: fc.constantFrom({}, {}, { A: 2 }, { A: 3, k: 0.5 }),
  rails: fc.constantFrom("both" as const, "up" as const),
  nudged: fc.boolean(),
});

describe("newton", () => {
  it("comes to where sweeps come, on both engines, and obeys Kirchhoff's law", async () => {
    await fc.assert(
      fc.asyncProperty(networks, async ({ sizes, seed, decades, most, amplifiers, rails, nudged }) => {
        // In mS: beside the least conductance it stays a nudge, or rounding is all that is left.
        const nudge = nudged ? 0.3 * 10 ** -decades : 0;
        const [first, inner, last] = sizes;
        const neuron = diodeNode({ rails, ...amplifiers });
        const chip = joined(resistive([first, ...inner, last], { neuron }).fabricate(), seed, decades);
        const request = {
          samples: 3,
          inputs: volts(seed, 3 * first, most),
          steps: 3000,
          ...(nudge > 0 && { targets: volts(seed + 1, 3 * last, 1), nudges: [{ re: nudge, im: 0 }] }),
        };
        const found = await phaseOf(chip, reference, NEWTON, { ...request, tolerance: 1e-12 });
        expect(found.outcome.kind).toBe("settled");
        expect(found.outcome.steps).toBeLessThan(60);
        expect(found.outcome.kirchhoff).toBeLessThan(1e-12);
        const swept = await phaseOf(chip, reference, SWEEPS, { ...request, tolerance: 1e-13 * most });
        if (swept.outcome.kind === "settled")
          expect(farthest(found.states, swept.states)).toBeLessThan(1e-10 * most);
        if (decades > 3) return;
        // Rows by fours, and one on its own; in float32, to what it tells.
        const single = await phaseOf(chip, simd, NEWTON, { ...request, tolerance: 1e-5 * most });
        expect(single.outcome.kind).toBe("settled");
        expect(farthest(found.states, single.states)).toBeLessThan(3e-4 * most);
      }),
      { numRuns: fewer(15) },
    );
  });

  it("doubles its digits a step", async () => {
    const chip = joined(resistive([4, 8, 3]).fabricate(), 5, 3);
    const inputs = volts(5, 4, 20);
    const exact = await phaseOf(chip, reference, NEWTON, { samples: 1, inputs, steps: 50, tolerance: 1e-14 });
    const errors = [];
    for (let steps = 1; steps <= exact.outcome.steps; steps++) {
      const { states } = await phaseOf(chip, reference, NEWTON, { samples: 1, inputs, steps });
      errors.push(farthest(states, exact.states));
    }
    const near = errors.filter((error) => error < 0.02 && error > 1e-7);
    expect(near.length).toBeGreaterThan(0);
    for (const error of near) expect(errors[errors.indexOf(error) + 1]).toBeLessThan(30 * error ** 2);
  });

  it("solves graphs of any shape on reference, as their netlists say", async () => {
    const node = diodeNode({ rails: "both" });
    const through = (density: number, seed: number) => ({
      through: { kind: "sparse" as const, density, seed },
    });
    const edge = (from: string, to: string, seed: number) => [
      { name: `${from}-${to}`, from, to, synapse: resistor(), initial: ZERO, ...through(0.4, seed) },
      {
        name: `${to}-${from}`,
        from: to,
        to: from,
        synapse: resistor(),
        initial: ZERO,
        feedback: { kind: "tied" as const, to: `${from}-${to}` },
      },
    ];
    // A triangle: no two sets.
    const design = defineCircuit({
      name: "graph",
      populations: [
        { name: "input", size: 4, neuron: plainNode() },
        ...["a", "b", "c"].map((name) => ({ name, size: 8, neuron: node })),
      ],
      projections: [
        { name: "input-a", from: "input", to: "a", synapse: resistor(), initial: ZERO },
        ...edge("a", "b", 1),
        ...edge("b", "c", 2),
        ...edge("c", "a", 3),
      ],
      input: "input",
      output: "c",
      cost: { kind: "squared-error", argument: "state" },
    });
    const chip = joined(design.fabricate(), 3, 2);
    const inputs = volts(3, 4, 4);
    const request = { samples: 1, inputs, steps: 3000, tolerance: 1e-13 };
    const { states, outcome } = await phaseOf(chip, reference, NEWTON, request);
    expect(outcome.kind).toBe("settled");
    expect(outcome.steps).toBeLessThan(15);
    const swept = await phaseOf(chip, reference, { solver: "balance" }, request);
    expect(farthest(states, swept.states)).toBeLessThan(1e-10);
    const { nodes } = operatingPoint(readCircuit(netlistOf(chip, { inputs }), "graph"));
    for (const [name, { re }] of Object.entries(states))
      re.forEach((v, k) => expect(Math.abs(v - nodes[`${name}_${k}`])).toBeLessThan(1e-9));
    await expect(phaseOf(chip, simd, NEWTON, request)).rejects.toMatchObject({ code: "DYN-SOLVER" });
  });

  it("finds the points of rest of neurons without conductances, too", async () => {
    const chip = layered([4, 6, 2], { neuron: leakyIntegrator({ rho: "tanh" }), synapse: ideal() }).fabricate(
      { seed: 2 },
    );
    const request = { samples: 2, inputs: volts(1, 8, 1), steps: 2000, tolerance: 1e-12 };
    const there = await phaseOf(chip, reference, { dt: 0.2 }, request);
    const found = await phaseOf(chip, reference, NEWTON, request);
    expect(found.outcome.steps).toBeLessThan(12);
    expect(farthest(found.states, there.states)).toBeLessThan(1e-10);
  });

  it("is refused by name where it cannot be", async () => {
    const chip = joined(resistive([2, 3, 2]).fabricate(), 1, 1);
    const request = { samples: 1, inputs: [1, -1], steps: 10 };
    const code = (options: SimulatorOptions, more: Partial<PhaseRequest> = {}, of = chip, on = reference) =>
      phaseOf(of, on, { ...NEWTON, ...options }, { ...request, ...more }).then(
        ({ outcome }) => outcome.kind,
        (error: { code: string }) => error.code,
      );
    expect(await code({ order: "alternate" })).toBe("DYN-ORDER");
    expect(await code({ acceleration: "anderson" })).toBe("DYN-ACCELERATION");
    expect(await code({}, { targets: [0, 0], nudges: [{ re: 0.1, im: 0.1 }] })).toBe("DYN-SOLVER");
    const gpu = await createEngine("gpu:cpu");
    expect(await code({}, {}, chip, gpu)).toBe("DYN-SOLVER");
    gpu.dispose();
    const steps = defineNeuron({
      name: "steps",
      equations: "du/dt = -u + I + floor(u)/2 + I_nudge\nrho = u",
    });
    const jumping = layered([2, 3, 2], { neuron: steps, synapse: ideal() }).fabricate();
    expect(await code({}, {}, jumping)).toBe("DYN-SOLVER");
    const wide = resistive([2, 20, 20, 20]).fabricate();
    expect(await code({}, {}, wide, simd)).toBe("DYN-SOLVER");
  });
});
