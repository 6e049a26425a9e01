/** Units of a device with states: of what it shows, of events, and of rates, where noise is white. */
import type { DimensionChecker } from "../equations/dimensions";
import { isDraw } from "../equations/draws";
import { symbolsOf } from "../equations/expression";
import type { Definition } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { refuse } from "../equations/token";
import {
  divideForms,
  knownForm,
  multiplyForms,
  ONE,
  powerForm,
  type Form,
  type Unknowns,
} from "../equations/unknowns";
import { describeDimension } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import type { Memory } from "./states";
import { rateName, type DeviceText } from "./text";

/** Seconds, where time passes in a device that has units; else 1. */
export function timeOf(text: DeviceText, current: Definition, memories: readonly Memory[]): Dimension {
  const moves = memories.some(
    ({ rate, flicker, events }) => rate !== null || flicker !== null || events.step,
  );
  return moves
    ? text.timeDimension([current.unit, ...memories.map(({ dimension }) => dimension)])
    : DIMENSIONLESS;
}

/** @throws OhmletError EQ-DIMENSION */
export function checkStates(
  text: DeviceText,
  resolver: Resolver,
  {
    ports: given,
    output,
    current,
    memories,
    time,
    unknowns,
  }: {
    readonly ports: ReadonlyMap<string, Form>;
    readonly output: Form;
    readonly current: Definition;
    readonly memories: readonly Memory[];
    readonly time: Dimension;
    readonly unknowns: Unknowns;
  },
): void {
  const ports = new Map<string, Form>([...given, ["sign", ONE], ["dt", knownForm(time)]]);
  for (const { name, dimension } of memories) {
    ports.set(name, knownForm(dimension));
    ports.set(rateName(name), divideForms(knownForm(dimension), knownForm(time)));
  }
  for (const { name, unit } of text.flickers) ports.set(name, knownForm(unit ?? DIMENSIONLESS));
  // White noise of unit density has the dimension of 1/sqrt(time); a draw at an event has none.
  const white = powerForm(knownForm(time), -0.5);
  const withDraws = (form: Form): Map<string, Form> =>
    new Map([...ports, ["xi", form], ...text.draws.map((draw): [string, Form] => [draw, form])]);
  const events = text.checker(withDraws(ONE), resolver, unknowns);
  const rates = text.checker(withDraws(white), resolver, unknowns);
  text.compareConditions(events, resolver);
  events.equate({ text: current.name, form: output }, current.right, events.valueOf(current));
  for (const definition of text.definitions)
    if (definition.parameters === null && ![...symbolsOf(resolver.valueOf(definition))].some(isDraw))
      events.valueOf(definition);
  for (const { name, updates, rate, start, dimension } of memories) {
    const said = `${name} is in ${describeDimension(dimension)}`;
    for (const { right } of updates) events.expect(right, events.formOf(right), dimension, said);
    if (rate) text.equateRate(rate, rates);
    if (start) events.expect(start, events.formOf(start), dimension, said);
  }
  checkFlickers(text, events, unknowns, time);
}

/** Density, frequencies and number of poles of flicker noise. @throws OhmletError EQ-DIMENSION */
export function checkFlickers(
  text: DeviceText,
  checker: DimensionChecker,
  unknowns: Unknowns,
  time: Dimension,
): void {
  for (const { args, unit, line } of text.flickers) {
    const state = knownForm(unit ?? DIMENSIONLESS);
    const density = multiplyForms(multiplyForms(state, state), knownForm(time));
    const frequency = divideForms(ONE, knownForm(time));
    args.forEach((arg, k) => {
      const wanted = [density, frequency, frequency, ONE][k];
      const is = "dimension" in arg ? knownForm(arg.dimension) : checker.formOf(arg);
      if (unknowns.unify(is, wanted)) return;
      const what = ["the density", "the lowest frequency", "the highest frequency", "the number of poles"][k];
      throw refuse(
        "EQ-DIMENSION",
        `${what} is in ${describeDimension(unknowns.dimensionOf(is) ?? DIMENSIONLESS)}, not in ` +
          `${describeDimension(unknowns.dimensionOf(wanted) ?? DIMENSIONLESS)}`,
        line,
        null,
        "write  name = flicker(S_1Hz, 1 Hz, 1 MHz) : A  with S_1Hz in A^2 s, the density at 1 Hz",
      );
    });
  }
}
