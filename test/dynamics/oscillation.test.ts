/**
 * Oscillating nudges: readings are the linear response at omega, whatever the amplitude, the engine and the
 * cut into parts.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, softNeuron } from "../../devices";
import {
  createEngine,
  exactAnswers,
  jacobian,
  Simulator,
  transient,
  type Chip,
  type LockIn,
  type Oscillation,
  type PhaseRequest,
  type SolverName,
} from "../../src/index";
import { factorise } from "../../src/learning/references/linear";

const DT = 0.1;
const chip = layered([4, 5, 3], {
  neuron: leakyIntegrator({ rho: "tanh" }),
  synapse: ideal(),
  feedback: { angle: 30 },
  initial: { distribution: "lecun", scale: 0.4 },
}).fabricate({ seed: 2 });
const DATA = { samples: 1, inputs: [0.1, 0.9, 0.4, 0.6], targets: [0, 0, 1] };
const request = (
  form: Oscillation["form"],
  amplitude: number,
  period: number,
  periods = 2,
  warmup = 2,
): PhaseRequest => ({
  ...DATA,
  nudges: [{ re: amplitude, im: 0 }],
  oscillation: { period, form },
  steps: (warmup + periods) * period,
  average: periods * period,
});
const simulatorOf = async (
  solver: SolverName = "rk4",
  engine = "reference",
  dt = DT,
  of: Chip = chip,
): Promise<Simulator> => new Simulator(of, await createEngine(engine), { solver, dt });
const flat = (planes: LockIn["fundamental"]["states"], part: "re" | "im"): number[] =>
  ["l1", "output"].flatMap((name) => [...(planes[name][part] as Float64Array)]);
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((x, i) => x - b[i])) / Math.hypot(...b);

/** d_beta u and J at the free fixed point. */
async function atRest(simulator: Simulator) {
  const free = await simulator.phase({ samples: 1, inputs: DATA.inputs, steps: 2000 });
  const exact = exactAnswers(simulator.chip, 1, DATA.inputs, free.states, DATA.targets);
  return {
    free,
    derivative: ["l1", "output"].flatMap((name) => [...exact.dState[name]]),
    J: jacobian(exact.linearisation, 0),
  };
}

/** -(J - i omega)^-1 J d_beta u, both parts: what a lock-in of a linear circuit reads. */
function response(
  { matrix, n }: { matrix: Float64Array; n: number },
  derivative: readonly number[],
  omega: number,
): { re: number[]; im: number[] } {
  // (i omega - J)(x + i y) = -J d: a real system of twice the size.
  const [big, rhs] = [new Float64Array(4 * n * n), new Float64Array(2 * n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      big[i * 2 * n + j] = big[(n + i) * 2 * n + n + j] = -matrix[i * n + j];
      rhs[i] -= matrix[i * n + j] * derivative[j];
    }
    big[i * 2 * n + n + i] = -omega;
    big[(n + i) * 2 * n + i] = omega;
  }
  const x = factorise(big, 2 * n).solve(rhs);
  return { re: [...x.subarray(0, n)], im: [...x.subarray(n)] };
}

describe("a complex oscillation", () => {
  it("reads the linear response at omega, lag and all, at amplitudes where nothing is linear", async () => {
    const simulator = await simulatorOf();
    const { J, derivative, free } = await atRest(simulator);
    for (const period of [120, 400]) {
      const expected = response(J, derivative, (2 * Math.PI) / (period * DT));
      for (const amplitude of [0.01, 0.4]) {
        const { lockIn, outcome } = await simulator.phase(request("complex", amplitude, period));
        const { fundamental, mean } = lockIn as LockIn;
        expect(
          distance(
            flat(fundamental.states, "re").map((x) => x / amplitude),
            expected.re,
          ),
        ).toBeLessThan(1e-5);
        expect(
          distance(
            flat(fundamental.states, "im").map((x) => x / amplitude),
            expected.im,
          ),
        ).toBeLessThan(1e-5);
        // Eq. 9: the mean is the free state, though there is no free phase.
        expect(distance(flat(mean.states, "re"), flat(free.states, "re"))).toBeLessThan(1e-5);
        expect(distance(flat(mean.activities, "re"), flat(free.activities, "re"))).toBeLessThan(1e-5);
        expect(outcome).toMatchObject({ kind: "fixed", steps: 4 * period });
        expect(outcome.residual).toBeLessThan(1e-5);
      }
    }
  });

  it.each(["euler", "exponential-euler", "heun", "rk4"] as const)(
    "is off by order omega^2 in phase and of order omega in quadrature: %s",
    async (solver) => {
      const simulator = await simulatorOf(solver);
      const { derivative } = await atRest(simulator);
      const measured = await Promise.all(
        [500, 1000, 2000].map(async (period) => {
          const { fundamental } = (await simulator.phase(request("complex", 0.3, period, 1, 1)))
            .lockIn as LockIn;
          return [
            distance(
              flat(fundamental.states, "re").map((x) => x / 0.3),
              derivative,
            ),
            Math.hypot(...flat(fundamental.states, "im")),
          ];
        }),
      );
      const slope = (k: number, quantity: number): number =>
        Math.log2(measured[k][quantity] / measured[k + 1][quantity]);
      expect(slope(1, 0)).toBeGreaterThan(1.8);
      expect(slope(1, 0)).toBeLessThan(2.1);
      expect(slope(1, 1)).toBeGreaterThan(0.9);
      expect(slope(1, 1)).toBeLessThan(1.1);
      expect(measured[2][0]).toBeLessThan(0.01);
    },
  );
});

