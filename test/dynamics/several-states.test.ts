/** Neurons with states beside u: what they do alone, in circuits, on every engine, and what references and rules make of them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { readCircuit as defineCircuit } from "../../src/circuit/circuit";
import type { NeuronSpec, SynapseSpec } from "../../src/device/types";
import { uniquenessOf } from "../../src/dynamics/contraction";
import { Simulator } from "../../src/dynamics/simulator";
import type { PhaseResult, SolverName } from "../../src/dynamics/types";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { energyOf } from "../../src/learning/energy/energy";
import { centred, holomorphic } from "../../src/learning/estimators";
import { gradientCosine } from "../../src/learning/probe";
import { backpropagationThroughTime } from "../../src/learning/references/backpropagation-through-time";
import { exactAnswers, gradientOf } from "../../src/learning/references/exact";
import { fieldResidual } from "../../src/learning/references/linearisation";
import { defaultRule, vectorField as vectorFieldRule } from "../../src/learning/rules";

const engines = new Map<string, Engine>();
beforeAll(async () => {
  for (const name of ["reference", "simd", "gpu:cpu", "gpu:webasm"])
    engines.set(name, await createEngine(name));
});
afterAll(() => engines.forEach((engine) => engine.dispose()));
const engine = (name = "reference"): Engine => engines.get(name) as Engine;

/** A transconductor with a pole of its own before the output node. */
const twoPoles: NeuronSpec = {
  kind: "neuron",
  name: "two poles",
  equations: `
    C_1*dv/dt = -g_1*v + I + I_nudge : V     # the summing node
    C_2*du/dt = g_m*v - g_2*u : V            # the output node
    rho = tanh(u/V_0) : 1
  `,
  parameters: { C_1: "1 pF", g_1: "1 uS", C_2: "2 pF", g_2: "0.5 uS", g_m: "0.8 uS", V_0: "0.1 V" },
  unitDrive: "g_1*V_0",
};

/** Slow charge that takes back a part of what drives: nonlinear, and different from unit to unit. */
const adapting: NeuronSpec = {
  kind: "neuron",
  name: "adapting",
  equations: `
    du/dt = -u + I + I_nudge - k*a
    tau*da/dt = tanh(u) - a
    rho = tanh(u)
  `,
  parameters: { k: { value: 0.4, mismatch: 0.1 }, tau: { value: 3, mismatch: 0.1 } },
};

/** A weight in the unit of the neuron's current. */
const synapseOf = (spec: NeuronSpec): SynapseSpec =>
  spec.name === twoPoles.name
    ? { kind: "synapse", name: "current", equations: "I = w*rho_pre : A\nw <- w + dw : A" }
    : ideal();

const driven = (spec: NeuronSpec, weight = 1) => {
  const circuit = layered([1, 1], {
    neuron: spec,
    synapse: synapseOf(spec),
    cost: { kind: "squared-error", argument: "state" },
  });
  const chip = circuit.fabricate({ seed: 1 });
  chip.setWeights("input-output", { weights: Float64Array.of(weight), biases: Float64Array.of(0) });
  return chip;
};
/** Two layers of neurons that drive each other. */
const coupled = (spec: NeuronSpec, seed: number, argument: "state" | "activity" = "state") =>
  layered([3, 4, 2], {
    neuron: spec,
    synapse: synapseOf(spec),
    feedback: "tied",
    cost: { kind: "squared-error", argument },
    initial: { distribution: "lecun", scale: 0.7 },
  }).fabricate({ seed });

