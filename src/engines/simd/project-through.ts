/**
 * Weighted sums of rows through connections, added to what a buffer holds. A tile (through-tiles.ts) is a few pairs of
 * a row and a site, whichever, of one class (connections.ts): they take the same weights, so each vector of weights
 * that is read serves all of them.
 */
import type { Connections } from "../../program/connections";
import type { Program, Term } from "../../program/program";
import { Code, type ModuleBuilder } from "./assembler";
import { CLASS, SITE, type Kind } from "./connections";
import { weightFloats, type Layout } from "./layout";
import { FLOAT, strideOf, TALL, TALLEST } from "./panels";
import { backwardsCode, forwardsCode } from "./through-tiles";

export interface ConnectedTerm extends Term {
  readonly through: Connections;
}
export const isConnected = (term: Term): term is ConnectedTerm => term.through !== undefined;

/** Adds functions that add a term to a buffer, to be called in turn. Parameters: the rows, their group. */
export function addThrough(
  module: ModuleBuilder,
  program: Program,
  layout: Layout,
  out: string,
  term: ConnectedTerm,
): readonly number[] {
  const { through, backwards = false, weights } = term;
  // Pairs of a tile, and of those that take what is left over. Backwards the tallest would want more addresses than
  // there are registers.
  const heights = [...(module.features.fused && !backwards ? [TALLEST] : []), TALL, 2, 1];
  const kinds = layout.tables.kinds(through, program.weights[weights], backwards ? "backwards" : "forwards");
  return kinds.map((kind) => {
    const tile = (pairs: number): number =>
      module.add(
        backwards
          ? backwardsCode(module, program, weights, through, kind.units, pairs)
          : forwardsCode(module, kind.units, pairs),
      );
    return module.add(
      pairsCode(
        program,
        layout,
        out,
        term,
        kind,
        heights.map((pairs) => ({ pairs, index: tile(pairs) })),
      ),
    );
  });
}

/** Walks through all pairs of all classes. */
function pairsCode(
  { buffers, groups, ...program }: Program,
  layout: Layout,
  out: string,
  term: ConnectedTerm,
  { begin, end }: Kind,
  tiles: readonly { readonly pairs: number; readonly index: number }[],
): Code {
  const [most, ...rest] = tiles;
  const code = new Code(3);
  const [from, to, group] = [0, 1, 2].map((i) => code.parameter(i));
  const [weights, at, runs, runsEnd, sites, sitesEnd, site, left] = Array.from({ length: 8 }, () =>
    code.local("i32"),
  );
  const ends = [term.from, out].map((name) => ({
    stride: strideOf(buffers[name]) * FLOAT,
    address: layout.buffers[name],
    row: code.local("i32"),
    pairs: Array.from({ length: most.pairs }, () => code.local("i32")),
  }));
  const next = (pair: number): void => {
    ends.forEach(({ row, pairs }, k) =>
      code
        .get(site)
        .load(k * FLOAT)
        .get(row)
        .do("i32.add")
        .set(pairs[pair]),
    );
    code
      .advance(site, SITE)
      .get(site)
      .get(sitesEnd)
      .do("i32.eq")
      .when(() => {
        code.get(sites).set(site);
        for (const { row, stride } of ends) code.advance(row, stride);
      });
  };
  const take = ({ pairs, index }: (typeof tiles)[number]): void => {
    for (let k = 0; k < pairs; k++) next(k);
    for (const { pairs: addresses } of ends) for (let k = 0; k < pairs; k++) code.get(addresses[k]);
    code.get(runs).get(runsEnd).get(weights).call(index);
  };
  const size = (weightFloats({ groups, ...program, buffers }, term.weights) / groups) * FLOAT;
  code.get(group).i32(size).do("i32.mul").i32(layout.weights[term.weights]).do("i32.add").set(weights);
  code
    .i32(layout.tables.begin + begin)
    .set(at)
    .repeat(() => {
      [runs, runsEnd, sites, sitesEnd].forEach((field, k) =>
        code
          .get(at)
          .load(k * FLOAT)
          .set(field),
      );
      for (const { row, stride, address } of ends)
        code.get(from).i32(stride).do("i32.mul").i32(address).do("i32.add").set(row);
      code
        .get(to)
        .get(from)
        .do("i32.sub")
        .get(sitesEnd)
        .get(sites)
        .tee(site)
        .do("i32.sub")
        .i32(SITE)
        .do("i32.div_u")
        .do("i32.mul")
        .set(left);
      const many = (): Code =>
        code
          .i32(most.pairs - 1)
          .get(left)
          .do("i32.lt_u");
      many().when(
        () =>
          void code.repeat(() => {
            take(most);
            code.advance(left, -most.pairs);
            many();
          }),
      );
      for (const tile of rest)
        code
          .get(left)
          .i32(tile.pairs)
          .do("i32.and")
          .when(() => take(tile));
      code
        .advance(at, CLASS)
        .get(at)
        .i32(layout.tables.begin + end)
        .do("i32.lt_u");
    });
  return code;
}
