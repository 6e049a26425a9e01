/**
 * A program as the difference that something makes: of the state that a program would lead to where some values of
 * its rows are not 0, what it is away from a state at rest where they are. The state at rest is held, and what is
 * stepped is the distance from it, exactly (equations/difference.ts): float32 then tells differences far below its
 * rounding of the states themselves. As in a tangent every operation gets a twin that carries what changes; but here
 * nothing is linearised, so that what is found is the same as by subtracting, with all its digits.
 */
import { difference } from "../equations/difference";
import { add, call, divide, multiply, number, subtract, symbol, where } from "../equations/expression";
import { substitute, type Expression } from "../equations/expression";
import { simplify } from "../equations/simplify";
import { OhmletError } from "../errors";
import { changeIn, writesOf } from "./dataflow";
import { failSolve, over, Scratch, slopesOf } from "./linear";
import type { MapOperation, Operation, Program, Source } from "./program";

export interface Difference {
  /** Its state: the states at rest, which it does not change, and beside each how far it is from there. */
  readonly program: Program;
  /** Arrays that have to be set to ones before it runs, [width, width]. */
  readonly ones: ReadonlyMap<string, number>;
}

/**
 * @param raised row values that are 0 at rest
 * @throws OhmletError DYN-DIFFERENCES where it knows none: softmax of complex values
 */
export function differenceOf(program: Program, raised: readonly string[], place = "program"): Difference {
  const { judge, step, state, watched, outputs, counts } = program;
  const operations = [...step, ...(judge ?? [])];
  const complexSoftmax = operations.some(({ op, ...rest }) => op === "normalise" && hasPlanes(rest));
  if (complexSoftmax)
    throw new OhmletError({
      code: "DYN-DIFFERENCES",
      fact: "a softmax of complex states has no exact difference",
      place: { where: place },
      remedy: 'nudge with real amplitudes, or leave out  differences: "exact"',
    });
  const changed = changedBuffers(operations, state, raised);
  const scratch = new Scratch("ct~");
  const held = new Set(state);
  const twins = (list: readonly Operation[]): Operation[] =>
    list.flatMap((operation) => withDifference(operation, changed, raised, held, program, scratch));
  const of = (names: readonly string[]): string[] => names.filter((name) => changed.has(name)).map(changeIn);
  const [own, ownJudge] = [twins(step), judge && twins(judge)];
  const ones = [...scratch.ones].map(([name, width]) => [name, { pre: width, post: width }]);
  return {
    ones: scratch.ones,
    program: {
      ...program,
      buffers: {
        ...program.buffers,
        ...Object.fromEntries([...changed].map((name) => [changeIn(name), program.buffers[name]])),
        ...scratch.buffers,
      },
      weights: { ...program.weights, ...Object.fromEntries(ones) },
      step: own,
      ...(ownJudge && { judge: ownJudge }),
      state: [...state, ...of(state)],
      outputs: [...outputs, ...of(outputs)],
      watched: of(watched),
      ...(counts && {
        counts: Object.fromEntries(Object.entries(counts).map(([name, times]) => [changeIn(name), times])),
      }),
    },
  };
}

const hasPlanes = (operation: object): boolean =>
  (operation as { readonly from: { readonly im?: string } }).from.im !== undefined;

/** Buffers that a change of the state, or of what is raised, reaches in any number of steps. */
function changedBuffers(
  operations: readonly Operation[],
  state: readonly string[],
  raised: readonly string[],
): ReadonlySet<string> {
  const changed = new Set(state);
  const reaches = (operation: Operation): boolean => {
    switch (operation.op) {
      case "map":
        return (
          slopesOf(operation).some(({ name }) => changed.has(name)) ||
          Object.values(operation.sources).some(({ from, ...of }) => from === "row" && isRaised(of, raised))
        );
      case "project":
        return [operation.plus, ...operation.terms.map(({ from }) => from)].some(
          (name) => name !== undefined && changed.has(name),
        );
      case "normalise":
        return changed.has(operation.from.re);
      case "solve":
        return failSolve();
    }
  };
  for (let before = -1; before !== changed.size;) {
    before = changed.size;
    for (const operation of operations)
      if (reaches(operation)) for (const name of writesOf(operation)) changed.add(name);
  }
  return changed;
}