describe("a neuron of two poles", () => {
  /** Of C_1 v' = -g_1 v + I from rest, with I = 0.1 uA: v = 0.1 (1 - e^(-t/T1)) V, and u after a second pole. */
  const [T1, T2] = [1e-6, 4e-6];
  const expected = (t: number): { v: number; u: number } => ({
    v: 0.1 * (1 - Math.exp(-t / T1)),
    u: 0.16 * (1 - (T2 * Math.exp(-t / T2) - T1 * Math.exp(-t / T1)) / (T2 - T1)),
  });

  it.each<[SolverName, number, number]>([
    ["dormand-prince", 1e-7, 1e-7],
    ["rk4", 1e-7, 1e-6],
    ["heun", 1e-8, 1e-5],
    ["euler", 1e-8, 3e-3],
    ["exponential-euler", 1e-8, 5e-3],
  ])("charges as the equations say, by %s", async (solver, dt, error) => {
    const simulator = new Simulator(driven(twoPoles), engine(), { solver, dt });
    const steps = Math.round(2e-6 / dt);
    const { states } = await simulator.phase({ samples: 1, inputs: [1], steps });
    const { u, v } = expected(2e-6);
    expect(Math.abs(states.output.re[0] / u - 1)).toBeLessThan(error);
    expect(Math.abs(states["output.v"].re[0] / v - 1)).toBeLessThan(error);
  });

  it("goes on from where a phase left it", async () => {
    const simulator = new Simulator(driven(twoPoles), engine(), { solver: "rk4", dt: 1e-7 });
    const request = { samples: 1, inputs: [1] };
    const { states: half } = await simulator.phase({ ...request, steps: 10 });
    const { states } = await simulator.phase({ ...request, steps: 10, from: half });
    const { states: whole } = await simulator.phase({ ...request, steps: 20 });
    for (const [plane, { re }] of Object.entries(whole)) expect(states[plane].re[0]).toBeCloseTo(re[0], 14);
    const { output } = half;
    const { states: forgetful } = await simulator.phase({ ...request, steps: 10, from: { output } });
    expect(forgetful.output.re[0]).toBeLessThan(whole.output.re[0]);
  });

  it("needs the time constants of both for a signal to cross it", () => {
    const simulator = new Simulator(driven(twoPoles), engine(), { dt: 1e-7 });
    expect(simulator.shortestPhase).toBe(50);
  });

  it("is no slower for slow noise that nothing arrives at", () => {
    const { equations, parameters, ...rest } = twoPoles;
    const flickers: NeuronSpec = {
      ...rest,
      equations: `${equations.replace(/(du\/dt = )/, "$1g_2*n + ")}\ntau_n*dn/dt = -n + sqrt(2*tau_n)*s*xi_n : V`,
      parameters: { ...parameters, tau_n: "1 s", s: "1 mV" },
    };
    expect(new Simulator(driven(flickers), engine(), { dt: 1e-7 }).shortestPhase).toBe(50);
  });

  it.each([0.5, 2, 4, 10])("that feeds back %s times settles where its equations say", async (k) => {
    const neuron: NeuronSpec = {
      kind: "neuron",
      name: "slow inhibition",
      equations: "C*du/dt = -g*u + I + I_nudge - k*g*a : V\ntau*da/dt = u - a : V\nrho = tanh(u/s)",
      parameters: { C: "1 pF", g: "50 nS", k, tau: "40 us", s: "100 mV" },
      unitDrive: "g*s",
    };
    const circuit = layered([1, 1], {
      neuron,
      synapse: ideal({ unit: "A" }),
      initial: { distribution: "zero" },
    });
    for (const name of ["reference", "simd"]) {
      const chip = circuit.fabricate();
      chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
      const simulator = new Simulator(chip, engine(name), { dt: "2 us" });
      const { outcome, states } = await simulator.phase({
        samples: 1,
        inputs: [1],
        steps: 5000,
        tolerance: 1e-6,
      });
      expect(outcome.kind).toBe("settled");
      expect(states.output.re[0] * (1 + k)).toBeCloseTo(0.1, 6);
    }
  });

  it("has the noise of each stage", async () => {
    const noisy: NeuronSpec = {
      kind: "neuron",
      name: "noisy",
      equations: `
        dv/dt = -v + I + I_nudge + a*xi_a + b*xi_b
        tau*du/dt = v - u + c*xi
        rho = u
      `,
      parameters: { tau: 2, a: 0.3, b: 0.4, c: 0.6 },
    };
    const samples = 20_000;
    const simulator = new Simulator(driven(noisy), engine("simd"), { solver: "euler", dt: 0.02, seed: 3 });
    const { states } = await simulator.phase({ samples, inputs: new Float64Array(samples), steps: 800 });
    const variance = ({ re }: { re: Float64Array }): number =>
      re.reduce((sum, x) => sum + x * x, 0) / samples;
    // v: (a^2 + b^2)/2; u: a Lorentzian through a pole, (v's variance)/(1 + tau), and its own c^2/(2 tau).
    expect(variance(states["output.v"]) / 0.125).toBeCloseTo(1, 1);
    expect(variance(states.output) / (0.125 / 3 + 0.09)).toBeCloseTo(1, 1);
  });
});

