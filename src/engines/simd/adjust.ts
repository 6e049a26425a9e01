/**
 * Updates of synapses as functions of a module: sums over the rows stay in registers, and every map that
 * follows reads them there, so that a plain gradient step reads and writes each weight once. The arrays keep
 * their panels; where a transposed copy is kept for the other direction, it is written in the same turn.
 */
import type { AdjustOperation, Program, SynapseSource } from "../../program/program";
import { Code, type Features, type Local, type ModuleBuilder } from "./assembler";
import { addSums, isConnected } from "./adjust-through";
import { emitExpression } from "./expression";
import { type Layout } from "./layout";
import { FLOAT, LANES, PANEL, panelsOf, strideOf, VECTOR } from "./panels";
import { clearRows } from "./rows";
import { keep, local, type Value } from "./values";
import { tileHeight } from "./zeros";

/** Inputs that are taken at once for all panels: what rows show of them stays in the first cache. */
const BLOCK = 64;
const PANEL_BYTES = PANEL * FLOAT;

/**
 * Adds the functions of an operation; returns the one that runs it. Parameters: the lane, and how many there
 * are, which share its panels.
 */
export function addAdjust(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  operation: AdjustOperation,
  sums: number,
): number {
  const { pre, post, products } = operation;
  const connected = products.filter(isConnected);
  const height = tileHeight(operation);
  const whole = pre - (pre % height);
  const panels = panelsOf(post);
  const partial = post % PANEL;
  const code = new Code(2);
  const [lane, lanes] = [code.parameter(0), code.parameter(1)];
  const [first, panel, end, begin, limit, input] = Array.from({ length: 6 }, () => code.local("i32"));
  /** Tiles of inputs from `begin` to `limit`, of all panels. */
  const sweep = (rows: number): void => {
    const [full, last] = [PANEL, partial].map((units) =>
      units === 0
        ? -1
        : module.add(
            tileCode(
              module.features,
              program,
              layout,
              operation,
              connected.length > 0 ? sums : null,
              rows,
              units,
            ),
          ),
    );
    const tiles = (index: number): void => {
      code
        .get(begin)
        .set(input)
        .repeat(() => {
          code.get(panel).get(input).call(index).advance(input, rows).get(input).get(limit).do("i32.lt_u");
        });
    };
    code
      .get(first)
      .set(panel)
      .repeat(() => {
        if (partial === 0) tiles(full);
        else {
          code
            .get(panel)
            .i32(panels - 1)
            .do("i32.ne")
            .when(() => tiles(full));
          code
            .get(panel)
            .i32(panels - 1)
            .do("i32.eq")
            .when(() => tiles(last));
        }
        code.advance(panel, 1).get(panel).get(end).do("i32.lt_u");
      });
  };
  code.i32(panels).get(lane).do("i32.mul").get(lanes).do("i32.div_u").set(first);
  code.i32(panels).get(lane).i32(1).do("i32.add").do("i32.mul").get(lanes).do("i32.div_u").set(end);
  code
    .get(first)
    .get(end)
    .do("i32.lt_u")
    .when(() => {
      if (connected.length > 0) clearRows(code, sums, pre * PANEL_BYTES, first, end);
      for (const product of connected)
        for (const sweep of addSums(module, program, layout, operation, product, sums))
          code.get(first).get(end).call(sweep);
      if (whole > 0) {
        code.repeat(() => {
          code.get(begin).i32(BLOCK).do("i32.add").set(limit);
          code
            .i32(whole)
            .get(limit)
            .do("i32.lt_u")
            .when(() => void code.i32(whole).set(limit));
          sweep(height);
          code.get(limit).tee(begin).i32(whole).do("i32.lt_u");
        });
      }
      if (whole < pre) {
        code.i32(whole).set(begin).i32(pre).set(limit);
        sweep(1);
      }
    });
  return module.add(code);
}

/**
 * One tile: `height` inputs from an input on, of a panel that has `units` units.
 * @param begun address of what came through connections, or null
 */
