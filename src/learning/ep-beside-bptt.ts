/**
 * Equilibrium propagation beside backpropagation through time, step by step: at every step t of the nudged
 * phase, what the states and the weights would be changed by so far is what backpropagation gives t steps
 * back (Ernoult et al. 2019, Theorem 1). How near the two come is told by the relative mean squared error of
 * their paths (Eq. 67), tensor by tensor.
 */
import type { ByPopulation, ByProjection } from "./drives";
import { hasDevices } from "../circuit/owner";
import type { Simulator } from "../dynamics/simulator";
import type { Planes } from "../dynamics/types";
import { check, optionsOf } from "../options";
import {
  walkBack,
  type Bptt,
  type BpttOptions,
  type StepBack,
  type WalkedEnd,
} from "./references/backpropagation-through-time";
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

/** What one step changes, as a tensor each; of states the mean over the batch. */
export type Changes = Readonly<Record<keyof Paths, Readonly<Record<string, Float64Array>>>>;

/** One step of both. */
export interface StepOfBoth {
  /** Of the nudged phase, by amplitude. */
  readonly ep: readonly Changes[];
  readonly reference: Changes;
}

const KINDS = ["states", "weights", "biases"] as const;

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
  const [byState, byWeights]: [ByPopulation[], ByProjection[]] = [[], []];
  const { end, both, nudged } = await epBesideBpttSteps(
    simulator,
    batch,
    { freeSteps, steps, amplitudes: [amplitude] },
    ({ states, weights }) => {
      byState.push(states);
      byWeights.push(weights);
    },
  );
  const [ep, reference] = [emptyPaths(simulator), emptyPaths(simulator)];
  for await (const step of both)
    for (const kind of KINDS)
      for (const name of Object.keys(ep[kind])) {
        append(ep[kind][name], step.ep[0][kind][name]);
        append(reference[kind][name], step.reference[kind][name]);
      }
  return { bptt: { ...end, byState, byWeights }, nudged: nudged(), ep, reference };
}

/**
 * The same, a step at a time, for any number of nudges at once: for circuits whose weights are too many to keep
 * those of all steps.
 * @param onBack is told of each step back as it is, before it is turned into a change
 * @returns the end of the free phase, the steps of both, and where the first nudge has led so far
 * @throws OhmletError as backpropagationThroughTime
 */
export async function epBesideBpttSteps(
  simulator: Simulator,
  batch: Batch,
  { freeSteps, steps, amplitudes }: BpttOptions & { readonly amplitudes: readonly number[] },
  onBack: (step: StepBack) => void = () => {},
): Promise<{
  readonly end: WalkedEnd;
  readonly both: AsyncIterable<StepOfBoth>;
  readonly nudged: () => Planes;
}> {
  const { samples, inputs, targets } = batch;
  const { back, ...end } = await walkBack(simulator, batch, { freeSteps, steps });
  const gain = stepGain(simulator, batch, end.states);
  // A nudge that pushes the cost up moves everything the other way.
  const falls = -nudgeSign(simulator.circuit);
  const { activities } = await simulator.phase({ samples, inputs, steps: 1, from: end.states });
  const clamped = Object.fromEntries(simulator.circuit.inputs.map(({ name }) => [name, activities[name]]));
  const first = { states: end.states, activities: simulator.activitiesOf(end.states) };
  const ends = amplitudes.map(() => first);
  async function* both(): AsyncGenerator<StepOfBoth> {
    for await (const step of back) {
      onBack(step);
      const ep: Changes[] = [];
      for (const [k, amplitude] of amplitudes.entries()) {
        const before = ends[k];
        const nudges = [{ re: amplitude, im: 0 }];
        const { states } = await simulator.phase({
          samples,
          inputs,
          targets,
          steps: 1,
          nudges,
          from: before.states,
        });
        const after = { states, activities: simulator.activitiesOf(states) };
        const found = energyDifference(
          simulator.chip,
          samples,
          realOf({ ...after.activities, ...clamped }),
          realOf({ ...before.activities, ...clamped }),
        );
        const moved = Object.keys(states).map((name) => {
          const [a, b] = [before.states[name].re, states[name].re];
          const changes = b.map((x, i) => (falls * (x - a[i])) / (amplitude * gain));
          return [name, batchMean(changes, samples)];
        });
        ep.push({
          states: Object.fromEntries(moved),
          ...scaledArrays(simulator, found, falls / (amplitude * samples)),
        });
        ends[k] = after;
      }
      // Each is by the mean over the batch already: the sum over samples is what their mean state does.
      const rising = Object.entries(step.states).map(([name, values]) => [
        name,
        batchMean(values, samples).map((x) => -x * samples),
      ]);
      const reference = {
        states: Object.fromEntries(rising),
        ...scaledArrays(simulator, step.weights, -1),
      };
      yield { ep, reference };
    }
  }
  return { end, both: both(), nudged: () => ends[0].states };
}

/**
 * Relative mean squared error of two paths (Ernoult et al. 2019, Eq. 67): the distance of each element's two
 * paths over the length of the longer, mean over elements; 0 where both stand still.
 * @param a by step
 */
export function relativeError(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const between = new PathError(a[0].length);
  a.forEach((values, t) => between.add(values, b[t]));
  return between.value;
}

/** The same, of paths that come step by step. */
export class PathError {
  private readonly difference: Float64Array;
  private readonly left: Float64Array;
  private readonly right: Float64Array;

  constructor(elements: number) {
    [this.difference, this.left, this.right] = [1, 2, 3].map(() => new Float64Array(elements));
  }

  /** The next step of both. */
  add(a: Float64Array, b: Float64Array): void {
    const { difference, left, right } = this;
    for (let i = 0; i < a.length; i++) {
      difference[i] += (a[i] - b[i]) ** 2;
      left[i] += a[i] ** 2;
      right[i] += b[i] ** 2;
    }
  }

  get value(): number {
    const { difference, left, right } = this;
    const sum = difference.reduce((all, d, i) => {
      const longer = Math.max(left[i], right[i]);
      return longer > 0 ? all + Math.sqrt(d / longer) : all;
    }, 0);
    return sum / difference.length;
  }
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
  const owners = circuit.projections.filter(hasDevices);
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

/** Arrays by the kinds of paths, times a factor. */
function scaledArrays(
  { circuit }: Simulator,
  arrays: ByProjection,
  factor: number,
): Pick<Changes, "weights" | "biases"> {
  const owners = circuit.projections.filter(hasDevices).map(({ name }) => name);
  const scaled = (values: Float64Array): Float64Array => values.map((x) => x * factor);
  return {
    weights: Object.fromEntries(owners.map((name) => [name, scaled(arrays[name].weights)])),
    biases: Object.fromEntries(
      owners.flatMap((name) => {
        const { biases } = arrays[name];
        return biases === null ? [] : [[name, scaled(biases)]];
      }),
    ),
  };
}

const realOf = (planes: Planes): ByPopulation =>
  Object.fromEntries(Object.entries(planes).map(([name, { re }]) => [name, re]));
