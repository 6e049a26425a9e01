/**
 * Numbers that float32 cannot hold. A constant of a neuron's equations that would become zero or infinite on
 * the way to an engine of float32 makes another circuit of it without a word: it is refused.
 */
import type { Circuit } from "../../circuit/chip-types";
import type { Expression } from "../../equations/expression";
import { partsOf } from "../../equations/share";
import { OhmletError } from "../../errors";
import { Hoisted } from "./hoist";
import type { InternalUnits } from "./internal-units";
import type { Layout, PlannedPopulation } from "./layout";

/** The smallest number of float32 with all its digits, and the largest. */
const [SMALLEST, LARGEST] = [2 ** -126, 3.4e38];

const isExtreme = (x: number, smallest = SMALLEST, largest = LARGEST): boolean =>
  x !== 0 && !(Math.abs(x) >= smallest && Math.abs(x) <= largest);

/** A number in expressions that is not 0 and lies out of bounds; undefined where there is none. */
export function extremeIn(
  expressions: readonly Expression[],
  smallest = SMALLEST,
  largest = LARGEST,
): number | undefined {
  const numbers = partsOf(...expressions).flatMap((part) => (part.kind === "number" ? [part.value] : []));
  return numbers.find((value) => isExtreme(value, smallest, largest));
}

/**
 * Looks at what an engine of float32 would be given: constants as they are folded, in internal units, and
 * initial weights. What a solver makes of them, as e^(-dt/tau), may vanish.
 * @throws OhmletError DYN-PRECISION
 */
export function expectFloat32(circuit: Circuit, { populations }: Layout, units: InternalUnits): void {
  const fail = (what: string, value: number, remedy: string): never => {
    throw new OhmletError({
      code: "DYN-PRECISION",
      fact:
        `${what} comes to ${value.toPrecision(3)} where the circuit's own numbers are of order one, and ` +
        "float32 cannot hold that",
      place: { where: circuit.name },
      remedy,
    });
  };
  for (const p of populations) {
    const found = extremeOf(p);
    if (found !== undefined)
      fail(
        `a constant of "${p.population.neuron?.name ?? p.population.name}"`,
        found,
        'use the engine "reference", or write its equations in quantities that are nearer to each other',
      );
  }
  for (const {
    name,
    from,
    to,
    wiring,
    spec: { initial, feedback },
  } of circuit.projections) {
    const target = populations.find(({ population }) => population === to);
    if (target === undefined || feedback?.kind === "tied" || initial.distribution === "zero") continue;
    const typical =
      ((initial.scale ?? 1) / Math.sqrt(wiring?.fan.in ?? from.size)) * units.unitWeight(from, target);
    if (isExtreme(typical))
      fail(
        `an initial weight of "${name}"`,
        typical,
        'use the engine "reference", or give the initial weights a scale nearer to 1',
      );
  }
}

function extremeOf({
  local,
  field: { rate, diffusion, lower, upper },
  rho,
}: PlannedPopulation): number | undefined {
  const hoisted = new Hoisted();
  const own = [rate, rho, diffusion, lower, upper].flatMap((e) =>
    e === null ? [] : [hoisted.hoist(e, local.vectors, "")],
  );
  return (
    extremeIn(own) ??
    Object.values(hoisted.vectors)
      .map((values) => values.find((value) => isExtreme(value)))
      .find((value) => value !== undefined)
  );
}