const isRaised = (source: object, raised: readonly string[]): boolean =>
  raised.includes((source as { readonly name: string }).name);

/** What an operation does at rest, but for moving the state, and what it changes by. */
function withDifference(
  operation: Operation,
  changed: ReadonlySet<string>,
  raised: readonly string[],
  held: ReadonlySet<string>,
  program: Program,
  scratch: Scratch,
): readonly Operation[] {
  switch (operation.op) {
    case "map": {
      const rest = held.has(operation.out) ? [] : [atRest(operation, raised)];
      // It comes first: it reads what the operation may write over.
      return changed.has(operation.out) ? [mapDifference(operation, changed, raised), ...rest] : rest;
    }
    case "project": {
      if (!changed.has(operation.out)) return [operation];
      const out = changeIn(operation.out);
      const terms = operation.terms.flatMap((term) =>
        changed.has(term.from) ? [{ ...term, from: changeIn(term.from) }] : [],
      );
      const plus = operation.plus !== undefined && changed.has(operation.plus) && changeIn(operation.plus);
      if (terms.length > 0)
        return [operation, { op: "project", out, ...(plus !== false && { plus }), terms }];
      return [operation, plus === false ? over(out, number(0), {}) : over(out, symbol("x"), { x: plus })];
    }
    case "normalise":
      if (!changed.has(operation.out.re)) return [operation];
      return changed.has(operation.from.re)
        ? [operation, ...softmaxDifference(operation.from.re, operation.out.re, program, scratch)]
        : [operation, over(changeIn(operation.out.re), number(0), {})];
    case "solve":
      return failSolve();
  }
}

const atRest = ({ expression, sources, ...map }: MapOperation, raised: readonly string[]): MapOperation => {
  const isZero = (name: string): boolean => sources[name].from === "row" && isRaised(sources[name], raised);
  const still = Object.entries(sources).filter(([name]) => !isZero(name));
  return {
    ...map,
    expression: simplify(substitute(expression, (name) => (isZero(name) ? number(0) : undefined))),
    sources: Object.fromEntries(still),
  };
};

function mapDifference(
  { expression, out, sources }: MapOperation,
  changed: ReadonlySet<string>,
  raised: readonly string[],
): MapOperation {
  const read: Record<string, Source> = {};
  const added = new Map<string, Expression>();
  const zeros = new Set<string>();
  for (const [name, source] of Object.entries(sources)) {
    const twin = `c~${name}`;
    if (source.from === "row" && raised.includes(source.name)) {
      zeros.add(name);
      read[twin] = source;
    } else {
      read[name] = source;
      if (source.from !== "buffer" || !changed.has(source.name)) continue;
      read[twin] = { from: "buffer", name: changeIn(source.name) };
    }
    added.set(name, symbol(twin));
  }
  const whole = difference(expression, (name) => added.get(name));
  const known = simplify(substitute(whole, (name) => (zeros.has(name) ? number(0) : undefined)));
  return { op: "map", out: changeIn(out), expression: known, sources: read };
}

/** p' - p = p (expm1(d) - E)/(1 + E), with E the mean of expm1(d) over the classes. */
function softmaxDifference(from: string, out: string, { buffers }: Program, scratch: Scratch): Operation[] {
  const width = buffers[out];
  const [grown, mean] = [scratch.buffer(width), scratch.buffer(width)];
  const [d, p, g, m] = ["d", "p", "g", "m"].map(symbol);
  const least = where(
    { comparison: "<=", left: d, right: number(1) },
    multiply(d, call("exprel", d)),
    subtract(call("exp", d), number(1)),
  );
  return [
    over(grown, multiply(p, least), { d: changeIn(from), p: out }),
    { op: "project", out: mean, terms: [{ from: grown, weights: scratch.onesOf(width) }] },
    over(changeIn(out), divide(subtract(g, multiply(p, m)), add(number(1), m)), {
      g: grown,
      p: out,
      m: mean,
    }),
  ];
}
