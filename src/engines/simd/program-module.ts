/**
 * A program as one module. All its functions take rows from one to another: `prelude(from, to)` runs the
 * prelude; `run(steps, last, from, to)` the step so many times, and keeps the watched buffers before the last
 * one if `last` is not zero; `judge(from, to)` takes the judge's step, keeping them as well. No row reads
 * another, so rows may be shared out between threads, and a whole chunk of steps is one call.
 * `columns(lane, lanes)` runs a lane's share of a prelude for all rows, `adjust(lane, lanes)` updates a
 * lane's share of all weights. Where lanes share each operation (marching),
 * `step0(step, lane, lanes, from, to)`, `step1`, … and `judge0`, … do a lane's share of one, and
 * `keep(from, to)` keeps the watched buffers.
 */
import { readsOf } from "../../program/dataflow";
import type { Program, ProjectOperation } from "../../program/program";
import { addAdjust } from "./adjust";
import { Code, ModuleBuilder, type Features, type Local } from "./assembler";
import { type Layout } from "./layout";
import { FLOAT, PANEL, panelsOf, strideOf } from "./panels";
import { grouped, mapsCode } from "./map";
import { normaliseCode } from "./normalise";
import { normalsCode } from "./normals";
import { addProject, type Projection } from "./project";
import { addSolve } from "./solve";
import { isConnected } from "./project-through";
import { copyRows } from "./rows";

type Group = ReturnType<typeof grouped>[number];

/** @param marching whether lanes share operations and not only rows */
export function moduleOf(program: Program, layout: Layout, features: Features, marching = false): Uint8Array {
  const module = new ModuleBuilder(features);
  const projections = new Map<Group, Projection>();
  // Each takes the step within the chunk, and the rows.
  const add = (operation: Group): number => {
    if (Array.isArray(operation)) return module.add(mapsCode(program, layout, operation));
    switch (operation.op) {
      case "project": {
        const functions = addProject(module, program, layout, operation);
        projections.set(operation, functions);
        return functions.rows;
      }
      case "normalise":
        return module.add(normaliseCode(program, layout, operation));
      case "solve":
        return addSolve(module, program, layout, operation);
    }
  };
  const prelude = grouped(program.prelude, program).map((operation) => ({
    operation,
    index: add(operation),
  }));
  const rows = new Code(2);
  for (const { index } of prelude) rows.i32(0).get(rows.parameter(0)).get(rows.parameter(1)).call(index);
  module.export("prelude", module.add(rows));
  if (sharesColumns(program)) {
    const columns = new Code(2);
    const [lane, lanes] = [columns.parameter(0), columns.parameter(1)];
    for (const { operation, index } of prelude) {
      const projection = projections.get(operation);
      if (projection === undefined) {
        columns.i32(0).i32(0).i32(program.rows).call(index);
        continue;
      }
      const panels = panelsOf(program.buffers[(operation as ProjectOperation).out]);
      const { from, to } = shareOf(columns, (c) => c.i32(panels), lane, lanes);
      columns.get(from).get(to).call(projection.columns);
    }
    module.export("columns", module.add(columns));
  }
  const steps = grouped(program.step, program);
  const step = steps.map(add);
  const judges = program.judge === undefined ? steps : grouped(program.judge, program);
  const judge = program.judge === undefined ? step : judges.map(add);
  module.export("run", module.add(runCode(program, layout, step)));
  module.export("judge", module.add(judgeCode(program, layout, judge)));
  if (marching) {
    const keep = new Code(2);
    keepWatched(keep, program, layout, keep.parameter(0), keep.parameter(1));
    module.export("keep", module.add(keep));
    for (const [name, operations, functions] of [
      ["step", steps, step],
      ["judge", judges, judge],
    ] as const) {
      operations.forEach((operation, k) =>
        module.export(
          `${name}${k}`,
          module.add(partCode(program, operation, functions[k], projections.get(operation))),
        ),
      );
    }
  }
  if (layout.noise.size > 0) module.export("normals", module.add(normalsCode()));
  if (program.adjust !== undefined) {
    const adjust = new Code(2);
    program.adjust.forEach((operation, k) =>
      adjust
        .get(adjust.parameter(0))
        .get(adjust.parameter(1))
        .call(addAdjust(module, program, layout, operation, layout.sums[k])),
    );
    module.export("adjust", module.add(adjust));
  }
  return module.finish();
}

