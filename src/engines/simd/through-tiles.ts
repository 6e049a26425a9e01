/**
 * Tiles of sums through connections: what a few pairs of a row and a site, of one class, take from the runs that they
 * share (connections.ts). Forwards a vector or two of outputs for each pair, into which one input a turn is
 * multiplied. Backwards the weights of an output lie side by side: a tile is two outputs for each pair, each a vector
 * of sums over every fourth column that are added up at the end. No sum depends on how many pairs a tile has.
 */
import type { Connections } from "../../program/connections";
import type { Program } from "../../program/program";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import { RUN } from "./connections";
import { FLOAT, LANES, PANEL, TALL, VECTOR } from "./panels";
import { add, both, integer, keep, lanes, local, multiply, type Value } from "./values";

const PANEL_BYTES = PANEL * FLOAT;

/** Parameters of a tile: of each pair where it reads, then of each where it writes; runs; the array. */
interface Tile {
  readonly code: Code;
  readonly inputs: readonly Local[];
  readonly outputs: readonly Local[];
  readonly run: Local;
  readonly runsEnd: Local;
  readonly array: Local;
}
function tileOf(pairs: number): Tile {
  const code = new Code(2 * pairs + 3);
  const all = Array.from({ length: 2 * pairs + 3 }, (_, k) => code.parameter(k));
  const [run, runsEnd, array] = all.slice(2 * pairs);
  return { code, inputs: all.slice(0, pairs), outputs: all.slice(pairs, 2 * pairs), run, runsEnd, array };
}

/**
 * Walks through a run for every pair at once, `step` bytes a turn; of the weights that or, by turns, this or the
 * rest of `weightStep`.
 */
