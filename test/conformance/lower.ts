/** From a recipe to a program, by hand: what the dynamics do, in fewer words and independently of them. */
import type { Operation, Program, Source } from "../../src/program/program";
import { complexify } from "../../src/equations/complexify";
import {
  add,
  call,
  clip,
  divide,
  multiply,
  number,
  subtract,
  symbol,
  symbolsOf,
  where,
  type Expression,
} from "../../src/equations/expression";
import type { Recipe } from "./recipe";

export type Activation = "tanh" | "logistic" | "hard" | "atan" | "leaky" | "sin";

const u = symbol("u");
const ACTIVATIONS: Record<Activation, Expression> = {
  tanh: call("tanh", u),
  logistic: call("logistic", multiply(number(2), u)),
  hard: clip(add(multiply(number(0.5), u), number(0.5)), number(0), number(1)),
  atan: call("atan", u),
  leaky: where({ comparison: "<", left: u, right: number(0) }, divide(u, number(8)), u),
  sin: call("sin", u),
};

/** Streams of the noise, by population. */
const streamOfPopulation = (i: number): number => 1000 + i;

type Sources = Readonly<Record<string, Source>>;
const buffer = (name: string): Source => ({ from: "buffer", name });
const vector = (name: string): Source => ({ from: "vector", name });