function tileCode(
  features: Features,
  { rows, buffers }: Program,
  layout: Layout,
  { pre, post, products, maps }: AdjustOperation,
  begun: number | null,
  height: number,
  units: number,
): Code {
  const code = new Code(2);
  const [panel, input] = [code.parameter(0), code.parameter(1)];
  const vectors = Array.from({ length: Math.ceil(units / LANES) }, (_, v) => v);
  const inputs = Array.from({ length: height }, (_, k) => k);
  const sums = inputs.map(() => vectors.map(() => code.local("v128")));
  /** Where the tile lies in every array of this shape. */
  const place = (): Local => {
    const address = code.local("i32");
    code
      .get(panel)
      .i32(pre)
      .do("i32.mul")
      .get(input)
      .do("i32.add")
      .i32(PANEL_BYTES)
      .do("i32.mul")
      .set(address);
    return address;
  };
  const known = begun === null ? null : place();
  if (known !== null && begun !== null)
    sums.forEach((sum, k) =>
      sum.forEach((s, v) =>
        code
          .get(known)
          .at("v128.load", begun + k * PANEL_BYTES + v * VECTOR)
          .set(s),
      ),
    );
  for (const product of products.filter((one) => !isConnected(one))) {
    const { pre: from, post: to } = product;
    const [x, y, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const [value, read] = [code.local("v128"), vectors.map(() => code.local("v128"))];
    const [xStride, yStride] = [strideOf(buffers[from]) * FLOAT, strideOf(buffers[to]) * FLOAT];
    /** Adds what a row shows at both ends, which x and y point to. */
    const addRow = (): void => {
      for (const v of vectors)
        code
          .get(y)
          .at("v128.load", v * VECTOR)
          .set(read[v]);
      for (const k of inputs) {
        code
          .get(x)
          .at("v128.load32_splat", k * FLOAT)
          .set(value);
        for (const v of vectors) code.multiplyAdd(sums[k][v], value, read[v], features);
      }
    };
    const first = (): void => {
      code.get(input).i32(FLOAT).do("i32.mul").i32(layout.buffers[from]).do("i32.add").set(x);
      code.get(panel).i32(PANEL_BYTES).do("i32.mul").i32(layout.buffers[to]).do("i32.add").set(y);
    };
    const allRows = (): void => {
      first();
      code
        .get(x)
        .i32(rows * xStride)
        .do("i32.add")
        .set(end);
      code.repeat(() => {
        addRow();
        code.advance(x, xStride).advance(y, yStride).get(x).get(end).do("i32.lt_u");
      });
    };
    const lists = layout.zeros.get(product);
    // Of the inputs that are left over there are no lists.
    if (lists === undefined || lists.height !== height) {
      allRows();
      continue;
    }
    const [tile, at, xs, ys] = Array.from({ length: 4 }, () => code.local("i32"));
    code.i32(lists.flag).load(0).do("i32.eqz").when(allRows);
    code
      .i32(lists.flag)
      .load(0)
      .when(() => {
        first();
        code.get(x).set(xs).get(y).set(ys);
        code
          .get(input)
          .i32(height)
          .do("i32.div_u")
          .tee(tile)
          .i32(FLOAT)
          .do("i32.mul")
          .load(lists.ends)
          .set(end);
        code.get(tile).i32(lists.stride).do("i32.mul").i32(lists.pairs).do("i32.add").tee(at);
        code
          .get(end)
          .do("i32.lt_u")
          .when(() => {
            code.repeat(() => {
              code.get(at).load(0).get(xs).do("i32.add").set(x);
              code.get(at).load(FLOAT).get(ys).do("i32.add").set(y);
              addRow();
              code
                .advance(at, 2 * FLOAT)
                .get(at)
                .get(end)
                .do("i32.lt_u");
            });
          });
      });
  }
  // And in those of the opposite one.
  const at = known ?? place();
  const across = code.local("i32");
  code
    .get(input)
    .i32(PANEL)
    .do("i32.div_u")
    .i32(post * PANEL_BYTES)
    .do("i32.mul")
    .get(input)
    .i32(PANEL - 1)
    .do("i32.and")
    .i32(FLOAT)
    .do("i32.mul")
    .do("i32.add");
  code
    .get(panel)
    .i32(PANEL * PANEL_BYTES)
    .do("i32.mul")
    .do("i32.add")
    .set(across);

  const locals = new Map<string, Value>();
  const read = (source: SynapseSource, k: number, v: number): Value => {
    switch (source.from) {
      case "sum":
        return local(sums[k][v]);
      case "local":
        return locals.get(`${source.name} ${k} ${v}`) as Value;
      case "scalar":
        return (c) => void c.i32(0).at("v128.load32_splat", layout.scalars[source.name]);
      case "weights":
        return (c) =>
          void c.get(at).at("v128.load", layout.weights[source.name] + k * PANEL_BYTES + v * VECTOR);
    }
  };
  for (const { out, expression, sources } of maps) {
    const values = inputs.map((k) =>
      vectors.map((v) =>
        keep(
          code,
          emitExpression(code, expression, (name) => read(sources[name], k, v)),
        ),
      ),
    );
    inputs.forEach((k) =>
      vectors.forEach((v) => {
        if ("local" in out) locals.set(`${out.local} ${k} ${v}`, values[k][v]);
        else if (out.transposed !== true) {
          code.get(at);
          values[k][v](code);
          code.at("v128.store", layout.weights[out.weights] + k * PANEL_BYTES + v * VECTOR);
        }
      }),
    );
    if ("weights" in out && out.transposed === true)
      storeTransposed(code, across, layout.weights[out.weights], values, units);
  }
  return code;
}

/**
 * Stores a tile into an array of the opposite shape: unit j of the panel becomes input j of another's panel.
 */
function storeTransposed(
  code: Code,
  across: Local,
  address: number,
  values: readonly (readonly Value[])[],
  units: number,
): void {
  for (let j = 0; j < units; j++) {
    const [v, lane] = [Math.floor(j / LANES), j % LANES];
    if (values.length === 1) {
      code.get(across);
      values[0][v](code);
      code.storeLane(lane, address + j * PANEL_BYTES);
    } else {
      // Lane j of four vectors, side by side.
      const pair = (a: Value, b: Value): Value =>
        keep(code, (c) => {
          a(c);
          b(c);
          c.shuffle(
            [lane, lane + 4]
              .flatMap((l) => [0, 1, 2, 3].map((byte) => l * FLOAT + byte))
              .concat(Array.from({ length: 8 }, () => 0)),
          );
        });
      const [low, high] = [pair(values[0][v], values[1][v]), pair(values[2][v], values[3][v])];
      code.get(across);
      low(code);
      high(code);
      code
        .shuffle([
          ...Array.from({ length: 8 }, (_, byte) => byte),
          ...Array.from({ length: 8 }, (_, byte) => 16 + byte),
        ])
        .at("v128.store", address + j * PANEL_BYTES);
    }
  }
}
