/** A study from a file: the run, what is varied, what is measured, what counts as good. */
import { OhmletError } from "../errors";
import { equalDimensions } from "../units/dimension";
import { parseQuantity } from "../units/parse";
import { DIMENSIONLESS } from "../units/quantity";
import {
  checkAxis,
  planOf,
  readComparison,
  type Axis,
  type Comparison,
  type Plan,
  type Sampling,
  type Study,
} from "../study";
import { askedRun, namedValues, tryKnob, type NamedValue } from "./asked-run";
import { nodeAt, type Context, type ReadBeside } from "./context";
import { object, optional, preset, required } from "./composites";
import { oneOf } from "./one-of";
import { choices, turnedTwice } from "./choices";
import { at } from "./locate";
import { measuredAs, MEASURES } from "./measures";
import { placeOf, type Node, type Source } from "./node";
import { run as runSchema } from "./run-schema";
import type { Run } from "./run";
import {
  choice,
  fault,
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

const quantity = text('a quantity such as "300 K"', { longest: 200 });
const end = oneOf([number(), quantity]);
const axis = named(
  "axis",
  oneOf([
    list(oneOf([number(), quantity, flag]), { least: 1, most: 1000 }),
    object({
      from: required("first value", end),
      to: required("last value", end),
      points: optional("values of a grid, both ends among them", integer({ min: 2, max: 10_000 })),
      scale: preset("how the values are spaced", choice(["linear", "log"]), "linear"),
      whole: preset("rounds to whole numbers", flag, false),
    }),
  ]),
);

const designPoints = integer({ min: 1, max: 500_000 });
const sampled = <const K extends string>(kind: K, about: string) =>
  object(
    { kind: required(about, choice([kind])), points: required("how many", designPoints) },
    { key: "kind", value: kind },
  );
const sampling = named(
  "sampling",
  oneOf([
    choice(["grid", "corners", "one-at-a-time"]),
    sampled("random", "points drawn at random"),
    sampled("sobol", "points that fill the ranges evenly"),
    sampled(
      "sensitivity",
      "Saltelli's design for Sobol indices: so many points for each knob, and twice as many besides",
    ),
  ]),
);

const studySchema = named(
  "study",
  object({
    $schema: optional("for editors of JSON: where the JSON Schema is", text("an address", { longest: 1000 })),
    name: required("names the folder of results", text("a name", { longest: 60 })),
    question: optional("what is asked, for people", text("a sentence or two", { longest: 2000 })),
    run: optional("the run that is studied", runSchema),
    config: optional("the same from a file beside this one", text("a file", { longest: 1000 })),
    choices: optional(
      "sets of settings by name, by the name of the knob that chooses between them: cell: { ReRAM: { circuit.synapse: reram } }",
      choices,
    ),
    vary: required("knobs, as dotted paths into the run or names of choices, and their values", record(axis)),
    sampling: preset("which points are tried", sampling, "grid"),
    chips: preset("chips at every point", integer({ min: 1, max: 100_000 }), 1),
    paired: preset("gives every point the same chips and the same noise", flag, false),
    train: preset(
      "whether chips learn before they are measured, or are taken as they are fabricated",
      flag,
      true,
    ),
    measure: preset("what is measured", list(choice(MEASURES), { least: 1, most: MEASURES.length }), [
      "accuracy",
    ]),
    spec: optional(
      'what a good chip keeps: accuracy: ">= 0.9"',
      record(text('a comparison such as ">= 0.9"', { longest: 60 })),
    ),
    seed: preset("keys all random draws", integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), 1),
  }),
);

/**
 * A study as it was read from a config: a run or the file of one, what is varied, and what is measured.
 */
export interface CompleteStudyConfig extends Infer<typeof studySchema> {}
/**
 * A study as code gives it, and as a config writes it: what has a default may be left out.
 */
export interface StudyConfig extends Given<typeof studySchema> {}
export const study: Schema<CompleteStudyConfig, StudyConfig> = studySchema;

/** What was asked, with the places of its parts. */
export interface AskedStudy {
  readonly config: CompleteStudyConfig;
  readonly context: Context;
  readonly study: Study;
  readonly plan: Plan;
  readonly run: Run;
}

/**
 * Reads a study from the text of a config; every value that it varies is tried on the run, so that none fails
 * midway.
 * @throws OhmletError CONFIG-… (CONFIG-KNOB for a knob that the run has not), STUDY-…, at the line
 */
export function readStudy(source: Source, readBeside?: ReadBeside): AskedStudy {
  return studyFrom(parseConfig(source), source, readBeside);
}

/**
 * The same from a text that is parsed already.
 * @throws OhmletError as `readStudy`
 */
export function studyFrom(root: Node, source?: Source, readBeside?: ReadBeside): AskedStudy {
  const origins = new WeakMap<object, Node>();
  const config = study.read(root, origins);
  const context: Context = { origins, devices: config.run?.devices ?? {}, source, readBeside };
  const run = {
    ...askedRun(config, context, root, "to study"),
    ...(config.choices && { choices: config.choices }),
  };
  const asked = askedOf(config, context);
  expectChosen(config, run, context);
  const twice = turnedTwice(Object.keys(config.vary), config.choices);
  if (twice !== undefined)
    throw fault(
      nodeAt(context, config.vary, twice.knob) ?? root,
      "CONFIG-KNOB",
      `"${twice.setting}" is turned twice`,
      "name each setting once, alone or together with others",
    );
  const plan = at(origins.get(config), () => planOf(asked));
  for (const [knob, values] of triedOf({ config, context }))
    tryKnob(run, knob, values, nodeAt(context, config.vary, knob));
  return { config, context, study: asked, plan, run };
}

