/**
 * Weighted sums of rows: which tiles (project-tile.ts) take which rows and panels, groups one after another, and what
 * comes through connections on top.
 */
import type { Program, ProjectOperation } from "../../program/program";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import { type Layout } from "./layout";
import { FLOAT, panelsOf, strideOf, TALL, TALLEST } from "./panels";
import { addThrough, isConnected } from "./project-through";
import { tileCode } from "./project-tile";
import { clearRows, copyRows } from "./rows";

/** Panels that are taken together: as many as the widest tile has. */
const BLOCK = 4;

/** The functions of a projection. */
export interface Projection {
  /** Parameters: the step within the chunk (unused), the rows. */
  readonly rows: number;
  /** Parameters: the panels. All rows. */
  readonly columns: number;
  /** Parameters: the rows, their group, the panels. */
  readonly segment: number;
}

export function addProject(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: ProjectOperation,
): Projection {
  const segment = addSegment(module, program, layout, operation);
  const panels = panelsOf(program.buffers[operation.out]);
  const perGroup = program.rows / program.groups;
  const rows = new Code(3);
  const columns = new Code(2);
  if (program.groups === 1) {
    rows.get(rows.parameter(1)).get(rows.parameter(2)).i32(0).i32(0).i32(panels).call(segment);
    columns.i32(0).i32(program.rows).i32(0).get(columns.parameter(0)).get(columns.parameter(1)).call(segment);
    return { rows: module.add(rows), columns: module.add(columns), segment };
  }
  // Rows of one group after the other.
  const [from, to] = [rows.parameter(1), rows.parameter(2)];
  const [row, group, end] = Array.from({ length: 3 }, () => rows.local("i32"));
  rows
    .get(from)
    .set(row)
    .repeat(() => {
      rows
        .get(row)
        .i32(perGroup)
        .do("i32.div_u")
        .tee(group)
        .i32(1)
        .do("i32.add")
        .i32(perGroup)
        .do("i32.mul")
        .set(end);
      rows
        .get(to)
        .get(end)
        .do("i32.lt_u")
        .when(() => void rows.get(to).set(end));
      rows.get(row).get(end).get(group).i32(0).i32(panels).call(segment);
      rows.get(end).tee(row).get(to).do("i32.lt_u");
    });
  const [from2, to2, own] = [columns.parameter(0), columns.parameter(1), columns.local("i32")];
  columns.repeat(() => {
    columns
      .get(own)
      .i32(perGroup)
      .do("i32.mul")
      .get(own)
      .i32(1)
      .do("i32.add")
      .i32(perGroup)
      .do("i32.mul")
      .get(own)
      .get(from2)
      .get(to2)
      .call(segment);
    columns.advance(own, 1).get(own).i32(program.groups).do("i32.lt_u");
  });
  return { rows: module.add(rows), columns: module.add(columns), segment };
}

/**
 * Dense terms, or what the sums begin with, and then what comes through connections, of all panels: lanes share
 * such projections by rows.
 */
function addSegment(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: ProjectOperation,
): number {
  const connected = operation.terms.filter(isConnected);
  const terms = operation.terms.filter((term) => !isConnected(term));
  const dense = (): number => {
    const all = module.add(segmentCode(module, program, layout, { ...operation, terms }));
    const listed = terms.flatMap((term) => layout.zeros.get(term) ?? []);
    if (listed.length === 0) return all;
    const few = module.add(listedCode(module, program, layout, { ...operation, terms }));
    const either = new Code(5);
    const call = (index: number): void => {
      for (let i = 0; i < 5; i++) either.get(either.parameter(i));
      either.call(index);
    };
    either
      .i32(listed[0].flag)
      .load(0)
      .do("i32.eqz")
      .when(() => call(all));
    either
      .i32(listed[0].flag)
      .load(0)
      .when(() => call(few));
    return module.add(either);
  };
  if (connected.length === 0) return dense();
  const code = new Code(5);
  const [from, to, group, firstPanel, endPanel] = [0, 1, 2, 3, 4].map((i) => code.parameter(i));
  const { out, plus } = operation;
  const stride = strideOf(program.buffers[out]) * FLOAT;
  if (terms.length > 0) code.get(from).get(to).get(group).get(firstPanel).get(endPanel).call(dense());
  else if (plus !== undefined) copyRows(code, layout.buffers[out], layout.buffers[plus], stride, from, to);
  else clearRows(code, layout.buffers[out], stride, from, to);
  for (const term of connected)
    for (const sweep of addThrough(module, program, layout, out, term))
      code.get(from).get(to).get(group).call(sweep);
  return module.add(code);
}

/**
 * Rows from one to another, all of one group, and panels from one to another. Of a block of panels each is
 * taken by the tall tiles while its weights are in the first cache; the rows that are left over, up to three,
 * take wider tiles.
 */
