/** Gradients by the parameters of devices: against differences over random devices, and what nudging finds of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, resistive } from "../../../circuits";
import { diodeNode, ideal } from "../../../devices";
import {
  centred,
  costArgument,
  costs,
  createEngine,
  parameterGradients,
  parameterUpdates,
  Simulator,
  type Chip,
  type Circuit,
  type NeuronSpec,
  type ParameterGradients,
} from "../../../src/index";
import { LONG } from "../../long";
import { viewOf } from "../../../src/robustness/laws/view";

const FIELDS = [
  "du/dt = (-g*u + k*I + I_nudge)/tau",
  "du/dt = -g*u - a*u^3 + k*I + I_nudge",
  "u <- k*I/(1 + g) + a + I_nudge",
];
const OUTPUTS = ["tanh(s*u + o)", "1/(1 + exp(-s*(u - o)))", "s*u/sqrt(1 + (u - o)^2)", "s*atan(u) + o*u"];
interface Drawn {
  readonly field: string;
  readonly rho: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly argument: "state" | "activity";
  readonly tied: boolean;
}
const value = fc.double({ min: 0.4, max: 1.6, noNaN: true });
const parameters = fc.record({
  g: value,
  k: value,
  tau: value,
  a: fc.double({ min: 0, max: 0.5, noNaN: true }),
  s: value,
  o: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
});
type Values = typeof parameters extends fc.Arbitrary<infer T> ? T : never;
const devices = fc.record({
  field: fc.constantFrom(...FIELDS),
  rho: fc.constantFrom(...OUTPUTS),
  parameters,
  argument: fc.constantFrom("state" as const, "activity" as const),
  tied: fc.boolean(),
  seed: fc.integer({ min: 1, max: 10_000 }),
});

function design({ field, rho, parameters, argument, tied }: Drawn): Circuit {
  const text = `${field}\nrho = ${rho}`;
  const used = Object.entries(parameters).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text));
  const neuron: NeuronSpec = {
    kind: "neuron",
    name: "drawn",
    equations: text,
    parameters: Object.fromEntries(used),
  };
  return layered([2, 3, 2], {
    neuron,
    synapse: ideal(),
    feedback: tied ? "tied" : "untied",
    initial: { distribution: "lecun", scale: 0.35 },
    cost: { kind: "squared-error", argument },
  });
}

const BATCH = {
  samples: 2,
  inputs: Float64Array.of(0.3, 0.9, -0.4, 0.6),
  targets: Float64Array.of(1, 0, 0.2, 0.7),
};

async function settled(chip: Chip) {
  const engine = await createEngine("reference");
  const { neuron } = chip.circuit.output;
  const options = chip.circuit.projections.some(({ synapse }) => synapse.loads)
    ? ({ solver: "balance", order: "alternate" } as const)
    : neuron?.dynamics.kind === "discrete"
      ? {}
      : ({ dt: 0.25, solver: "euler" } as const);
  const simulator = new Simulator(chip, engine, options);
  const { samples, inputs } = BATCH;
  const phase = await simulator.phase({ samples, inputs, steps: 20_000, tolerance: 1e-14 });
  return { simulator, phase };
}

/** Mean cost with one parameter of one unit moved. */
async function costWith(
  chip: Chip,
  population: string,
  parameter: string,
  unit: number,
  by: number,
): Promise<number> {
  const moved = viewOf(chip, {
    parametersOf: (name) => {
      const own = chip.parametersOf(name);
      if (name !== population) return own;
      const size = chip.circuit.population(name).size;
      const before = own[parameter];
      const values = Float64Array.from({ length: size }, (_, i) =>
        typeof before === "number" ? before : before[i],
      );
      values[unit] += by;
      return { ...own, [parameter]: values };
    },
  });
  const { simulator, phase } = await settled(moved);
  simulator.dispose();
  const each = costs(moved, costArgument(moved, phase), BATCH.targets);
  return each.reduce((sum, c) => sum + c / BATCH.samples, 0);
}