/** That every choice is a knob's, and none is called as a setting of the run. @throws OhmletError CONFIG-KNOB */
function expectChosen({ choices = {}, vary }: CompleteStudyConfig, run: Run, context: Context): void {
  for (const [name, sets] of Object.entries(choices)) {
    const node = nodeAt(context, choices, name);
    const fail = (fact: string, remedy: string): never => {
      throw new OhmletError({
        code: "CONFIG-KNOB",
        fact,
        place: placeOf(node?.mark, node?.path ?? name),
        remedy,
      });
    };
    if (Object.hasOwn(run.config, name.split(".")[0]))
      fail(`"${name}" is a setting of the run, too`, "give the choice another name");
    if (!Object.keys(vary).some((knob) => knob.split(" and ").includes(name)))
      fail(
        `nothing chooses between the sets of "${name}"`,
        `add to  vary:  the line  ${name}: [${Object.keys(sets).join(", ")}]`,
      );
  }
}

function askedOf(config: CompleteStudyConfig, context: Context): Study {
  const { name, question, chips, paired, measure, seed } = config;
  const kind: Sampling = typeof config.sampling === "string" ? { kind: config.sampling } : config.sampling;
  const axes = Object.entries(config.vary).map(([knob, given]): Axis => {
    return at(nodeAt(context, config.vary, knob), () => {
      const own: Axis = isList(given)
        ? { knob, kind: "list", values: given }
        : { knob, kind: "range", ...given, ...endsIn(knob, given) };
      checkAxis(own, kind.kind === "grid");
      return own;
    });
  });
  if (axes.length === 0)
    throw refuse(
      context,
      config,
      "vary",
      "STUDY-AXIS",
      "no knob is varied",
      "name at least one:  circuit.angle: [0, 45, 90]",
    );
  const measures = measure.filter((each, i) => measure.indexOf(each) === i);
  const spec = Object.entries(config.spec ?? {}).map(([each, comparison]) =>
    comparisonOf(each, comparison, measures, nodeAt(context, config.spec ?? {}, each)),
  );
  return {
    name,
    ...(question !== undefined && { question }),
    axes,
    sampling: kind,
    chips,
    paired,
    measures,
    spec,
    seed,
  };
}

type ListOrRange = CompleteStudyConfig["vary"][string];
const isList = (given: ListOrRange): given is Extract<ListOrRange, readonly unknown[]> =>
  Array.isArray(given);

/** Both ends as numbers: of quantities, in SI units, which knobs of quantities take too. */
function endsIn(
  knob: string,
  { from, to }: Pick<Exclude<ListOrRange, readonly unknown[]>, "from" | "to">,
): { readonly from: number; readonly to: number } {
  if (typeof from === "number" && typeof to === "number") return { from, to };
  const [a, b] = [from, to].map((end) => parseQuantity(end, `the range of ${knob}`));
  if (equalDimensions(a.dimension, b.dimension)) return { from: a.value, to: b.value };
  throw new OhmletError({
    code: "STUDY-AXIS",
    fact: `the range from ${from} to ${to} begins in one unit and ends in another`,
    place: { where: `the range of ${knob}` },
    remedy: "write both ends in one unit",
  });
}

function comparisonOf(
  measure: string,
  given: string,
  measures: readonly string[],
  node: Node | undefined,
): Comparison {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({
      code: "STUDY-SPEC",
      fact,
      place: placeOf(node?.mark, node?.path ?? `spec.${measure}`),
      remedy,
    });
  };
  const found =
    readComparison(measure, given) ??
    fail(`"${given}" is no comparison`, 'write a sign and a number: ">= 0.9"');
  if (!measures.includes(measuredAs(measure)))
    fail(`"${measure}" is not measured`, `add it to  measure:,  or name one of ${measures.join(", ")}`);
  return found;
}

/**
 * What is tried of every knob before a study begins, so that none fails in its middle: all values of a list, both
 * ends of a range. Ends keep their unit, which the numbers between them have no more.
 */
export function triedOf({
  config,
  context,
}: Pick<AskedStudy, "config" | "context">): [string, NamedValue[]][] {
  return Object.entries(config.vary).map(([knob, given]) => [
    knob,
    namedValues(
      isList(given) ? given : { from: withUnit(given.from), to: withUnit(given.to) },
      nodeAt(context, config.vary, knob),
    ).map(({ value, node }) => ({ value, node: setAt({ config, context }, knob, value) ?? node })),
  ]);
}

/** Where the set of settings stands that a value names, since a fault is there. */
const setAt = (
  { config: { choices = {} }, context }: Pick<AskedStudy, "config" | "context">,
  knob: string,
  value: number | string | boolean,
): Node | undefined =>
  Object.hasOwn(choices, knob) ? nodeAt(context, choices[knob], String(value)) : undefined;

/** An end as a knob takes it: a plain number where it has no unit, as "5 %". */
function withUnit(end: number | string): number | string {
  const { value, dimension } = parseQuantity(end, "an end of a range");
  return equalDimensions(dimension, DIMENSIONLESS) ? value : end;
}

function refuse(
  context: Context,
  config: CompleteStudyConfig,
  key: keyof CompleteStudyConfig,
  code: string,
  fact: string,
  remedy: string,
): OhmletError {
  const node = nodeAt(context, config, key);
  return new OhmletError({ code, fact, place: placeOf(node?.mark, node?.path ?? key), remedy });
}