function segmentCode(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: ProjectOperation,
): Code {
  const code = new Code(5);
  const [from, to, group, firstPanel, endPanel] = [0, 1, 2, 3, 4].map((i) => code.parameter(i));
  const [row, tallest, tall, pair, panel, whole] = Array.from({ length: 6 }, () => code.local("i32"));
  const tiles = new Map<string, number>();
  const tile = (first: Local, offset: number, height: number, width: number): void => {
    const key = `${height} ${width}`;
    const index =
      tiles.get(key) ?? module.add(tileCode(module.features, program, layout, operation, height, width));
    tiles.set(key, index);
    code.get(first).get(panel).i32(offset).do("i32.add").get(group).call(index);
  };
  const column = (begin: Local, end: Local, p: number, height: number): void => {
    code
      .get(begin)
      .get(end)
      .do("i32.lt_u")
      .when(() => {
        code
          .get(begin)
          .set(row)
          .repeat(() => {
            tile(row, p, height, 1);
            code.advance(row, height).get(row).get(end).do("i32.lt_u");
          });
      });
  };
  const { fused } = module.features;
  const block = (width: number): void => {
    for (let p = 0; p < width; p++) {
      if (fused) column(from, tallest, p, TALLEST);
      column(tallest, tall, p, TALL);
      const wide = p % 2 === 1 ? 2 : p === width - 1 ? 1 : 0;
      if (wide > 0)
        code
          .get(tall)
          .get(pair)
          .do("i32.ne")
          .when(() => tile(tall, p + 1 - wide, 2, wide));
    }
    code
      .get(pair)
      .get(to)
      .do("i32.ne")
      .when(() => tile(pair, 0, 1, width));
  };
  const blocks = (width: number, end: Local): void => {
    code
      .get(panel)
      .get(end)
      .do("i32.lt_u")
      .when(() => {
        code.repeat(() => {
          block(width);
          code.advance(panel, width).get(panel).get(end).do("i32.lt_u");
        });
      });
  };
  // The tallest tiles up to `tallest`, tall ones up to `tall`, a pair of rows up to `pair`, a single one up to the end.
  code.get(from).set(tallest);
  if (fused) {
    // One fewer where that leaves tall tiles and not a pair.
    const count = (): Code => code.get(tallest).get(from).do("i32.sub");
    code.get(to).get(from).do("i32.sub").i32(TALLEST).do("i32.div_u").i32(TALLEST).do("i32.mul");
    code.get(from).do("i32.add").set(tallest);
    code
      .get(to)
      .get(tallest)
      .do("i32.sub")
      .i32(2)
      .do("i32.and")
      .when(() => void count().when(() => void code.advance(tallest, -TALLEST)));
  }
  code.get(to).get(tallest).do("i32.sub").i32(-TALL).do("i32.and").get(tallest).do("i32.add").set(tall);
  code.get(to).get(from).do("i32.sub").i32(-2).do("i32.and").get(from).do("i32.add").set(pair);
  code
    .get(endPanel)
    .get(firstPanel)
    .do("i32.sub")
    .i32(-BLOCK)
    .do("i32.and")
    .get(firstPanel)
    .tee(panel)
    .do("i32.add")
    .set(whole);
  if (panelsOf(program.buffers[operation.out]) >= BLOCK) blocks(BLOCK, whole);
  blocks(1, endPanel);
  return code;
}

/** The same by lists of what is not zero, which are another for each row. */
function listedCode(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: ProjectOperation,
): Code {
  const code = new Code(5);
  const [from, to, group, firstPanel, endPanel] = [0, 1, 2, 3, 4].map((i) => code.parameter(i));
  const [row, panel, end] = Array.from({ length: 3 }, () => code.local("i32"));
  const blocks = (width: number): void => {
    const tile = module.add(tileCode(module.features, program, layout, operation, 1, width, true));
    // The last whole block ends here.
    code
      .get(endPanel)
      .get(panel)
      .do("i32.sub")
      .i32(width)
      .do("i32.div_u")
      .i32(width)
      .do("i32.mul")
      .get(panel)
      .do("i32.add")
      .set(end);
    code
      .get(panel)
      .get(end)
      .do("i32.lt_u")
      .when(() => {
        code.repeat(() => {
          code
            .get(from)
            .set(row)
            .repeat(() => {
              code.get(row).get(panel).get(group).call(tile);
              code.advance(row, 1).get(row).get(to).do("i32.lt_u");
            });
          code.advance(panel, width).get(panel).get(end).do("i32.lt_u");
        });
      });
  };
  code
    .get(from)
    .get(to)
    .do("i32.lt_u")
    .when(() => {
      code.get(firstPanel).set(panel);
      if (panelsOf(program.buffers[operation.out]) >= BLOCK) blocks(BLOCK);
      blocks(1);
    });
  return code;
}