/** Neurons of several states, and how they follow u or each other. */
const SEVERAL = [
  "dv/dt = -g*v + k*I + a\ndu/dt = (v - u)/tau + I_nudge",
  "du/dt = -u + I + I_nudge - a*w\ntau*dw/dt = tanh(k*u) - g*w",
  "dv/dt = -g*v - a*v^3 + I\ndw/dt = tanh(k*u) - w\ndu/dt = v - u - a*w + I_nudge/tau",
  "v <- k*I/(1 + g) + a\nu <- v/(1 + a*w) + I_nudge\nw <- u^2/(1 + u^2)",
];
/** Nodes that conductances load: of units, of diodes, of amplifiers that send something back. */
const LOADED = ["cubic", "diodes", "amplifier", "two states"] as const;

function loadedNode(kind: (typeof LOADED)[number], { g, k, a, s, o }: Values): NeuronSpec {
  if (kind === "diodes") return diodeNode({ I_S: 1e-6 * g, V_up: 0.2 * s, V_down: -0.1 * k });
  if (kind === "amplifier") return diodeNode({ I_S: 1e-6 * g, V_up: 0.3 * s, A: 1 + k, k: 0.5 + g });
  const line = "C*du/dt = I + I_nudge - G*u*(1 + a*(u/V_0)^2)";
  const [more, own] =
    kind === "cubic"
      ? [" + G*o : V", {}]
      : [" - G*k*(u - v) : V\ntau*dv/dt = o + u*a - v : V", { k, tau: "1 ns" }];
  return {
    kind: "neuron",
    name: kind,
    equations: `${line}${more}\nrho = u : V\n0 < C`,
    parameters: {
      C: "1 pF",
      G: `${g} mS`,
      a,
      V_0: `${s} V`,
      o: `${0.3 * o} V`,
      I_unit: "1 mA",
      ...own,
    },
    unitDrive: "I_unit",
  };
}

/** None next to 0, of which no share could be differed. */
const apart = fc.tuple(parameters, fc.integer({ min: 1, max: 10 }), fc.boolean()).map(([of, n, below]) => ({
  ...of,
  a: n / 20,
  o: (below ? -n : n) / 20,
}));
const more = fc.record({
  parameters: apart,
  kind: fc.constantFrom(...LOADED, ...SEVERAL),
  argument: fc.constantFrom("state" as const, "activity" as const),
  tied: fc.boolean(),
  rho: fc.constantFrom(...OUTPUTS),
  seed: fc.integer({ min: 1, max: 10_000 }),
});
type More = typeof more extends fc.Arbitrary<infer T> ? T : never;

function moreOf({ kind, seed, argument, tied, rho, parameters: values }: More): Chip {
  const loads = LOADED.find((one) => one === kind);
  if (loads === undefined)
    return design({ field: kind, rho, parameters: values, argument, tied }).fabricate({ seed });
  const chip = resistive([2, 3, 3, 2], {
    neuron: loadedNode(loads, values),
    cost: { kind: "squared-error", argument },
  }).fabricate({ seed });
  for (const { name, from, to, spec } of chip.circuit.projections)
    if (spec.feedback === undefined)
      chip.setWeights(name, {
        weights: Float64Array.from({ length: from.size * to.size }, (_, i) => 0.1 + ((5 * i + seed) % 7) / 5),
        biases: null,
      });
  return chip;
}

/**
 * One parameter of one unit, of those that act by a share of what most does, and the differences of the cost, both for a
 * change by its size.
 */
