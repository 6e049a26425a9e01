/** How much work a program is, and so how many lanes it is worth waking for it. */
import type { Expression } from "../../equations/expression";
import { partsOf } from "../../equations/share";
import { usesOf } from "../../program/connections";
import type { Operation, Program, SolveOperation } from "../../program/program";
import { setsOf } from "./solve-sets";

/** Multiply-adds, or their like, that take as long as it pays to share: some 50 us. */
const WORTH_SHARING = 1_000_000;
/**
 * Multiply-adds of a lane in a step that it pays to meet for after every operation: some 10 us, where a
 * meeting takes less than one.
 */
const WORTH_MEETING = 150_000;
/** Multiply-adds of a call: a fraction of a second, in which nobody asks whether to stop. */
const WORTH_A_CALL = 100_000_000;
/** Rows of a lane that make the best of its weights: see project.ts. */
const TALL = 4;
/**
 * What a value of a map costs, in multiply-adds: read, computed and written; and each function in it, exp or
 * tanh.
 */
const [VALUE, FUNCTION] = [4, 30];
/** What a draw costs. */
const DRAW = 100;

export interface Part {
  /** Whether so many lanes should share every operation, since there are too few rows for them. */
  marches(lanes: number): boolean;
  /** Lanes that are worth waking for so many repetitions. */
  shares(repetitions: number): number;
  /** Repetitions in a call. */
  readonly longest: number;
}

export interface Work {
  readonly prelude: Pick<Part, "shares">;
  readonly step: Part;
  readonly adjust: Pick<Part, "shares">;
}

export function workOf(program: Program): Work {
  // What goes through connections is shared by rows only.
  const connected = [...program.step, ...(program.judge ?? [])].some(
    (operation) => operation.op === "project" && operation.terms.some(({ through }) => through !== undefined),
  );
  const part = (operations: readonly Operation[]): Part => {
    const each = operations.reduce((sum, operation) => sum + costOf(program, operation), 0) * program.rows;
    return {
      shares: (repetitions) => Math.max(1, Math.floor((each * repetitions) / WORTH_SHARING)),
      longest: Math.max(1, Math.floor(WORTH_A_CALL / Math.max(1, each))),
      marches: (lanes) =>
        lanes > 1 &&
        program.groups === 1 &&
        !connected &&
        2 * program.rows <= TALL * lanes &&
        each >= WORTH_MEETING * lanes,
    };
  };
  const synapses = (program.adjust ?? []).reduce(
    (sum, { pre, post, products, maps }) =>
      products.reduce(
        (all, { through }) => all + program.rows * (through === undefined ? pre * post : usesOf(through)),
        sum + pre * post * maps.length,
      ),
    0,
  );
  return {
    prelude: part(program.prelude),
    step: part(program.step),
    adjust: { shares: () => Math.max(1, Math.floor(synapses / WORTH_SHARING)) },
  };
}

/** Lanes that are worth waking for so many draws. */
export const drawShares = (draws: number): number => Math.max(1, Math.floor((draws * DRAW) / WORTH_SHARING));

/** Of one row. */
function costOf(program: Program, operation: Operation): number {
  const { buffers, weights } = program;
  if (operation.op === "project")
    return operation.terms.reduce(
      (sum, { through, weights: name }) =>
        sum + (through === undefined ? weights[name].pre * weights[name].post : usesOf(through)),
      0,
    );
  if (operation.op === "normalise") return buffers[operation.out.re] * (VALUE + 3 * FUNCTION);
  if (operation.op === "solve") return solveCost(operation, program);
  return buffers[operation.out] * (VALUE + FUNCTION * functionsIn(operation.expression));
}

/** Of elimination: every unit of the larger set, times the square of the smaller one. */
function solveCost(operation: SolveOperation, program: Program): number {
  const [eliminated, kept] = setsOf(operation, program).map(({ width }) => width);
  return kept * kept * (eliminated + kept);
}

const functionsIn = (e: Expression): number =>
  partsOf(e).filter(
    (part) => part.kind === "call" && part.fn !== "abs" && part.fn !== "sign" && part.fn !== "floor",
  ).length;
