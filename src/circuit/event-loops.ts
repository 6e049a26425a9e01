/**
 * What a device does at events and in time, compiled to loops over arrays of devices: the same for all chips
 * of a circuit. Not here: the arrays themselves, draws and clocks (state-array.ts).
 */
import type { NoiseSource, ReadoutDevice, Synapse } from "../device/types";
import { PORT_OF } from "../device/states";
import { differentiate, splitLinear } from "../equations/differentiate";
import { isDraw, isNormal } from "../equations/draws";
import {
  call,
  divide,
  multiply,
  number,
  subtract,
  symbol,
  symbolsOf,
  where,
  add,
  type Expression,
} from "../equations/expression";
import type { DeviceEvent } from "../equations/qualifiers";
import { simplify } from "../equations/simplify";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import type { LeakLoops } from "./follow-leak";
import { isLinearLeak, leakStep, pieceOf } from "./leak";

export type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;
/** What each stored quantity becomes, all from the values before. */
export type Equations = readonly { readonly name: string; readonly over: Over }[];

/** An event over [what is held, draws, the event's port, parameters, constants]. */
export interface EventLoops {
  /** What it draws, by name: normal, or uniform between 0 and 1. */
  readonly draws: readonly { readonly name: string; readonly normal: boolean }[];
  /** Whether the event tells the device something: dw, sign, dt. */
  readonly told: boolean;
  readonly equations: Equations;
}

/** A state that moves by itself, over [itself, elapsed, all that is held, parameters, constants]. */
export interface Motion {
  readonly name: string;
  readonly loops: LeakLoops;
  /** Whether one step is exact, however long: the rate is linear in what moves, and nothing else in it moves. */
  readonly exact: boolean;
  /** Root of the variance that white noise adds in a time, by draw; over the same columns. */
  readonly noise: readonly { readonly name: string; readonly over: Over }[];
  /** Spread of a state that noise has kept moving for long, over the same columns; null where there is none. */
  readonly rest: Over | null;
  /** Its rate depends on what moves as well. */
  readonly coupled: boolean;
}

/** A device as loops. */
export interface DeviceLoops {
  readonly events: Readonly<Partial<Record<DeviceEvent, EventLoops>>>;
  readonly motions: readonly Motion[];
  /** First values, over [what is held, parameters, constants]. */
  readonly initials: Equations;
  /** Rates of all motions together, over [what is held, parameters, constants]: where they are coupled. */
  readonly rates: Equations;
}

/** Devices with states of their own. */
export type Held = Synapse | NoiseSource | ReadoutDevice;
const known = new WeakMap<Held, DeviceLoops>();

/** Names of what every loop reads after its own columns. */
const othersOf = ({ parameters }: Held): string[] => [...Object.keys(parameters), ...Object.keys(CONSTANTS)];

export function loopsOf(device: Held): DeviceLoops {
  const found = known.get(device);
  if (found !== undefined) return found;
  const states = Object.keys(device.stored);
  const others = othersOf(device);
  const each = Object.entries(device.stored);
  const moving = each.filter(([, { leak, noise }]) => leak !== null || Object.keys(noise).length > 0);
  const events: Partial<Record<DeviceEvent, EventLoops>> = {};
  for (const event of new Set(each.flatMap(([, s]) => Object.keys(s.events) as DeviceEvent[])))
    events[event] = eventLoops(device, event);
  const loops: DeviceLoops = {
    events,
    motions: moving.map(([name]) =>
      motionOf(
        device,
        name,
        moving.map(([other]) => other),
      ),
    ),
    initials: each.map(([name, { initial }]) => ({ name, over: vectorize(initial, [...states, ...others]) })),
    rates: moving.map(([name, { leak }]) => ({
      name,
      over: vectorize(leak ?? number(0), [...states, ...others]),
    })),
  };
  known.set(device, loops);
  return loops;
}

function eventLoops(device: Held, event: DeviceEvent): EventLoops {
  const changes = Object.entries(device.stored).flatMap(([name, { events }]) => {
    const value = events[event];
    return value === undefined ? [] : [{ name, value }];
  });
  const taken = new Set([...Object.keys(device.stored), ...Object.keys(device.parameters)]);
  const draws = [...new Set(changes.flatMap(({ value }) => [...symbolsOf(value)]))].filter(
    (name) => isDraw(name) && !taken.has(name),
  );
  const port = PORT_OF[event];
  const names = [...Object.keys(device.stored), ...draws, port ?? "nothing told", ...othersOf(device)];
  return {
    draws: draws.map((name) => ({ name, normal: isNormal(name) })),
    told: port !== undefined,
    equations: changes.map(({ name, value }) => ({ name, over: vectorize(value, names) })),
  };
}

function motionOf(device: Held, name: string, moving: readonly string[]): Motion {
  const { leak, noise } = device.stored[name];
  const rate = leak ?? number(0);
  const names = [
    name,
    "elapsed",
    ...Object.keys(device.stored).filter((other) => other !== name),
    ...othersOf(device),
  ];
  const slope = simplify(differentiate(rate, name));
  const piece = pieceOf(name, rate);
  const over = (e: Expression): Over => vectorize(simplify(e), names);
  const amplitudes = Object.entries(noise);
  const coupled = [...symbolsOf(rate)].some((other) => other !== name && moving.includes(other));
  // What relaxes comes to sqrt(sum of squares / (2 rate)); what does not spreads on.
  const squares = amplitudes.map(([, b]) => multiply(b, b)).reduce((a, b) => add(a, b), number(0));
  const relaxes = splitLinear(rate, name) !== null && !(slope.kind === "number" && slope.value >= 0);
  return {
    name,
    coupled,
    exact: isLinearLeak(name, rate),
    loops: { step: over(leakStep(name, rate)), rate: over(rate), piece: piece && over(piece) },
    noise: amplitudes.map(([draw, b]) => ({
      name: draw,
      over: over(multiply(call("abs", b), spreadIn(slope))),
    })),
    rest:
      amplitudes.length === 0 || !relaxes
        ? null
        : over(
            where(
              { comparison: "<", left: slope, right: number(0) },
              call("sqrt", divide(squares, multiply(number(-2), slope))),
              number(0),
            ),
          ),
  };
}

/** sqrt of the integral of e^(2 slope s) over a time: sqrt((e^(2 a t) - 1)/(2 a)), sqrt(t) where a is 0. */
function spreadIn(slope: Expression): Expression {
  const elapsed = symbol("elapsed");
  const x = multiply(number(2), multiply(slope, elapsed));
  const near = add(
    number(1),
    multiply(x, add(number(1 / 2), multiply(x, add(number(1 / 6), divide(x, number(24)))))),
  );
  const growth =
    slope.kind === "number" && slope.value === 0
      ? number(1)
      : where(
          { comparison: "<", left: call("abs", x), right: number(1e-4) },
          near,
          divide(subtract(call("exp", x), number(1)), x),
        );
  return call("sqrt", multiply(elapsed, growth));
}
