/** Checks a program against the contract before an engine allocates or generates anything. */
import { symbolsOf } from "../equations/expression";
import { OhmletError } from "../errors";
import { PHASE_STREAMS } from "../random";
import { faultOf, type Connections } from "./connections";
import { readsOf, writesOf } from "./dataflow";
import type {
  AdjustOperation,
  MapOperation,
  NormaliseOperation,
  Operation,
  Program,
  ProjectOperation,
  SolveOperation,
  Source,
} from "./program";

/**
 * A fault of whoever made or drives the program. `where` is an operation ("step 3, map r0") or the program.
 */
export function failProgram(fact: string, where: string): never {
  throw new OhmletError({
    code: "ENGINE-PROGRAM",
    fact,
    place: { where },
    remedy: "this is a fault of the lowering, not of the circuit: please report it",
  });
}

/** @throws OhmletError ENGINE-PROGRAM, naming the operation */
export function validate(program: Program): void {
  checkSizes(program);
  const named = (list: readonly Operation[], part: string) =>
    list.map((operation, i) => ({ operation, where: `${part} ${i}, ${operation.op}` }));
  const [prelude, step, judge] = [
    named(program.prelude, "prelude"),
    named(program.step, "step"),
    named(program.judge ?? [], "judge"),
  ];
  for (const { operation, where } of [...prelude, ...step, ...judge]) check(program, operation, where);
  for (const { operation, where } of [...prelude, ...judge]) {
    if (operation.op === "map" && Object.values(operation.sources).some((s) => s.from === "noise"))
      failProgram("noise is drawn, which belongs to steps", where);
  }
  checkOrder(program, step);
  checkOrder(program, judge);
  (program.adjust ?? []).forEach((operation, i) => checkAdjust(program, operation, `adjust ${i}`));
  checkLists(program);
}

function checkSizes({ rows, groups, buffers, weights, vectors }: Program): void {
  const natural = (value: number): boolean => Number.isInteger(value) && value >= 1;
  if (!natural(rows)) failProgram(`${rows} rows`, "program");
  if (!natural(groups) || rows % groups !== 0)
    failProgram(`${rows} rows do not divide into ${groups} groups`, "program");
  for (const [name, width] of [...Object.entries(buffers), ...Object.entries(vectors)])
    if (!natural(width)) failProgram(`"${name}" is ${width} wide`, "program");
  for (const [name, { pre, post }] of Object.entries(weights))
    if (!natural(pre) || !natural(post)) failProgram(`weights "${name}" are ${pre} x ${post}`, "program");
}

/**
 * A step reads state, what the prelude wrote, inputs, or what it has itself written before; it leaves the
 * prelude's buffers alone.
 */
function checkOrder(
  { prelude, state }: Program,
  operations: readonly { operation: Operation; where: string }[],
): void {
  const kept = new Set(prelude.flatMap(writesOf));
  for (const { operation, where } of operations) {
    for (const name of writesOf(operation))
      if (kept.has(name)) failProgram(`writes "${name}", which the prelude has computed`, where);
  }
  const scratch = new Set(
    operations.flatMap(({ operation }) => writesOf(operation)).filter((name) => !state.includes(name)),
  );
  for (const { operation, where } of operations) {
    for (const name of readsOf(operation))
      if (scratch.has(name))
        failProgram(`reads "${name}", which is no state, before the step has written it`, where);
    for (const name of writesOf(operation)) scratch.delete(name);
  }
}

function checkLists({ buffers, prelude, step, state, outputs, watched, counts = {} }: Program): void {
  for (const [list, kind] of [
    [state, "state"],
    [outputs, "outputs"],
    [watched, "watched"],
  ] as const) {
    for (const name of list)
      if (!Object.hasOwn(buffers, name)) failProgram(`unknown buffer "${name}" in ${kind}`, "program");
  }
  const written = new Set([...state, ...prelude.flatMap(writesOf), ...step.flatMap(writesOf)]);
  for (const name of outputs)
    if (!written.has(name)) failProgram(`the output "${name}" is never written`, "program");
  for (const name of watched)
    if (!state.includes(name)) failProgram(`"${name}" is watched but no state`, "program");
  for (const [name, times] of Object.entries(counts)) {
    if (!watched.includes(name)) failProgram(`changes of "${name}" count, but it is not watched`, "program");
    if (!(times > 0 && Number.isFinite(times)))
      failProgram(`changes of "${name}" cannot count ${times} times`, "program");
  }
}

function check(program: Program, operation: Operation, where: string): void {
  switch (operation.op) {
    case "map":
      return checkMap(program, operation, where);
    case "project":
      return checkProject(program, operation, where);
    case "normalise":
      return checkNormalise(program, operation, where);
    case "solve":
      return checkSolve(program, operation, where);
    default:
      failProgram(`unknown operation "${(operation as { op: string }).op}"`, where);
  }
}

function widthOf({ buffers }: Program, name: string, where: string): number {
  return Object.hasOwn(buffers, name) ? buffers[name] : failProgram(`unknown buffer "${name}"`, where);
}

function checkMap(program: Program, { out, expression, sources }: MapOperation, where: string): void {
  const width = widthOf(program, out, where);
  for (const name of symbolsOf(expression))
    if (!Object.hasOwn(sources, name)) failProgram(`no source for "${name}"`, where);
  for (const source of Object.values(sources)) checkSource(program, source, width, where);
}

