/** Single synapses: one to one, or a list of pairs, written or drawn. */
import type { Connections } from "../../program/connections";
import { streamOf, uniform } from "../../random";
import type { ProjectionSpec, Through } from "../types";
import { expectRoom, type End, type Fail, type Wiring } from "./types";

type Sparse = Extract<Through, { kind: "sparse" }>;
type Pair = readonly [number, number];

/** A synapse from each unit to the one at its place; biases stay each unit's own. */
export function oneToOne(from: End, to: End, fail: Fail): Wiring {
  if (from.size !== to.size)
    fail(
      "CIRCUIT-SHAPE",
      `"${from.name}" has ${from.size} units and "${to.name}" ${to.size}: they do not pair`,
      "give both the same size",
    );
  const each = Int32Array.from({ length: to.size }, (_, unit) => unit);
  return {
    kind: "one-to-one",
    array: { pre: 1, post: to.size },
    members: [
      { pre: from.size, post: to.size, block: { pre: 1, post: 1 }, pres: each, posts: each, at: each },
    ],
    pool: null,
    biases: null,
    fan: { in: 1, out: 1 },
    backwards: false,
  };
}

/** A synapse for each pair of a list; the array has them in the order of the units that they end at. */
export function sparse(spec: ProjectionSpec, through: Sparse, from: End, to: End, fail: Fail): Wiring {
  if (spec.bias === true)
    fail(
      "CIRCUIT-SHAPE",
      "a sparse projection has no line of biases",
      "set bias: false here, and give the biases to another projection",
    );
  const pairs =
    "pairs" in through ? written(through.pairs, from, to, fail) : drawn(through, spec.name, from, to, fail);
  const count = pairs.length;
  const connections: Connections = {
    pre: from.size,
    post: to.size,
    block: { pre: 1, post: 1 },
    pres: Int32Array.from(pairs, ([pre]) => pre),
    posts: Int32Array.from(pairs, ([, post]) => post),
    at: Int32Array.from({ length: count }, (_, k) => k),
  };
  return {
    kind: "sparse",
    array: { pre: 1, post: count },
    members: [connections],
    pool: null,
    biases: null,
    fan: { in: Math.max(1, count / to.size), out: Math.max(1, count / from.size) },
    backwards: false,
  };
}

function written(pairs: readonly Pair[], from: End, to: End, fail: Fail): readonly Pair[] {
  expectRoom(pairs.length, fail);
  const seen = new Set<number>();
  pairs.forEach(([pre, post], k) => {
    if (!(pre < from.size && post < to.size))
      fail(
        "CIRCUIT-PAIR",
        `pair ${k + 1} is [${pre}, ${post}], and units count from 0 to ${from.size - 1} and ${to.size - 1}`,
        `name a unit of "${from.name}" and one of "${to.name}"`,
      );
    const key = pre * to.size + post;
    if (seen.has(key))
      fail("CIRCUIT-PAIR", `pair ${k + 1}, [${pre}, ${post}], is there twice`, "give each pair once");
    seen.add(key);
  });
  return [...pairs].sort(([a, b], [c, d]) => b - d || a - c);
}

/** Every pair with the same chance: gaps between them are drawn, so that it takes as long as there are pairs. */
function drawn(
  { density, seed = 0 }: Extract<Sparse, { density: number }>,
  name: string,
  from: End,
  to: End,
  fail: Fail,
): readonly Pair[] {
  expectRoom(Math.round(density * from.size * to.size), fail);
  const stream = streamOf(`sparse/${name}`);
  const pairs: Pair[] = [];
  const all = from.size * to.size;
  for (let place = -1, draw = 0; ; draw++) {
    const chance = 1 - uniform(seed, stream, 0, draw);
    place += density === 1 ? 1 : 1 + Math.floor(Math.log(chance) / Math.log1p(-density));
    if (!(place < all)) break;
    pairs.push([place % from.size, Math.floor(place / from.size)]);
  }
  if (pairs.length === 0)
    fail(
      "CIRCUIT-PAIR",
      `of ${all} pairs a density of ${density} leaves none`,
      "take a larger density, or another seed",
    );
  return pairs;
}
