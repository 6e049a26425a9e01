/**
 * The one error type of Ohmlet. A structured object first, a text second: a stable code, one sentence of
 * fact, the place, the remedy. Everything a user can get wrong is reported through it; anything else that is
 * thrown is a bug.
 */
import { oneLine, widthOf } from "./printable";

/** Where the fault lies: a name for the thing, and where it is text, the line and the column of the caret. */
export interface Place {
  /** What holds the fault: a device, a file, an option ("soft neuron", "--epochs"). */
  readonly where: string;
  /** Line of the text, from 1. */
  readonly line?: number;
  /** Column of the caret in `excerpt`, from 1. */
  readonly column?: number;
  /** The offending line of the text. */
  readonly excerpt?: string;
  /**
   * Keys that lead there in a file of settings ("estimator.points"); the place then reads file:line:column.
   */
  readonly path?: string;
}

export interface ErrorDetails {
  /** Stable, upper case, prefixed by the layer: "EQ-CALL", "CIRCUIT-SHAPE", "DATA-TRUNCATED". */
  readonly code: string;
  /** One sentence of fact, lower case, no full stop. */
  readonly fact: string;
  readonly place?: Place;
  /** What to write or do instead: a line, or several. */
  readonly remedy?: string | readonly string[];
  /** Who is at fault: `input` (exit code 2) or `run` (exit code 1: the input was fine, the run failed). */
  readonly category?: "input" | "run";
}

/** What errors of every copy of Ohmlet have: a program may load it as CommonJS and as modules. */
const BRAND = Symbol.for("ohmlet.OhmletError");

/**
 * An error with a code, a place and a remedy. `message` is the whole text that a user sees: lines that a
 * terminal does not obey, whatever the file was called or held. The fields are as they were given.
 */
export class OhmletError extends Error {
  readonly code: string;
  readonly fact: string;
  readonly place: Place | undefined;
  readonly remedy: string | undefined;
  readonly category: "input" | "run";

  /** Whether a value is such an error, of this copy of Ohmlet or of another in the same program. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  constructor(details: ErrorDetails) {
    super(formatError(details));
    this.name = "OhmletError";
    this.code = details.code;
    this.fact = details.fact;
    this.place = details.place;
    this.remedy = details.remedy === undefined ? undefined : linesOf(details.remedy).join("\n  ");
    this.category = details.category ?? "input";
  }

  /** The structured form, for `--json` and event logs. */
  toJSON(): ErrorDetails {
    const { code, fact, place, remedy, category } = this;
    return { code, fact, category, ...(place && { place }), ...(remedy && { remedy }) };
  }
}

/**
 * Tells work to stop. An AbortSignal is one; but where nothing is awaited, only one that another thread sets
 * is heard.
 */
export interface Stop {
  readonly aborted: boolean;
}

/** For work that takes long, between two steps. @throws Stopped */
export function expectGoing(stop: Stop | undefined): void {
  if (stop?.aborted === true) throw new Stopped();
}

/** No fault: what was done before stays as it was. */
export class Stopped extends Error {
  constructor() {
    super("told to stop");
    this.name = "Stopped";
  }
}

/** Longest excerpt that is shown whole: a hostile megabyte on one line must not fill the screen. */
const LONGEST_EXCERPT = 160;

function formatError({ code, fact, place, remedy }: ErrorDetails): string {
  const where = place ? `${whereText(place)}: ` : "";
  const lines = [oneLine(`${code}  ${where}${fact}`)];
  if (place?.excerpt !== undefined) {
    lines.push(`  ${oneLine(clip(place.excerpt))}`);
    if (place.column !== undefined && place.column <= LONGEST_EXCERPT)
      lines.push(`  ${" ".repeat(widthOf(oneLine(place.excerpt.slice(0, place.column - 1))))}^`);
  }
  if (remedy !== undefined) lines.push(...linesOf(remedy).map((line) => `  ${oneLine(line)}`));
  return lines.join("\n");
}

const linesOf = (remedy: string | readonly string[]): readonly string[] =>
  typeof remedy === "string" ? [remedy] : remedy;

function whereText({ where, line, column, path }: Place): string {
  if (path === undefined) return `${where}${line === undefined ? "" : `, line ${line}`}`;
  return `${where}${line === undefined ? "" : `:${line}:${column ?? 1}`}${path === "" ? "" : `, ${path}`}`;
}

function clip(text: string): string {
  return text.length <= LONGEST_EXCERPT ? text : `${text.slice(0, LONGEST_EXCERPT)}…`;
}
