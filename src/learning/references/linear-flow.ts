/**
 * What becomes of a small push at a circuit's fixed point, by iteration and at any size: forwards, how the
 * states follow it; backwards, how something that depends on the states depends on the push. No matrix is
 * formed: the tangent of the drives, or their transpose, runs in an engine until it settles. Solves J x = -b
 * (forwards) or J^T x = -b by
 *
 *     x <- x + relaxation * (b + J x) / |dF/du at constant I|
 *
 * With relaxation 1 and the papers' neurons (slope -1) the way back is the iteration of Laborieux and Zenke's
 * code, delta <- delta + J^T delta + dC/du. Units that are frozen stay at 0.
 */
import { expectNoAmplifiers } from "../../circuit/amplifiers";
import { graphOf, type GraphPopulation } from "../../dynamics/lowering/layout";
import { planRecurrentDrives } from "../../dynamics/lowering/plan-drives";
import { ranAway, type Engine, type Executable } from "../../engines/engine";
import { add, multiply, symbol } from "../../equations/expression";
import { expectGoing, type Stop } from "../../errors";
import { needed, readsOf, writableBuffers, writesOf } from "../../program/dataflow";
import { over, type Reads } from "../../program/linear";
import type { Operation, Program } from "../../program/program";
import { tangent } from "../../program/tangent";
import { transpose } from "../../program/transpose";
import type { ByPopulation } from "../drives";
import { setArrays } from "../set-arrays";
import type { Linearisation } from "./linearisation";

/** Forwards as a push spreads, or backwards as blame does. */
export type Way = "forwards" | "backwards";

export interface FlowLengths {
  /** Largest number of steps. */
  readonly steps: number;
  /** Largest change in a step of a row that has settled, beside that of the first step. null: run all steps. */
  readonly tolerance: number | null;
  readonly relaxation: number;
  /** Anderson mixing of past steps. */
  readonly mixing: boolean;
  readonly stop?: Stop;
}

export interface Flowed {
  /** x, [samples, size] by unclamped population. */
  readonly values: ByPopulation;
  /** Of the last step, a row, beside the first step. */
  readonly residual: Float64Array;
  readonly steps: number;
  /** Steps of all rows together. */
  readonly rowSteps: number;
  readonly diverged: boolean;
}

/** A step through the weights, from what enters a population to what leaves it. */
interface Through {
  readonly program: Program;
  readonly enters: (p: GraphPopulation) => string | undefined;
  readonly leaves: (p: GraphPopulation) => string | undefined;
  /** Transposed arrays that have to be set, by the array that each is of. */
  readonly transposed: ReadonlyMap<string, string>;
  /** Arrays that have to be set to ones, [width, width]. */
  readonly ones: ReadonlyMap<string, number>;
}

function throughWeights(drives: Program, shown: readonly string[], way: Way): Through {
  const isDriven = ({ index }: GraphPopulation): boolean => drives.state.includes(`d${index}`);
  if (way === "forwards") {
    const { of, program, ones } = tangent(drives, shown);
    return {
      program,
      ones,
      transposed: new Map(),
      enters: ({ index }) => of(`a${index}`),
      leaves: (p) => (isDriven(p) ? of(`d${p.index}`) : undefined),
    };
  }
  const { program, ones, transposed, of, inputs } = transpose(drives, shown);
  return {
    program,
    ones,
    transposed,
    enters: (p) => (isDriven(p) ? of(`d${p.index}`) : undefined),
    leaves: ({ index }) => inputs.get(`a${index}`),
  };
}

/**
 * The iteration as a program: x… what flows, by the population's number; in… and out… what it is multiplied by
 * as it enters the weights and as it leaves them, kept… what is kept of it in a step, push… the push.
 */
function planFlow(through: Through, populations: readonly GraphPopulation[]): Program {
  const { program, enters, leaves } = through;
  const buffers: Record<string, number> = { ...program.buffers };
  const own = (name: string, { index, population }: GraphPopulation): string => {
    buffers[`${name}${index}`] = population.size;
    return `${name}${index}`;
  };
  const into = populations.flatMap((p): Operation[] => {
    const enter = enters(p);
    if (enter === undefined) return [];
    return [over(enter, multiply(symbol("x"), symbol("in")), { x: own("x", p), in: own("in", p) })];
  });
  const next = populations.map((p): Operation => {
    const leave = leaves(p);
    const stays = add(multiply(symbol("kept"), symbol("x")), symbol("push"));
    const reads: Reads = { x: own("x", p), kept: own("kept", p), push: own("push", p) };
    return leave === undefined
      ? over(own("x", p), stays, reads)
      : over(own("x", p), add(stays, multiply(symbol("out"), symbol("flow"))), {
          ...reads,
          out: own("out", p),
          flow: leave,
        });
  });
  const state = populations.map(({ index }) => `x${index}`);
  const all = needed([...into, ...program.step, ...next], new Set(state));
  const used = new Set(all.flatMap((o) => (o.op === "project" ? o.terms.map((t) => t.weights) : [])));
  const weights = Object.fromEntries(Object.entries(program.weights).filter(([name]) => used.has(name)));
  const [prelude, step] = splitStill(all, state);
  return { ...program, buffers, weights, prelude, step, state, watched: state, outputs: state };
}

