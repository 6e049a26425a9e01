/**
 * Resistive networks as the peer's script draws them, settled or followed in time through the simulator, and how far
 * every row is from what float64 finds at a ten-millionth of the accuracy.
 */
import { layerNames, resistive } from "../circuits";
import {
  createEngine,
  Simulator,
  type Chip,
  type Engine,
  type Planes,
  type SimulatorOptions,
} from "../src/index";
import { MOST_KEPT } from "../src/engines/engine";
import { streamOf, uniform } from "../src/random";
import { diodeNode } from "../devices";
import { spreadOf, type Spread } from "./timing";

export interface NetworkRequest {
  readonly sizes: readonly number[];
  readonly batch: number;
  /** V, that every node may be off. */
  readonly accuracy: number;
  readonly repeats: number;
  readonly seed: number;
}

export interface NetworkMeasured {
  /** Microseconds a sample. */
  readonly us: Spread;
  /** V, over all rows, nodes and, of a transient, moments that are looked at. */
  readonly largestError: number;
  /** Sweeps, or steps, of the slowest row. */
  readonly steps: number;
}

/** Emission coefficient 1.5 at 27 C, and rails at 0.3 V, as the peer has them. */
const NODE = { I_S: 1e-9, V_T: 1.5 * 0.025864917007157463, g_min: 1e-12, V_up: 0.3, V_down: -0.3 };

/** Conductances log-uniform from 10 uS to 1 mS. */
function networkOf(sizes: readonly number[], seed: number): Chip {
  const chip = resistive(sizes, { neuron: diodeNode(NODE) }).fabricate({ seed });
  const names = layerNames(sizes.length);
  for (let k = 1; k < sizes.length; k++) {
    const name = `${names[k - 1]}-${names[k]}`;
    const drawn = (_: number, i: number): number => 1e3 * 10 ** (-5 + 2 * draw(seed, name, i));
    chip.setWeights(name, { weights: chip.weights(name).weights.map(drawn), biases: null });
  }
  return chip;
}

/** Uniform within 2 V, others for each repeat. */
const inputsOf = ({ sizes, batch, seed }: NetworkRequest, repeat: number): Float64Array =>
  Float64Array.from({ length: batch * sizes[0] }, (_, k) => 4 * draw(seed, `inputs ${repeat}`, k) - 2);

const draw = (seed: number, what: string, index: number): number =>
  uniform(seed, streamOf(`resistive ${what}`), 0, index);

/** What float32 leaves of a voltage of this size; below that a float64 engine goes on from where it ends. */
const SINGLE = 5e-7;
/** A sweep that is shorter than this share of what may be left is the last. */
const SHARE = 0.3;

/** Newton's method where every second layer is small, which it eliminates the others into; else sweeps. */
function restSolver(sizes: readonly number[]): "newton" | "balance" {
  const sets = [0, 1].map((side) =>
    sizes.slice(1).reduce((sum, size, k) => sum + (k % 2 === side ? size : 0), 0),
  );
  return Math.min(...sets) <= MOST_KEPT ? "newton" : "balance";
}

/** Times operating points, each batch from zero. */
export async function measureRest(engine: Engine, request: NetworkRequest): Promise<NetworkMeasured> {
  const { batch, accuracy, repeats } = request;
  const chip = networkOf(request.sizes, request.seed);
  const exact = await createEngine("reference");
  const sweeps = { solver: "balance", order: "alternate" } as const;
  const path = restSolver(request.sizes) === "newton" ? ({ solver: "newton" } as const) : sweeps;
  const fine = new Simulator(chip, exact, sweeps);
  const coarse = engine.info.precision === "float32" ? new Simulator(chip, engine, path) : null;
  const settle = async (simulator: Simulator, inputs: Float64Array, volts: number, from?: Planes) =>
    simulator.phase({ samples: batch, inputs, from, steps: 5000, tolerance: volts, check: false });
  const solve = async (inputs: Float64Array): Promise<{ states: Planes; sweeps: number }> => {
    const first = coarse && (await settle(coarse, inputs, Math.max(accuracy * SHARE, SINGLE)));
    if (first !== null && accuracy >= SINGLE) return { states: first.states, sweeps: first.outcome.steps };
    const then = await settle(fine, inputs, accuracy * SHARE, first?.states);
    return { states: then.states, sweeps: (first?.outcome.steps ?? 0) + then.outcome.steps };
  };
  let [largestError, steps] = [0, 0];
  const times: number[] = [];
  await warmUp(() => solve(inputsOf(request, -1)), repeats);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const inputs = inputsOf(request, repeat);
    const started = performance.now();
    const { states, sweeps } = await solve(inputs);
    times.push(((performance.now() - started) * 1000) / batch);
    steps = Math.max(steps, sweeps);
    if (repeat >= JUDGED) continue;
    const truth = await settle(fine, inputs, Math.max(accuracy * 1e-7, 1e-14));
    largestError = Math.max(largestError, difference(states, truth.states));
  }
  for (const simulator of [fine, coarse]) simulator?.dispose();
  exact.dispose();
  return { us: spreadOf(times), largestError, steps };
}

