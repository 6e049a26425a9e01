/**
 * Products of both ends of synapses through connections, summed over the rows and all uses. A tile is four
 * synapses of one panel that see the same sites, whichever: its sums stay in registers over the sites of some
 * rows, as many as the first cache holds, and in memory in between, in panels like those of the array.
 */
import type { Connections } from "../../program/connections";
import type { AdjustOperation, Product, Program } from "../../program/program";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import { SITE, SUM_CLASS } from "./connections";
import { type Layout } from "./layout";
import { FLOAT, LANES, PANEL, strideOf, VECTOR } from "./panels";
import { storeUnits } from "./through-tiles";

const TALL = 4;
/** Bytes of a synapse in the tables: where its input is, where its weight is. */
const SYNAPSE = 2 * FLOAT;
const PANEL_BYTES = PANEL * FLOAT;

export interface ConnectedProduct extends Product {
  readonly through: Connections;
}
export const isConnected = (product: Product): product is ConnectedProduct => product.through !== undefined;

/** What follows each other in memory is read from one address; what is single is one. */
type Form = "fours" | "mixed" | "single";
const FORMS: readonly Form[] = ["fours", "mixed", "single"];

/**
 * Adds functions that add a product to the sums at an address, to be called in turn. Parameters: the panels from
 * one to another, at least one.
 */
export function addSums(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  { pre, post }: AdjustOperation,
  product: ConnectedProduct,
  sums: number,
): readonly number[] {
  return layout.tables.kinds(product.through, { pre, post }, "sums").map(({ units, byPanel }) => {
    const tiles = FORMS.map((form) => module.add(tileCode(module, program, product, form, units, sums)));
    return module.add(classesCode(program, layout, product, byPanel, tiles));
  });
}

function classesCode(
  { rows, buffers }: Program,
  layout: Layout,
  product: ConnectedProduct,
  byPanel: number,
  tiles: readonly number[],
): Code {
  const code = new Code(2);
  const [at, end, row, limit, synapse] = Array.from({ length: 5 }, () => code.local("i32"));
  const fields = Array.from({ length: SUM_CLASS / FLOAT }, () => code.local("i32"));
  const [sites, sitesEnd, fours, mixed, singles, last, atOnce] = fields;
  [at, end].forEach((variable, k) =>
    code
      .get(code.parameter(k))
      .i32(FLOAT)
      .do("i32.mul")
      .load(layout.tables.begin + byPanel)
      .set(variable),
  );
  const address = (of: Local, name: string): Code =>
    code
      .get(of)
      .i32(strideOf(buffers[name]) * FLOAT)
      .do("i32.mul")
      .i32(layout.buffers[name])
      .do("i32.add");
  const sweep = (tile: number, from: Local, to: Local, step: number): void => {
    code
      .get(from)
      .tee(synapse)
      .get(to)
      .do("i32.lt_u")
      .when(() => {
        code.repeat(() => {
          address(row, product.pre);
          address(row, product.post);
          address(limit, product.post);
          code.get(sites).get(sitesEnd).get(synapse).call(tile);
          code.advance(synapse, step).get(synapse).get(to).do("i32.lt_u");
        });
      });
  };
  code
    .get(at)
    .get(end)
    .do("i32.lt_u")
    .when(() => {
      code.repeat(() => {
        fields.forEach((field, k) =>
          code
            .get(at)
            .load(k * FLOAT)
            .set(field),
        );
        code
          .i32(0)
          .set(row)
          .repeat(() => {
            code.get(row).get(atOnce).do("i32.add").set(limit);
            code
              .i32(rows)
              .get(limit)
              .do("i32.lt_u")
              .when(() => void code.i32(rows).set(limit));
            sweep(tiles[0], fours, mixed, SYNAPSE);
            sweep(tiles[1], mixed, singles, TALL * SYNAPSE);
            sweep(tiles[2], singles, last, SYNAPSE);
            code.get(limit).tee(row).i32(rows).do("i32.lt_u");
          });
        code.advance(at, SUM_CLASS).get(at).get(end).do("i32.lt_u");
      });
    });
  return code;
}

/** Parameters: rows of both ends, where those of the second end, the sites from one to another, the synapse. */
function tileCode(
  module: ModuleBuilder,
  { buffers }: Program,
  product: ConnectedProduct,
  form: Form,
  units: number,
  address: number,
): Code {
  const code = new Code(6);
  const [rowPre, rowPost, end, sites, sitesEnd, synapse] = [0, 1, 2, 3, 4, 5].map((k) => code.parameter(k));
  const vectors = Array.from({ length: Math.ceil(units / LANES) }, (_, v) => v);
  const all = Array.from({ length: form === "single" ? 1 : TALL }, (_, k) => k);
  const [input, weight] = [0, FLOAT].map((field) =>
    all.map((k) => {
      const variable = code.local("i32");
      if (form === "fours" && k > 0) return variable;
      code
        .get(synapse)
        .load(k * SYNAPSE + field)
        .set(variable);
      return variable;
    }),
  );
  for (const k of all) {
    if (form === "fours" && k > 0) code.get(weight[0]).i32(k * PANEL_BYTES);
    else code.get(weight[k]).i32(address);
    code.do("i32.add").set(weight[k]);
  }
  const sums = all.map((k) =>
    vectors.map((v) => {
      const sum = code.local("v128");
      code
        .get(weight[k])
        .at("v128.load", v * VECTOR)
        .set(sum);
      return sum;
    }),
  );
  const [site, x, y] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const [value, read] = [code.local("v128"), vectors.map(() => code.local("v128"))];
  if (form === "fours") code.get(rowPre).get(input[0]).do("i32.add").set(rowPre);
  code.repeat(() => {
    code
      .get(sites)
      .set(site)
      .repeat(() => {
        code.get(site).load(0).get(rowPre).do("i32.add").set(x);
        code.get(site).load(FLOAT).get(rowPost).do("i32.add").set(y);
        for (const v of vectors)
          code
            .get(y)
            .at("v128.load", v * VECTOR)
            .set(read[v]);
        for (const k of all) {
          code.get(x);
          if (form === "fours") code.at("v128.load32_splat", k * FLOAT).set(value);
          else code.get(input[k]).do("i32.add").at("v128.load32_splat", 0).set(value);
          for (const v of vectors) code.multiplyAdd(sums[k][v], value, read[v], module.features);
        }
        code.advance(site, SITE).get(site).get(sitesEnd).do("i32.lt_u");
      });
    code
      .advance(rowPre, strideOf(buffers[product.pre]) * FLOAT)
      .advance(rowPost, strideOf(buffers[product.post]) * FLOAT)
      .get(rowPost)
      .get(end)
      .do("i32.lt_u");
  });
  for (const k of all) storeUnits(code, weight[k], sums[k], units);
  return code;
}