describe("a nudge within a step", () => {
  it.each([
    ["euler", 1],
    ["exponential-euler", 1],
    ["heun", 2],
    ["rk4", 4],
  ] as const)(
    "is taken at the time of each stage: readings under %s converge with order %d",
    async (solver, order) => {
      const { J, derivative } = await atRest(await simulatorOf());
      const expected = response(J, derivative, (2 * Math.PI) / 12);
      const errors = await Promise.all(
        [30, 60].map(async (period) => {
          const { fundamental } = (
            await (
              await simulatorOf(solver, "reference", 12 / period)
            ).phase(request("complex", 0.05, period, 1, 4))
          ).lockIn as LockIn;
          return distance(
            [...flat(fundamental.states, "re"), ...flat(fundamental.states, "im")].map((x) => x / 0.05),
            [...expected.re, ...expected.im],
          );
        }),
      );
      expect(Math.abs(Math.log2(errors[0] / errors[1]) - order)).toBeLessThan(0.3);
    },
  );
});

describe("a real lock-in", () => {
  it("has a bias of order beta^2 on top of the same lag", async () => {
    const simulator = await simulatorOf();
    const { J, derivative } = await atRest(simulator);
    const expected = response(J, derivative, (2 * Math.PI) / (400 * DT));
    const errors = await Promise.all(
      [0.2, 0.1, 0.05].map(async (amplitude) => {
        const { fundamental } = (await simulator.phase(request("lock-in", amplitude, 400))).lockIn as LockIn;
        return distance(
          flat(fundamental.states, "re").map((x) => (2 * x) / amplitude),
          expected.re,
        );
      }),
    );
    for (const k of [0, 1]) expect(Math.abs(Math.log2(errors[k] / errors[k + 1]) - 2)).toBeLessThan(0.2);
    expect(errors[2]).toBeGreaterThan(1e-5);
  });

  it("needs no holomorphic circuit", async () => {
    const kinked = layered([4, 5, 3], { neuron: leakyIntegrator(), synapse: ideal() }).fabricate({ seed: 3 });
    const simulator = await simulatorOf("euler", "reference", DT, kinked);
    expect(
      (await simulator.phase(request("lock-in", 2, 40))).lockIn?.fundamental.states.output.re.some(
        (x) => x !== 0,
      ),
    ).toBe(true);
    await expect(simulator.phase(request("complex", 0.1, 40))).rejects.toMatchObject({
      code: "EQ-HOLOMORPHIC",
    });
  });
});

