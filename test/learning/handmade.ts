/**
 * Small chips made by hand, with a second description of each neuron as plain functions, so that exact
 * references can be held against brute force: settle, perturb, settle again.
 */
import { costLaw } from "../../src/circuit/cost-law";
import { differentiate } from "../../src/equations/differentiate";
import {
  add,
  call,
  clip,
  divide,
  multiply,
  negate,
  number,
  subtract,
  symbol,
  type Expression,
} from "../../src/equations/expression";
import type { Neuron, Synapse } from "../../src/device/types";
import type {
  Chip,
  Circuit,
  Population,
  Projection,
  Readout,
  WeightArrays,
} from "../../src/circuit/chip-types";
import type { CostSpec, Feedback } from "../../src/circuit/types";
import type { Planes } from "../../src/dynamics/types";

/** A neuron twice: as expressions, and as functions of one unit's values. */
export interface TestNeuron {
  readonly neuron: Neuron;
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
  readonly unitDrive: number;
  /** F(u, I, I_nudge) of unit j. */
  readonly field: (u: number, I: number, nudge: number, j: number) => number;
  readonly rho: (u: number) => number;
  /** Time constant, for the steps of brute force. */
  readonly tau: number;
  readonly bounds?: readonly [number, number];
}

const [u, I, N] = [symbol("u"), symbol("I"), symbol("I_nudge")];
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const shifted = call("logistic", subtract(multiply(number(4), u), number(2)));

function makeNeuron(
  kind: "continuous" | "discrete",
  field: Expression,
  rho: Expression,
  bounds: Neuron["bounds"] = null,
): Neuron {
  const dynamics: Neuron["dynamics"] =
    kind === "continuous" ? { kind, drift: field, diffusion: null } : { kind, next: field, diffusion: null };
  return {
    kind: "neuron",
    name: "by hand",
    dynamics,
    internal: {},
    rho,
    rhoPrime: differentiate(rho, "u"),
    bounds,
  } as unknown as Neuron;
}

/** Scellier 2018, Eq. 1, with a sigmoid. */
export const leaky: TestNeuron = {
  neuron: makeNeuron("continuous", add(subtract(I, u), N), call("logistic", u)),
  parameters: {},
  unitDrive: 1,
  tau: 1,
  rho: logistic,
  field: (x, i, n) => i - x + n,
};

/** Scellier 2018, Eq. 1, with rho = u kept within [0, 1]. */
export const clipped: TestNeuron = {
  neuron: makeNeuron("continuous", add(subtract(I, u), N), clip(u, number(0), number(1)), {
    lower: number(0),
    upper: number(1),
  }),
  parameters: {},
  unitDrive: 1,
  tau: 1,
  bounds: [0, 1],
  rho: (x) => Math.min(1, Math.max(0, x)),
  field: (x, i, n) => i - x + n,
};

/** Laborieux and Zenke 2023. */
export const map: TestNeuron = {
  neuron: makeNeuron("discrete", add(I, N), shifted),
  parameters: {},
  unitDrive: 1,
  tau: 1,
  rho: (x) => logistic(4 * x - 2),
  field: (x, i, n) => i + n - x,
};

/** Ernoult 2019, Eq. 71. */
export const energy: TestNeuron = {
  neuron: makeNeuron("continuous", add(subtract(multiply(differentiate(shifted, "u"), I), u), N), shifted),
  parameters: {},
  unitDrive: 1,
  tau: 1,
  rho: (x) => logistic(4 * x - 2),
  field: (x, i, n) => 4 * logistic(4 * x - 2) * (1 - logistic(4 * x - 2)) * i - x + n,
};

