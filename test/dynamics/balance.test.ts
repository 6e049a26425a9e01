/** The solver balance ends, fast, where plain sweeps are slow and plain mixing runs away; and tells what is left. */
import { beforeAll, describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import type { Chip } from "../../src/circuit/chip-types";
import { ownerOf } from "../../src/circuit/owner";
import { Simulator } from "../../src/dynamics/simulator";
import type { SimulatorOptions } from "../../src/dynamics/simulator-options";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { streamOf, uniform } from "../../src/random";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const SAMPLES = 4;
const draw = (seed: number, index: number): number => uniform(seed, streamOf("balance"), 0, index);

interface Hard {
  readonly sizes: readonly number[];
  /** Powers of ten of conductances, S. */
  readonly decades: readonly [number, number];
  readonly volts: number;
  readonly seed: number;
}

function chipOf({ sizes, decades: [low, high], seed }: Hard): Chip {
  const chip = resistive(sizes).fabricate();
  for (const p of chip.circuit.projections) {
    if (ownerOf(p) !== p.name) continue;
    const weights = chip
      .weights(p.name)
      .weights.map((_, k) => 1e3 * 10 ** (low + (high - low) * draw(seed, k)));
    chip.setWeights(p.name, { weights, biases: null });
  }
  return chip;
}

const settled = async (hard: Hard, engine: Engine, options: SimulatorOptions = {}) => {
  const simulator = new Simulator(chipOf(hard), engine, {
    solver: "balance",
    order: "alternate",
    ...options,
  });
  const inputs = Float64Array.from(
    { length: SAMPLES * hard.sizes[0] },
    (_, k) => hard.volts * (2 * draw(hard.seed + 100, k) - 1),
  );
  const tolerance = engine === reference ? 1e-12 : 4e-6;
  const { outcome, states } = await simulator.phase({ samples: SAMPLES, inputs, steps: 2000, tolerance });
  simulator.dispose();
  return { outcome, states: Object.values(states).flatMap(({ re }) => [...re]) };
};

const HARD: readonly Hard[] = [
  { sizes: [8, 8, 2], decades: [-8, -2], volts: 2, seed: 1 },
  { sizes: [8, 8, 2], decades: [-8, -2], volts: 2, seed: 2 },
  { sizes: [4, 24, 24, 10], decades: [-5, -3], volts: 2, seed: 3 },
  { sizes: [4, 16, 16, 16, 10], decades: [-8, -2], volts: 20, seed: 4 },
];

describe("balance", () => {
  it.each(HARD)("settles $sizes, $decades decades, $volts V, in few sweeps on both engines", async (hard) => {
    const exact = await settled(hard, reference);
    const there = await settled(hard, simd);
    for (const { outcome } of [exact, there]) {
      expect(outcome.kind).toBe("settled");
      expect(outcome.steps).toBeLessThan(60);
    }
    exact.states.forEach((v, k) => expect(Math.abs(there.states[k] - v)).toBeLessThan(2e-5 * hard.volts));
    expect(exact.outcome.kirchhoff).toBeLessThan(1e-12);
    expect(there.outcome.kirchhoff).toBeLessThan(1e-5);
    expect(exact.outcome.contraction).toBeGreaterThan(0);
    expect(exact.outcome.contraction).toBeLessThan(1);
  });

  it("mixes by itself where sweeps become shorter slowly, and only there", async () => {
    const [quick, slow] = [{ sizes: [16, 16, 4], decades: [-5, -3], volts: 2, seed: 5 } as const, HARD[2]];
    const steps = async (hard: Hard, acceleration: "none" | "anderson" | "auto") =>
      (await settled(hard, reference, { acceleration })).outcome.steps;
    expect(await steps(quick, "auto")).toBe(await steps(quick, "none"));
    expect(await steps(slow, "auto")).toBeLessThan((await steps(slow, "none")) / 3);
    const { states } = await settled(slow, reference);
    const { states: plain } = await settled(slow, reference, { acceleration: "none" });
    states.forEach((v, k) => expect(v).toBeCloseTo(plain[k], 9));
  });

  it("takes no node beyond its bounds, nor short of where it belongs", async () => {
    // A current of 5 mA into 1 mS: 5 V, five times the largest source of volts.
    const chip = resistive([1, 1], { currents: true }).fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: null });
    chip.setWeights("currents-output", { weights: Float64Array.of(1), biases: null });
    const simulator = new Simulator(chip, reference, { solver: "balance" });
    const at = async (inputs: number[], request: object = {}) =>
      (await simulator.phase({ samples: 1, inputs, steps: 50, tolerance: 1e-12, ...request })).states.output
        .re[0];
    expect(await at([1, 5])).toBeCloseTo(6, 11);
    expect(await at([1, -5])).toBeCloseTo(-4, 11);
    // (1 V * 1 mS + 20 V * 9 mS)/10 mS
    const nudged = { targets: [20], nudges: [{ re: 9, im: 0 }] };
    expect(await at([1, 0], nudged)).toBeCloseTo(18.1, 11);
    expect(await at([1, 0], { targets: [20], nudges: [{ re: -0.5, im: 0 }] })).toBeCloseTo(-18, 10);
    simulator.dispose();
  });
});
