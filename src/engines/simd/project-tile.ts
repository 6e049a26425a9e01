/**
 * A tile of weighted sums: a few rows times a few vectors of units stay in registers while all terms are summed into it,
 * in the order of the inputs, whatever the tile; each vector of weights that is read serves every row.
 */
import type { Program, ProjectOperation } from "../../program/program";
import { Code, type Features, type Local } from "./assembler";
import type { Layout } from "./layout";
import { FLOAT, PANEL, panelsOf, strideOf, TALL, VECTOR } from "./panels";

/** One tile, `height` rows from a row and `panels` panels from a panel, with the weights of a group. */
export function tileCode(
  features: Features,
  { buffers, weights }: Program,
  layout: Layout,
  { out, plus, terms }: ProjectOperation,
  height: number,
  panels: number,
  listed = false,
): Code {
  const code = new Code(3);
  const [row, panel, group] = [0, 1, 2].map((i) => code.parameter(i));
  const target = code.local("i32");
  const outStride = strideOf(buffers[out]) * FLOAT;
  const vectors = Array.from({ length: panels * 2 }, (_, k) => k);
  const sums = Array.from({ length: height }, () => vectors.map(() => code.local("v128")));
  const product = (a: Local, b: number): Code => code.get(a).i32(b).do("i32.mul");

  product(row, outStride);
  product(panel, PANEL * FLOAT)
    .do("i32.add")
    .set(target);
  // Variables begin as zeros.
  if (plus !== undefined)
    sums.forEach((sum, r) =>
      sum.forEach((s, v) =>
        code
          .get(target)
          .at("v128.load", layout.buffers[plus] + r * outStride + v * VECTOR)
          .set(s),
      ),
    );

  for (const term of terms) {
    const { from, weights: name } = term;
    const lists = listed ? layout.zeros.get(term) : undefined;
    const { pre } = weights[name];
    const stride = strideOf(pre) * FLOAT;
    const panelBytes = pre * PANEL * FLOAT;
    const [input, weight, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const read = vectors.map(() => code.local("v128"));
    const value = code.local("v128");
    product(group, panelBytes * panelsOf(buffers[out]))
      .i32(layout.weights[name])
      .do("i32.add");
    product(panel, panelBytes).do("i32.add").set(weight);
    if (lists !== undefined) {
      const at = code.local("i32");
      product(row, FLOAT).load(lists.ends).set(end);
      product(row, lists.stride).i32(lists.pairs).do("i32.add").tee(at);
      code
        .get(end)
        .do("i32.lt_u")
        .when(() => {
          code.repeat(() => {
            code.get(at).load(0).get(weight).do("i32.add").set(input);
            code.get(at).at("v128.load32_splat", FLOAT).set(value);
            read.forEach((w, v) => {
              code
                .get(input)
                .at("v128.load", Math.floor(v / 2) * panelBytes + (v % 2) * VECTOR)
                .set(w);
              code.multiplyAdd(sums[0][v], value, w, features);
            });
            code
              .advance(at, 2 * FLOAT)
              .get(at)
              .get(end)
              .do("i32.lt_u");
          });
        });
      continue;
    }
    product(row, stride)
      .i32(layout.buffers[from])
      .do("i32.add")
      .tee(input)
      .i32(pre * FLOAT)
      .do("i32.add")
      .set(end);
    // One input a turn, and pointers that hold whole addresses: compilers keep a register for each different
    // offset.
    code.repeatApart(
      () => void code.get(end).get(input).do("i32.lt_u"),
      (apart) => {
        read.forEach((w, v) =>
          code
            .get(weight)
            .at("v128.load", Math.floor(v / 2) * panelBytes + (v % 2) * VECTOR)
            .set(w),
        );
        sums.forEach((sum, r) => {
          if (r > 0 && height > TALL) apart();
          code
            .get(input)
            .at("v128.load32_splat", r * stride)
            .set(value);
          sum.forEach((s, v) => code.multiplyAdd(s, value, read[v], features));
        });
        code
          .advance(weight, PANEL * FLOAT)
          .advance(input, FLOAT)
          .get(input)
          .get(end)
          .do("i32.lt_u");
      },
    );
  }
  sums.forEach((sum, r) =>
    sum.forEach((s, v) =>
      code
        .get(target)
        .get(s)
        .at("v128.store", layout.buffers[out] + r * outStride + v * VECTOR),
    ),
  );
  return code;
}
