/**
 * Flicker noise as a sum of Ornstein-Uhlenbeck states, whose Lorentzians of equal variance are spread evenly
 * over the logarithm of frequency (van der Ziel 1950; Kaulakys 2005). A pole of corner f_k relaxes at
 * 2 pi f_k, and has the variance f*S*ln(10)/(poles a decade), f*S being what the density times frequency is
 * anywhere between the ends. Over the middle of the band the sum ripples about S_1Hz/f by 5.5 % at one pole a
 * decade and by 0.08 % at two; near the ends, where poles beyond them are missing, it falls off.
 */
import { OhmletError } from "../errors";
import {
  call,
  multiply,
  negate,
  number,
  symbol,
  symbolsOf,
  add,
  type Expression,
} from "../equations/expression";
import type { FlickerArgument } from "../equations/flicker-text";
import type { Flicker } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { placeOfLine } from "../equations/token";
import { differs } from "./parameter";
import type { DeviceText } from "./text";

/** Poles a decade, where none are asked for. */
const POLES = 2;
const MOST_POLES = 200;

/** One Lorentzian of it. */
export interface Pole {
  readonly name: string;
  /** d/dt without noise. */
  readonly leak: Expression;
  /** Amplitude of its white noise. */
  readonly amplitude: Expression;
}

/** Corners of the poles, Hz, from the lowest frequency to the highest, both included. */
function polesOf(low: number, high: number, aDecade: number): number[] {
  const intervals = Math.max(1, Math.round(aDecade * Math.log10(high / low)));
  return Array.from({ length: intervals + 1 }, (_, k) => low * (high / low) ** (k / intervals));
}

/**
 * The states of a line `name = flicker(…)`; the name stands for their sum from here on.
 * @param hertz in the unit of time that equations are computed in; where that is the second, 1
 * @throws OhmletError DEVICE-FLICKER
 */
export function expandFlicker(
  text: DeviceText,
  resolver: Resolver,
  flicker: Flicker,
  hertz: Expression = number(1),
): Pole[] {
  const { name, args, line } = flicker;
  const fault = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-FLICKER", fact, place: placeOfLine(line), remedy });
  const valueOf = (arg: FlickerArgument, what: string): number => {
    if ("dimension" in arg) return arg.value;
    const e = resolver.resolve(arg);
    if (
      !text.isConstant(e) ||
      [...symbolsOf(e)].some((each) => each in text.parameters && differs(text.parameters[each]))
    )
      throw fault(
        `${what} of ${name} is not the same for all devices`,
        "give frequencies and poles by numbers and parameters without spread: they say how many states there are",
      );
    return text.nominal(e);
  };
  const low = valueOf(args[1], "the lowest frequency");
  const high = valueOf(args[2], "the highest frequency");
  const aDecade = args[3] === undefined ? POLES : valueOf(args[3], "the number of poles");
  if (!(low > 0 && high > low))
    throw fault(
      `${name} has no band from ${low} to ${high} Hz`,
      "give 0 < f_low < f_high, such as 1 Hz, 1 MHz",
    );
  if (!(aDecade >= 0.5 && aDecade * Math.log10(high / low) < MOST_POLES))
    throw fault(
      `${aDecade} poles a decade are out of range`,
      "one or two a decade do; give 0.5 or more, and 200 in all",
    );
  const density = "dimension" in args[0] ? number(args[0].value) : resolver.resolve(args[0]);
  if (!text.isConstant(density))
    throw fault(`the density of ${name} is not made of parameters`, "give the density at 1 Hz by parameters");
  const corners = polesOf(low, high, aDecade);
  // As many a decade as there are: a band need not be whole decades.
  const spacing = Math.log(high / low) / (corners.length - 1);
  const poles = corners.map((corner, k): Pole => {
    const own = `${name}_${k + 1}`;
    const rate = multiply(number(2 * Math.PI * corner), hertz);
    return {
      name: own,
      leak: negate(multiply(rate, symbol(own))),
      // The variance is the density at 1 Hz times 1 Hz.
      amplitude: call(
        "sqrt",
        multiply(multiply(number(2 * 2 * Math.PI * corner * spacing), density), multiply(hertz, hertz)),
      ),
    };
  });
  text.macros.set(
    name,
    poles.map((pole) => symbol(pole.name)).reduce((a, b) => add(a, b)),
  );
  return poles;
}
