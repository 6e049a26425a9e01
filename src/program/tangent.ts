/**
 * Forward mode: a program that carries, beside every state, how it changes with something that its first state
 * or its inputs depend on. A map becomes one more map, a projection the same projection once more.
 */
import { multiply, add, number, symbol, type Expression } from "../equations/expression";
import { failSolve, slopesOf, Scratch, softmaxSlope, over } from "./linear";
import type { MapOperation, Operation, Program } from "./program";
import { writesOf } from "./dataflow";

export interface Tangent {
  readonly program: Program;
  /** The buffer that holds the change of one of the program's buffers; undefined where nothing changes it. */
  readonly of: (buffer: string) => string | undefined;
  /** Arrays that have to be set to ones before it runs, [width, width]. */
  readonly ones: ReadonlyMap<string, number>;
}

/**
 * The program and its derivative, step by step, side by side. Noise is held: both see the same draws.
 * @param along buffers besides state whose changes are given: inputs, or what the prelude computes (set by
 *   `write`)
 */
export function tangent(program: Program, along: readonly string[] = []): Tangent {
  const changed = changedBuffers(program, along);
  const nameOf = (buffer: string): string => `d~${buffer}`;
  const of = (buffer: string): string | undefined => (changed.has(buffer) ? nameOf(buffer) : undefined);
  const scratch = new Scratch("dt~");
  const step = program.step.flatMap((operation) => withChange(operation, of, program, scratch));
  const tangents = (names: readonly string[]): string[] =>
    names.filter((name) => changed.has(name)).map(nameOf);
  const widths = Object.fromEntries([...changed].map((name) => [nameOf(name), program.buffers[name]]));
  const ones = [...scratch.ones].map(([name, width]) => [name, { pre: width, post: width }]);
  const { judge: _judge, adjust: _adjust, ...kept } = program;
  return {
    of,
    ones: scratch.ones,
    program: {
      ...kept,
      buffers: { ...program.buffers, ...widths, ...scratch.buffers },
      weights: { ...program.weights, ...Object.fromEntries(ones) },
      step,
      state: [...program.state, ...tangents(program.state)],
      outputs: [...program.outputs, ...tangents(program.outputs)],
      watched: [...program.watched, ...tangents(program.watched)],
    },
  };
}

/** Buffers that a change of the state, or of `along`, reaches in any number of steps. */
function changedBuffers(program: Program, along: readonly string[]): Set<string> {
  const changed = new Set([...program.state, ...along]);
  for (let before = -1; before !== changed.size;) {
    before = changed.size;
    for (const operation of program.step)
      if (changes(operation, changed)) for (const name of writesOf(operation)) changed.add(name);
  }
  return changed;
}

function changes(operation: Operation, changed: ReadonlySet<string>): boolean {
  switch (operation.op) {
    case "map":
      return slopesOf(operation).some(({ name }) => changed.has(name));
    case "project":
      return (
        operation.terms.some(({ from }) => changed.has(from)) ||
        (operation.plus !== undefined && changed.has(operation.plus))
      );
    case "normalise":
      return (
        changed.has(operation.from.re) || (operation.from.im !== undefined && changed.has(operation.from.im))
      );
    case "solve":
      return failSolve();
  }
}

type Of = (buffer: string) => string | undefined;

/** An operation and its change. The change comes first where it reads what the operation may write over. */
function withChange(operation: Operation, of: Of, program: Program, scratch: Scratch): readonly Operation[] {
  switch (operation.op) {
    case "map": {
      const out = of(operation.out);
      return out === undefined ? [operation] : [mapChange(operation, out, of), operation];
    }
    case "project": {
      const out = of(operation.out);
      if (out === undefined) return [operation];
      const terms = operation.terms.flatMap((term) => {
        const change = of(term.from);
        return change === undefined ? [] : [{ ...term, from: change }];
      });
      const plus = operation.plus === undefined ? undefined : of(operation.plus);
      if (terms.length > 0)
        return [operation, { op: "project", out, ...(plus !== undefined && { plus }), terms }];
      return [operation, plus === undefined ? over(out, number(0), {}) : over(out, symbol("x"), { x: plus })];
    }
    case "normalise": {
      const out = of(operation.out.re);
      if (out === undefined) return [operation];
      const width = program.buffers[operation.out.re];
      const complex = operation.from.im !== undefined;
      const changeOf = (from: string, zeros: Operation[]): string => {
        const change = of(from);
        if (change !== undefined) return change;
        const zero = scratch.buffer(width);
        zeros.push(over(zero, number(0), {}));
        return zero;
      };
      const zeros: Operation[] = [];
      const change = {
        re: changeOf(operation.from.re, zeros),
        ...(complex && { im: changeOf(operation.from.im as string, zeros) }),
      };
      const slope = softmaxSlope(operation.out, change, width, scratch, false);
      const copies = [over(out, symbol("x"), { x: slope.out.re })];
      if (complex)
        copies.push(
          over(of(operation.out.im as string) as string, symbol("x"), { x: slope.out.im as string }),
        );
      return [...zeros, operation, ...slope.operations, ...copies];
    }
    case "solve":
      return failSolve();
  }
}

/** Sum over the buffers that a map reads of its slope times their change. */
function mapChange(operation: MapOperation, out: string, of: Of): MapOperation {
  let expression: Expression = number(0);
  const sources = { ...operation.sources };
  slopesOf(operation).forEach(({ name, slope }, i) => {
    const change = of(name);
    if (change === undefined) return;
    const direction = `d~${i}`;
    sources[direction] = { from: "buffer", name: change };
    expression = add(expression, multiply(slope, symbol(direction)));
  });
  return { op: "map", out, expression, sources };
}