/**
 * Whether the prelude is shared out by panels of output units, not by rows: a lane then reads those weights
 * that it also adjusts, and the other half stays out of its cache. For preludes of dense projections that nothing
 * in them reads; maps before them are done by every lane, so they have to be narrow.
 */
export function sharesColumns({ prelude, buffers }: Program): boolean {
  const projected = new Set(
    prelude.flatMap((operation) => (operation.op === "project" ? [operation.out] : [])),
  );
  return (
    projected.size > 0 &&
    prelude.every(
      (operation) =>
        ((operation.op === "project" && !operation.terms.some(isConnected)) ||
          (operation.op === "map" && buffers[operation.out] <= PANEL)) &&
        readsOf(operation).every((name) => !projected.has(name)),
    )
  );
}

function runCode(program: Program, layout: Layout, operations: readonly number[]): Code {
  const code = new Code(4);
  const [steps, last, from, to] = [0, 1, 2, 3].map((i) => code.parameter(i));
  const step = code.local("i32");
  code.repeat(() => {
    code.get(step).i32(1).do("i32.add").get(steps).do("i32.eq").get(last).do("i32.mul");
    code.when(() => keepWatched(code, program, layout, from, to));
    for (const operation of operations) code.get(step).get(from).get(to).call(operation);
    code.advance(step, 1).get(step).get(steps).do("i32.lt_u");
  });
  return code;
}

/** A lane's share of one operation: of the output's panels, where that is a projection, else of the rows. */
function partCode(
  program: Program,
  operation: Group,
  index: number,
  projection: Projection | undefined,
): Code {
  const code = new Code(5);
  const [step, lane, lanes, from, to] = [0, 1, 2, 3, 4].map((i) => code.parameter(i));
  if (projection !== undefined) {
    const panels = shareOf(
      code,
      (c) => c.i32(panelsOf(program.buffers[(operation as ProjectOperation).out])),
      lane,
      lanes,
    );
    code
      .get(panels.from)
      .get(panels.to)
      .do("i32.lt_u")
      .when(
        () => void code.get(from).get(to).i32(0).get(panels.from).get(panels.to).call(projection.segment),
      );
    return code;
  }
  const rows = shareOf(code, (c) => c.get(to).get(from).do("i32.sub"), lane, lanes);
  code
    .get(rows.from)
    .get(rows.to)
    .do("i32.lt_u")
    .when(
      () =>
        void code
          .get(step)
          .get(from)
          .get(rows.from)
          .do("i32.add")
          .get(from)
          .get(rows.to)
          .do("i32.add")
          .call(index),
    );
  return code;
}

/** A lane's share of `count` things: from floor(lane count / lanes) on. */
function shareOf(
  code: Code,
  count: (code: Code) => Code,
  lane: Local,
  lanes: Local,
): { from: Local; to: Local } {
  const [from, to] = [code.local("i32"), code.local("i32")];
  count(code).get(lane).do("i32.mul").get(lanes).do("i32.div_u").set(from);
  count(code).get(lane).i32(1).do("i32.add").do("i32.mul").get(lanes).do("i32.div_u").set(to);
  return { from, to };
}

function judgeCode(program: Program, layout: Layout, operations: readonly number[]): Code {
  const code = new Code(2);
  const [from, to] = [code.parameter(0), code.parameter(1)];
  keepWatched(code, program, layout, from, to);
  for (const operation of operations) code.i32(0).get(from).get(to).call(operation);
  return code;
}

function keepWatched(
  code: Code,
  { buffers, watched }: Program,
  layout: Layout,
  from: Local,
  to: Local,
): void {
  for (const name of watched)
    copyRows(code, layout.previous[name], layout.buffers[name], strideOf(buffers[name]) * FLOAT, from, to);
}
