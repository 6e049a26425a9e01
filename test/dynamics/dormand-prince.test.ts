/**
 * The adaptive solver: its orders, its choice of steps, what it says when it cannot go on, and phases under
 * it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../devices";
import { createEngine, Simulator, transient, type Chip, type NeuronSpec } from "../../src/index";
import { integrate, type Field, type Step } from "../../src/dynamics/phases/dormand-prince";

/** A nonlinear pair with a known solution: y = exp(sin t), z = cos t. */
const known: Field = async (t, [y]) => Float64Array.of(y * Math.cos(t), -Math.sin(t));
const solution = (t: number): number[] => [Math.exp(Math.sin(t)), Math.cos(t)];
const START = Float64Array.of(1, 1);

/** One step of length h from t = 0 by force: errors at its end and halfway. */
async function oneStep(h: number): Promise<{ end: number; middle: number }> {
  let seen: Step | undefined;
  await integrate(known, START, h, { relative: 0.9, absolute: 0.9 }, (step) => ((seen = step), true));
  const { to, y, at } = seen as Step;
  expect(to).toBe(h);
  const error = (values: Float64Array, t: number): number =>
    Math.max(...values.map((v, i) => Math.abs(v - solution(t)[i])));
  return { end: error(y, h), middle: error(at(h * 0.4), h * 0.4) };
}

describe("the pair of Dormand and Prince", () => {
  it("has order 5, its dense output order 4: local errors fall with 6 and 5", async () => {
    const [long, short] = [await oneStep(0.2), await oneStep(0.1)];
    expect(Math.abs(Math.log2(long.end / short.end) - 6)).toBeLessThan(0.4);
    expect(Math.abs(Math.log2(long.middle / short.middle) - 5)).toBeLessThan(0.4);
  });

  it("keeps the error near what is allowed, at the ends of steps and between them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 10 }), async (digits) => {
        const allowed = 10 ** -digits;
        let worst = 0;
        const { y, accepted, rejected, evaluations } = await integrate(
          known,
          START,
          10,
          { relative: allowed, absolute: allowed },
          (step) => {
            for (const share of [0.3, 0.7]) {
              const t = step.from + share * (step.to - step.from);
              step.at(t).forEach((v, i) => (worst = Math.max(worst, Math.abs(v - solution(t)[i]))));
            }
            return false;
          },
        );
        y.forEach((v, i) => (worst = Math.max(worst, Math.abs(v - solution(10)[i]))));
        expect(worst).toBeLessThan(50 * allowed);
        expect(worst).toBeGreaterThan(allowed / 50);
        expect(evaluations).toBe(2 + 6 * (accepted + rejected));
      }),
      { numRuns: 7 },
    );
  });

  it("gives up a step that jumps and takes shorter ones across", async () => {
    const kicked: Field = async (t) => Float64Array.of(t < 1 ? 0 : 50);
    const { ended, rejected, y } = await integrate(kicked, Float64Array.of(0), 2, {}, () => false);
    expect(ended).toBe("end");
    expect(rejected).toBeGreaterThan(0);
    expect(Math.abs(y[0] - 50)).toBeLessThan(1e-4);
  });

  it("stops before a pole, where no step is short enough, and out of steps", async () => {
    const pole: Field = async (_, [y]) => Float64Array.of(y * y);
    const stuck = await integrate(pole, Float64Array.of(1), 2, {}, () => false);
    expect(stuck.ended).toBe("stuck");
    expect(Math.abs(stuck.t - 1)).toBeLessThan(1e-6);
    expect(
      (
        await integrate(
          async () => Float64Array.of(Number.NaN),
          Float64Array.of(1),
          2,
          {},
          () => false,
        )
      ).ended,
    ).toBe("stuck");
    expect((await integrate(known, START, 100, { mostSteps: 10 }, () => false)).ended).toBe("exhausted");
  });

  it("recognises a stiff problem, and no other", async () => {
    const relaxing =
      (rate: number): Field =>
      async (t, [y]) =>
        Float64Array.of(-rate * (y - Math.cos(t)));
    expect(
      (await integrate(relaxing(1e4), Float64Array.of(0), 5, { mostSteps: 1_000_000 }, () => false)).stiff,
    ).toBe(true);
    expect((await integrate(relaxing(1), Float64Array.of(0), 5, {}, () => false)).stiff).toBe(false);
  });
});

