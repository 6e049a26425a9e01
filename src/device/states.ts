/**
 * What a device holds: the states of its text, how events change them and how they move in time. The same for
 * synapses, sources of noise and readouts; which events there are, and what these give, is said by who asks.
 */
import { OhmletError } from "../errors";
import { clipEnds } from "../equations/clip-ends";
import { differentiate } from "../equations/differentiate";
import { isDraw } from "../equations/draws";
import { number, symbol, symbolsOf, type Expression } from "../equations/expression";
import type { DeviceEvent } from "../equations/qualifiers";
import type { Flicker, Rate, Update } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { startOf, type Syntax } from "../equations/syntax";
import { checkSize } from "../equations/size";
import { placeOfLine, refuse } from "../equations/token";
import { describeDimension, equalDimensions } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { checkInitial } from "./conditions";
import { expandFlicker } from "./flicker";
import type { DeviceText } from "./text";
import type { DeviceState } from "./types";

/** What an event tells the device. */
export const PORT_OF: Readonly<Partial<Record<DeviceEvent, string>>> = {
  write: "dw",
  pulse: "sign",
  sample: "x",
  step: "dt",
};

/** What a kind of device has. */
export interface StateKind {
  /** The event of a line without one. */
  readonly plain: DeviceEvent;
  /** Events of the kind. */
  readonly events: readonly DeviceEvent[];
  /** All ports of the text but those of events. */
  readonly ports: readonly string[];
}

/** A state with the lines that it comes from. */
export interface Memory extends DeviceState {
  readonly name: string;
  readonly updates: readonly Update[];
  readonly rate: Rate | null;
  readonly flicker: Flicker | null;
  readonly start: Syntax | null;
}

/** Names of states in the order of the text. @throws EQ-DUPLICATE, DEVICE-STORED, DEVICE-EVENT */
export function stateNames(
  text: DeviceText,
  kind: StateKind,
  initial: Readonly<Record<string, string>> = {},
): string[] {
  const { updates, rates, flickers } = text;
  const eventOf = (line: Update): DeviceEvent => line.event ?? kind.plain;
  const lines = [...updates, ...rates, ...flickers];
  for (const [k, line] of lines.entries()) {
    if (line.kind === "update" && !kind.events.includes(eventOf(line)))
      throw refuse(
        "DEVICE-EVENT",
        `nothing here happens at ${line.event}`,
        line.line,
        { start: line.line.text.lastIndexOf(` ${eventOf(line)}`) + 1 },
        `events of this kind of device are ${kind.events.join(", ")}`,
      );
    const twice = lines
      .slice(0, k)
      .some(
        (other) =>
          other.name === line.name &&
          (line.kind === "flicker" ||
            other.kind === "flicker" ||
            (other.kind === line.kind &&
              (line.kind !== "update" || eventOf(line) === eventOf(other as Update)))),
      );
    if (twice)
      throw refuse(
        "EQ-DUPLICATE",
        `a second line says how ${line.name} ${line.kind === "rate" ? "leaks" : "is programmed"}`,
        line.line,
        line.line.tokens[0],
        "keep one of the two",
      );
    if ([...kind.ports, "I", ...portsOf(text, kind), ...text.constants].includes(line.name))
      throw refuse(
        "EQ-DUPLICATE",
        `"${line.name}" is already a port, a parameter or a constant`,
        line.line,
        line.line.tokens[0],
        "give what is stored another name",
      );
  }
  const names = namesOf(text);
  const stray = Object.keys(initial).find((name) => !names.includes(name));
  if (stray !== undefined)
    throw new OhmletError({
      code: "DEVICE-STORED",
      fact: `"${stray}" has an initial value but is not stored`,
      place: { where: text.where },
      remedy: `add a line  ${stray} <- …`,
    });
  return [...names, ...flickers.map(({ name }) => name)];
}

/** What events and rates move, each once, in the order of the text. */
const namesOf = ({ updates, rates }: DeviceText): string[] => [
  ...new Set([...updates, ...rates].sort((a, b) => a.line.number - b.line.number).map(({ name }) => name)),
];