/** A physical one: pF, nS and mV, every unit with a capacitance and a leak of its own. */
export function physical(size: number): TestNeuron {
  const C = Float64Array.from({ length: size }, (_, j) => 1e-12 * (1 + 0.1 * Math.sin(j + 1)));
  const g = Float64Array.from({ length: size }, (_, j) => 50e-9 * (1 + 0.2 * Math.cos(3 * j)));
  const slope = 0.1;
  return {
    neuron: makeNeuron(
      "continuous",
      divide(add(add(negate(multiply(symbol("g"), u)), I), N), symbol("C")),
      call("tanh", divide(u, symbol("slope"))),
    ),
    parameters: { C, g, slope },
    unitDrive: 50e-9 * slope,
    tau: 1e-12 / 50e-9,
    rho: (x) => Math.tanh(x / slope),
    field: (x, i, n, j) => (-g[j] * x + i + n) / C[j],
  };
}

export interface Design {
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    readonly device?: TestNeuron;
  }[];
  readonly projections: readonly {
    readonly from: string;
    readonly to: string;
    readonly weights: Float64Array;
    readonly biases?: Float64Array;
    readonly tied?: string;
  }[];
  readonly cost: CostSpec;
  readonly readout?: Readout;
}

/**
 * A chip of a design; the first population is the input, the last the output. Tied projections read their
 * owner's array.
 */
export function chipOf({ populations: list, projections: wires, cost, readout }: Design): Chip {
  let offset = 0;
  const populations = list.map(({ name, size, device }, k): Population => {
    const at = k === 0 ? -1 : offset;
    if (k > 0) offset += size;
    const dataSize = k === 0 ? size : 0;
    return {
      name,
      size,
      dataSize,
      spec: { name, size },
      neuron: device?.neuron ?? null,
      clamped: k === 0,
      offset: at,
    };
  });
  const population = (name: string): Population => populations.find((p) => p.name === name) as Population;
  const projections = wires.map(({ from, to, biases, tied }): Projection => {
    const feedback: Feedback | undefined = tied === undefined ? undefined : { kind: "tied", to: tied };
    return {
      name: `${from}-${to}`,
      from: population(from),
      to: population(to),
      synapse: {} as Synapse,
      wiring: null,
      wires: null,
      couples: null,
      array: { pre: population(from).size, post: population(to).size },
      bias: biases !== undefined,
      spec: {
        name: `${from}-${to}`,
        from,
        to,
        initial: { distribution: "zero" },
        feedback,
      } as Projection["spec"],
    };
  });
  const circuit = {
    name: "by hand",
    spec: { name: "by hand", cost } as Circuit["spec"],
    populations,
    projections,
    input: populations[0],
    inputs: [populations[0]],
    inputSize: populations[0].size,
    output: populations[populations.length - 1],
    cost: costLaw(cost, populations[populations.length - 1], "by hand"),
    units: offset,
    population,
    projection: (name: string) => projections.find((p) => p.name === name),
  } as unknown as Circuit;
  const deviceOf = (name: string): TestNeuron | undefined => list.find((p) => p.name === name)?.device;
  const weights = (name: string): WeightArrays => {
    const wire = wires.find((w) => `${w.from}-${w.to}` === name) as Design["projections"][number];
    if (wire.tied !== undefined)
      return {
        weights: transpose(weights(wire.tied).weights, population(wire.to).size, population(wire.from).size),
        biases: null,
      };
    return { weights: wire.weights, biases: wire.biases ?? null };
  };
  return {
    circuit,
    readout: readout ?? null,
    weights,
    parametersOf: (name: string) => deviceOf(name)?.parameters ?? {},
    unitDriveOf: (name: string) => deviceOf(name)?.unitDrive ?? 1,
  } as unknown as Chip;
}

/** [rows, columns] to [columns, rows]. */
export function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(a, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);
}

