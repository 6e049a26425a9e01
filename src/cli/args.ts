/**
 * Declared options, read from the command line: types, ranges, choices and lists on top of Node's parseArgs.
 * Every fault is a coded error that names the option and what to write. Not here: how options are shown
 * (help.ts).
 */
import { parseArgs } from "node:util";
import { nearest } from "../equations/functions";
import { OhmletError } from "../errors";
import { isCircuitUnit, plainUnits } from "../units/spelling";
import { mayHaveUnit, readNumber, readNumbers, type Range } from "./numbers";

interface Shown {
  /** One line for the help. */
  readonly help: string;
  /** What stands for the value in the help, with its unit: "SECONDS". */
  readonly value?: string;
  /** What it is to the layers below, whose faults name that: keys of a config, "estimator.amplitude". */
  readonly sets?: string;
}

/** One option of a verb. Without a `default` it may be undefined; flags are false unless given. */
export type OptionSpec =
  | (Shown & { readonly type: "flag" })
  | (Shown & { readonly type: "string"; readonly default?: string; readonly choices?: readonly string[] })
  /** `or`: a word that may stand in place of the number. */
  | (Shown & Range & { readonly type: "number" | "integer"; readonly default?: number; readonly or?: string })
  /**
   * A list: `--sizes 64 32 10` or `--sizes 64,32,10`. The range holds for each; `integer` refuses fractions.
   */
  | (Shown &
      Range & {
        readonly type: "numbers";
        readonly default?: readonly number[];
        readonly integer?: boolean;
        readonly least?: number;
        readonly most?: number;
      })
  /** A list of words: `--times 1s 1h`, `--set A=1 B=2`. `follows`: what words after the first look like. */
  | (Shown & { readonly type: "texts"; readonly follows: RegExp });

/** By name, as typed after the two dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What stands after the verb without a name. */
export interface PositionalSpec {
  readonly name: string;
  readonly help: string;
  /** How many are needed. Default 0. */
  readonly least?: number;
  /** Default 1. */
  readonly most?: number;
}

type Text<S> = S extends { readonly choices: readonly (infer C extends string)[] } ? C : string;
type Word<S> = S extends { readonly or: infer W extends string } ? W : never;
type Plain<S extends OptionSpec> = S["type"] extends "flag"
  ? boolean
  : S["type"] extends "string"
    ? Text<S>
    : S["type"] extends "numbers"
      ? readonly number[]
      : S["type"] extends "texts"
        ? readonly string[]
        : number | Word<S>;
type Value<S extends OptionSpec> = S["type"] extends "flag"
  ? boolean
  : S extends { readonly default: string | number | readonly number[] }
    ? Plain<S>
    : Plain<S> | undefined;

export interface ParsedArgs<O extends OptionSpecs = OptionSpecs> {
  /** Value of every declared option: given, else its default. */
  readonly options: { readonly [K in keyof O]: Value<O[K]> };
  readonly positionals: readonly string[];
  /** Names of the options that were typed, for defaults that depend on other options. */
  readonly given: ReadonlySet<string>;
  /**
   * Names of those that were typed with a unit: numbers in the unit of the option, once quantities.ts has
   * read them.
   */
  readonly withUnit: ReadonlySet<string>;
}

/** Understood by every verb. */
export const UNIVERSAL = {
  help: { type: "flag", help: "show this help" },
  debug: { type: "flag", help: "show the stack of an unexpected error" },
} as const satisfies OptionSpecs;

type Raw = string | true | string[];

/**
 * @param argv what follows the verb
 * @param verb whose arguments they are
 * @param program how the program is called in what errors tell to type: "ohmlet"
 * @throws OhmletError CLI-OPTION (no such option), CLI-VALUE (none, or one too many), CLI-NUMBER, CLI-RANGE,
 *   CLI-CHOICE, CLI-ARGUMENT
 */
export function readArgs<O extends OptionSpecs>(
  argv: readonly string[],
  specs: O,
  positional: PositionalSpec | undefined,
  verb: string,
  program: string,
): ParsedArgs<O> {
  const command = `${program} ${verb}`;
  const known: OptionSpecs = { ...specs, ...UNIVERSAL };
  const { raw, positionals } = tokens(argv, known, verb, command);
  const options = Object.create(null) as Record<string, unknown>;
  for (const [name, spec] of Object.entries(known)) {
    const text = raw.get(name);
    options[name] =
      text === undefined
        ? spec.type === "flag"
          ? false
          : spec.type === "texts"
            ? undefined
            : spec.default
        : valueOf(text, spec, `${verb}, --${name}`);
  }
  checkCount(positionals, positional, verb, command);
  return {
    options: options as ParsedArgs<O>["options"],
    positionals,
    given: new Set(raw.keys()),
    withUnit: new Set([...raw.keys()].filter((name) => isTypedWithUnit(known[name], raw.get(name)))),
  };
}

/** What stands behind a number that an option counts in a unit: "10 us" as two words. */
const isUnit = (text: string): boolean => text === "%" || isCircuitUnit(plainUnits(text));

const NUMBERS = /^[\d.+-]/;