/** What the events of a text tell it. */
export const portsOf = (text: DeviceText, kind: StateKind): string[] => [
  ...new Set(text.updates.flatMap(({ event }) => PORT_OF[event ?? kind.plain] ?? [])),
];

/**
 * Reads all states. `used`: expressions that read them.
 * @throws OhmletError DEVICE-PORT, DEVICE-STORED, DEVICE-KEEPS, EQ-…
 */
export function readStates(
  text: DeviceText,
  resolver: Resolver,
  kind: StateKind,
  used: readonly Expression[],
  initial: Readonly<Record<string, string>> = {},
): Memory[] {
  const poles = text.flickers.flatMap((flicker) =>
    expandFlicker(text, resolver, flicker).map((pole) => ({ ...pole, flicker })),
  );
  const names = namesOf(text);
  const clash = poles.find((pole) => names.includes(pole.name) || text.constants.includes(pole.name));
  if (clash)
    throw refuse(
      "EQ-DUPLICATE",
      `"${clash.name}" is a state of ${clash.flicker.name}`,
      clash.flicker.line,
      { start: 0 },
      "give one of them another name",
    );
  const all = [...names, ...text.flickers.map(({ name }) => name)];
  const memories = names.map((name) => readState(name, text, resolver, kind, all, initial[name]));
  for (const memory of memories) checkReached(memory, memories, used, kind);
  return [
    ...memories,
    ...poles.map(({ name, leak, amplitude, flicker }): Memory => ({
      name,
      program: symbol(name),
      leak: text.finish(leak, "the leak", placeOfLine(flicker.line)),
      initial: number(0),
      dimension: flicker.unit ?? DIMENSIONLESS,
      events: {},
      noise: { [`xi_${name}`]: text.finish(amplitude, "the density", placeOfLine(flicker.line)) },
      keeps: flicker.keeps,
      updates: [],
      rate: null,
      flicker,
      start: null,
    })),
  ];
}

function readState(
  name: string,
  text: DeviceText,
  resolver: Resolver,
  kind: StateKind,
  states: readonly string[],
  first: string | undefined,
): Memory {
  const updates = text.updates.filter((line) => line.name === name);
  const rate = text.rates.find((line) => line.name === name) ?? null;
  const events: Partial<Record<DeviceEvent, Expression>> = {};
  for (const update of updates) {
    const event = update.event ?? kind.plain;
    const value = resolver.resolve(update.right);
    const port = PORT_OF[event];
    checkDependence(text, update, value, [...states, ...(port === undefined ? [] : [port])]);
    events[event] = text.finish(value, "the programming", placeOfLine(update.line));
  }
  const moves = rate && readRate(rate, text, resolver, states);
  const start = first === undefined ? null : text.field(`initial.${name}`, first);
  const [line, ...others] = [...updates, ...(rate ? [rate] : [])].filter(({ unit }) => unit !== null);
  const dimension: Dimension = line?.unit ?? DIMENSIONLESS;
  const odd = others.find(({ unit }) => !equalDimensions(unit as Dimension, dimension));
  if (odd)
    throw refuse(
      "EQ-DIMENSION",
      `${name} is in ${describeDimension(dimension)} by one line and in ` +
        `${describeDimension(odd.unit as Dimension)} by this one`,
      odd.line,
      null,
    );
  return {
    name,
    program: events.write ?? symbol(name),
    leak: moves && moves.drift,
    initial: start ? text.finish(start.value, "the initial value") : number(0),
    dimension,
    events,
    noise: moves?.noise ?? {},
    keeps: [...updates, ...(rate ? [rate] : [])].some(({ keeps }) => keeps),
    updates,
    rate,
    flicker: null,
    start: start?.tree ?? null,
  };
}

