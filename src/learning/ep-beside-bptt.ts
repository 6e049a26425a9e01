/**
 * Equilibrium propagation beside backpropagation through time, step by step: at every step t of the nudged
 * phase, what the states and the weights would be changed by so far is what backpropagation gives t steps
 * back (Ernoult et al. 2019, Theorem 1). How near the two come is told by the relative mean squared error of
 * their paths (Eq. 67), tensor by tensor.
 */
import type { ByPopulation } from "./drives";
import { ownerOf } from "../circuit/owner";
import type { Simulator } from "../dynamics/simulator";
import type { Planes } from "../dynamics/types";
import { check, optionsOf } from "../options";
import { backpropagationThroughTime, type Bptt } from "./references/backpropagation-through-time";
import { nudgeSign } from "./references/exact";
import { linearise } from "./references/linearisation";
import { energyDifference } from "./rules/pooled";
import type { Batch } from "./types";

/** Lengths of the phases, and the nudge. */
export interface EpBesideBpttOptions {
  /** Steps of the free phase, T. */
  readonly freeSteps: number;
  /** Steps of the nudged phase and of backpropagation, K. */
  readonly steps: number;
  /** Of the nudge, beta. */
  readonly amplitude: number;
}

const readOptions = optionsOf<EpBesideBpttOptions>("epBesideBptt", {
  needs: { freeSteps: check.whole(1), steps: check.whole(1), amplitude: check.numeric },
});

/** One path: a value a step, in the sign in which it lowers the cost. */
export interface Paths {
  /** By population and step, means over the batch, [size]. */
  readonly states: Readonly<Record<string, readonly Float64Array[]>>;
  /** By array and step. */
  readonly weights: Readonly<Record<string, readonly Float64Array[]>>;
  readonly biases: Readonly<Record<string, readonly Float64Array[]>>;
}

/** Both paths, from one free phase. */
export interface EpBesideBptt {
  readonly bptt: Bptt;
  /** States at the end of the nudged phase, [samples, size]. */
  readonly nudged: Planes;
  readonly ep: Paths;
  /** The same of backpropagation. */
  readonly reference: Paths;
}

/**
 * Runs both from the same free phase. In units in which a step of the nudge is one: rates of states are per
 * step and per unit of nudge.
 * @throws OhmletError as backpropagationThroughTime
 */
export async function epBesideBptt(
  simulator: Simulator,
  batch: Batch,
  options: EpBesideBpttOptions,
): Promise<EpBesideBptt> {
  const { freeSteps, steps, amplitude } = readOptions(options);
  const { samples, inputs, targets } = batch;
  const bptt = await backpropagationThroughTime(simulator, batch, { freeSteps, steps });
  const gain = stepGain(simulator, batch, bptt.states);
  // A nudge that pushes the cost up moves everything the other way.
  const falls = -nudgeSign(simulator.circuit);
  const ep = emptyPaths(simulator);
  let before = { states: bptt.states, activities: simulator.activitiesOf(bptt.states) };
  const { activities } = await simulator.phase({ samples, inputs, steps: 1, from: bptt.states });
  const clamped = Object.fromEntries(simulator.circuit.inputs.map(({ name }) => [name, activities[name]]));
  const request = { samples, inputs, targets, steps: 1, nudges: [{ re: amplitude, im: 0 }] };
  for (let step = 0; step < steps; step++) {
    const { states } = await simulator.phase({ ...request, from: before.states });
    const after = { states, activities: simulator.activitiesOf(states) };
    for (const name of Object.keys(ep.states)) {
      const [a, b] = [before.states[name].re, after.states[name].re];
      const changes = b.map((x, i) => (falls * (x - a[i])) / (amplitude * gain));
      append(ep.states[name], batchMean(changes, samples));
    }
    const scale = falls / (amplitude * samples);
    contrast(
      simulator,
      samples,
      { ...before.activities, ...clamped },
      { ...after.activities, ...clamped },
      (name, weights, biases) => {
        append(
          ep.weights[name],
          weights.map((x) => x * scale),
        );
        if (biases !== null)
          append(
            ep.biases[name],
            biases.map((x) => x * scale),
          );
      },
    );
    before = after;
  }
  return { bptt, nudged: before.states, ep, reference: referencePaths(simulator, bptt, samples) };
}