/** Of the span, the moments at which a transient is read; each part of it begins where the last one ended. */
const MOMENTS = [1 / 64, 1 / 16, 1 / 4, 1];
/** What a step may be off by, of what a voltage may: errors of steps are told by a method of a lower order. */
const CAUTIOUS = 6;

/** Seconds that the peer follows networks of this size for. */
const spanOf = ([first]: readonly number[]): number => (first === 8 ? 50e-9 : first === 16 ? 10e-9 : 5e-9);

/** Times transients from 0 V, read at several moments. */
export async function measureTransient(engine: Engine, request: NetworkRequest): Promise<NetworkMeasured> {
  const { sizes, batch, accuracy, repeats } = request;
  const chip = networkOf(sizes, request.seed);
  const span = spanOf(sizes);
  const follow = async (parts: readonly Simulator[], inputs: Float64Array) => {
    const read: Planes[] = [];
    let steps = 0;
    for (const part of parts) {
      const { states, outcome } = await part.phase({ samples: batch, inputs, from: read.at(-1), steps: 1 });
      read.push(states);
      steps += outcome.integration?.accepted ?? 0;
    }
    return { read, steps };
  };
  const partsOn = (on: Engine, options: SimulatorOptions): Simulator[] =>
    MOMENTS.map(
      (end, k) => new Simulator(chip, on, { ...options, dt: span * (end - (MOMENTS[k - 1] ?? 0)) }),
    );
  const own = partsOn(engine, {
    solver: "sdirk3",
    order: "alternate",
    adaptive: { relative: Math.min(0.5, CAUTIOUS * accuracy) },
  });
  const exact = await createEngine("reference");
  const fine = partsOn(exact, {
    solver: "dormand-prince",
    adaptive: { relative: Math.max(accuracy * 1e-7, 1e-13), absolute: Math.max(accuracy * 1e-7, 1e-13) },
  });
  let [largestError, steps] = [0, 0];
  const times: number[] = [];
  await warmUp(() => follow(own, inputsOf(request, -1)), repeats);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const inputs = inputsOf(request, repeat);
    const started = performance.now();
    const found = await follow(own, inputs);
    times.push(((performance.now() - started) * 1000) / batch);
    steps = Math.max(steps, found.steps);
    if (repeat > 0) continue;
    const truth = await follow(fine, inputs);
    truth.read.forEach(
      (states, k) => (largestError = Math.max(largestError, difference(found.read[k], states))),
    );
  }
  for (const simulator of [...own, ...fine]) simulator.dispose();
  exact.dispose();
  return { us: spreadOf(times), largestError, steps };
}

/** Twenty times as often as will be timed, for two seconds at most: code that has hardly run is slow. */
async function warmUp(work: () => Promise<unknown>, repeats: number): Promise<void> {
  const started = performance.now();
  for (let k = 0; k <= 20 * repeats && performance.now() - started < 2000; k++) await work();
}

/** Repeats whose rows are all held against float64. */
const JUDGED = 3;

const difference = (found: Planes, truth: Planes): number =>
  Object.entries(truth).reduce(
    (most, [name, { re }]) => re.reduce((m, v, i) => Math.max(m, Math.abs(v - found[name].re[i])), most),
    0,
  );
