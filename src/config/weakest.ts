/**
 * A search for the weakest point of a run: which knobs are turned how far, what is claimed, how many seeds vote, and what
 * it may cost. A knob is a dotted path into the run ("circuit.angle"); what it may be is for those who turn it.
 */
import { sourceBeside, type Context, type ReadBeside } from "./context";
import { fieldOf, object, oneOf, optional, preset, required } from "./composites";
import type { Node, Source } from "./node";
import { run as runSchema } from "./run-schema";
import { runFrom, type Run } from "./run";
import { choice, fault, integer, list, named, number, record, text, type Infer } from "./schema";
import { parseConfig } from "./text";

const finite = number();
const range = named("range", oneOf([
  list(oneOf([finite, text('a quantity such as "300 K"', { longest: 200 })]), { least: 2, most: 1000 }),
  object({
    from: required("the ideal", finite),
    to: required("the worst that is asked about", finite),
    steps: required("spaces between values, so that there is one value more", integer({ min: 1, max: 100_000 })),
    scale: preset("how the values are spaced", choice(["linear", "log"]), "linear"),
  }),
]));

export const weakest = named("weakest", object({
  $schema: optional("for editors of JSON: where the JSON Schema is", text("an address", { longest: 1000 })),
  name: optional("names the search", text("a name", { longest: 60 })),
  question: optional("what is asked, for people", text("a sentence or two", { longest: 2000 })),
  run: optional("the run whose weakest point is sought", runSchema),
  config: optional("the same from a file beside this one", text("a file", { longest: 1000 })),
  ranges: required("how far each knob is turned, from its ideal: dotted paths into the run", record(range)),
  claim: required('what must hold: measures and comparisons, accuracy: ">= 0.9"', record(text('a comparison such as ">= 0.9"', { longest: 60 }))),
  seeds: preset("how many seeds vote on a point", integer({ min: 1, max: 10_000 }), 3),
  seed: preset("the first of them", integer({ min: 0, max: 0xffff_0000 }), 1),
  budget: optional("where the search stops", object({
    evaluations: optional("most trainings: a point costs up to one for each seed (200 unless said)", integer({ min: 1, max: 1_000_000 })),
    seconds: optional("longest time (no limit unless said)", number({ above: 0, max: 1e7 })),
  })),
}));

export type WeakestConfig = Infer<typeof weakest>;

/** What was asked, with the places of its parts, and the run that it is asked of. */
export interface WeakestQuestion {
  readonly config: WeakestConfig;
  readonly context: Context;
  readonly run: Run;
}

/** @throws OhmletError CONFIG-…, at the line */
export function readWeakest(source: Source, readBeside?: ReadBeside): WeakestQuestion {
  const root = parseConfig(source);
  const origins = new WeakMap<object, Node>();
  const config = weakest.read(root, origins);
  const context: Context = { origins, devices: config.run?.devices ?? {}, source, readBeside };
  if ((config.run === undefined) === (config.config === undefined)) {
    throw fault(root, "CONFIG-MISSING", config.run === undefined ? "there is no run to ask about" : "there are two runs to ask about", "give either  run:  with a run within it, or  config:  with the name of a file beside this one");
  }
  return { config, context, run: runOfQuestion(config, context, root) };
}

function runOfQuestion({ run, config }: WeakestConfig, context: Context, root: Node): Run {
  if (run !== undefined) return { config: run, context };
  const source = sourceBeside(context, config as string, root.kind === "map" ? fieldOf(root, "config") : undefined);
  return runFrom(parseConfig(source), source, context.readBeside);
}