/**
 * Relative mean squared error of two paths (Ernoult et al. 2019, Eq. 67): the distance of each element's two
 * paths over the length of the longer, mean over elements; 0 where both stand still.
 * @param a by step
 */
export function relativeError(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const elements = a[0].length;
  let sum = 0;
  for (let i = 0; i < elements; i++) {
    let [difference, left, right] = [0, 0, 0];
    a.forEach((values, t) => {
      difference += (values[i] - b[t][i]) ** 2;
      left += values[i] ** 2;
      right += b[t][i] ** 2;
    });
    const longer = Math.max(left, right);
    if (longer > 0) sum += Math.sqrt(difference / longer);
  }
  return sum / elements;
}

/** Each step's sum of all before it, itself included. */
export function cumulated(path: readonly Float64Array[]): readonly Float64Array[] {
  const sum = new Float64Array(path[0].length);
  return path.map((values) => {
    values.forEach((x, i) => (sum[i] += x));
    return sum.slice();
  });
}

/** Share of elements whose sums over all steps have the same sign in both paths. */
export function signAgreement(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const [left, right] = [cumulated(a)[a.length - 1], cumulated(b)[b.length - 1]];
  return left.reduce((sum, x, i) => sum + Number(Math.sign(x) === Math.sign(right[i])), 0) / left.length;
}

/** What a nudge of 1 adds to the output in a step, where the cost has a slope of -1. */
function stepGain(simulator: Simulator, { samples, inputs }: Batch, states: Planes): number {
  const { circuit } = simulator;
  const [gain] = linearise(simulator.chip, samples, inputs, states).nudgeGain[circuit.output.name];
  const discrete = circuit.output.neuron?.dynamics.kind === "discrete";
  return gain * (discrete ? 1 : simulator.dt);
}

type Mutable = Record<string, Float64Array[]>;
const append = (path: readonly Float64Array[], values: Float64Array): void =>
  void (path as Float64Array[]).push(values);

function emptyPaths({ circuit }: Simulator): Paths {
  const owners = circuit.projections.filter((p) => ownerOf(p) === p.name);
  const empty = (of: readonly { readonly name: string }[]): Mutable =>
    Object.fromEntries(of.map(({ name }): [string, Float64Array[]] => [name, []]));
  return {
    states: empty(circuit.populations.filter((p) => !p.clamped)),
    weights: empty(owners),
    biases: empty(owners.filter(({ bias }) => bias)),
  };
}

function batchMean(values: Float64Array, samples: number): Float64Array {
  const size = values.length / samples;
  const out = new Float64Array(size);
  values.forEach((x, i) => (out[i % size] += x / samples));
  return out;
}

/** The product of both activities after a step less the one before, summed over the batch, by array. */
function contrast(
  { circuit, chip }: Simulator,
  samples: number,
  before: Planes,
  after: Planes,
  put: (name: string, weights: Float64Array, biases: Float64Array | null) => void,
): void {
  const found = energyDifference(chip, samples, realOf(after), realOf(before));
  for (const { name } of circuit.projections.filter((p) => ownerOf(p) === p.name))
    put(name, found[name].weights, found[name].biases);
}

const realOf = (planes: Planes): ByPopulation =>
  Object.fromEntries(Object.entries(planes).map(([name, { re }]) => [name, re]));

/** Backpropagation's gradients, falling, in the form of the estimates. */
function referencePaths(simulator: Simulator, { byState, byWeights }: Bptt, samples: number): Paths {
  const paths = emptyPaths(simulator);
  for (const [name, path] of Object.entries(paths.states))
    // Each is by the mean over the batch already: the sum over samples is what their mean state does.
    for (const step of byState)
      append(
        path,
        batchMean(step[name], samples).map((x) => -x * samples),
      );
  for (const [name, path] of Object.entries(paths.weights))
    for (const step of byWeights)
      append(
        path,
        step[name].weights.map((x) => -x),
      );
  for (const [name, path] of Object.entries(paths.biases))
    for (const step of byWeights)
      append(
        path,
        (step[name].biases as Float64Array).map((x) => -x),
      );
  return paths;
}