describe("readings", () => {
  it.each(["simd", "gpu:cpu"])("are the same on %s as on the reference", async (engine) => {
    const physical = layered([4, 5, 3], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: crossbar({ mismatch: "5 %" }),
      cost: { kind: "cross-entropy", argument: "activity", classes: 3 },
    }).fabricate({ seed: 1 });
    for (const solver of ["heun", "exponential-euler"] as const) {
      for (const form of ["complex", "lock-in"] as const) {
        const [one, other] = await Promise.all(
          ["reference", engine].map(
            async (name) =>
              (await (await simulatorOf(solver, name, 4e-6, physical)).phase(request(form, 0.5, 50, 3, 1)))
                .lockIn as LockIn,
          ),
        );
        for (const part of ["re", "im"] as const)
          expect(
            distance(flat(other.fundamental.activities, part), flat(one.fundamental.activities, part)),
          ).toBeLessThan(2e-5);
        expect(distance(flat(other.mean.states, "re"), flat(one.mean.states, "re"))).toBeLessThan(2e-5);
      }
    }
  });

  it("do not drift in float32, however many periods a phase lasts", async () => {
    const long = request("complex", 0.3, 500, 30, 1);
    const [one, other] = await Promise.all(
      ["reference", "simd"].map(
        async (engine) => (await (await simulatorOf("heun", engine)).phase(long)).lockIn as LockIn,
      ),
    );
    for (const part of ["re", "im"] as const)
      expect(distance(flat(other.fundamental.states, part), flat(one.fundamental.states, part))).toBeLessThan(
        3e-5,
      );
  });

  it("do not depend on how a phase is cut into parts; traces carry the running estimate", async () => {
    const simulator = await simulatorOf("heun");
    const whole = await simulator.phase({ ...request("complex", 0.4, 60), average: 0 });
    const { times, traces, states } = await transient(simulator, {
      ...DATA,
      nudges: [{ re: 0.4, im: 0 }],
      oscillation: { period: 60, form: "complex" },
      steps: 240,
      every: 25,
      units: { l1: [2] },
    });
    expect(times).toHaveLength(11);
    expect(distance(flat(states, "re"), flat(whole.states, "re"))).toBeLessThan(1e-13);
    const { estimate, im } = traces[0];
    expect(im?.at(-1)).toBe(states.l1.im?.[2]);
    expect(estimate?.re[0]).toBeNaN();
    expect(estimate?.re.at(-1)).toBeCloseTo((whole.lockIn?.fundamental.states.l1.re[2] as number) / 0.4, 12);
    expect(estimate?.im.at(-1)).toBeCloseTo(
      (whole.lockIn?.fundamental.states.l1.im?.[2] as number) / 0.4,
      12,
    );
  });

  it("average the chip's noise away: its variance falls like one over the periods", async () => {
    const noisy = layered([1, 1], {
      neuron: { kind: "neuron", name: "noisy", equations: "du/dt = -u + I + I_nudge + 0.1*xi\nrho = u" },
      synapse: ideal(),
      initial: { distribution: "zero" },
    }).fabricate();
    const simulator = await simulatorOf("heun", "reference", 0.2, noisy);
    const samples = 1500;
    const variance = async (periods: number): Promise<number> => {
      const { lockIn, outcome } = await simulator.phase({
        samples,
        inputs: new Float64Array(samples),
        targets: new Float64Array(samples).fill(1),
        nudges: [{ re: 0.2, im: 0 }],
        oscillation: { period: 50, form: "lock-in" },
        steps: (periods + 1) * 50,
        average: periods * 50,
      });
      const { re } = (lockIn as LockIn).fundamental.states.output;
      const mean = re.reduce((sum, x) => sum + x, 0) / samples;
      expect(outcome.noiseFloor).toBeCloseTo(0.1 / Math.SQRT2, 10);
      return re.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples;
    };
    expect(Math.abs((await variance(2)) / (await variance(8)) - 4)).toBeLessThan(0.6);
  });

  it("follow the phase of a complex amplitude", async () => {
    const simulator = await simulatorOf();
    const nudges = [0, 1, 2].map((k) => ({ re: 0.3 * Math.cos(k), im: 0.3 * Math.sin(k) }));
    const { lockIn } = await simulator.phase({ ...request("complex", 1, 200), nudges });
    const { re, im } = (lockIn as LockIn).fundamental.states.output as { re: Float64Array; im: Float64Array };
    nudges.forEach((b, k) => {
      // Divided by its own amplitude, every row reads the same response.
      expect((re[3 * k] * b.re + im[3 * k] * b.im) / 0.09).toBeCloseTo(re[0] / 0.3, 5);
    });
  });
});

describe("oscillations that cannot be", () => {
  it.each([
    ["a period of 3 steps", { oscillation: { period: 3, form: "complex" } }],
    ["half a step", { oscillation: { period: 40.5, form: "complex" } }],
    ["an unknown form", { oscillation: { period: 40, form: "square" as "complex" } }],
    ["a tolerance", { tolerance: 1e-6 }],
    [
      "an imaginary amplitude of a real lock-in",
      { oscillation: { period: 40, form: "lock-in" }, nudges: [{ re: 0, im: 1 }] },
    ],
  ] as const)("are refused: %s", async (_, change) => {
    const simulator = await simulatorOf();
    await expect(simulator.phase({ ...request("complex", 0.1, 40), ...change })).rejects.toMatchObject({
      code: "DYN-OSCILLATION",
    });
  });

  it("are refused where populations move in turn", async () => {
    const simulator = new Simulator(chip, await createEngine("reference"), {
      solver: "euler",
      dt: DT,
      order: "alternate",
    });
    await expect(simulator.phase(request("complex", 0.1, 40))).rejects.toMatchObject({ code: "DYN-ORDER" });
  });
});