function checkSource(program: Program, source: Source, width: number, where: string): void {
  const { vectors, rowValues, scalars } = program;
  if (source.from === "buffer" && widthOf(program, source.name, where) !== width)
    failProgram(`buffer "${source.name}" is not ${width} wide`, where);
  if (source.from === "vector" && !(Object.hasOwn(vectors, source.name) && vectors[source.name] === width))
    failProgram(`there is no vector "${source.name}" ${width} wide`, where);
  if (source.from === "row" && !rowValues.includes(source.name))
    failProgram(`unknown row value "${source.name}"`, where);
  if (source.from === "scalar" && !scalars.includes(source.name))
    failProgram(`unknown scalar "${source.name}"`, where);
  if (source.from === "noise" && !(source.stream >= 0 && source.stream < PHASE_STREAMS))
    failProgram(`there is no noise stream ${source.stream}`, where);
}

function checkProject(program: Program, { out, plus, terms }: ProjectOperation, where: string): void {
  const width = widthOf(program, out, where);
  if (terms.length === 0) failProgram("a projection without terms", where);
  if (plus !== undefined && widthOf(program, plus, where) !== width)
    failProgram(`"${plus}" is not ${width} wide`, where);
  for (const { from, weights, through, backwards = false } of terms) {
    const shape = Object.hasOwn(program.weights, weights)
      ? program.weights[weights]
      : failProgram(`unknown weights "${weights}"`, where);
    const ends = [widthOf(program, from, where), width];
    const [pre, post] = backwards ? ends.reverse() : ends;
    if (through !== undefined) checkConnections(through, shape, pre, post, where);
    else if (shape.post !== post || shape.pre !== pre)
      failProgram(`weights "${weights}" do not fit ${from} → ${out}`, where);
    if (from === out) failProgram(`"${out}" is projected onto itself`, where);
  }
}

function checkConnections(
  through: Connections,
  array: { readonly pre: number; readonly post: number },
  pre: number,
  post: number,
  where: string,
): void {
  if (through.pre !== pre || through.post !== post)
    failProgram(`connections of ${through.pre} and ${through.post} units between ${pre} and ${post}`, where);
  const fault = faultOf(through, array);
  if (fault !== null) failProgram(`connections with a fault: ${fault}`, where);
}

function checkNormalise(program: Program, { from, out }: NormaliseOperation, where: string): void {
  const names = [from, out].flatMap(({ re, im }) => (im === undefined ? [re] : [re, im]));
  if (new Set(names.map((name) => widthOf(program, name, where))).size !== 1)
    failProgram("softmax over buffers of different widths", where);
  if ((from.im === undefined) !== (out.im === undefined))
    failProgram("softmax from real to complex or back", where);
  if (out.re === out.im) failProgram("softmax writes both planes to one buffer", where);
}

function checkSolve(program: Program, { parts, couplings }: SolveOperation, where: string): void {
  const unfit = (name: string): never => failProgram(`"${name}" does not fit its parts`, where);
  const widths = parts.map(({ out, right, diagonal }) => {
    const [width, ...others] = [out, right, diagonal].map((name) => widthOf(program, name, where));
    if (others.some((other) => other !== width)) unfit(out);
    return width;
  });
  const outs = new Set(parts.map(({ out }) => out));
  if (outs.size !== parts.length || parts.length === 0) failProgram("parts that are not apart", where);
  for (const { from, into, left, by, weights: name, through, backwards = false } of couplings) {
    const ends = [widths[from], widths[into]];
    [by, left].forEach((factor, end) => {
      if (factor !== undefined && widthOf(program, factor, where) !== ends[end]) unfit(factor);
    });
    const [pre, post] = backwards ? ends.reverse() : ends;
    const shape = Object.hasOwn(program.weights, name) ? program.weights[name] : { pre: 0, post: 0 };
    if (through !== undefined) checkConnections(through, shape, pre, post, where);
    else if (shape.pre !== pre || shape.post !== post || backwards) unfit(name);
  }
}

function checkAdjust(program: Program, { pre, post, products, maps }: AdjustOperation, where: string): void {
  if (program.groups !== 1) failProgram("weights of groups cannot be adjusted", where);
  for (const product of products) {
    const ends = [product.pre, product.post].map((name) => widthOf(program, name, where));
    if (product.through !== undefined)
      checkConnections(product.through, { pre, post }, ends[0], ends[1], where);
    else if (ends[0] !== pre || ends[1] !== post)
      failProgram(`"${product.pre}" and "${product.post}" are not ${pre} and ${post} wide`, where);
  }
  const expectShape = (name: string, [rows, columns]: readonly [number, number]): void => {
    const found = Object.hasOwn(program.weights, name) ? program.weights[name] : undefined;
    if (found === undefined || found.pre !== rows || found.post !== columns)
      failProgram(`there are no weights "${name}" of ${rows} x ${columns}`, where);
  };
  const locals = new Set<string>();
  for (const { out, expression, sources } of maps) {
    for (const name of symbolsOf(expression))
      if (!Object.hasOwn(sources, name)) failProgram(`no source for "${name}"`, where);
    for (const source of Object.values(sources)) {
      if (source.from === "weights") expectShape(source.name, [pre, post]);
      if (source.from === "scalar" && !program.scalars.includes(source.name))
        failProgram(`unknown scalar "${source.name}"`, where);
      if (source.from === "local" && !locals.has(source.name))
        failProgram(`"${source.name}" is read before it is computed`, where);
    }
    if ("local" in out) locals.add(out.local);
    else expectShape(out.weights, out.transposed === true ? [post, pre] : [pre, post]);
  }
}