describe("circuits of such neurons", () => {
  const data = { samples: 3, inputs: Float64Array.from({ length: 9 }, (_, i) => Math.sin(i + 1)) };
  const settled = (name: string, spec: NeuronSpec, options: object): Promise<PhaseResult> =>
    new Simulator(coupled(spec, 2), engine(name), options).phase({ ...data, steps: 4000, tolerance: 1e-6 });

  it.each(["simd", "gpu:cpu", "gpu:webasm"])("settle on %s where they do on reference", async (name) => {
    for (const [spec, dt] of [
      [adapting, 0.2],
      [twoPoles, 2e-7],
    ] as const) {
      const [found, wanted] = [await settled(name, spec, { dt }), await settled("reference", spec, { dt })];
      expect([found.outcome.kind, wanted.outcome.kind]).toEqual(["settled", "settled"]);
      expect(Object.keys(found.states)).toEqual(Object.keys(wanted.states));
      for (const [plane, { re }] of Object.entries(wanted.states)) {
        const size = Math.max(...re.map(Math.abs));
        re.forEach((x, i) => expect(Math.abs(found.states[plane].re[i] - x)).toBeLessThan(3e-5 * size));
      }
    }
  });

  it("settle in any order and by any shortcut at one point", async () => {
    const plain = await settled("reference", adapting, { dt: 0.2 });
    for (const options of [
      { dt: 0.2, order: "alternate" },
      { dt: 0.2, order: "alternate", acceleration: "anderson" },
      { dt: 0.2, acceleration: "anderson" },
      { dt: 0.1, solver: "heun" },
    ]) {
      const found = await settled("reference", adapting, options);
      expect(found.outcome.kind).toBe("settled");
      for (const [plane, { re }] of Object.entries(plain.states))
        re.forEach((x, i) => expect(found.states[plane].re[i]).toBeCloseTo(x, 4));
    }
  });

  it("take a step of all states at once", async () => {
    const swap: NeuronSpec = {
      kind: "neuron",
      name: "swap",
      equations: "u <- v + 0.5*I\nv <- u + I + I_nudge\nrho = u",
    };
    const simulator = new Simulator(driven(swap), engine());
    let [u, v] = [0, 0];
    for (let steps = 1; steps < 6; steps++) {
      [u, v] = [v + 0.5, u + 1];
      const { states } = await simulator.phase({ samples: 1, inputs: [1], steps });
      expect([states.output.re[0], states["output.v"].re[0]]).toEqual([u, v]);
    }
  });

  it("are held by the bounds of each state", async () => {
    const held: NeuronSpec = {
      kind: "neuron",
      name: "held",
      equations: "dv/dt = I + I_nudge - v\ndu/dt = v - u\nrho = u\n-0.25 <= v <= 0.25",
    };
    const { states } = await new Simulator(driven(held), engine(), { dt: 0.1 }).phase({
      samples: 1,
      inputs: [1],
      steps: 400,
    });
    expect([states.output.re[0], states["output.v"].re[0]].map((x) => Number(x.toFixed(6)))).toEqual([
      0.25, 0.25,
    ]);
  });
});