async function oneOf(
  chip: Chip,
  found: ParameterGradients,
  seed: number,
  { least, share }: { readonly least: number; readonly share: number },
): Promise<{ readonly value: number; readonly slope: number; readonly place: string }> {
  const places = Object.entries(found).flatMap(([population, by]) =>
    Object.entries(by).map(([parameter, values]) => ({ population, parameter, values })),
  );
  const sized = places.flatMap(({ population, parameter, values }) => {
    const nominal = chip.circuit.population(population).neuron?.parameters[parameter].value.value ?? 1;
    const size = Math.max(Math.abs(nominal), least);
    return [...values].map((value, unit) => ({ population, parameter, unit, size, value: value * size }));
  });
  const most = Math.max(...sized.map(({ value }) => Math.abs(value)));
  const acting = sized.filter(({ value }) => Math.abs(value) >= share * most);
  const { population, parameter, unit, size, value } = acting[seed % acting.length];
  const h = 1e-4;
  const at = (by: number): Promise<number> => costWith(chip, population, parameter, unit, by * size);
  const [a, b, c, d] = [await at(h), await at(-h), await at(2 * h), await at(-2 * h)];
  const slope = (8 * (a - b) - (c - d)) / (12 * h);
  return { value, slope, place: `${population}/${parameter}` };
}

describe("gradients by parameters", () => {
  it("are the differences of the cost, to 1e-6, over 200 random devices", async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(devices, async ({ seed, ...drawn }) => {
        const chip = design(drawn).fabricate({ seed });
        const { simulator, phase } = await settled(chip);
        simulator.dispose();
        fc.pre(phase.outcome.residual < 1e-11);
        const { samples, inputs, targets } = BATCH;
        const found = parameterGradients(chip, samples, inputs, phase.states, targets);
        const { value, slope } = await oneOf(chip, found, seed, { least: 1, share: 0 });
        tried++;
        expect(Math.abs(value - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
      }),
      { numRuns: LONG ? 200 : 45, seed: 4 },
    );
    expect(tried).toBe(LONG ? 200 : 45);
  });
  it("are so of neurons of several states, and of nodes that conductances load", async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(more, async (drawn) => {
        const chip = moreOf(drawn);
        const { simulator, phase } = await settled(chip);
        simulator.dispose();
        fc.pre(phase.outcome.residual < 1e-11);
        const { samples, inputs, targets } = BATCH;
        const found = parameterGradients(chip, samples, inputs, phase.states, targets);
        const {
          value: ours,
          slope,
          place,
        } = await oneOf(chip, found, drawn.seed, {
          least: 0,
          share: 1e-3,
        });
        tried++;
        expect(Math.abs(ours - slope), `${drawn.kind}: ${place}`).toBeLessThan(1e-6 * Math.abs(slope));
      }),
      { numRuns: LONG ? 200 : 16, seed: 5 },
    );
    expect(tried).toBe(LONG ? 200 : 16);
  });
  it("are what nudging finds where the Jacobian is symmetric, and not where it is not", async () => {
    const error = async (tied: boolean): Promise<number> => {
      const parameters = { g: 1, k: 1.2, tau: 0.8, a: 0.1, s: 0.9, o: 0.2 };
      const chip = design({
        field: FIELDS[0],
        rho: OUTPUTS[0],
        parameters,
        argument: "activity",
        tied,
      }).fabricate({ seed: 3 });
      const { simulator } = await settled(chip);
      const estimator = centred({ amplitude: 1e-4, freeSteps: 3000, nudgedSteps: 3000, tolerance: 1e-13 });
      const { samples, inputs, targets } = BATCH;
      const estimate = await estimator.estimate(simulator, BATCH, { round: 0, seed: 1 });
      simulator.dispose();
      const found = parameterUpdates(chip, samples, inputs, targets, estimate);
      const truth = parameterGradients(chip, samples, inputs, estimate.free.states, targets);
      let [off, size] = [0, 0];
      for (const [name, by] of Object.entries(truth))
        for (const [parameter, values] of Object.entries(by))
          values.forEach((x, i) => {
            off += (x - found[name][parameter][i]) ** 2;
            size += x * x;
          });
      return Math.sqrt(off / size);
    };
    expect(await error(true)).toBeLessThan(1e-5);
    expect(await error(false)).toBeGreaterThan(1e-3);
  });
});
