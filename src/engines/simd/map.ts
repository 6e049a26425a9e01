/**
 * Elementwise operations as functions of a module: rows from one to another, vector by vector. Parameters:
 * the step within the chunk, the rows. Maps that follow each other over buffers of one width are one loop:
 * what several of them compute (the exponential in both planes of a complex function) is computed once, and
 * what one writes the next has at hand.
 */
import { substitute, symbol, symbolsOf, type Expression } from "../../equations/expression";
import type { MapOperation, Operation, Program, Source } from "../../program/program";
import { Code, type Local } from "./assembler";
import { expressionEmitter } from "./expression";
import { drawStride, noiseKey, type Layout } from "./layout";
import { FLOAT, LANES, strideOf, VECTOR } from "./panels";
import { keep, type Value } from "./values";

/** Most maps of a loop: more would only push values out of registers. */
const MOST_MAPS = 8;

/** Operations with runs of maps that belong together put into lists. */
export function grouped(
  operations: readonly Operation[],
  { buffers }: Program,
): (Exclude<Operation, MapOperation> | MapOperation[])[] {
  const groups: (Exclude<Operation, MapOperation> | MapOperation[])[] = [];
  for (const operation of operations) {
    const last = groups.at(-1);
    if (operation.op !== "map") groups.push(operation);
    else if (
      Array.isArray(last) &&
      last.length < MOST_MAPS &&
      buffers[last[0].out] === buffers[operation.out] &&
      last.some((map) => share(map, operation))
    )
      last.push(operation);
    else groups.push([operation]);
  }
  return groups;
}

/** Whether two maps look at the same buffer, or one at what the other writes. */
function share(a: MapOperation, b: MapOperation): boolean {
  const touched = ({ out, sources }: MapOperation): string[] => [
    out,
    ...Object.values(sources).flatMap((s) => (s.from === "buffer" ? [s.name] : [])),
  ];
  const of = new Set(touched(a));
  return touched(b).some((name) => of.has(name));
}

export function mapsCode(program: Program, layout: Layout, maps: readonly MapOperation[]): Code {
  const { rows, groups, buffers } = program;
  const width = buffers[maps[0].out];
  const stride = strideOf(width) * FLOAT;
  const used = Math.ceil(width / LANES) * VECTOR;
  const code = new Code(3);
  const [step, from, to] = [0, 1, 2].map((i) => code.parameter(i));
  // Offsets of the vector within a buffer, a group's vectors and a step's draws; the row, and where it ends.
  const [at, inGroup, inNoise, row, end] = Array.from({ length: 5 }, () => code.local("i32"));
  const { expressions, sources } = canonical(maps);
  const kinds = new Set([...sources.values()].map((source) => source.from));
  code.get(from).tee(row).i32(stride).do("i32.mul").set(at);
  // All regions of one width hold as many draws a step.
  if (kinds.has("noise"))
    code
      .get(step)
      .i32(drawStride(rows * width) * FLOAT)
      .do("i32.mul")
      .get(from)
      .i32(width * FLOAT)
      .do("i32.mul")
      .do("i32.add")
      .set(inNoise);

  code.repeat(() => {
    if (kinds.has("vector")) {
      if (groups === 1) code.i32(0);
      else
        code
          .get(row)
          .i32(rows / groups)
          .do("i32.div_u")
          .i32(stride)
          .do("i32.mul");
      code.set(inGroup);
    }
    const known = new Map<string, Value>();
    for (const [name, source] of sources) {
      if (source.from === "row")
        known.set(
          name,
          keep(
            code,
            (c) =>
              void c.get(row).i32(FLOAT).do("i32.mul").at("v128.load32_splat", layout.rowValues[source.name]),
          ),
        );
      if (source.from === "scalar")
        known.set(
          name,
          keep(code, (c) => void c.i32(0).at("v128.load32_splat", layout.scalars[source.name])),
        );
    }
    const load =
      (offset: Local, address: number): Value =>
      (c) =>
        void c.get(offset).at("v128.load", address);
    const loaded = (source: Source | Written): Value => {
      switch (source.from) {
        case "buffer":
          return load(at, layout.buffers[source.name]);
        case "vector":
          return load(inGroup, layout.vectors[source.name]);
        case "noise":
          return load(inNoise, layout.noise.get(noiseKey(source.stream, width))?.address ?? 0);
        default:
          throw new Error("not a load");
      }
    };
    code.get(at).i32(used).do("i32.add").set(end);
    code.repeat(() => {
      const inLoop = new Map(known);
      const emit = expressionEmitter(code, expressions, (name) => {
        const value = inLoop.get(name) ?? keep(code, loaded(sources.get(name) as Source));
        inLoop.set(name, value);
        return value;
      });
      maps.forEach(({ out }, k) => {
        const result = keep(code, emit());
        inLoop.set(writtenBy(k), result);
        code.get(at);
        result(code);
        code.at("v128.store", layout.buffers[out]);
      });
      if (kinds.has("vector")) code.advance(inGroup, VECTOR);
      if (kinds.has("noise")) code.advance(inNoise, VECTOR);
      code.advance(at, VECTOR).get(at).get(end).do("i32.lt_u");
    });
    // Draws are not padded.
    if (kinds.has("noise")) code.advance(inNoise, width * FLOAT - used);
    code
      .advance(at, stride - used)
      .advance(row, 1)
      .get(row)
      .get(to)
      .do("i32.lt_u");
  });
  return code;
}

/** What a map of the same loop wrote, as a source. */
interface Written {
  readonly from: "written";
}
const writtenBy = (map: number): string => `written ${map}`;

/** The expressions over symbols that mean the same in all of them. */
function canonical(maps: readonly MapOperation[]): {
  expressions: Expression[];
  sources: ReadonlyMap<string, Source | Written>;
} {
  const sources = new Map<string, Source | Written>();
  const writer = new Map<string, number>();
  const expressions = maps.map(({ expression, sources: own, out }, k) => {
    const names = new Map<string, string>();
    for (const name of symbolsOf(expression)) {
      const source = own[name];
      const written = source.from === "buffer" ? writer.get(source.name) : undefined;
      const common =
        written !== undefined
          ? writtenBy(written)
          : source.from === "noise"
            ? `noise ${source.stream}`
            : `${source.from} ${source.name}`;
      sources.set(common, written !== undefined ? { from: "written" } : source);
      names.set(name, common);
    }
    writer.set(out, k);
    return substitute(expression, (name) => symbol(names.get(name) as string));
  });
  return { expressions, sources };
}
