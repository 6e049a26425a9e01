/**
 * What settling needs besides the program itself, as a module of its own that is made when a program first
 * settles: how far rows moved, rows that change places, the state put back after a look ahead, and the past
 * of each row for mixing (mixing.ts). A lane (lane.ts) decides what to call when.
 */
import { lasting } from "../../program/dataflow";
import type { Program } from "../../program/program";
import { SLOTS } from "../mixing";
import { Code, ModuleBuilder, type Features, type Local } from "./assembler";
import { type Layout } from "./layout";
import { FLOAT, LANES, strideOf, VECTOR } from "./panels";
import { aligned } from "./memory";
import { copyRows } from "./rows";
import {
  absolute,
  acrossLanes,
  add,
  both,
  doubles,
  keep,
  lanes,
  local,
  maximum,
  multiply,
  real,
  subtract,
  type Value,
} from "./values";

/**
 * Where the past lies: points and residuals, [slot][row][state] each; scalar products, [row][slot] pairs of
 * float64 to add; weights, [row][slot].
 */
export interface Past {
  readonly points: number;
  readonly residuals: number;
  readonly products: number;
  readonly weights: number;
  /** Bytes of a row of the whole state, of a slot, of a row of products. */
  readonly row: number;
  readonly slot: number;
  readonly bytes: number;
}

export function pastOf({ rows, watched, buffers }: Program, begin: number): Past {
  const row = watched.reduce((sum, name) => sum + strideOf(buffers[name]), 0) * FLOAT;
  const slot = aligned(rows * row);
  const products = begin + 2 * SLOTS * slot;
  const weights = products + aligned(rows * SLOTS * VECTOR);
  return {
    points: begin,
    residuals: begin + SLOTS * slot,
    products,
    weights,
    row,
    slot,
    bytes: weights + aligned(rows * SLOTS * FLOAT) - begin,
  };
}

/**
 * Where the watched buffers are kept as they were when settling began, by name, from `begin` on; and the
 * bytes that it takes.
 */
export function startOf(
  { rows, watched, buffers }: Program,
  begin: number,
): { readonly addresses: Readonly<Record<string, number>>; readonly begin: number; readonly bytes: number } {
  let bytes = 0;
  const addresses: Record<string, number> = {};
  for (const name of watched) {
    addresses[name] = begin + bytes;
    bytes += aligned(rows * strideOf(buffers[name]) * FLOAT);
  }
  return { addresses, begin, bytes };
}
export type StartStates = ReturnType<typeof startOf>;

/**
 * How far rows are from where they began: `begin(from, to)` keeps the watched buffers, `shift(position, row)`
 * measures.
 */
export function shiftModuleOf(
  program: Program,
  layout: Layout,
  { addresses }: StartStates,
  features: Features,
): Uint8Array {
  const { watched, buffers } = program;
  const module = new ModuleBuilder(features);
  const keepStart = new Code(2);
  for (const name of watched)
    copyRows(
      keepStart,
      addresses[name],
      layout.buffers[name],
      strideOf(buffers[name]) * FLOAT,
      keepStart.parameter(0),
      keepStart.parameter(1),
    );
  module.export("begin", module.add(keepStart));
  const code = new Code(2);
  const [position, row] = [code.parameter(0), code.parameter(1)];
  const [at, begun, largest] = [code.local("i32"), code.local("i32"), code.local("v128")];
  assign(code, largest, real(0));
  for (const name of watched) {
    rowOf(code, position, strideOf(buffers[name]) * FLOAT).set(at);
    rowOf(code, row, strideOf(buffers[name]) * FLOAT).set(begun);
    sweep(code, at, buffers[name], (mask) => {
      const now = keep(code, (c) => void c.get(at).at("v128.load", layout.buffers[name]));
      const before = keep(code, (c) => void c.get(begun).at("v128.load", addresses[name]));
      assign(code, largest, maximum(local(largest), mask(keep(code, absolute(subtract(now, before))))));
      code.advance(begun, VECTOR);
    });
  }
  const one = keep(code, acrossLanes(code, largest, maximum));
  rowOf(code, row, FLOAT);
  one(code);
  code.storeLane(0, layout.terms + 3 * program.rows * FLOAT);
  module.export("shift", module.add(code));
  return module.finish();
}