/** Brute force: states of a design at a fixed point for one nudge, by many small steps. */
export function settle(
  design: Design,
  samples: number,
  inputs: Float64Array,
  targets: Float64Array,
  beta = 0,
): Planes {
  const chip = chipOf(design);
  const free = design.populations.slice(1) as { name: string; size: number; device: TestNeuron }[];
  const state = Object.fromEntries(
    free.map((p) => [p.name, new Float64Array(samples * p.size).fill(p.device.bounds ? 0.3 : 0)]),
  );
  for (let step = 0; step < 4000; step++) {
    let moved = 0;
    const rho = (name: string): Float64Array => {
      const device = design.populations.find((p) => p.name === name)?.device;
      return chip.circuit.population(name).clamped
        ? inputs
        : state[name].map((x) => (device as TestNeuron).rho(x));
    };
    const drive = Object.fromEntries(free.map((p) => [p.name, new Float64Array(samples * p.size)]));
    for (const { name, from, to } of chip.circuit.projections) {
      const { weights, biases } = chip.weights(name);
      const pre = rho(from.name);
      for (let s = 0; s < samples; s++)
        for (let j = 0; j < to.size; j++) {
          let sum = biases?.[j] ?? 0;
          for (let i = 0; i < from.size; i++) sum += pre[s * from.size + i] * weights[i * to.size + j];
          drive[to.name][s * to.size + j] += sum;
        }
    }
    const nudge = nudgeOf(design, state, rho, targets, beta);
    for (const { name, size, device } of free) {
      for (let k = 0; k < state[name].length; k++) {
        const extra = name === chip.circuit.output.name ? nudge[k] * device.unitDrive : 0;
        const before = state[name][k];
        const next =
          before +
          0.5 * device.tau * device.field(before, drive[name][k] * device.unitDrive, extra, k % size);
        state[name][k] = device.bounds ? Math.min(device.bounds[1], Math.max(device.bounds[0], next)) : next;
        moved = Math.max(moved, Math.abs(state[name][k] - before) / (Math.abs(before) + 1e-3));
      }
    }
    if (moved < 1e-16) break;
  }
  return Object.fromEntries(Object.entries(state).map(([name, re]) => [name, { re }]));
}

/** The nudging force in units of the drive, [samples, output size]. */
function nudgeOf(
  { populations, cost, readout }: Design,
  state: Record<string, Float64Array>,
  rho: (name: string) => Float64Array,
  targets: Float64Array,
  beta: number,
): Float64Array {
  const { name, size } = populations[populations.length - 1];
  const argument = cost.argument === "state" ? state[name] : rho(name);
  const sign = cost.ascend ? 1 : -1;
  if (cost.kind === "squared-error") return argument.map((x, k) => sign * beta * (x - targets[k]));
  const { weights, biases } = readout as Readout;
  const classes = biases.length;
  return argument.map((_, k) => {
    const [s, j] = [Math.floor(k / size), k % size];
    const p = softmax(argument, s, size, weights, biases);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += (p[c] - targets[s * classes + c]) * weights[j * classes + c];
    return sign * beta * sum;
  });
}

function softmax(
  argument: Float64Array,
  s: number,
  size: number,
  weights: Float64Array,
  biases: Float64Array,
): Float64Array {
  const e = biases.map((b, c) => {
    let sum = b;
    for (let j = 0; j < size; j++) sum += argument[s * size + j] * weights[j * biases.length + c];
    return Math.exp(sum);
  });
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / total);
}

/** Mean cost of a design at its free fixed point, by brute force. */
export function bruteCost(
  design: Design,
  samples: number,
  inputs: Float64Array,
  targets: Float64Array,
): number {
  const states = settle(design, samples, inputs, targets);
  const { name, size, device } = design.populations[design.populations.length - 1];
  const argument =
    design.cost.argument === "state"
      ? states[name].re
      : states[name].re.map((x) => (device as TestNeuron).rho(x));
  if (design.cost.kind === "squared-error")
    return argument.reduce((sum, x, k) => sum + (x - targets[k]) ** 2 / 2, 0) / samples;
  const { weights, biases } = design.readout as Readout;
  let sum = 0;
  for (let s = 0; s < samples; s++) {
    softmax(argument, s, size, weights, biases).forEach(
      (p, c) => (sum -= targets[s * biases.length + c] * Math.log(p)),
    );
  }
  return sum / samples;
}

/** Numbers in [-1, 1) from a seed, for reproducible designs. */
export function draws(seed: number): (length: number, scale?: number) => Float64Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  for (let i = 0; i < 8; i++) next();
  return (length, scale = 1) => Float64Array.from({ length }, () => scale * next());
}
