/** Systems of linear equations of rows from one to another: tiles (solve-tile.ts), groups one after another. */
import type { Program, SolveOperation } from "../../program/program";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import type { Layout } from "./layout";
import { LANES } from "./panels";
import { scratchOf } from "./solve-sets";
import { Tile } from "./solve-tile";

/** Its function; parameters as of maps. */
export function addSolve(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: SolveOperation,
): number {
  const tile = module.add(new Tile(module, program, layout, operation).code);
  const code = new Code(3);
  const [from, to] = [code.parameter(1), code.parameter(2)];
  const [row, group, end, at] = Array.from({ length: 4 }, () => code.local("i32"));
  const rows = Array.from({ length: LANES }, () => code.local("i32"));
  const perGroup = program.rows / program.groups;
  const least = (a: Local, b: Local): void =>
    void code
      .get(b)
      .get(a)
      .do("i32.lt_u")
      .when(() => void code.get(b).set(a));
  // Pieces of the work begin at rows of their own: none works in the scratch of another.
  const scratch = layout.scratch;
  code.get(from).i32(scratchOf(operation, program).bytes).do("i32.mul").i32(scratch).do("i32.add").set(at);
  code
    .get(from)
    .set(row)
    .repeat(() => {
      code.get(row).i32(perGroup).do("i32.div_u").tee(group);
      code.i32(1).do("i32.add").i32(perGroup).do("i32.mul").set(end);
      least(end, to);
      code.advance(end, -1);
      // Where rows end within a tile, its last one is taken several times.
      rows.forEach((lane, k) => {
        code.get(row).i32(k).do("i32.add").set(lane);
        least(lane, end);
      });
      for (const lane of rows) code.get(lane);
      code.get(group).get(at).call(tile);
      code
        .get(rows[LANES - 1])
        .i32(1)
        .do("i32.add")
        .tee(row)
        .get(to)
        .do("i32.lt_u");
    });
  return module.add(code);
}