/** @param past null where nothing will be mixed */
export function settleModuleOf(
  program: Program,
  layout: Layout,
  past: Past | null,
  features: Features,
): Uint8Array {
  const module = new ModuleBuilder(features);
  module.export("residual", module.add(residualCode(program, layout)));
  module.export("swap", module.add(swapCode(program, layout)));
  module.export("restore", module.add(restoreCode(program, layout)));
  if (past !== null) {
    module.export("remember", module.add(rememberCode(program, layout, past)));
    module.export("mix", module.add(mixCode(program, layout, past)));
  }
  return module.finish();
}

/**
 * residual(from, to): the largest change of a watched unit since it was kept, of each row; NaN where one is
 * not finite.
 */
function residualCode({ watched, buffers, counts = {} }: Program, layout: Layout): Code {
  const code = new Code(2);
  const [from, to] = [code.parameter(0), code.parameter(1)];
  const [row, at, largest] = [code.local("i32"), code.local("i32"), code.local("v128")];
  code
    .get(from)
    .set(row)
    .repeat(() => {
      assign(code, largest, real(0));
      for (const name of watched) {
        rowOf(code, row, strideOf(buffers[name]) * FLOAT).set(at);
        sweep(code, at, buffers[name], (mask) => {
          const load = (address: number): Value => keep(code, (c) => void c.get(at).at("v128.load", address));
          const [now, before] = [load(layout.buffers[name]), load(layout.previous[name])];
          // x - x is 0, or NaN where x is not finite: the maximum hands it on.
          const change = absolute(subtract(now, before));
          const counted = counts[name] === undefined ? change : multiply(real(counts[name]), change);
          const moved = keep(code, add(counted, subtract(now, now)));
          assign(code, largest, maximum(local(largest), mask(moved)));
        });
      }
      const one = keep(code, acrossLanes(code, largest, maximum));
      rowOf(code, row, FLOAT);
      one(code);
      code.storeLane(0, layout.residual);
      code.advance(row, 1).get(row).get(to).do("i32.lt_u");
    });
  return code;
}

/** swap(a, b): two rows change places, with all that lasts. */
function swapCode(program: Program, layout: Layout): Code {
  const code = new Code(2);
  const rows = [code.parameter(0), code.parameter(1)];
  const at = rows.map(() => code.local("i32"));
  const [end, held] = [code.local("i32"), code.local("v128")];
  const arrays = [
    ...lasting(program).map((name) => ({
      address: layout.buffers[name],
      stride: strideOf(program.buffers[name]) * FLOAT,
    })),
    ...program.watched.map((name) => ({
      address: layout.previous[name],
      stride: strideOf(program.buffers[name]) * FLOAT,
    })),
  ];
  for (const { address, stride } of arrays) {
    rows.forEach((row, k) => rowOf(code, row, stride).set(at[k]));
    code.get(at[0]).i32(stride).do("i32.add").set(end);
    code.repeat(() => {
      code.get(at[0]).at("v128.load", address).set(held);
      code.get(at[0]).get(at[1]).at("v128.load", address).at("v128.store", address);
      code.get(at[1]).get(held).at("v128.store", address);
      code.advance(at[1], VECTOR).advance(at[0], VECTOR).get(at[0]).get(end).do("i32.lt_u");
    });
  }
  for (const address of [...Object.values(layout.rowValues), layout.residual]) {
    const values = rows.map((row) =>
      keep(code, (c) => void rowOf(c, row, FLOAT).at("v128.load32_splat", address)),
    );
    rows.forEach((row, k) => {
      rowOf(code, row, FLOAT);
      values[1 - k](code);
      code.storeLane(0, address);
    });
  }
  return code;
}

/** restore(from, to): the watched buffers as they were kept. */
function restoreCode({ watched, buffers }: Program, layout: Layout): Code {
  const code = new Code(2);
  for (const name of watched)
    copyRows(
      code,
      layout.buffers[name],
      layout.previous[name],
      strideOf(buffers[name]) * FLOAT,
      code.parameter(0),
      code.parameter(1),
    );
  return code;
}

/**
 * remember(position, row, slot): takes the point that a row at a position has reached, and its residual, into
 * its past, and multiplies the residual with those of all slots, in pairs of float64: residuals of a small
 * circuit are soon so nearly parallel that float32 does not tell them apart, and then nothing is mixed. Rows
 * keep their place in the past wherever they are.
 */