describe("references", () => {
  const samples = 2;
  const inputs = Float64Array.of(0.6, -0.4, 0.9, -0.8, 0.3, 0.5);
  const targets = Float64Array.of(0.3, -0.2, -0.1, 0.4);
  const cases = [
    ["two poles", twoPoles, 2e-7],
    ["adapting", adapting, 0.2],
  ] as const;

  it.each(cases)("of %s neurons are the slopes of the settled cost", async (_, spec, dt) => {
    const chip = coupled(spec, 4);
    const scale = spec === twoPoles ? 0.1 : 1;
    const wanted = targets.map((y) => y * scale);
    const cost = async (): Promise<{ value: number; states: PhaseResult["states"] }> => {
      const simulator = new Simulator(chip, engine(), { dt });
      const { states, outcome } = await simulator.phase({ samples, inputs, steps: 20_000, tolerance: 1e-13 });
      expect(outcome.kind).toBe("settled");
      const sum = states.output.re.reduce((total, u, i) => total + (u - wanted[i]) ** 2, 0);
      return { value: sum / (2 * samples), states };
    };
    const { states } = await cost();
    const { delta, linearisation } = exactAnswers(chip, samples, inputs, states, wanted);
    expect(fieldResidual(linearisation)).toBeLessThan(1e-5 / dt);
    const gradient = gradientOf(linearisation, delta);
    for (const name of ["input-l1", "l1-output"] as const) {
      const { weights, biases } = chip.weights(name);
      const change = async (by: number): Promise<number> => {
        chip.setWeights(name, { weights: weights.map((w, i) => (i === 1 ? w + by : w)), biases });
        return (await cost()).value;
      };
      const step = 1e-4;
      const slope = ((await change(step)) - (await change(-step))) / (2 * step);
      chip.setWeights(name, { weights, biases });
      const tied = gradient["output-l1"];
      // A tied pair is one device: the gradient by it is that of both directions.
      const own = gradient[name].weights[1] + (name === "l1-output" ? tied.weights[turned(1, 4, 2)] : 0);
      expect(own / slope).toBeCloseTo(1, 4);
    }
  });

  it.each(cases)("of %s neurons are what nudging finds", async (_, spec, dt) => {
    const chip = coupled(spec, 5);
    const simulator = new Simulator(chip, engine(), { dt });
    const phase = (beta: number): Promise<PhaseResult> =>
      simulator.phase({
        samples,
        inputs,
        targets,
        nudges: [{ re: beta, im: 0 }],
        steps: 20_000,
        tolerance: 1e-13,
        from: states,
      });
    const { states } = await simulator.phase({ samples, inputs, steps: 20_000, tolerance: 1e-13 });
    const [up, down] = [await phase(1e-4), await phase(-1e-4)];
    const { dState } = exactAnswers(chip, samples, inputs, states, targets);
    for (const [name, exact] of Object.entries(dState)) {
      const found = exact.map((_each, i) => (up.states[name].re[i] - down.states[name].re[i]) / 2e-4);
      const size = Math.max(...exact.map(Math.abs));
      exact.forEach((x, i) => expect(Math.abs(found[i] - x)).toBeLessThan(1e-4 * size));
    }
  });

  it("are what nudges on a circle find", async () => {
    const simulator = new Simulator(coupled(adapting, 7), engine(), { dt: 0.2 });
    const estimator = holomorphic({ points: 4, amplitude: 0.05, freeSteps: 400, nudgedSteps: 400 });
    const batch = { inputs, samples, targets, labels: Uint8Array.of(0, 1) };
    const { free, dState } = await estimator.estimate(simulator, batch, { round: 0, seed: 0 });
    const exact = exactAnswers(simulator.chip, samples, inputs, free.states, targets).dState;
    for (const [name, values] of Object.entries(exact))
      values.forEach((x, i) => expect(dState[name][i]).toBeCloseTo(x, 4));
  });

  it.each(cases)("of %s neurons are found by propagating with symmetric weights", async (_, spec, dt) => {
    const batch = { inputs, samples, targets, labels: Uint8Array.of(0, 1) };
    const estimator = centred({ amplitude: 1e-3, freeSteps: 4000, nudgedSteps: 4000, tolerance: 1e-11 });
    const chip = coupled(spec, 5, "activity");
    for (const name of ["reference", "simd"]) {
      const simulator = new Simulator(chip, engine(name), { dt });
      const { layers } = await gradientCosine(simulator, estimator, vectorFieldRule, batch, 0, 1);
      for (const cosine of Object.values(layers))
        expect(cosine).toBeGreaterThan(name === "simd" ? 0.99 : 0.9999);
    }
  });

  it("follow steps back through all states", async () => {
    const chip = coupled(adapting, 6);
    const simulator = new Simulator(chip, engine(), { dt: 0.2 });
    const steps = 12;
    const { weights, biases } = chip.weights("input-l1");
    const batch = { inputs, samples, targets, labels: Uint8Array.of(0, 1) };
    const cost = async (by: number): Promise<number> => {
      chip.setWeights("input-l1", { weights: weights.map((w, i) => (i === 2 ? w + by : w)), biases });
      return (await backpropagationThroughTime(simulator, batch, { freeSteps: steps, steps: 1 })).cost;
    };
    const slope = ((await cost(1e-5)) - (await cost(-1e-5))) / 2e-5;
    chip.setWeights("input-l1", { weights, biases });
    const { byWeights } = await backpropagationThroughTime(simulator, batch, { freeSteps: steps, steps });
    expect(byWeights.reduce((sum, step) => sum + step["input-l1"].weights[2], 0) / slope).toBeCloseTo(1, 5);
  });
});

it("are told by names that no population has", () => {
  const { spec } = coupled(adapting, 1).circuit;
  const named = (name: string) => ({
    ...spec,
    output: name,
    populations: spec.populations.map((p) => (p.name === "output" ? { ...p, name } : p)),
    projections: spec.projections.map((p) => ({
      ...p,
      from: p.from === "output" ? name : p.from,
      to: p.to === "output" ? name : p.to,
    })),
  });
  expect(() => defineCircuit(named("l1.b"))).not.toThrow();
  expect(() => defineCircuit(named("l1.a"))).toThrow(
    expect.objectContaining({
      code: "CIRCUIT-NAME",
      message: expect.stringContaining('the state a of the neurons of "l1"'),
    }),
  );
});

describe("what is of neurons of one state alone", () => {
  it("is not claimed of these", () => {
    const chip = coupled(adapting, 8);
    expect(energyOf(chip)).toMatchObject({ kind: "none", why: expect.stringContaining("states beside u") });
    expect(uniquenessOf(chip, new Float64Array(3))).toEqual({ kind: "unproven", factor: null });
    expect(
      defaultRule(
        coupled({ ...adapting, equations: adapting.equations.replaceAll("tanh(u)", "u") }, 8).circuit,
      ),
    ).toBe(vectorFieldRule);
  });
});

/** The place in an array [post, pre] of a device at a place of [pre, post]. */
const turned = (at: number, pre: number, post: number): number => (at % post) * pre + Math.floor(at / post);
