/** Alexander's method follows stiff networks, every sample by steps of its own, on both engines. */
import { beforeAll, describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { diodeNode } from "../../devices";
import { Simulator } from "../../src/dynamics/simulator";
import { transient } from "../../src/dynamics/transient";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { refusal } from "../refusal";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const set = (...values: number[]) => ({ weights: Float64Array.from(values), biases: null });
/** Conductances over four decades, inputs of 20 V: time constants from 0.1 ps on. */
function stiff() {
  const chip = resistive([3, 3, 1], { neuron: diodeNode({ V_up: "1 V", V_down: "-1 V" }) }).fabricate();
  chip.setWeights("input-l1", set(10, 0.01, 1, 0.1, 3, 0.001, 0.5, 0.02, 5));
  chip.setWeights("l1-output", set(0.01, 1, 0.1));
  return chip;
}
const INPUTS = [20, -20, 3, 0.1, 0.2, -0.1, -5, 0, 12];
const SPAN = 2e-9;

async function states(engine: Engine, solver: "dormand-prince" | "sdirk3", relative: number, steps = 4) {
  const simulator = new Simulator(stiff(), engine, {
    solver,
    dt: SPAN / 4,
    adaptive: { relative, ...(solver === "dormand-prince" && { absolute: relative }) },
    ...(solver === "sdirk3" && { order: "alternate" }),
  });
  const found = await simulator.phase({ samples: 3, inputs: INPUTS, steps });
  simulator.dispose();
  return found;
}
const apart = (a: Awaited<ReturnType<typeof states>>, b: Awaited<ReturnType<typeof states>>): number =>
  Math.max(
    ...Object.entries(a.states).flatMap(([name, { re }]) =>
      [...re].map((v, i) => Math.abs(v - b.states[name].re[i])),
    ),
  );

describe("sdirk3", () => {
  it("follows what an explicit method takes many times as many steps for", async () => {
    for (const steps of [1, 4]) {
      const truth = await states(reference, "dormand-prince", 1e-8, steps);
      const coarse = await states(reference, "sdirk3", 1e-4, steps);
      const fine = await states(reference, "sdirk3", 1e-6, steps);
      const there = await states(simd, "sdirk3", 1e-4, steps);
      expect(apart(coarse, truth)).toBeLessThan(1e-4);
      expect(apart(fine, truth)).toBeLessThan(2e-6);
      expect(apart(there, truth)).toBeLessThan(1e-4);
      expect(apart(there, coarse)).toBeLessThan(2e-5);
      const [own, others] = [coarse.outcome.integration, truth.outcome.integration];
      expect(own?.accepted).toBeLessThan(0.2 * (others?.accepted ?? 0));
      expect(own?.evaluations).toBe(6 * ((own?.accepted ?? 0) + (own?.rejected ?? 0)));
    }
  });

  it("takes each sample by steps of its own: a batch is its samples one by one", async () => {
    const all = await states(simd, "sdirk3", 1e-4);
    for (let s = 0; s < 3; s++) {
      const simulator = new Simulator(stiff(), simd, {
        solver: "sdirk3",
        dt: SPAN / 4,
        order: "alternate",
        adaptive: { relative: 1e-4 },
      });
      const inputs = INPUTS.slice(3 * s, 3 * s + 3);
      const one = await simulator.phase({ samples: 1, inputs, steps: 4 });
      simulator.dispose();
      expect(one.states.l1.re).toEqual(all.states.l1.re.slice(3 * s, 3 * s + 3));
      expect(one.states.output.re[0]).toBe(all.states.output.re[s]);
    }
  });

  it("moves under a nudge, in parts, and says how fast it still moves", async () => {
    const simulator = new Simulator(stiff(), reference, {
      solver: "sdirk3",
      dt: 1e-9,
      adaptive: { relative: 1e-6 },
    });
    const recording = await transient(simulator, {
      samples: 3,
      inputs: INPUTS,
      targets: [0.5, 0.5, 0.5],
      steps: 40,
      every: 10,
      nudges: [{ re: 0.2, im: 0 }],
    });
    simulator.dispose();
    const rest = new Simulator(stiff(), reference, { solver: "balance" });
    const found = await rest.phase({
      samples: 3,
      inputs: INPUTS,
      targets: [0.5, 0.5, 0.5],
      steps: 2000,
      tolerance: 1e-12,
      nudges: [{ re: 0.2, im: 0 }],
    });
    rest.dispose();
    expect(recording.times).toEqual([0, 1e-8, 2e-8, 3e-8, 4e-8].map((t) => expect.closeTo(t, 14)));
    recording.traces.forEach(({ re }, row) => expect(re.at(-1)).toBeCloseTo(found.states.output.re[row], 3));
    expect(recording.outcome.residual).toBeLessThan(0.1);
    const early = await states(reference, "sdirk3", 1e-6, 1);
    expect(early.outcome.residual).toBeGreaterThan(recording.outcome.residual);
  });

  it("says when steps run out, and refuses what it cannot do", async () => {
    const simulator = new Simulator(stiff(), reference, {
      solver: "sdirk3",
      dt: SPAN,
      adaptive: { mostSteps: 3 },
    });
    const { outcome } = await simulator.phase({ samples: 3, inputs: INPUTS, steps: 1 });
    expect(outcome).toMatchObject({ kind: "timedOut", rows: [0, 1, 2] });
    expect(outcome.advice).toContain("mostSteps");
    const complex = simulator.phase({
      samples: 1,
      inputs: [1, 1, 1],
      steps: 1,
      targets: [0],
      nudges: [{ re: 0, im: 1 }],
    });
    await expect(complex).rejects.toMatchObject({ code: "DYN-SOLVER" });
    simulator.dispose();
    const code = (options: object) =>
      refusal(() => new Simulator(stiff(), reference, { solver: "sdirk3", dt: SPAN, ...options })).code;
    expect(code({ acceleration: "anderson" })).toBe("DYN-ACCELERATION");
    expect(code({ adaptive: { relative: 2 } })).toBe("DYN-TOLERANCE");
  });
});