/** What no state reaches, and the rest: of operations that write each buffer once. */
function splitStill(operations: readonly Operation[], state: readonly string[]): [Operation[], Operation[]] {
  const moving = new Set(state);
  const [still, step]: [Operation[], Operation[]] = [[], []];
  for (const operation of operations) {
    const moves = readsOf(operation).some((name) => moving.has(name));
    if (moves) for (const name of writesOf(operation)) moving.add(name);
    (moves ? step : still).push(operation);
  }
  return [still, step];
}

/** A flow through the weights of a chip, as they are now, compiled for an engine. Dispose of it. */
export class LinearFlow {
  private readonly populations: readonly GraphPopulation[];
  private readonly exe: Executable;
  private readonly writable: ReadonlySet<string>;

  constructor(
    private readonly at: Linearisation,
    engine: Engine,
    private readonly way: Way,
  ) {
    const { chip, samples, activities } = at;
    expectNoAmplifiers(
      chip.circuit,
      "an iteration through drives",
      "use exactAnswers, which solves by a matrix",
    );
    this.populations = graphOf(chip.circuit);
    const shown = this.populations.map(({ index }) => `a${index}`);
    const drives = planRecurrentDrives(chip.circuit, this.populations, samples);
    const through = throughWeights(drives, shown, way);
    const program = planFlow(through, this.populations);
    this.exe = engine.compile(program);
    this.writable = writableBuffers(program);
    setArrays(this.exe, program, chip, through.transposed);
    for (const [name, width] of through.ones)
      if (Object.hasOwn(program.weights, name))
        this.exe.setWeights(name, new Float64Array(width * width).fill(1));
    for (const { index, population } of this.populations)
      this.write(`a${index}`, activities[population.name]);
  }

  /** @param push b, [samples, size] by population; those left out are 0 */
  async settle(
    push: ByPopulation,
    { steps, tolerance, relaxation, mixing, stop }: FlowLengths,
  ): Promise<Flowed> {
    const { at, exe, way } = this;
    const scale = stepScale(at);
    const first = largestStep(push, scale, at.active);
    const unit = first === 0 ? 1 : first;
    for (const { index, population } of this.populations) {
      const { name } = population;
      const [slope, active] = [at.slope[name], at.active[name]];
      const by = slope.map((_, k) => (active[k] === 1 ? relaxation / scale[name][k] : 0));
      const [entering, leaving] =
        way === "forwards" ? [at.rhoPrime[name], at.gain[name]] : [at.gain[name], at.rhoPrime[name]];
      this.write(`in${index}`, entering);
      this.write(
        `out${index}`,
        leaving.map((x, k) => by[k] * x),
      );
      this.write(
        `kept${index}`,
        slope.map((x, k) => active[k] * (1 + by[k] * x)),
      );
      this.write(
        `push${index}`,
        by.map((x, k) => (x === 0 ? 0 : (x * (push[name]?.[k] ?? 0)) / unit)),
      );
      this.write(`x${index}`, new Float64Array(slope.length));
    }
    await exe.prepare();
    expectGoing(stop);
    const { samples } = at;
    const report =
      tolerance === null
        ? { ...(await exe.run(steps, 0)), steps: new Int32Array(samples).fill(steps) }
        : await exe.settle({ steps, tolerance: tolerance * relaxation, mixing: mixing ? "anderson" : null });
    const values: Record<string, Float64Array> = {};
    for (const { index, population } of this.populations)
      values[population.name] = (await exe.read(`x${index}`)).map((x) => x * unit);
    return {
      values,
      residual: report.residual.map((x) => x / relaxation),
      steps: report.steps.reduce((most, n) => Math.max(most, n), 0),
      rowSteps: report.steps.reduce((sum, n) => sum + n, 0),
      diverged: report.residual.some((change) => ranAway(change, 1)),
    };
  }

  dispose(): void {
    this.exe.dispose();
  }

  private write(name: string, values: Float64Array): void {
    if (this.writable.has(name)) this.exe.write(name, values);
  }
}

/** The largest first step of any unit that moves. */
const largestStep = (push: ByPopulation, scale: ByPopulation, active: Linearisation["active"]): number =>
  Object.entries(push).reduce(
    (most, [name, values]) =>
      values.reduce(
        (m, x, k) => (active[name][k] === 1 ? Math.max(m, Math.abs(x / scale[name][k])) : m),
        most,
      ),
    0,
  );

/** |slope| of each unit, kept away from 0: any positive scale has the same fixed point. */
function stepScale({ slope }: Linearisation): ByPopulation {
  const largest = Object.values(slope).reduce(
    (m, values) => values.reduce((k, x) => Math.max(k, Math.abs(x)), m),
    0,
  );
  return Object.fromEntries(
    Object.entries(slope).map(([name, values]) => [
      name,
      values.map((x) => Math.max(Math.abs(x), 1e-3 * largest) || 1),
    ]),
  );
}
