/**
 * The run that a study or a search asks about: within its file, or in a file beside it; and the knobs that
 * are turned on it.
 */
import { OhmletError } from "../errors";
import type { KnobValue } from "../study";
import { sourceBeside, type Context } from "./context";
import { fieldOf } from "./composites";
import { withKnobs } from "./knobs";
import { placeOf, type Node } from "./node";
import type { CompleteRunConfig } from "./run-schema";
import { runFrom, type Run } from "./run";
import { fault } from "./schema";
import { parseConfig } from "./text";

/**
 * @param purpose "to study"
 * @throws OhmletError CONFIG-MISSING where there is no run or there are two, and what the file beside throws
 */
export function askedRun(
  { run, config }: { readonly run?: CompleteRunConfig; readonly config?: string },
  context: Context,
  root: Node,
  purpose: string,
): Run {
  if (run !== undefined && config === undefined) return { config: run, context };
  if (run !== undefined || config === undefined) {
    throw fault(
      root,
      "CONFIG-MISSING",
      `there ${run === undefined ? "is no run" : "are two runs"} ${purpose}`,
      "give either  run:  with a run within it, or  config:  with the name of a file beside this one",
    );
  }
  const source = sourceBeside(context, config, root.kind === "map" ? fieldOf(root, "config") : undefined);
  return runFrom(parseConfig(source), source, context.readBeside);
}

/** A value that a knob is turned to, and where it stands. */
export interface NamedValue {
  readonly value: KnobValue;
  readonly node: Node | undefined;
}

type Listed = readonly KnobValue[];
type Ends = { readonly from: KnobValue; readonly to: KnobValue };
const isListed = (given: Listed | Ends): given is Listed => Array.isArray(given);

/** The values that a list or the two ends of a range name, each with its own place. @param node of all of it */
export function namedValues(given: Listed | Ends, node: Node | undefined): NamedValue[] {
  if (isListed(given))
    return given.map((value, i) => ({ value, node: (node?.kind === "list" ? node.items[i] : null) ?? node }));
  return (["from", "to"] as const).map((end) => ({
    value: given[end],
    node: (node?.kind === "map" ? fieldOf(node, end) : null) ?? node,
  }));
}

/** Faults of a knob and not of its value. */
const OF_KNOB = ["CONFIG-KNOB", "CONFIG-KEY"];

/**
 * Tries values of a knob on the run, one after another. @throws OhmletError CONFIG-… at the value itself, or
 * where the knob is named
 */
export function tryKnob(
  run: Run,
  knob: string,
  values: readonly NamedValue[],
  whole: Node | undefined,
): void {
  // The settings of a choice stand in its sets.
  const isChoice = Object.hasOwn(run.choices ?? {}, knob);
  for (const { value, node } of values)
    try {
      withKnobs(run, { [knob]: value });
    } catch (error) {
      const ofKnob = !isChoice && error instanceof OhmletError && OF_KNOB.includes(error.code);
      atKnob(knob, ofKnob ? whole : node, () => {
        throw error;
      });
    }
}

/** Runs what turns a knob: the run with its knobs turned stands in no file, the value that it is turned to does. */
export function atKnob<T>(knob: string, node: Node | undefined, action: () => T): T {
  const pointing = (error: unknown): never => {
    throw error instanceof OhmletError && error.place?.line === undefined
      ? new OhmletError({ ...error.toJSON(), place: placeOf(node?.mark, node?.path ?? knob) })
      : error;
  };
  try {
    const result = action();
    return result instanceof Promise ? (result.catch(pointing) as T) : result;
  } catch (error) {
    return pointing(error);
  }
}
