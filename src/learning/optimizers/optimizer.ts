/**
 * What an optimizer is: it turns the direction that a rule asks for into the change that is programmed. It is
 * given as equations over one synapse, so that it runs wherever the synapses are. Not here: how devices carry
 * a change out.
 */
import { printsItself, settingsInWords } from "../../display";
import type { Circuit } from "../../circuit/chip-types";
import { trainablesOf } from "../../circuit/trainable";
import { OhmletError } from "../../errors";
import { nearest } from "../../options/nearest";
import type { WeightArrays } from "../../circuit/chip-types";
import type { Expression } from "../../equations/expression";
import { vectorize } from "../../equations/vectorize";
import { Memory, type NamedArrays } from "./memory";

/** One rate for all, or one a projection; the readout's name is "readout". */
export type Rate = number | Readonly<Record<string, number>>;

/**
 * An optimizer's equations. Symbols: `d` the direction (minus a gradient), `w` the weight now, what it
 * remembers by name, and its scalars. All logical.
 */
export interface OptimizerLaw {
  /**
   * What each synapse remembers, and how it becomes what it is after this batch; in order, each sees those
   * before.
   */
  readonly memory: Readonly<Record<string, Expression>>;
  /** The change to program, from what is remembered after this batch. */
  readonly change: Expression;
  /** Values of the scalars. @param batch number of the projection's batch, from 1 */
  scalars(projection: string, batch: number, factor: number): Readonly<Record<string, number>>;
  /** Whether `w` is read: reading an array costs. */
  readonly decays: boolean;
}

/** Turns the direction that a rule asks for into the change that is programmed. */
export interface Optimizer {
  readonly name: "sgd" | "adam";
  /** @internal */
  readonly law: OptimizerLaw;
  /** Projections that have a rate of their own; null where one is for all. */
  readonly rates: readonly string[] | null;
  /**
   * What it remembers, by projection, part ("weights", "biases") and name.
   * @internal
   */
  readonly memory: Memory;
  /**
   * The change to program, fresh; logical. Call once a batch for each projection.
   * @param direction what lowers the cost when added (minus a gradient)
   * @param current weights now; asked for only where they decay
   * @param factor on the rate, from a schedule; default 1
   * @throws OhmletError OPTIMIZER-RATE where the projection has no rate; OPTIMIZER-SHAPE where loaded arrays
   *   do not fit
   */
  step(
    projection: string,
    direction: WeightArrays,
    current: () => WeightArrays,
    factor?: number,
  ): WeightArrays;
  /** What it remembers; copies. */
  save(): NamedArrays;
  /** Replaces what it remembers. */
  load(arrays: NamedArrays): void;
}

/** An optimizer from its equations; its settings are for people. */
export function optimizerOf(
  name: Optimizer["name"],
  settings: Readonly<Record<string, unknown>> & { readonly rate: Rate },
  law: OptimizerLaw,
): Optimizer {
  const { rate } = settings;
  const memory = new Memory();
  const names = Object.keys(law.memory);
  const scalars = Object.keys(law.scalars("", 1, 1));
  const symbols = ["d", "w", ...names, ...scalars];
  const next = names.map((n) => vectorize(law.memory[n], symbols));
  const change = vectorize(law.change, symbols);
  const part = (
    projection: string,
    key: "weights" | "biases",
    d: Float64Array,
    w: Float64Array | number,
    values: readonly number[],
  ): Float64Array => {
    const remembered = names.map((n) => memory.get(`${projection}.${key}.${n}`, d.length));
    const sources = [d, w, ...remembered, ...values];
    remembered.forEach((array, k) => next[k](array, sources));
    return change(new Float64Array(d.length), sources);
  };
  const optimizer: Optimizer = {
    name,
    law,
    rates: typeof rate === "number" ? null : Object.keys(rate),
    memory,
    step(projection, direction, current, factor = 1) {
      const values = law.scalars(projection, names.length === 0 ? 1 : memory.count(projection), factor);
      const numbers = scalars.map((n) => values[n]);
      const now = law.decays ? current() : null;
      const { biases } = direction;
      return {
        weights: part(projection, "weights", direction.weights, now?.weights ?? 0, numbers),
        biases: biases && part(projection, "biases", biases, now?.biases ?? 0, numbers),
      };
    },
    save: () => memory.save(),
    load: (arrays) => memory.load(arrays),
  };
  const remembers = names.length === 0 ? "" : `; remembers ${names.join(" and ")} of every synapse`;
  return printsItself(() => [`optimizer ${name}: ${settingsInWords(settings)}${remembers}`])(optimizer);
}

/** Rate of a projection. */
export function rateOf(rate: Rate, projection: string): number {
  if (typeof rate === "number") return rate;
  if (Object.hasOwn(rate, projection)) return rate[projection];
  throw new OhmletError({
    code: "OPTIMIZER-RATE",
    fact: `there is no learning rate for "${projection}"`,
    place: { where: "optimizer" },
    remedy:
      "give one for every projection, or one number for all; rates are given for: " +
      `${Object.keys(rate).join(", ")}`,
  });
}

/** @throws OhmletError OPTIMIZER-RATE where a rate is of a projection that is not there */
export function checkRates({ rates }: Optimizer, circuit: Circuit): void {
  const names = [
    ...[...circuit.projections.filter(({ couples }) => couples === null), ...trainablesOf(circuit)].map(
      ({ name }) => name,
    ),
    "readout",
  ];
  const unknown = rates?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown.slice(0, 60), names);
  throw new OhmletError({
    code: "OPTIMIZER-RATE",
    fact: `there is a rate for "${unknown}", and no such projection`,
    place: { where: circuit.name },
    remedy: `${near === null ? "" : `did you mean "${near}"? `}projections: ${names.slice(0, -1).join(", ")}`,
  });
}

/** @throws OhmletError OPTIMIZER-OPTION unless the value is finite, at least `lowest` and below `below` */
export function checkOption(name: string, value: number, lowest: number, below = Infinity): void {
  if (typeof value === "number" && value >= lowest && value < below) return;
  throw new OhmletError({
    code: "OPTIMIZER-OPTION",
    fact: `${name} is ${value}`,
    place: { where: "optimizer" },
    remedy: `give a number from ${lowest}${below === Infinity ? "" : ` to below ${below}`}`,
  });
}

/** @throws OhmletError OPTIMIZER-OPTION for a rate that is negative or not finite */
export function checkRate(rate: Rate): void {
  const rates = typeof rate === "object" && rate !== null ? rate : { rate };
  for (const [name, value] of Object.entries(rates))
    checkOption(name === "rate" ? name : `the rate of "${name}"`, value, 0);
}
