/** Checks a program against the contract before an engine allocates or generates anything. */
import { symbolsOf } from "../equations/expression";
import { OhmletError } from "../errors";
import type { MapOperation, NormaliseOperation, Operation, Program, ProjectOperation, Source } from "./engine";

function fail(fact: string, where: string): never {
  throw new OhmletError({ code: "ENGINE-PROGRAM", fact, place: { where }, remedy: "this is a fault of the lowering, not of the circuit: please report it" });
}

/** @throws OhmletError ENGINE-PROGRAM */
export function validate(program: Program): void {
  const { rows, groups, buffers, prelude, step, state, outputs, watched } = program;
  if (!Number.isInteger(rows) || rows < 1) fail(`${rows} rows`, "program");
  if (!Number.isInteger(groups) || groups < 1 || rows % groups !== 0) fail(`${rows} rows do not divide into ${groups} groups`, "program");
  for (const [list, kind] of [[state, "state"], [outputs, "outputs"], [watched, "watched"]] as const) {
    for (const name of list) if (!Object.hasOwn(buffers, name)) fail(`unknown buffer "${name}" in ${kind}`, "program");
  }
  for (const name of watched) if (!state.includes(name)) fail(`"${name}" is watched but no state`, "program");
  prelude.forEach((operation, i) => check(program, operation, `prelude ${i}`));
  step.forEach((operation, i) => check(program, operation, `step ${i}`));
}

function check(program: Program, operation: Operation, where: string): void {
  if (operation.op === "map") checkMap(program, operation, where);
  else if (operation.op === "project") checkProject(program, operation, where);
  else checkNormalise(program, operation, where);
}

function widthOf({ buffers }: Program, name: string, where: string): number {
  return Object.hasOwn(buffers, name) ? buffers[name] : fail(`unknown buffer "${name}"`, where);
}

function checkMap(program: Program, { out, expression, sources }: MapOperation, where: string): void {
  const width = widthOf(program, out, where);
  for (const name of symbolsOf(expression)) if (!Object.hasOwn(sources, name)) fail(`no source for "${name}"`, where);
  for (const source of Object.values(sources)) checkSource(program, source, width, where);
}

function checkSource(program: Program, source: Source, width: number, where: string): void {
  const { vectors, rowValues, scalars } = program;
  if (source.from === "buffer" && widthOf(program, source.name, where) !== width) fail(`buffer "${source.name}" is not ${width} wide`, where);
  if (source.from === "vector" && vectors[source.name] !== width) fail(`vector "${source.name}" is not ${width} wide`, where);
  if (source.from === "row" && !rowValues.includes(source.name)) fail(`unknown row value "${source.name}"`, where);
  if (source.from === "scalar" && !scalars.includes(source.name)) fail(`unknown scalar "${source.name}"`, where);
}

function checkProject(program: Program, { out, plus, terms }: ProjectOperation, where: string): void {
  const width = widthOf(program, out, where);
  if (plus !== undefined && widthOf(program, plus, where) !== width) fail(`"${plus}" is not ${width} wide`, where);
  for (const { from, weights } of terms) {
    const shape = Object.hasOwn(program.weights, weights) ? program.weights[weights] : fail(`unknown weights "${weights}"`, where);
    if (shape.post !== width || shape.pre !== widthOf(program, from, where)) fail(`weights "${weights}" do not fit ${from} → ${out}`, where);
    if (from === out) fail(`"${out}" is projected onto itself`, where);
  }
}

function checkNormalise(program: Program, { from, out }: NormaliseOperation, where: string): void {
  const names = [from.re, out.re, ...(from.im === undefined ? [] : [from.im]), ...(out.im === undefined ? [] : [out.im])];
  if (new Set(names.map((name) => widthOf(program, name, where))).size !== 1) fail("softmax over buffers of different widths", where);
  if ((from.im === undefined) !== (out.im === undefined)) fail("softmax from real to complex or back", where);
}

/** The array of that name, checked to have the given length. @throws OhmletError ENGINE-PROGRAM, ENGINE-SHAPE */
export function expectLength<T extends { readonly length: number }>(kind: string, arrays: Readonly<Record<string, T>>, name: string, length?: number): T {
  if (!Object.hasOwn(arrays, name)) fail(`unknown ${kind} "${name}"`, "executable");
  if (length !== undefined && arrays[name].length !== length) {
    throw new OhmletError({ code: "ENGINE-SHAPE", fact: `${kind} "${name}" takes ${arrays[name].length} values, not ${length}`, place: { where: "executable" }, remedy: "give one value for each row and unit" });
  }
  return arrays[name];
}