function walk(
  { code, inputs, run, array }: Tile,
  step: number,
  weightStep: number,
  alternate: boolean,
  turn: (inputs: readonly Local[], weights: Local, apart: () => void) => void,
): void {
  const at = inputs.map(() => code.local("i32"));
  const [from, weights, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code.get(run).load(0).set(from);
  inputs.forEach((input, k) => code.get(from).get(input).do("i32.add").set(at[k]));
  code.get(run).load(FLOAT).get(array).do("i32.add").set(weights);
  code
    .get(run)
    .load(2 * FLOAT)
    .get(at[0])
    .do("i32.add")
    .set(end);
  const stride = code.local("i32");
  if (alternate) code.i32(step).set(stride);
  code.repeatApart(
    () => void code.get(end).get(at[0]).do("i32.lt_u"),
    (apart) => {
      turn(at, weights, apart);
      if (alternate)
        code
          .get(weights)
          .get(stride)
          .do("i32.add")
          .set(weights)
          .i32(weightStep)
          .get(stride)
          .do("i32.sub")
          .set(stride);
      else code.advance(weights, weightStep);
      for (const input of at) code.advance(input, step);
      code.get(at[0]).get(end).do("i32.lt_u");
    },
  );
}

export function forwardsCode(module: ModuleBuilder, units: number, pairs: number): Code {
  const tile = tileOf(pairs);
  const { code, outputs, run, runsEnd } = tile;
  const vectors = Array.from({ length: Math.ceil(units / LANES) }, (_, v) => v);
  const sums = outputs.map(() => vectors.map(() => code.local("v128")));
  const [value, read] = [code.local("v128"), vectors.map(() => code.local("v128"))];
  // What is read beyond the units of the piece is not written.
  outputs.forEach((output, k) =>
    vectors.forEach((v) =>
      code
        .get(output)
        .at("v128.load", v * VECTOR)
        .set(sums[k][v]),
    ),
  );
  code.repeat(() => {
    walk(tile, FLOAT, PANEL_BYTES, false, (inputs, weights, apart) => {
      for (const v of vectors)
        code
          .get(weights)
          .at("v128.load", v * VECTOR)
          .set(read[v]);
      inputs.forEach((input, k) => {
        if (k > 0 && pairs > TALL) apart();
        code.get(input).at("v128.load32_splat", 0).set(value);
        for (const v of vectors) code.multiplyAdd(sums[k][v], value, read[v], module.features);
      });
    });
    code.advance(run, RUN).get(run).get(runsEnd).do("i32.lt_u");
  });
  outputs.forEach((output, k) => storeUnits(code, output, sums[k], units));
  return code;
}

/** Stores so many lanes of vectors that follow each other. */
export function storeUnits(code: Code, at: Local, vectors: readonly Local[], units: number): void {
  vectors.forEach((vector, v) => {
    const own = Math.min(LANES, units - v * LANES);
    if (own === LANES)
      code
        .get(at)
        .get(vector)
        .at("v128.store", v * VECTOR);
    else
      for (let lane = 0; lane < own; lane++)
        code
          .get(at)
          .get(vector)
          .storeLane(lane, v * VECTOR + lane * FLOAT);
  });
}

export function backwardsCode(
  module: ModuleBuilder,
  { weights }: Program,
  name: string,
  { block }: Connections,
  units: number,
  pairs: number,
): Code {
  const tile = tileOf(pairs);
  const { code, outputs, array } = tile;
  const first = code.local("i32");
  code.get(tile.run).set(first);
  const step = weights[name].pre * PANEL_BYTES;
  const advance = (height: number): void => {
    for (const output of outputs) code.advance(output, height * FLOAT);
    code.advance(array, height * PANEL_BYTES);
  };
  const sweep = (height: number): void => {
    code.get(first).set(tile.run);
    dotsCode(module, tile, step, units, height);
    advance(height);
  };
  const whole = block.pre - (block.pre % 2);
  if (whole > 0) {
    const left = code.local("i32");
    code
      .i32(whole)
      .set(left)
      .repeat(() => {
        sweep(2);
        code.advance(left, -2).get(left);
      });
  }
  if (whole < block.pre) sweep(1);
  return code;
}

/** `height` outputs of each pair. */
function dotsCode(module: ModuleBuilder, tile: Tile, step: number, units: number, height: number): void {
  const { code, outputs, run, runsEnd } = tile;
  // Machines load all that a turn uses before they use it, so a turn of two outputs is a vector of a whole panel.
  const alternate = units === PANEL && height === 2;
  const vectors = Array.from({ length: alternate ? 1 : Math.ceil(units / LANES) }, (_, v) => v);
  const own = Array.from({ length: height }, (_, u) => u);
  // A single output has a sum for either vector, so that there are as many.
  const each = height === 1 ? vectors.length : 1;
  const sums = outputs.map(() => own.map(() => Array.from({ length: each }, () => code.local("v128"))));
  const value = code.local("v128");
  const read = own.map(() => vectors.map(() => code.local("v128")));
  const zero = integer(0);
  for (const sum of sums.flat(2)) {
    zero(code);
    code.set(sum);
  }
  code.repeat(() => {
    walk(tile, alternate ? VECTOR : PANEL_BYTES, step, alternate, (inputs, weights) => {
      for (const u of own)
        for (const v of vectors)
          code
            .get(weights)
            .at("v128.load", u * PANEL_BYTES + v * VECTOR)
            .set(read[u][v]);
      inputs.forEach((input, k) => {
        for (const v of vectors) {
          code
            .get(input)
            .at("v128.load", v * VECTOR)
            .set(value);
          const rest = units - v * LANES;
          for (const u of own) {
            const sum = sums[k][u][v % each];
            if (rest >= LANES) code.multiplyAdd(sum, value, read[u][v], module.features);
            else {
              // What lies beyond the piece may be anything, NaN too, of another row even.
              const mask = lanes(Array.from({ length: LANES }, (_, lane) => (lane < rest ? -1 : 0)));
              add(local(sum), both(multiply(local(value), local(read[u][v])), mask))(code);
              code.set(sum);
            }
          }
        }
      });
    });
    code.advance(run, RUN).get(run).get(runsEnd).do("i32.lt_u");
  });
  outputs.forEach((output, k) => {
    const total = acrossOutputs(
      code,
      sums[k].map((halves) => halves.map(local).reduce(add)),
    );
    const result = code.local("v128");
    add((c) => void c.get(output).at("v128.load", 0), total)(code);
    code.set(result);
    storeUnits(code, output, [result], height);
  });
}

/** The sum over the lanes of one vector in the first lane, or of two in the first two. */
function acrossOutputs(code: Code, values: readonly Value[]): Value {
  const picked = (a: Value, b: Value, order: readonly number[]): Value => {
    return (c) => {
      a(c);
      b(c);
      c.shuffle(order.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * FLOAT + byte)));
    };
  };
  const kept = values.map((value) => keep(code, value));
  const [a, b = a] = kept;
  const pairs = keep(code, add(picked(a, b, [0, 4, 1, 5]), picked(a, b, [2, 6, 3, 7])));
  return add(pairs, picked(pairs, pairs, [2, 3, 6, 7]));
}
