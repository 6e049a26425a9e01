/**
 * A program as one module. `prelude()` runs the prelude; `run(steps, last)` the step so many times, and keeps the watched
 * buffers before the last one if `last` is not zero: a whole chunk in one call.
 */
import type { Operation, Program } from "../engine";
import { Code, ModuleBuilder } from "./assembler";
import { FLOAT, strideOf, type Layout } from "./layout";
import { mapCode } from "./map";
import { normaliseCode } from "./normalise";
import { addProject } from "./project";

export function moduleOf(program: Program, layout: Layout): Uint8Array {
  const module = new ModuleBuilder();
  // Each takes the step within the chunk.
  const add = (operation: Operation): number => {
    switch (operation.op) {
      case "map":
        return module.add(mapCode(program, layout, operation));
      case "project":
        return addProject(module, program, layout, operation);
      case "normalise":
        return module.add(normaliseCode(program, layout, operation));
    }
  };
  const prelude = new Code();
  for (const operation of program.prelude) prelude.i32(0).call(add(operation));
  module.export("prelude", module.add(prelude));
  module.export("run", module.add(runCode(program, layout, program.step.map(add))));
  return module.finish();
}

function runCode({ rows, buffers, watched }: Program, layout: Layout, operations: readonly number[]): Code {
  const code = new Code(2);
  const [steps, last] = [code.parameter(0), code.parameter(1)];
  const step = code.local("i32");
  code.repeat(() => {
    code.get(step).i32(1).do("i32.add").get(steps).do("i32.eq").get(last).do("i32.mul");
    code.when(() => {
      for (const name of watched) code.i32(layout.previous[name]).i32(layout.buffers[name]).i32(rows * strideOf(buffers[name]) * FLOAT).copy();
    });
    for (const operation of operations) code.get(step).call(operation);
    code.advance(step, 1).get(step).get(steps).do("i32.lt_u");
  });
  return code;
}