/** What is said begins within the range that events keep to; the rest at 0, until it is first programmed. */
export function checkStarts(text: DeviceText, memories: readonly Memory[]): void {
  for (const { name, start, initial, events } of memories)
    if (start !== null)
      for (const value of Object.values(events))
        checkInitial(
          text.where,
          name,
          initial,
          clipEnds(value, (e) => text.isConstant(e)),
          text.parameters,
        );
}

function readRate(rate: Rate, text: DeviceText, resolver: Resolver, states: readonly string[]) {
  const place = placeOfLine(rate.line);
  const right = text.solveRate(rate, resolver);
  checkDependence(text, rate, right, states);
  const { constant, coefficients } = text.splitDraws(right, rate.line, rate.right, {
    what: "the rate",
    write: "add noise as  … + amplitude*xi",
  });
  checkSize(differentiate(constant, rate.name), `the derivative of the leak by ${rate.name}`, place);
  const noise: Record<string, Expression> = Object.create(null);
  for (const [draw, amplitude] of Object.entries(coefficients)) {
    if (symbolsOf(amplitude).has(rate.name))
      throw refuse(
        "EQ-NOISE",
        `the amplitude of ${draw} depends on ${rate.name} itself`,
        rate.line,
        startOf(rate.right),
        "give the noise of a state an amplitude that does not depend on it",
      );
    noise[draw] = text.finish(amplitude, "the amplitude of the noise", place);
  }
  return { drift: text.finish(constant, "the leak", place), noise };
}

/** A device changes and leaks by itself: it cannot see its neighbours. */
function checkDependence(
  text: DeviceText,
  line: Update | Rate,
  e: Expression,
  allowed: readonly string[],
): void {
  const known = new Set([...allowed, ...text.constants, ...text.draws]);
  const stranger = [...symbolsOf(e)].find((name) => !known.has(name));
  if (stranger === undefined) return;
  throw refuse(
    "DEVICE-PORT",
    `${line.kind === "rate" ? "the leak" : "the programming"} of ${line.name} depends on ${stranger}`,
    line.line,
    startOf(line.right),
    `it can depend on ${allowed.join(", ")} and parameters only`,
  );
}

/** What nothing reads is a mistake; what is written cannot be noise that is kept. */
function checkReached(
  { name, rate, updates, keeps }: Memory,
  all: readonly Memory[],
  used: readonly Expression[],
  { events }: StateKind,
): void {
  const read =
    used.some((e) => symbolsOf(e).has(name)) ||
    all.some(
      (other) =>
        other.name !== name &&
        [
          ...Object.values(other.events),
          ...(other.leak ? [other.leak] : []),
          ...Object.values(other.noise),
        ].some((e) => symbolsOf(e).has(name)),
    );
  if (rate !== null && updates.length === 0 && !read)
    throw refuse(
      "DEVICE-STORED",
      `${name} leaks but is not stored: no line programs it, and none reads it`,
      rate.line,
      rate.line.tokens[0],
      `add  ${name} <- …`,
    );
  const written = updates.find(
    ({ event }) => event !== "step" && (event !== null || events.includes("write")),
  );
  if (keeps && written !== undefined)
    throw refuse(
      "DEVICE-KEEPS",
      `${name} is kept from phase to phase, and a port reaches it`,
      written.line,
      written.line.tokens[0],
      "take  keeps  out: what is programmed stays anyway, and kept states are noise",
    );
}

/** Whether a device is only written and leaks, each of its states by itself and without draws. */
export const isPlain = (states: Readonly<Record<string, DeviceState>>): boolean =>
  Object.entries(states).every(([name, { events, leak, noise }]) => {
    const alone = (e: Expression, port: string): boolean =>
      [...symbolsOf(e)].every((each) => each === name || each === port || !(each in states || isDraw(each)));
    return (
      Object.keys(events).every((event) => event === "write") &&
      // What a write changes whatever is asked for must know whether a device is addressed.
      events.write !== undefined &&
      symbolsOf(events.write).has("dw") &&
      alone(events.write, "dw") &&
      (leak === null || alone(leak, "")) &&
      Object.keys(noise).length === 0
    );
  });
