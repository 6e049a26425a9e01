/** Gradients by the parameters of devices: against differences over random devices, and what nudging finds of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal } from "../../../devices";
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
} from "../../../src/index";
import { fewer } from "../../long";
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
const devices = fc.record({
  field: fc.constantFrom(...FIELDS),
  rho: fc.constantFrom(...OUTPUTS),
  parameters: fc.record({
    g: value,
    k: value,
    tau: value,
    a: fc.double({ min: 0, max: 0.5, noNaN: true }),
    s: value,
    o: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
  }),
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
  const discrete = chip.circuit.output.neuron?.dynamics.kind === "discrete";
  const simulator = new Simulator(chip, engine, discrete ? {} : { dt: 0.25, solver: "euler" });
  const { samples, inputs } = BATCH;
  const phase = await simulator.phase({ samples, inputs, steps: 3000, tolerance: 1e-14 });
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
        // One parameter of one unit of each device.
        const places = Object.entries(found).flatMap(([population, by]) =>
          Object.entries(by).map(([parameter, values]) => ({ population, parameter, values })),
        );
        const { population, parameter, values } = places[seed % places.length];
        const unit = seed % values.length;
        const h = 1e-4;
        const at = (by: number): Promise<number> => costWith(chip, population, parameter, unit, by);
        const [a, b, c, d] = [await at(h), await at(-h), await at(2 * h), await at(-2 * h)];
        const slope = (8 * (a - b) - (c - d)) / (12 * h);
        tried++;
        expect(Math.abs(values[unit] - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
      }),
      { numRuns: fewer(200), seed: 4 },
    );
    expect(tried).toBe(fewer(200));
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