const chip = layered([3, 4, 2], { neuron: leakyIntegrator({ rho: "tanh" }), synapse: ideal() }).fabricate({
  seed: 2,
});
const inputs = [0.3, -0.7, 0.9];
const adaptive = async (of: Chip = chip, options = {}, dt = 0.1, engine = "reference"): Promise<Simulator> =>
  new Simulator(of, await createEngine(engine), { solver: "dormand-prince", dt, adaptive: options });
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe("a phase under the adaptive solver", () => {
  it("ends where fixed steps end, with fewer evaluations", async () => {
    const fixed = await new Simulator(chip, await createEngine("reference"), {
      solver: "rk4",
      dt: 0.01,
    }).phase({ samples: 1, inputs, steps: 1000 });
    const { states, outcome } = await (
      await adaptive(chip, { relative: 1e-9, absolute: 1e-11 })
    ).phase({ samples: 1, inputs, steps: 100 });
    expect(apart(states.l1.re, fixed.states.l1.re)).toBeLessThan(1e-8);
    expect(outcome).toMatchObject({ kind: "fixed", steps: 100 });
    expect(outcome.integration?.evaluations).toBeLessThan(1000);
  });

  it("stops when it has settled, in the units of the circuit", async () => {
    const physical = layered([3, 4, 2], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: ideal({ unit: "A" }),
    }).fabricate({ seed: 2 });
    const simulator = await adaptive(physical, {}, 1e-6);
    const { outcome, states } = await simulator.phase({
      samples: 1,
      inputs,
      steps: 100_000,
      tolerance: 1e-6,
    });
    expect(outcome.kind).toBe("settled");
    expect(outcome.steps).toBeLessThan(2000);
    const fixed = await new Simulator(physical, await createEngine("reference"), { dt: 2e-6 }).phase({
      samples: 1,
      inputs,
      steps: 3000,
    });
    expect(apart(states.output.re, fixed.states.output.re)).toBeLessThan(1e-6);
  });

  it("reads a recording and the lock-in from its dense output", async () => {
    const request = {
      samples: 1,
      inputs,
      targets: [1, 0],
      nudges: [{ re: 0.3, im: 0 }],
      oscillation: { period: 100, form: "complex" as const },
      steps: 300,
    };
    const tight = { relative: 1e-10, absolute: 1e-12 };
    const fine = new Simulator(chip, await createEngine("reference"), { solver: "rk4", dt: 0.1 });
    const [ours, theirs] = await Promise.all(
      [adaptive(chip, tight), fine].map(async (s) =>
        transient(await s, { ...request, every: 40, units: { l1: [0, 3] } }),
      ),
    );
    expect(ours.times).toEqual(theirs.times);
    ours.traces.forEach(({ re, im = [], estimate }, i) => {
      const other = theirs.traces[i];
      expect(apart(re, other.re)).toBeLessThan(1e-6);
      expect(apart(im, other.im ?? [])).toBeLessThan(1e-6);
      expect(apart(estimate?.re.slice(1) ?? [], other.estimate?.re.slice(1) ?? [1])).toBeLessThan(1e-5);
    });
    const [a, b] = await Promise.all(
      [adaptive(chip, tight), fine].map(
        async (s) => (await (await s).phase({ ...request, average: 200 })).lockIn,
      ),
    );
    expect(
      apart(
        a?.fundamental.activities.output.im as Float64Array,
        b?.fundamental.activities.output.im as Float64Array,
      ),
    ).toBeLessThan(1e-6);
    const means = await Promise.all(
      [adaptive(chip, tight), fine].map(async (s) =>
        (await s).phase({ samples: 1, inputs, steps: 50, average: 20 }),
      ),
    );
    expect(apart(means[0].states.l1.re, means[1].states.l1.re)).toBeLessThan(1e-5);
    expect(apart(means[0].activities.l1.re, means[1].activities.l1.re)).toBeLessThan(1e-5);
  });

  it("says why it could not go on", async () => {
    const node = (equations: string): Chip => {
      const one = layered([1, 1], {
        neuron: { kind: "neuron", name: "node", equations } satisfies NeuronSpec,
        synapse: ideal(),
      }).fabricate();
      one.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
      return one;
    };
    const run = async (equations: string, steps: number, options = {}) =>
      (await (await adaptive(node(equations), options, 0.1)).phase({ samples: 1, inputs: [1], steps }))
        .outcome;
    const diverged = await run("du/dt = u*u + I + I_nudge\nrho = u", 100);
    expect(diverged).toMatchObject({ kind: "diverged", rows: [0] });
    expect(diverged.advice).toMatch(/no step was short enough/);
    const late = await run("du/dt = -u + I + I_nudge\nrho = u", 10_000, { mostSteps: 20 });
    expect(late.kind).toBe("timedOut");
    const stiff = await run("du/dt = -10000*u + 10000*I + I_nudge\nrho = u", 40);
    expect(stiff.advice).toMatch(/stiff/);
  });

  it("is refused where it cannot be right", async () => {
    await expect(adaptive(chip, {}, 0.1, "simd")).rejects.toMatchObject({ code: "DYN-SOLVER" });
    await expect(adaptive(chip, { relative: 0 })).rejects.toMatchObject({ code: "DYN-TOLERANCE" });
    await expect(adaptive(chip, { mostSteps: 0 })).rejects.toMatchObject({ code: "DYN-STEPS" });
    const request = { samples: 1, inputs, steps: 5 };
    for (const neuron of [softNeuron(), leakyIntegrator(), shiftedSigmoid()]) {
      const other = layered([3, 2], {
        neuron,
        synapse: neuron.name === "soft neuron" ? ideal({ unit: "A" }) : ideal(),
      }).fabricate();
      await expect((await adaptive(other, {}, 1e-5)).phase(request)).rejects.toMatchObject({
        code: "DYN-SOLVER",
      });
    }
    const engine = await createEngine("reference");
    expect(
      () => new Simulator(chip, engine, { solver: "dormand-prince", dt: 0.1, acceleration: "anderson" }),
    ).toThrowError(/DYN-ACCELERATION/);
    await expect(
      new Simulator(chip, engine, { solver: "dormand-prince", dt: 0.1, order: "alternate" }).phase(request),
    ).rejects.toMatchObject({ code: "DYN-ORDER" });
  });
});