export function lower({
  groups,
  rowsPerGroup,
  widths,
  activation,
  complex,
  noisy,
  readout,
  input,
}: Recipe): Program {
  const buffers: Record<string, number> = {};
  const weights: Record<string, { pre: number; post: number }> = {};
  const vectors: Record<string, number> = {};
  const [prelude, step]: [Operation[], Operation[]] = [[], []];
  const planes = complex ? ["", "i"] : [""];
  const declare = (name: string, width: number): string[] =>
    planes.map((plane) => ((buffers[name + plane] = width), name + plane));

  /** A map of planes: imaginary part aside first, so that maps may read what they write. */
  const map = (out: string, e: Expression, sources: Sources, width: number): void => {
    if (!complex) {
      step.push({ op: "map", out, expression: e, sources });
      return;
    }
    const isComplex = (name: string): boolean =>
      sources[name].from === "row" ||
      (sources[name].from === "buffer" && !(sources[name] as { name: string }).name.endsWith("_in"));
    const split = complexify(e, isComplex, (name) => ({ re: `${name}_re`, im: `${name}_im` }), "test");
    const planeOf = (name: string): Source => {
      const base = name.replace(/_(re|im)$/, "");
      const source = sources[base];
      return name.endsWith("_im")
        ? ({ ...source, name: `${(source as { name: string }).name}i` } as Source)
        : source;
    };
    const of = (part: Expression): Sources =>
      Object.fromEntries([...symbolsOf(part)].map((name) => [name, planeOf(name)]));
    buffers[`${out}_aside`] = width;
    step.push({ op: "map", out: `${out}_aside`, expression: split.im, sources: of(split.im) });
    step.push({ op: "map", out, expression: split.re, sources: of(split.re) });
    step.push({ op: "map", out: `${out}i`, expression: symbol("t"), sources: { t: buffer(`${out}_aside`) } });
  };
  const project = (out: string, terms: readonly { from: string; weights: string }[], plus?: string): void => {
    step.push({ op: "project", out, terms, ...(plus === undefined ? {} : { plus }) });
    if (complex)
      step.push({ op: "project", out: `${out}i`, terms: terms.map((t) => ({ ...t, from: `${t.from}i` })) });
  };

  const state: string[] = [];
  widths.forEach((width, i) => {
    state.push(...declare(`u${i}`, width));
    declare(`r${i}`, width);
    declare(`d${i}`, width);
    vectors[`e${i}`] = width;
    buffers[`s${i}`] = width;
    if (i === 0 && input > 0) {
      buffers.x = input;
      weights.c = { pre: input, post: width };
      prelude.push({ op: "project", out: "s0", terms: [{ from: "x", weights: "c" }] });
    } else {
      buffers[`s${i}_in`] = width;
      prelude.push({ op: "map", out: `s${i}`, expression: symbol("x"), sources: { x: buffer(`s${i}_in`) } });
    }
  });
  state.push(...declare("m0", widths[0]));

  widths.forEach((width, i) => map(`r${i}`, ACTIVATIONS[activation], { u: buffer(`u${i}`) }, width));
  widths.forEach((width, i) => {
    const terms = widths.flatMap((pre, j) =>
      i === j && widths.length > 1 ? [] : [{ from: `r${j}`, weights: `w${j}_${i}`, pre }],
    );
    for (const { weights: name, pre } of terms) weights[name] = { pre, post: width };
    project(
      `d${i}`,
      terms.map(({ from, weights: name }) => ({ from, weights: name })),
      `s${i}`,
    );
  });
  const last = widths.length - 1;
  nudge();
  widths.forEach((width, i) => {
    const drive = i === last ? add(symbol("d"), symbol("f")) : symbol("d");
    let next = add(multiply(symbol("e"), u), multiply(subtract(number(1), symbol("e")), drive));
    const sources: Record<string, Source> = {
      u: buffer(`u${i}`),
      d: buffer(`d${i}`),
      f: buffer(`f${last}`),
      e: vector(`e${i}`),
      g: vector(`g${i}`),
      xi: { from: "noise", stream: streamOfPopulation(i) },
    };
    if (noisy) {
      next = add(next, multiply(symbol("g"), symbol("xi")));
      vectors[`g${i}`] = width;
    }
    map(`u${i}`, next, only(sources, next), width);
  });
  const mean = add(symbol("m"), multiply(symbol("gate"), subtract(u, symbol("m"))));
  map("m0", mean, { m: buffer("m0"), u: buffer("u0"), gate: { from: "scalar", name: "gate" } }, widths[0]);

  /**
   * The force on the last population: f = beta (y - r), or f = beta (y - softmax(r W + b)) W' through a
   * readout.
   */
  function nudge(): void {
    const beta: Source = { from: "row", name: "beta" };
    const error = multiply(symbol("beta"), subtract(symbol("t"), symbol("p")));
    declare(`f${last}`, widths[last]);
    buffers.y_in = readout || widths[last];
    if (readout === 0) {
      map(`f${last}`, error, { t: buffer("y_in"), p: buffer(`r${last}`), beta }, widths[last]);
      return;
    }
    for (const name of ["z", "p", "y"]) declare(name, readout);
    vectors.b = readout;
    weights.o = { pre: widths[last], post: readout };
    weights.back = { pre: readout, post: widths[last] };
    project("z", [{ from: `r${last}`, weights: "o" }]);
    map("z", add(symbol("z"), symbol("b")), { z: buffer("z"), b: vector("b") }, readout);
    step.push({
      op: "normalise",
      from: complex ? { re: "z", im: "zi" } : { re: "z" },
      out: complex ? { re: "p", im: "pi" } : { re: "p" },
    });
    map("y", error, { t: buffer("y_in"), p: buffer("p"), beta }, readout);
    project(`f${last}`, [{ from: "y", weights: "back" }]);
  }

  const rows = groups * rowsPerGroup;
  const outputs = [...state, ...planes.flatMap((plane) => [`r${last}${plane}`, `f${last}${plane}`])];
  return {
    rows,
    groups,
    buffers,
    weights,
    vectors,
    rowValues: planes.map((plane) => `beta${plane}`),
    scalars: ["gate"],
    prelude,
    step,
    state,
    outputs,
    watched: state.filter((name) => name.startsWith("u")),
  };
}

function only(sources: Sources, e: Expression): Sources {
  return Object.fromEntries([...symbolsOf(e)].map((name) => [name, sources[name]]));
}
