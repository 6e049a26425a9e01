/**
 * How the states of a neuron move: u, and what it may have beside it (a stage before the output, a charge that adapts
 * slowly). One line for each, all in time or all as maps; the currents reach u, through others if need be.
 */
import { OhmletError, type Place } from "../errors";
import { isDraw, togetherOf } from "../equations/draws";
import { symbolsOf, type Expression } from "../equations/expression";
import type { Flicker, Rate, Update } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { placeOfLine, refuse } from "../equations/token";
import type { DeviceText } from "./text";

/** The line that moves a state. */
export type Motion = Rate | Update;

/** What a line says: the rate or the next state without noise, and the amplitude of white noise; null: none. */
export interface ReadMotion {
  readonly place: Place;
  readonly dynamics: {
    readonly kind: "continuous" | "discrete";
    readonly moving: Expression;
    readonly diffusion: Expression | null;
  };
  /** Names that the line depends on. */
  readonly symbols: ReadonlySet<string>;
}

/** The lines that move states, that of u first. @throws OhmletError DEVICE-DYNAMICS, EQ-DUPLICATE */
export function findMotions(text: DeviceText): readonly Motion[] {
  const odd = text.updates.find(({ event }) => event !== null);
  if (odd)
    throw refuse(
      "DEVICE-EVENT",
      `a neuron has no event ${odd.event}`,
      odd.line,
      { start: 0 },
      "write  u <- …  or  C*du/dt = …",
    );
  const kept = [...text.updates, ...text.rates, ...text.flickers].find(({ keeps }) => keeps);
  if (kept)
    throw refuse(
      "DEVICE-KEEPS",
      `${kept.name} is of a neuron, whose states begin anew with each sample`,
      kept.line,
      { start: 0 },
      "take  keeps  out: a nudged phase goes on from where the free one ended, noise included",
    );
  const motions = [...text.rates, ...text.updates].sort((a, b) => a.line.number - b.line.number);
  const help = "write one line  C*du/dt = …  or  u <- …";
  const ofU = motions.find(({ name }) => name === "u");
  if (ofU === undefined) {
    const [stranger] = motions;
    if (stranger !== undefined)
      throw refuse(
        "DEVICE-DYNAMICS",
        `the state of a neuron is u, not ${stranger.name}`,
        stranger.line,
        stranger.line.tokens[0],
        help,
      );
    throw new OhmletError({
      code: "DEVICE-DYNAMICS",
      fact: "no line says how u moves",
      place: { where: text.where },
      remedy: help,
    });
  }
  for (const flicker of text.flickers) {
    if (ofU.kind === "update")
      throw refuse(
        "DEVICE-DYNAMICS",
        `${flicker.name} moves in time, and u as a map`,
        flicker.line,
        { start: 0 },
        "write the states of a neuron that has flicker noise as rates",
      );
    if (motions.some(({ name }) => name === flicker.name))
      throw refuse(
        "EQ-DUPLICATE",
        `a second line says what ${flicker.name} is`,
        flicker.line,
        { start: 0 },
        "keep one of the two",
      );
    checkName(text, flicker);
  }
  motions.forEach((motion, i) => {
    const { name, line } = motion;
    if (motions.slice(0, i).some((earlier) => earlier.name === name))
      throw refuse(
        "DEVICE-DYNAMICS",
        `a second line says how ${name} moves`,
        line,
        line.tokens[0],
        "keep one of the two",
      );
    if (motion.kind !== ofU.kind)
      throw refuse(
        "DEVICE-DYNAMICS",
        `${name} moves ${IN[motion.kind]}, and u ${IN[ofU.kind]}`,
        line,
        line.tokens[0],
        "write the states of one neuron all as rates, or all as maps",
      );
    if (name !== "u") checkName(text, motion);
  });
  return [ofU, ...motions.filter((motion) => motion !== ofU)];
}

const IN = { rate: "in time", update: "as a map" } as const;

/** Names that mean something else in a neuron's text. */
const TAKEN = ["rho", "I", "I_nudge", "I_back", "t", "dt"];

function checkName(text: DeviceText, { name, line }: Pick<Motion, "name" | "line">): void {
  if (!TAKEN.includes(name) && !isDraw(name) && !text.constants.includes(name)) return;
  throw refuse(
    "EQ-DUPLICATE",
    `"${name}" is already a port, a parameter or a constant`,
    line,
    line.tokens[0],
    "give the state another name",
  );
}

/**
 * Reads a motion. Sources in one line are independent, so that their variances add: together they are one.
 * @throws OhmletError EQ-NOISE, EQ-RATE and others of resolving
 */
export function readMotion(text: DeviceText, resolver: Resolver, motion: Motion): ReadMotion {
  const { line } = motion;
  const right = resolver.resolve(motion.right);
  const noise = { what: "the equation", write: "add noise as  … + amplitude*xi" };
  // What multiplies the rate would stand in every term of a remedy: the right side is looked at first.
  if (motion.kind === "rate") text.splitDraws(right, line, motion.right, noise);
  const whole = motion.kind === "rate" ? text.solveRate(motion, resolver) : right;
  const { constant, coefficients } = text.splitDraws(whole, line, motion.right, noise);
  const amplitudes = Object.values(coefficients).filter((e) => e.kind !== "number" || e.value !== 0);
  return {
    place: placeOfLine(line),
    dynamics: {
      kind: motion.kind === "rate" ? "continuous" : "discrete",
      moving: constant,
      diffusion: togetherOf(amplitudes),
    },
    symbols: symbolsOf(whole),
  };
}

/**
 * @throws OhmletError DEVICE-PORT where a current does not reach u, or a state does not; EQ-NOISE where one source is
 *   that of two states
 */
export function checkPorts(
  motions: readonly Motion[],
  states: readonly ReadMotion[],
  flickers: readonly Flicker[] = [],
): void {
  const names = motions.map(({ name }) => name);
  /** What a state depends on, at however many removes. */
  const reaches = new Map(names.map((name): [string, Set<string>] => [name, new Set([name])]));
  for (const [name, found] of reaches)
    for (const of of found) {
      const k = names.indexOf(of);
      if (k >= 0) for (const symbol of states[k].symbols) reaches.get(name)!.add(symbol);
    }
  const ofU = reaches.get("u")!;
  for (const port of ["I", "I_nudge"]) {
    if (ofU.has(port)) continue;
    throw refuse(
      "DEVICE-PORT",
      `${port === "I" ? "the current of the synapses, I," : "the nudging force, I_nudge,"} does not reach u`,
      motions[0].line,
      null,
      `add  + ${port}  to the equation of u`,
    );
  }
  const silent = [...motions, ...flickers].find(({ name }) => !ofU.has(name));
  if (silent !== undefined)
    throw refuse(
      "DEVICE-PORT",
      `the state ${silent.name} does not reach u: nothing would show of it`,
      silent.line,
      { start: 0 },
      `use it in the equation of u, or remove the line`,
    );
  motions.forEach(({ name, line }, k) => {
    const shared = [...states[k].symbols].find(
      (source) => isDraw(source) && states.some(({ symbols }, other) => other < k && symbols.has(source)),
    );
    if (shared !== undefined)
      throw refuse(
        "EQ-NOISE",
        `${shared} stands in the equations of two states: one name is one source`,
        line,
        line.tokens.find(({ text: token }) => token === shared) ?? null,
        `give each a source of its own: xi in one and xi_${name} in the other`,
      );
  });
}
