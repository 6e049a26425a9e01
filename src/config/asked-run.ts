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
import type { RunConfig } from "./run-schema";
import { runFrom, type Run } from "./run";
import { fault } from "./schema";
import { parseConfig } from "./text";

/**
 * @param purpose "to study"
 * @throws OhmletError CONFIG-MISSING where there is no run or there are two, and what the file beside throws
 */
export function askedRun(
  { run, config }: { readonly run?: RunConfig; readonly config?: string },
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

/**
 * Tries values of a knob on the run, one after another. @throws OhmletError CONFIG-… at the knob's own line
 */
export function tryKnob(run: Run, knob: string, values: readonly KnobValue[], node: Node | undefined): void {
  atKnob(knob, node, () => values.forEach((value) => withKnobs(run, { [knob]: value })));
}

/** Runs what turns a knob: the run with its knobs turned stands in no file, where the knob is named does. */
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
