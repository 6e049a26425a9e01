/**
 * A run with its knobs turned. The value of a knob is put into the plain config, which is then read anew: so
 * units, ranges and names are checked by the same code as in a file.
 */
import { OhmletError } from "../errors";
import type { Values } from "../study";
import { settingsOf } from "./choices";
import { nodeOf } from "./node";
import { runFrom, type Run } from "./run";

interface Tree {
  [key: string]: unknown;
}

/** Names that mean something on every JavaScript object. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A run with its knobs turned: each value is put into the plain config, which is then read anew, so that a
 * knob takes what a file takes. The run that is given stays as it is.
 * @param values settings by dotted path, such as "estimator.amplitude"; of several that are turned together,
 *   "a.mismatch and b.mismatch"; of a choice of the run, the name of a set of settings
 * @param seed of the chip, the noise and the shuffling; the data stay those of the run. Default: the run's
 *   own
 * @throws OhmletError CONFIG-KNOB for a path that leads nowhere, CONFIG-CHOICE for a set that is not there, CONFIG-…
 *   for what the run does not take
 */
export function withKnobs({ config, context, choices }: Run, values: Values, seed?: number): Run {
  // By way of JSON: a config is plain data, and nothing of the original is touched.
  const tree = JSON.parse(JSON.stringify(config)) as Tree & { data: Tree };
  if (seed !== undefined) {
    if (config.data.kind === "generated") tree.data.seed ??= config.seed;
    tree.seed = seed;
    tree.chip = { ...config.chip, seed };
  }
  if (tree.circuit === "nonideal") tree.circuit = { topology: "nonideal" };
  for (const [setting, value] of settingsOf(values, choices)) turn(tree, setting, value);
  return runFrom(nodeOf(tree), context.source, context.readBeside);
}

function turn(tree: Tree, knob: string, value: unknown): void {
  if (knob === "seed" || knob === "chip.seed" || knob === "chip")
    throw unturnable(knob, "seeds are drawn for every chip, they are no knob");
  const path = knob.split(".");
  const last = path.pop() as string;
  let at = tree;
  for (const [i, key] of path.entries()) {
    expectPart(at, key, knob);
    // What is not there yet is made; whether it may be there is for the schema to say.
    const next = Object.hasOwn(at, key) ? at[key] : (at[key] = {});
    if (typeof next !== "object" || next === null)
      throw unturnable(knob, `"${path.slice(0, i + 1).join(".")}" of this run has no parts to turn`);
    at = next as Tree;
  }
  expectPart(at, last, knob);
  at[last] = value;
}

/**
 * A key of a map, or an entry of a list that is there: never a list's length, which would make it so long,
 * never a prototype.
 */
function expectPart(at: Tree, key: string, knob: string): void {
  const fits = Array.isArray(at)
    ? /^\d+$/.test(key) && Object.hasOwn(at, key)
    : key !== "" && !RESERVED.has(key);
  if (!fits) throw unturnable(knob, `"${key}" is no part of this run that can be turned`);
}

function unturnable(knob: string, fact: string): OhmletError {
  return new OhmletError({
    code: "CONFIG-KNOB",
    fact,
    place: { where: knob },
    remedy:
      "name a setting of the run by its keys: circuit.angle, estimator.amplitude; an entry of a list " +
      "by its number, from 0",
  });
}
