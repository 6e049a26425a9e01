/**
 * What a verb of the command line is. A verb is one file in verbs/ and one line in verbs/index.ts. Its module
 * must load fast, since the help of all verbs loads all of them: import types at the top, and the code that
 * does the work inside `run`.
 */
import type { OptionSpec, OptionSpecs, ParsedArgs, PositionalSpec } from "./args";
import type { Io } from "./io";

export interface Example {
  /** Without the program's name: "train --epochs 3". */
  readonly command: string;
  readonly what: string;
}

export interface Verb<O extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What a newcomer should know before the options: a paragraph or two. */
  readonly description?: string;
  readonly options: O;
  readonly positionals?: PositionalSpec;
  /**
   * Whether it has something to save when it is told to stop (Io.interruption). All others a signal ends at
   * once.
   */
  readonly saves?: boolean;
  readonly examples: readonly Example[];
  /**
   * Does the work; returns the exit code: 0 done, 1 ran and failed (as a verification that does not hold).
   * Wrong input and failed runs are thrown as OhmletError, whose category decides the code.
   */
  run(args: ParsedArgs<O>, io: Io): Promise<number>;
}

/** Keeps the types of a verb's options for its `run`, and forgets them for the table of verbs. */
export function defineVerb<const O extends OptionSpecs>(verb: Verb<O>): Verb {
  return verb as unknown as Verb;
}

/** Options that mean the same in every verb that has them. */
export const COMMON = {
  seed: {
    type: "integer",
    default: 1,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    value: "N",
    sets: "seed",
    help: "keys all random draws; equal seeds give equal results",
  },
  engine: {
    type: "string",
    default: "auto",
    value: "NAME",
    sets: "engine",
    help:
      "what computes: auto (simd, where it runs), reference, simd, gpu, gpu:webgpu, gpu:webasm or " +
      "gpu:cpu (see doctor)",
  },
  json: { type: "flag", help: "print JSON for machines instead of text" },
} as const satisfies OptionSpecs;

/** A seed that wins over that of a config where it is typed. */
export const CHIP_SEED = {
  ...COMMON.seed,
  default: undefined,
  help: "keys the chip and what is drawn besides (default: as the config says, else 1)",
} as const;

/** The same, for verbs that draw or compute nothing: every verb takes them, so that scripts need not care. */
export const IDLE = {
  seed: { ...COMMON.seed, default: undefined, help: "without effect here: nothing is drawn" },
  engine: { ...COMMON.engine, default: undefined, help: "without effect here: nothing is computed" },
} as const satisfies OptionSpecs;

/** How files of data are read. */
export const LABEL = {
  type: "string",
  value: "COLUMN",
  sets: "data.label",
  help:
    "the column of the label in a CSV: its name, or its number counted from 1 (default: the one that " +
    "its name or its shape tells)",
} as const satisfies OptionSpec;
export const SCALE = {
  type: "number",
  above: 0,
  max: 1e9,
  value: "N",
  sets: "data.scale",
  help:
    "what means 1 in the files: values are divided by it (default: 1, 16 or 255, whichever holds the " +
    "training values)",
} as const satisfies OptionSpec;

/** Where workers and conductors of studies meet. */
export const REDIS = {
  type: "string",
  value: "URL",
  help: "where workers are met: redis://HOST:PORT, or rediss:// for TLS (default: the variable OHMLET_REDIS)",
} as const satisfies OptionSpec;

/** Who does the jobs of a study. */
export const EXECUTOR = {
  type: "string",
  choices: ["local", "bullmq"],
  default: "local",
  value: "NAME",
  help: "local: processes of this machine; bullmq: workers on any number of machines (see worker)",
} as const satisfies OptionSpec;

/** How long a job of a study may take. */
export const JOB_LIMIT = {
  type: "number",
  above: 0,
  max: 1e7,
  default: 86_400,
  value: "SECONDS",
  help: "end with an error where a job, some chips of one point, takes longer than this",
} as const satisfies OptionSpec;