function rememberCode({ watched, buffers }: Program, layout: Layout, past: Past): Code {
  const code = new Code(3);
  const [position, row, slot] = [0, 1, 2].map((i) => code.parameter(i));
  const [at, into] = [code.local("i32"), code.local("i32")];
  const begin = (): void =>
    void rowOf(code, slot, past.slot).get(row).i32(past.row).do("i32.mul").do("i32.add").set(into);
  begin();
  for (const name of watched) {
    rowOf(code, position, strideOf(buffers[name]) * FLOAT).set(at);
    sweep(code, at, buffers[name], (mask) => {
      const load = (address: number): Value => keep(code, (c) => void c.get(at).at("v128.load", address));
      const now = load(layout.buffers[name]);
      const residual = keep(code, mask(keep(code, subtract(now, load(layout.previous[name])))));
      store(code, into, past.points, keep(code, mask(now)));
      store(code, into, past.residuals, residual);
      code.advance(into, VECTOR);
    });
    // Strides are whole panels; what a sweep left out stays zero.
    code.advance(into, strideOf(buffers[name]) * FLOAT - Math.ceil(buffers[name] / LANES) * VECTOR);
  }
  const [other, end] = [code.local("i32"), code.local("i32")];
  const sums = Array.from({ length: SLOTS }, () => code.local("v128"));
  begin();
  code.get(into).i32(past.row).do("i32.add").set(end);
  rowOf(code, row, past.row).set(other);
  code.repeat(() => {
    const newest = keep(code, (c) => void c.get(into).at("v128.load", past.residuals));
    const [lower, upper] = [keep(code, doubles.lower(newest)), keep(code, doubles.upper(newest))];
    sums.forEach((sum, k) => {
      const known = keep(code, (c) => void c.get(other).at("v128.load", past.residuals + k * past.slot));
      assign(
        code,
        sum,
        doubles.add(
          local(sum),
          doubles.add(
            doubles.multiply(lower, doubles.lower(known)),
            doubles.multiply(upper, doubles.upper(known)),
          ),
        ),
      );
    });
    code.advance(other, VECTOR).advance(into, VECTOR).get(into).get(end).do("i32.lt_u");
  });
  rowOf(code, row, SLOTS * VECTOR).set(at);
  sums.forEach((sum, k) => store(code, at, past.products + k * VECTOR, local(sum)));
  return code;
}

/**
 * mix(position, row, slot): the state becomes the newest point plus the weighted differences of those before
 * from it.
 */
function mixCode({ watched, buffers }: Program, layout: Layout, past: Past): Code {
  const code = new Code(3);
  const [position, row, slot] = [0, 1, 2].map((i) => code.parameter(i));
  const [at, newest, other] = Array.from({ length: 3 }, () => code.local("i32"));
  rowOf(code, row, SLOTS * FLOAT).set(at);
  const weights = Array.from({ length: SLOTS }, (_, k) =>
    keep(code, (c) => void c.get(at).at("v128.load32_splat", past.weights + k * FLOAT)),
  );
  rowOf(code, row, past.row).tee(other).get(slot).i32(past.slot).do("i32.mul").do("i32.add").set(newest);
  for (const name of watched) {
    rowOf(code, position, strideOf(buffers[name]) * FLOAT).set(at);
    sweep(code, at, strideOf(buffers[name]), () => {
      const point = keep(code, (c) => void c.get(newest).at("v128.load", past.points));
      const mixed = weights.reduce(
        (sum: Value, w, k) =>
          add(
            sum,
            multiply(
              w,
              subtract((c) => void c.get(other).at("v128.load", past.points + k * past.slot), point),
            ),
          ),
        point,
      );
      store(code, at, layout.buffers[name], keep(code, mixed));
      code.advance(newest, VECTOR).advance(other, VECTOR);
    });
  }
  return code;
}

const rowOf = (code: Code, row: Local, bytes: number): Code => code.get(row).i32(bytes).do("i32.mul");
const assign = (code: Code, variable: Local, value: Value): void => {
  value(code);
  code.set(variable);
};
const store = (code: Code, at: Local, address: number, value: Value): void => {
  code.get(at);
  value(code);
  code.at("v128.store", address);
};

/**
 * Writes `body` for all vectors of `width` units from `at`, which it advances; `mask` zeroes what is no unit.
 */
function sweep(code: Code, at: Local, width: number, body: (mask: (value: Value) => Value) => void): void {
  const whole = Math.floor(width / LANES);
  const tail = width % LANES;
  if (whole > 0) {
    const end = code.local("i32");
    code
      .get(at)
      .i32(whole * VECTOR)
      .do("i32.add")
      .set(end);
    code.repeat(() => {
      body((value) => value);
      code.advance(at, VECTOR).get(at).get(end).do("i32.lt_u");
    });
  }
  if (tail > 0)
    body((value) => both(value, lanes(Array.from({ length: LANES }, (_, lane) => (lane < tail ? -1 : 0)))));
}
