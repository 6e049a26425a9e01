/**
 * What the ends of synapses show, as buffers of a program: activities, derivatives by the nudge and the
 * middle of the phases, from the states that held phases left. All in SI, [samples, size], by population.
 *
 * Names: x, x1, … clamped outputs; u0, u1, … free states (us…, ms… in SI, and between the phases); n0_0, … nudged states, population and nudge (its
 * imaginary plane ends in i); v…, r… their activities in internal units; a… the free one; ds…, da…, m…
 * derivatives of state and activity, and the middle; e… what fewer nudges make of the activity's less than all.
 */
import type { clampedBuffers } from "../../dynamics/lowering/clamped";
import type { InternalUnits } from "../../dynamics/lowering/internal-units";
import type { Layout, PlannedPopulation } from "../../dynamics/lowering/layout";
import type { Bindings, ProgramBuilder } from "../../program/builder";
import type { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { difference } from "../../equations/difference";
import { add, multiply, number, substitute, symbol, type Expression } from "../../equations/expression";
import type { PointPlan } from "../estimators";
import type { End } from "../rules";
import { takenBy } from "../rules/rule";

export interface EndsRequest {
  readonly builder: ProgramBuilder;
  readonly maps: UnitMaps;
  readonly layout: Layout;
  readonly units: InternalUnits;
  /** Of each nudge, whether its states have two planes. */
  readonly complex: readonly boolean[];
  /**
   * Whether phases hand over their mean activities with their mean states: they are not functions of each
   * other.
   */
  readonly averaged: boolean;
  /**
   * Where there was no free phase, what stands for what it shows: the mean activity, or the activity of the mean
   * state. Default: a free phase.
   */
  readonly rest?: "mean-activity" | "activity-of-mean";
  /**
   * What makes exact differences, where what is taken of nudges is how far they took the states; then these are real,
   * and not averaged.
   */
  readonly exact?: typeof difference | undefined;
  /** Whether fewer of the nudges are held against all. */
  readonly fewer: boolean;
  /** Whether conductances load the states, which then are ends as well. */
  readonly loaded: boolean;
  /** Clamped populations, and the buffers of what they show. */
  readonly clamped: ReturnType<typeof clampedBuffers>;
}

/**
 * Scalars: the weights of the plan; c0, d0, … real and imaginary, f for the free phase, m0, …, mf for the
 * middle, g0, h0, …, gf for all less fewer.
 */
export function scalarsOf(
  { derivative, fewer, midpoint, exact }: PointPlan,
  complex: readonly boolean[],
): Record<string, number> {
  // Differences begin at the free state: a derivative has nothing of it, and a middle all.
  const scalars: Record<string, number> = {
    f: exact ? 0 : derivative.free,
    mf: exact ? 1 : (midpoint?.free ?? 1),
    ...(fewer !== null && { gf: exact ? 0 : derivative.free - fewer.free }),
  };
  derivative.points.forEach(({ re, im }, k) => {
    Object.assign(scalars, {
      [`c${k}`]: re,
      ...(complex[k] && { [`d${k}`]: im }),
      [`m${k}`]: midpoint?.points[k] ?? 0,
    });
    if (fewer !== null)
      Object.assign(scalars, {
        [`g${k}`]: re - fewer.points[k].re,
        ...(complex[k] && { [`h${k}`]: im - fewer.points[k].im }),
      });
  });
  return scalars;
}

/** The buffer that holds an end of a population; what conductances take is made when it is asked for. */
export function endOf(b: ProgramBuilder, end: End, { index, size }: EndPlace): string {
  const known = { free: "a", midpoint: "m", state: "us", midState: "ms", dState: "ds", dActivity: "da" };
  if (end in known) return `${known[end as keyof typeof known]}${index}`;
  if (end === "one") {
    const ones = b.buffer(`ones_${size}`, size);
    b.before(() => b.map(ones, number(1), {}));
    return ones;
  }
  const [x, y] = takenBy(end as Parameters<typeof takenBy>[0]).map((part) => endOf(b, part, { index, size }));
  const taken = b.buffer(`${x}_${y}`, size);
  const product = multiply(multiply(number(-1), symbol("x")), symbol("y"));
  b.map(taken, product, { x: { buffer: x }, y: { buffer: y } });
  return taken;
}

/** A population by its number in the layout, and how many units it has. */
export interface EndPlace {
  readonly index: number;
  readonly size: number;
}

export function emitEnds(request: EndsRequest): void {
  const { builder, layout, clamped } = request;
  for (const { buffer, population } of clamped) builder.buffer(buffer, population.size);
  builder.buffer("one", 1);
  builder.before(() => builder.map("one", number(1), {}));
  for (const p of layout.populations) emitPopulation(request, p);
}

function emitPopulation(
  { builder: b, maps, units, complex: planes, averaged, exact, fewer, loaded, rest: around }: EndsRequest,
  p: PlannedPopulation,
): void {
  const { size } = p.population;
  const i = p.index;
  const points = [...planes.keys()];
  const nudges = points.length;
  b.buffer(`u${i}`, size);
  for (const k of points) {
    const complex = planes[k];
    b.buffer(`n${i}_${k}`, size, complex);
    b.buffer(`r${i}_${k}`, size, complex);
    if (averaged) continue;
    if (exact) {
      const change = exact(rhoOf(p), (name) => (name === "x" ? symbol("d") : undefined));
      const bindings = { x: { buffer: `u${i}` }, d: { buffer: `n${i}_${k}` } };
      maps.map(p, `r${i}_${k}`, change, bindings, false, "rho");
      continue;
    }
    // rho holds internal units like the state; its value is made SI where it is used.
    maps.map(p, `r${i}_${k}`, rhoOf(p), { x: { buffer: `n${i}_${k}`, complex } }, complex, "rho");
  }
  const scaled = (scale: number, e: Expression): Expression => multiply(number(scale), e);
  const weighted = (
    buffers: string,
    free: string,
    re: string,
    im: string | null,
    rest: string,
  ): { e: Expression; bindings: Bindings } => {
    const bindings: Record<string, Bindings[string]> = { free: { buffer: free }, [rest]: { scalar: rest } };
    const term = (k: number): Expression => {
      const name = `${buffers}${i}_${k}`;
      bindings[`x${k}`] = { buffer: name };
      bindings[`${re}${k}`] = { scalar: `${re}${k}` };
      const real = multiply(symbol(`${re}${k}`), symbol(`x${k}`));
      if (im === null || !planes[k]) return real;
      bindings[`y${k}`] = { buffer: `${name}i` };
      bindings[`${im}${k}`] = { scalar: `${im}${k}` };
      return add(real, multiply(multiply(number(-1), symbol(`${im}${k}`)), symbol(`y${k}`)));
    };
    return { e: points.map(term).reduce(add, multiply(symbol(rest), symbol("free"))), bindings };
  };
  const mean = (buffers: string): { e: Expression; bindings: Bindings } => ({
    e: multiply(number(1 / nudges), points.map((k) => symbol(`x${k}`)).reduce<Expression>(add, number(0))),
    bindings: Object.fromEntries(points.map((k) => [`x${k}`, { buffer: `${buffers}${i}_${k}` }])),
  });
  const emit = (out: string, scale: number, { e, bindings }: { e: Expression; bindings: Bindings }): void => {
    b.buffer(out, size);
    b.map(out, scaled(scale, e), bindings);
    b.output(out);
  };
  b.buffer(`v${i}`, size);
  if (around !== undefined) {
    emit(`u${i}`, 1, mean("n"));
    if (around === "mean-activity") emit(`v${i}`, 1, mean("r"));
  }
  if (!averaged || around === "activity-of-mean")
    maps.map(p, `v${i}`, rhoOf(p), { x: { buffer: `u${i}` } }, false, "rho");
  emit(`a${i}`, units.output(p), { e: symbol("x"), bindings: { x: { buffer: `v${i}` } } });
  emit(`ds${i}`, units.state(p), weighted("n", `u${i}`, "c", "d", "f"));
  emit(`da${i}`, units.output(p), weighted("r", `v${i}`, "c", "d", "f"));
  emit(`m${i}`, units.output(p), weighted("r", `v${i}`, "m", null, "mf"));
  if (loaded) {
    emit(`us${i}`, units.state(p), { e: symbol("x"), bindings: { x: { buffer: `u${i}` } } });
    emit(`ms${i}`, units.state(p), weighted("n", `u${i}`, "m", null, "mf"));
  }
  if (fewer) emit(`e${i}`, units.output(p), weighted("r", `v${i}`, "g", "h", "gf"));
}

const rhoOf = (p: PlannedPopulation): Expression =>
  substitute(p.rho, (name) => (name === "u" ? symbol("x") : undefined));
