/**
 * Backpropagation through time: the gradient of the cost at the end of a free phase, step by step backwards
 * over its last steps. At a fixed point, as Ernoult et al. 2019 have it: the states of all those steps are the
 * same, and the sums over steps are the gradient that equilibrium propagation estimates.
 */
import { statesOf } from "../../circuit/states";
import { byOwner, type ByPopulation, type ByProjection } from "../drives";
import type { Circuit } from "../../circuit/chip-types";
import type { Simulator } from "../../dynamics/simulator";
import type { Outcome, Planes } from "../../dynamics/types";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { readBatch, type Batch } from "../types";
import { costForces } from "./exact";
import { linearise } from "./linearisation";

/** How long the free phase is, and how far back its steps are walked. */
export interface BpttOptions {
  /** Steps of the free phase, from zero or from where the batch starts. */
  readonly freeSteps: number;
  /** How many of them are walked backwards: the last ones. */
  readonly steps: number;
}

/** The end of a free phase that is walked backwards. */
export interface WalkedEnd {
  /** States at the end of the free phase, by population, [samples, size]. */
  readonly states: Planes;
  /** Mean cost there. */
  readonly cost: number;
  /** How the free phase ended. */
  readonly outcome: Outcome;
}

/** What one step back gives. */
export interface StepBack {
  /** Derivatives of the mean cost by the states after the step, [samples, size] by population. */
  readonly states: ByPopulation;
  /** By the weights that it reads, for each array, with what directions that are tied to it add. */
  readonly weights: ByProjection;
}

/** The gradient of the cost, step by step backwards; sums over steps are the whole. */
export interface Bptt extends WalkedEnd {
  /** By step back, derivatives of the mean cost by the states before it; the first is by the last states. */
  readonly byState: readonly ByPopulation[];
  /**
   * By step back, derivatives of the mean cost by the weights that the step reads, for each array: what
   * directions that are tied to it add is in it.
   */
  readonly byWeights: readonly ByProjection[];
}

const readOptions = optionsOf<BpttOptions>("backpropagationThroughTime", {
  needs: { freeSteps: check.whole(1), steps: check.whole(1) },
});

/** Values that a tape may hold, 1 GB in float64. */
const LONGEST_TAPE = 2 ** 27;

/**
 * The gradient of the mean cost after a free phase, from zero or from where the batch starts, back through its last steps: by states and by
 * weights, step by step. Compiled once for each number of samples.
 * @param batch inputs [samples, input size], targets [samples, outputs or classes]
 * @throws OhmletError BPTT-STEPS, BPTT-TAPE, DYN-BACKWARDS, CHIP-STACK, DYN-DIVERGED where the free phase runs
 *   away, and those of a phase
 */
export async function backpropagationThroughTime(
  simulator: Simulator,
  batch: Batch,
  options: BpttOptions,
): Promise<Bptt> {
  const { back, ...end } = await walkBack(simulator, batch, readOptions(options));
  const [byState, byWeights]: [ByPopulation[], ByProjection[]] = [[], []];
  for await (const { states, weights } of back) {
    byState.push(states);
    byWeights.push(weights);
  }
  return { ...end, byState, byWeights };
}

/**
 * The same, a step back at a time, for whoever need not keep them all: weights of many steps take much room.
 * @throws OhmletError as backpropagationThroughTime
 */
export async function walkBack(
  simulator: Simulator,
  batch: Batch,
  { freeSteps, steps }: BpttOptions,
): Promise<WalkedEnd & { readonly back: AsyncIterable<StepBack> }> {
  const { samples, inputs, targets, start } = readBatch(batch);
  const { tape, last } = await record(simulator, { samples, inputs, start }, freeSteps, steps);
  const outcome = { ...last, steps: freeSteps, rowSteps: samples * freeSteps };
  const states = tape[tape.length - 1];
  const { cost, slope } = costForces(linearise(simulator.chip, samples, inputs, states), states, targets);
  const scaled = Object.entries(slope).map(([name, g]) => [name, g.map((x) => x / samples)] as const);
  return { states, cost, outcome, back: backwardsOver(simulator, batch, tape, Object.fromEntries(scaled)) };
}

async function* backwardsOver(
  simulator: Simulator,
  { samples, inputs }: Batch,
  tape: readonly Planes[],
  cotangents: ByPopulation,
): AsyncGenerator<StepBack> {
  const backwards = simulator.backwards(samples);
  await backwards.begin(inputs, cotangents);
  for (let at = tape.length - 2; at >= 0; at--) {
    const states = await backwards.cotangents();
    await backwards.step(tape[at]);
    yield { states, weights: byOwner(simulator.circuit, await backwards.gradients()) };
  }
}

/**
 * Whether so many steps can be walked, and so many states kept.
 * @throws OhmletError BPTT-STEPS, BPTT-TAPE
 */
export function expectTape(circuit: Circuit, samples: number, freeSteps: number, steps: number): void {
  if (steps > freeSteps)
    throw new OhmletError({
      code: "BPTT-STEPS",
      fact: `${steps} steps cannot be walked backwards of a phase of ${freeSteps}`,
      place: { where: circuit.name },
      remedy: `give at most ${freeSteps} steps, or a longer free phase`,
    });
  const size = statesOf(circuit).reduce((sum, state) => sum + samples * state.size, 0);
  if (size * (steps + 1) > LONGEST_TAPE)
    throw new OhmletError({
      code: "BPTT-TAPE",
      fact: `a tape of ${steps} steps of ${samples} samples and ${circuit.units} units takes too much memory`,
      place: { where: circuit.name },
      remedy: `walk at most ${Math.max(1, Math.floor(LONGEST_TAPE / size) - 1)} steps, or take fewer samples at once`,
    });
}

/** The states before each of the last steps, and after the last one. */
async function record(
  simulator: Simulator,
  { samples, inputs, start }: Pick<Batch, "samples" | "inputs" | "start">,
  freeSteps: number,
  steps: number,
): Promise<{ readonly tape: readonly Planes[]; readonly last: Outcome }> {
  const { circuit } = simulator;
  expectTape(circuit, samples, freeSteps, steps);
  const tape: Planes[] = [];
  let from = start;
  const advance = async (count: number): Promise<Outcome> => {
    const { states, outcome } = await simulator.phase({ samples, inputs, steps: count, from });
    if (outcome.kind === "diverged")
      throw new OhmletError({
        code: "DYN-DIVERGED",
        fact: "the free phase runs away",
        place: { where: circuit.name },
        remedy: outcome.advice ?? "take a smaller time step",
        category: "run",
      });
    from = states;
    return outcome;
  };
  if (freeSteps > steps) await advance(freeSteps - steps);
  const zeros = (): Planes =>
    Object.fromEntries(
      statesOf(circuit).map(({ name, size }) => [name, { re: new Float64Array(samples * size) }]),
    );
  tape.push(from ?? zeros());
  let last: Outcome | undefined;
  for (let step = 0; step < steps; step++) {
    last = await advance(1);
    tape.push(from as unknown as Planes);
  }
  return { tape, last: last as Outcome };
}
