/** Elementwise operations as functions of a module: rows from one to another, vector by vector. Parameters: the step within the chunk, the rows. */
import type { MapOperation, Program, Source } from "../engine";
import { Code, type Local } from "./assembler";
import { emitExpression } from "./expression";
import { FLOAT, LANES, noiseKey, strideOf, VECTOR, type Layout } from "./layout";
import { keep, type Value } from "./values";

export function mapCode(program: Program, layout: Layout, { out, expression, sources }: MapOperation): Code {
  const { rows, groups, buffers } = program;
  const width = buffers[out];
  const stride = strideOf(width) * FLOAT;
  const used = Math.ceil(width / LANES) * VECTOR;
  const code = new Code(3);
  const [step, from, to] = [0, 1, 2].map((i) => code.parameter(i));
  // Offsets of the vector within a buffer, a group's vectors and a step's draws; the row, and where it ends.
  const [at, inGroup, inNoise, row, end] = Array.from({ length: 5 }, () => code.local("i32"));
  code.get(from).tee(row).i32(stride).do("i32.mul").set(at);
  const kinds = new Set(Object.values(sources).map(({ from }) => from));
  // All regions of one width hold as many draws a step.
  if (kinds.has("noise")) code.get(step).i32(rows).do("i32.mul").get(from).do("i32.add").i32(width * FLOAT).do("i32.mul").set(inNoise);

  code.repeat(() => {
    if (kinds.has("vector")) {
      if (groups === 1) code.i32(0);
      else code.get(row).i32(rows / groups).do("i32.div_u").i32(stride).do("i32.mul");
      code.set(inGroup);
    }
    const constants = new Map<Source, Value>();
    for (const source of Object.values(sources)) {
      if (source.from === "row") constants.set(source, keep(code, (c) => void c.get(row).i32(FLOAT).do("i32.mul").at("v128.load32_splat", layout.rowValues[source.name])));
      if (source.from === "scalar") constants.set(source, keep(code, (c) => void c.i32(0).at("v128.load32_splat", layout.scalars[source.name])));
    }
    const load = (offset: Local, address: number): Value => (c) => void c.get(offset).at("v128.load", address);
    const valueOf = (source: Source): Value => {
      switch (source.from) {
        case "buffer":
          return load(at, layout.buffers[source.name]);
        case "vector":
          return load(inGroup, layout.vectors[source.name]);
        case "noise":
          return load(inNoise, layout.noise.get(noiseKey(source.stream, width))?.address ?? 0);
        default:
          return constants.get(source) as Value;
      }
    };
    code.get(at).i32(used).do("i32.add").set(end);
    code.repeat(() => {
      const read = new Map<string, Value>();
      const value = emitExpression(code, expression, (name) => {
        const known = read.get(name) ?? keep(code, valueOf(sources[name]));
        read.set(name, known);
        return known;
      });
      const result = keep(code, value);
      code.get(at);
      result(code);
      code.at("v128.store", layout.buffers[out]);
      if (kinds.has("vector")) code.advance(inGroup, VECTOR);
      if (kinds.has("noise")) code.advance(inNoise, VECTOR);
      code.advance(at, VECTOR).get(at).get(end).do("i32.lt_u");
    });
    // Draws are not padded.
    if (kinds.has("noise")) code.advance(inNoise, width * FLOAT - used);
    code.advance(at, stride - used).advance(row, 1).get(row).get(to).do("i32.lt_u");
  });
  return code;
}