/** A unit behind the bare number that a list of words ends with: "1 h" as two words. */
const isUnitOf = (list: readonly string[], word: string): boolean =>
  /^[\d.eE+-]+$/.test(list[list.length - 1]) && /^[A-Za-zµΩ%/^]+$/.test(word);

const isTypedWithUnit = (spec: OptionSpec, text: Raw | undefined): boolean =>
  spec.type === "number" && spec.unit !== undefined && typeof text === "string" && mayHaveUnit(text);

function tokens(
  argv: readonly string[],
  known: OptionSpecs,
  verb: string,
  command: string,
): { raw: Map<string, Raw>; positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(known).map(([name, spec]) => [
      name,
      { type: spec.type === "flag" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens: parsed } = parseArgs({
    args: [...argv],
    options: { ...config, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const raw = new Map<string, Raw>();
  const positionals: string[] = [];
  let list: string[] | null = null;
  let follows = NUMBERS;
  let counted: string | null = null;
  for (const token of parsed) {
    if (token.kind === "positional") {
      if (list !== null && follows.test(token.value)) list.push(token.value);
      else if (list !== null && follows !== NUMBERS && isUnitOf(list, token.value))
        list[list.length - 1] += ` ${token.value}`;
      else if (counted !== null && isUnit(token.value))
        raw.set(counted, `${String(raw.get(counted))} ${token.value}`);
      else positionals.push(token.value);
      counted = null;
      continue;
    }
    [list, counted] = [null, null];
    if (token.kind === "option-terminator") continue;
    if (!Object.hasOwn(known, token.name)) throw unknownOption(argv[token.index], known, verb, command);
    const spec = known[token.name];
    const place = { where: `${verb}, ${token.rawName}` };
    if (spec.type === "flag") {
      if (token.value !== undefined)
        throw new OhmletError({
          code: "CLI-VALUE",
          fact: `it takes no value, but "${clip(token.value)}" was given`,
          place,
          remedy: `write  --${token.name}  alone`,
        });
      raw.set(token.name, true);
      continue;
    }
    const missing =
      token.value === undefined || token.value === "" || (!token.inlineValue && token.value.startsWith("--"));
    if (missing)
      throw new OhmletError({
        code: "CLI-VALUE",
        fact: "it needs a value",
        place,
        remedy: `write  --${token.name} ${spec.value ?? "VALUE"}${token.value ? "" : ` (${spec.help})`}`,
      });
    if (spec.type === "numbers" || spec.type === "texts") {
      follows = spec.type === "texts" ? spec.follows : NUMBERS;
      // Given again, a list of words goes on.
      const before = spec.type === "texts" ? [raw.get(token.name) ?? []].flat() : [];
      raw.set(token.name, (list = [...before.map(String), token.value!]));
    } else raw.set(token.name, token.value!);
    counted = spec.type === "number" && spec.unit !== undefined ? token.name : null;
  }
  return { raw, positionals };
}

function valueOf(raw: Raw, spec: OptionSpec, where: string): unknown {
  if (raw === true) return true;
  if (spec.type === "texts")
    return [raw].flat().flatMap((text) => text.split(",").map((each) => each.trim()));
  if (spec.type === "numbers") return readNumbers([raw].flat(), spec, where);
  const text = String(raw);
  if (isTypedWithUnit(spec, raw)) return text;
  if (spec.type === "number" || spec.type === "integer")
    return text === spec.or ? text : readNumber(text, spec, spec.type === "integer", where);
  if (spec.type === "string" && spec.choices !== undefined && !spec.choices.includes(text)) {
    const near = nearest(text, spec.choices);
    throw new OhmletError({
      code: "CLI-CHOICE",
      fact: `there is no "${clip(text)}"`,
      place: { where },
      remedy: `${near === null ? "" : `did you mean "${near}"? `}choices: ${spec.choices.join(", ")}`,
    });
  }
  return text;
}

function unknownOption(typed: string, known: OptionSpecs, where: string, command: string): OhmletError {
  const name = typed.replace(/^-+/, "").replace(/=.*$/s, "");
  const near = Object.hasOwn(known, name) ? name : nearest(name, Object.keys(known));
  return new OhmletError({
    code: "CLI-OPTION",
    fact: `there is no option "${clip(typed)}"`,
    place: { where },
    remedy: near === null ? `${command} --help  lists the options` : `did you mean  --${near}?`,
  });
}

function checkCount(
  positionals: readonly string[],
  spec: PositionalSpec | undefined,
  where: string,
  command: string,
): void {
  const { least = 0, most = 1 } = spec ?? { most: 0 };
  if (positionals.length > most) {
    const remedy =
      spec === undefined
        ? `it takes options only; see  ${command} --help`
        : `usage: ${command} ${spec.name}; see  ${command} --help`;
    throw new OhmletError({
      code: "CLI-ARGUMENT",
      fact: `"${clip(positionals[most])}" is one argument too many`,
      place: { where },
      remedy,
    });
  }
  if (positionals.length < least) {
    throw new OhmletError({
      code: "CLI-ARGUMENT",
      fact: `${spec!.name} is missing`,
      place: { where },
      remedy: `usage: ${command} ${spec!.name}  (${spec!.help})`,
    });
  }
}

const clip = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 60)}…`);
