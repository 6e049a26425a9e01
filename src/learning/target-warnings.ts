/**
 * Whether a chip can be what its cost asks of it: an output as wide as there are classes, and targets within
 * what an output neuron can reach. Training goes on all the same: an output may be wider on purpose.
 */
import { targetsOf } from "../circuit/targets";
import type { Chip } from "../circuit/chip-types";
import type { Dataset } from "../data/dataset";
import { short } from "../display";
import { EVERYWHERE, rangeOf, type Range } from "../equations/range";
import type { Warning } from "./warnings";

/** @param data what it learns; numbers that are asked for are as they are, and so many */
export const targetWarnings = (
  chip: Chip,
  { classes, targets }: Pick<Dataset, "classes" | "targets">,
): Warning[] => (targets === undefined ? [...widthWarnings(chip, classes), ...reachWarnings(chip)] : []);

function widthWarnings({ circuit }: Chip, classes: number): Warning[] {
  const { output, spec } = circuit;
  const read = spec.cost.kind === "cross-entropy";
  const width = targetsOf(circuit);
  if (width <= classes) return [];
  const [what, units, remedy] = read
    ? ["the readout", "scores", `write classes: ${classes} in the cost`]
    : [`the population ${output.name}`, "units", `make it ${classes} wide, the last of the circuit's sizes`];
  const spare = width - classes;
  return [
    {
      code: "LEARN-WIDTH",
      text:
        `${what} has ${width} ${units} and the data ${classes} classes: ${spare === 1 ? "one" : spare} of ` +
        `them ${spare === 1 ? "stands" : "stand"} for no class, and can only be told to be wrong: ${remedy}`,
    },
  ];
}

/** Share of the distance between the two levels, or of a limit, that is not worth a word. */
const SLACK = 1e-3;

function reachWarnings(chip: Chip): Warning[] {
  const { output, spec } = chip.circuit;
  // What an equation makes of levels is its own; a difference of two states reaches as far as both do.
  if (spec.cost.kind !== "squared-error" || spec.cost.doubled) return [];
  const levels = spec.cost.levels ?? [0, 1];
  const [least, largest] = reachOf(chip);
  const slack = (limit: number): number => SLACK * Math.max(Math.abs(limit), Math.abs(levels[1] - levels[0]));
  const beyond = levels.filter((level) => level < least - slack(least) || level > largest + slack(largest));
  if (beyond.length === 0) return [];
  const what = spec.cost.argument === "state" ? "u" : "rho(u)";
  return [
    {
      code: "LEARN-REACH",
      text:
        `${beyond.length === 1 ? `the target ${short(beyond[0])} lies` : `the targets ${beyond.map(short).join(" and ")} lie`} ` +
        `beyond what ${what} of ${output.name} can be, ${spanOf([least, largest])}: write ` +
        `levels: [${within(levels, [least, largest])
          .map((level) => Number(level.toPrecision(6)))
          .join(", ")}] ` +
        "in the cost, or give the output a neuron that reaches further",
    },
  ];
}

const spanOf = ([least, largest]: Range): string =>
  least === -Infinity
    ? `at most ${short(largest)}`
    : largest === Infinity
      ? `at least ${short(least)}`
      : `${short(least)} to ${short(largest)}`;

/** Levels as they were where they are reached; at the limits where they are not. */
function within([low, high]: readonly [number, number], [least, largest]: Range): [number, number] {
  const near = (level: number): number => Math.min(Math.max(level, least), largest);
  if (near(low) !== near(high)) return [near(low), near(high)];
  const [distance, descending] = [Math.abs(high - low), high < low];
  const ends: [number, number] = [
    least === -Infinity ? largest - distance : least,
    largest === Infinity ? least + distance : largest,
  ];
  return descending ? [ends[1], ends[0]] : ends;
}

/**
 * What the cost's argument can be at the output: u within its bounds (of a map, also within what its equation
 * comes to without a nudge and without noise), and what rho makes of that, over all units of the chip.
 */
function reachOf(chip: Chip): Range {
  const { output, spec } = chip.circuit;
  const { neuron } = output;
  if (neuron === null) return EVERYWHERE;
  const parameters = new Map(
    Object.entries(chip.parametersOf(output.name)).map(([name, value]) => [name, spread(value)] as const),
  );
  const over =
    (ports: Readonly<Record<string, Range>>) =>
    (name: string): Range =>
      parameters.get(name) ?? (Object.hasOwn(ports, name) ? ports[name] : EVERYWHERE);
  const { bounds, dynamics } = neuron;
  const bounded: Range = [
    bounds?.lower ? rangeOf(bounds.lower, over({}))[0] : -Infinity,
    bounds?.upper ? rangeOf(bounds.upper, over({}))[1] : Infinity,
  ];
  const u =
    dynamics.kind === "continuous"
      ? bounded
      : clipped(rangeOf(dynamics.next, over({ u: bounded, I_nudge: [0, 0] })), bounded);
  return spec.cost.argument === "state" ? u : rangeOf(neuron.rho, over({ u }));
}

const clipped = ([least, largest]: Range, [lower, upper]: Range): Range => [
  Math.min(Math.max(least, lower), upper),
  Math.max(Math.min(largest, upper), lower),
];

const spread = (value: number | Float64Array): Range =>
  typeof value === "number"
    ? [value, value]
    : value.reduce<Range>(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
