/**
 * A search for the weakest point of a run: which knobs are turned how far, what is claimed, how many seeds
 * vote, and what it may cost. A knob is a dotted path into the run ("circuit.angle"); what it may be is for
 * those who turn it.
 */
import { OhmletError } from "../errors";
import { askedRun, namedValues, tryKnob, type NamedValue } from "./asked-run";
import { nodeAt, type Context, type ReadBeside } from "./context";
import { object, optional, preset, required } from "./composites";
import { oneOf } from "./one-of";
import { measuredAs, MEASURES } from "./measures";
import { clip, placeOf, type Node, type Source } from "./node";
import { REMEDIES } from "./remedies";
import { run as runSchema } from "./run-schema";
import type { Run } from "./run";
import {
  choice,
  flag,
  integer,
  list,
  named,
  number,
  record,
  text,
  type Given,
  type Infer,
  type Schema,
} from "./schema";
import { parseConfig } from "./text";

const finite = number();
const range = named(
  "range",
  oneOf([
    list(oneOf([finite, text('a quantity such as "300 K"', { longest: 200 })]), { least: 2, most: 1000 }),
    object({
      from: required("the ideal", finite),
      to: required("the worst that is asked about", finite),
      steps: required(
        "spaces between values, so that there is one value more",
        integer({ min: 1, max: 100_000 }),
      ),
      scale: preset("how the values are spaced", choice(["linear", "log"]), "linear"),
    }),
  ]),
);

const weakestSchema = named(
  "weakest",
  object({
    $schema: optional("for editors of JSON: where the JSON Schema is", text("an address", { longest: 1000 })),
    name: optional("names the search", text("a name", { longest: 60 })),
    question: optional("what is asked, for people", text("a sentence or two", { longest: 2000 })),
    run: optional("the run whose weakest point is sought", runSchema),
    config: optional("the same from a file beside this one", text("a file", { longest: 1000 })),
    ranges: required("how far each knob is turned, from its ideal: dotted paths into the run", record(range)),
    claim: required(
      'what must hold: measures and comparisons, accuracy: ">= 0.9"',
      record(text('a comparison such as ">= 0.9"', { longest: 60 })),
    ),
    remedies: optional(
      "asks once with each of these remedies for asymmetric feedback, side by side",
      list(choice(REMEDIES), { least: 1, most: REMEDIES.length }),
    ),
    train: preset(
      "whether chips learn before they are measured, or are taken as they are fabricated",
      flag,
      true,
    ),
    seeds: preset("how many seeds vote on a point", integer({ min: 1, max: 10_000 }), 3),
    seed: preset("the first of them", integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 10_000 }), 1),
    budget: optional(
      "where the search stops",
      object({
        evaluations: optional(
          "most experiments: a point costs up to one for each seed (200 unless said)",
          integer({ min: 1, max: 1_000_000 }),
        ),
        seconds: optional("longest time (no limit unless said)", number({ above: 0, max: 1e7 })),
      }),
    ),
  }),
);

/**
 * A search for the weakest point as it was read from a config: a run, ranges of its knobs, and a claim.
 */
export interface CompleteWeakestConfig extends Infer<typeof weakestSchema> {}
/**
 * A search as a config writes it: what has a default may be left out.
 */
export interface WeakestConfig extends Given<typeof weakestSchema> {}
export const weakest: Schema<CompleteWeakestConfig, WeakestConfig> = weakestSchema;

/** What was asked, with the places of its parts, and the run that it is asked of. */
export interface WeakestQuestion {
  readonly config: CompleteWeakestConfig;
  readonly context: Context;
  readonly run: Run;
  /** What the claim speaks of: what an experiment measures. */
  readonly measures: readonly string[];
}

/**
 * Reads a search for the weakest point from the text of a config; both ends of every range are tried on the
 * run.
 * @throws OhmletError CONFIG-… (CONFIG-KNOB for a knob that the run has not), WEAKEST-MEASURE, at the line
 */
export function readWeakest(source: Source, readBeside?: ReadBeside): WeakestQuestion {
  const root = parseConfig(source);
  const origins = new WeakMap<object, Node>();
  const config = weakest.read(root, origins);
  const context: Context = { origins, devices: config.run?.devices ?? {}, source, readBeside };
  const run = askedRun(config, context, root, "to ask about");
  for (const [knob, ends] of namedEnds({ config, context }))
    tryKnob(run, knob, ends, nodeAt(context, config.ranges, knob));
  return { config, context, run, measures: measuresOf(config, context) };
}

/** The ideal and the worst. */
export const endsOf = (range: CompleteWeakestConfig["ranges"][string]): readonly (number | string)[] =>
  "from" in range ? [range.from, range.to] : [range[0], range[range.length - 1]];

/** Those of every knob, with their places. */
export const namedEnds = ({
  config: { ranges },
  context,
}: Pick<WeakestQuestion, "config" | "context">): [string, NamedValue[]][] =>
  Object.entries(ranges).map(([knob, given]) => {
    const named = namedValues(given, nodeAt(context, ranges, knob));
    return [knob, [named[0], named[named.length - 1]]];
  });

function measuresOf({ claim }: CompleteWeakestConfig, context: Context): string[] {
  const names = Object.keys(claim).map((name) => {
    const measure = measuredAs(name);
    if (MEASURES.some((known) => known === measure)) return measure;
    const node = nodeAt(context, claim, name);
    throw new OhmletError({
      code: "WEAKEST-MEASURE",
      fact: `"${clip(name)}" is not measured`,
      place: placeOf(node?.mark, node?.path ?? "claim"),
      remedy: `claim something of ${MEASURES.join(", ")}`,
    });
  });
  return [...new Set(names)];
}
