/** Bounds of a state of a neuron, from one line or from two. */
import type { OhmletError } from "../errors";
import type { Expression } from "../equations/expression";
import type { Bounds } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import type { Syntax } from "../equations/syntax";
import { placeOfLine, refuse } from "../equations/token";
import type { DeviceText } from "./text";

export interface ReadBounds {
  readonly lower: Expression | null;
  readonly upper: Expression | null;
  readonly trees: readonly Syntax[];
}

/** Null where the text bounds the state `name` nowhere. @throws OhmletError DEVICE-BOUNDS */
export function readBounds(text: DeviceText, resolver: Resolver, name: string): ReadBounds | null {
  const own = text.bounds.filter((line) => line.name === name);
  if (own.length === 0) return null;
  const trees: Syntax[] = [];
  const end = (side: "lower" | "upper"): Expression | null => {
    const [line, second] = own.filter((bounds) => bounds[side] !== null);
    if (second) throw boundsFault(second, `${name} has two ${side} bounds`);
    if (line === undefined) return null;
    const tree = line[side]!;
    const value = text.finish(resolver.resolve(tree), "the bound", placeOfLine(line.line));
    if (!text.isConstant(value)) throw notOfState(line, name);
    trees.push(tree);
    return value;
  };
  const [lower, upper] = [end("lower"), end("upper")];
  if (lower && upper && text.nominal(lower) >= text.nominal(upper))
    throw boundsFault(own[0], "the lower bound is not below the upper one");
  return { lower, upper, trees };
}

/** @throws OhmletError DEVICE-BOUNDS for an ordering in which a state stands on an end */
export function checkBounded(text: DeviceText, states: readonly string[]): void {
  const line = text.bounds.find(({ name }) => !states.includes(name));
  if (line !== undefined) throw notOfState(line, "u");
}

const notOfState = (line: Bounds, name: string): OhmletError =>
  boundsFault(line, `bounds are those of ${name}, by numbers and parameters`);

export const boundsFault = (bounds: Bounds, fact: string): OhmletError =>
  refuse("DEVICE-BOUNDS", fact, bounds.line, bounds.line.tokens[0], "write  0 <= u <= 1");
