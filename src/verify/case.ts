/**
 * A reference case as untrusted data: every value is asked for by name, with the shape it must have, and the
 * ledger remembers what was asked, so that expected numbers that nobody compared can be named. Not here: what
 * the numbers mean.
 */
import { OhmletError } from "../errors";
import { parseJson } from "../json-text";

/** Most entries of what a case lists by name: amplitudes, models. */
const MOST_NAMED = 64;

/** Deepest nesting that a case may have. */
const DEEPEST = 12;

/** What the script that made a case says about itself: not an expectation. */
const DIAGNOSTIC = /(^|_)(residual|relerr|fd_check|state_grad_check|n_clipped|max_abs)/;

/** @throws OhmletError VERIFY-CASE, always */
export function fault(
  path: string,
  fact: string,
  remedy = "see the README beside the reference cases",
): never {
  throw new OhmletError({ code: "VERIFY-CASE", fact: `${path === "" ? "the case" : path}: ${fact}`, remedy });
}

/** One value of a case, and where it stands in it ("nudged/0.1/update_onesided/W01"). */
export class CaseValue {
  private constructor(
    private readonly value: unknown,
    readonly path: string,
    private readonly read: Set<string>,
  ) {}

  /** @throws OhmletError VERIFY-CASE where the text is no JSON object */
  static parse(text: string): CaseValue {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      fault(
        "",
        `not JSON (${(error as Error).message.slice(0, 80)})`,
        "write numbers as JSON has them: no NaN, no Infinity, no trailing commas",
      );
    }
    const root = new CaseValue(value, "", new Set());
    root.keys();
    return root;
  }

  /** @throws OhmletError VERIFY-CASE where this is no object, or has no such key */
  at(key: string): CaseValue {
    return this.find(key) ?? fault(this.path, `"${key}" is missing`);
  }

  find(key: string): CaseValue | null {
    const fields = this.object();
    return Object.hasOwn(fields, key) ? this.child(key, fields[key]) : null;
  }

  keys(): string[] {
    return Object.keys(this.object());
  }

  /** What this object holds by name: something, and not too much of it. */
  named(): [string, CaseValue][] {
    const entries = Object.entries(this.object());
    if (entries.length === 0 || entries.length > MOST_NAMED)
      fault(this.path, `${entries.length} entries, 1 to ${MOST_NAMED} are possible`);
    return entries.map(([key, value]) => [key, this.child(key, value)]);
  }

  /** The entries of a list, `count` of them where it is given. */
  items(count?: number): CaseValue[] {
    const { value } = this;
    if (!Array.isArray(value)) return fault(this.path, "a list is needed");
    if (count !== undefined && value.length !== count)
      fault(this.path, `${value.length} entries, ${count} are needed`);
    return value.map((item, i) => this.child(String(i), item));
  }

  /** Whether the case leaves it out, in so many words. */
  get isNull(): boolean {
    return this.value === null;
  }

  number(): number {
    this.read.add(this.path);
    return finite(this.value, this.path);
  }

  /** A whole number from 1 to `most`. */
  count(most: number): number {
    const value = this.number();
    return Number.isInteger(value) && value >= 1 && value <= most
      ? value
      : fault(this.path, `${value} is not a whole number from 1 to ${most}`);
  }

  text(): string {
    return typeof this.value === "string" ? this.value : fault(this.path, "a text is needed");
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : fault(this.path, "true or false is needed");
  }

  /** Nested lists of exactly this shape, flat and row-major. */
  array(shape: readonly number[]): Float64Array {
    this.read.add(this.path);
    const out = new Float64Array(shape.reduce((a, b) => a * b, 1));
    let next = 0;
    const fill = (value: unknown, path: string, depth: number): void => {
      if (depth === shape.length) {
        out[next++] = finite(value, path);
        return;
      }
      if (!Array.isArray(value)) return fault(path, `a list of ${shape[depth]} is needed`);
      if (value.length !== shape[depth]) fault(path, `${value.length} entries, ${shape[depth]} are needed`);
      value.forEach((item, i) => fill(item, `${path}/${i}`, depth + 1));
    };
    fill(this.value, this.path, 0);
    return out;
  }

  /** Length of this list, which must not be empty. */
  length(): number {
    const { value } = this;
    return Array.isArray(value) && value.length > 0
      ? value.length
      : fault(this.path, "a list with entries is needed");
  }

  /** Paths below here with numbers that nobody asked for and that are no diagnostics; a list counts once. */
  unread(): string[] {
    const found: string[] = [];
    const asked = [...this.read];
    const walk = (value: unknown, path: string, depth: number): void => {
      if (depth > DEEPEST) fault(path.slice(0, 60), "nested too deep");
      if (this.read.has(path)) return;
      const inPart = asked.some((read) => read.startsWith(path === "" ? "" : `${path}/`));
      if (typeof value === "number" || (Array.isArray(value) && !inPart && holdsNumbers(value)))
        found.push(path);
      else if (typeof value === "object" && value !== null) {
        for (const [key, item] of Object.entries(value))
          if (!DIAGNOSTIC.test(key)) walk(item, join(path, key), depth + 1);
      }
    };
    walk(this.value, this.path, 0);
    return found;
  }

  private object(): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return fault(this.path, "an object with names is needed");
    return value as Record<string, unknown>;
  }

  private child(key: string, value: unknown): CaseValue {
    return new CaseValue(value, join(this.path, key), this.read);
  }
}

const join = (path: string, key: string): string => (path === "" ? key : `${path}/${key}`);

function finite(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return fault(
    path,
    `${typeof value === "number" ? value : value === null ? "null" : `a ${Array.isArray(value) ? "list" : typeof value}`} ` +
      "where a finite number is needed",
  );
}

/** Whether there are numbers in a list, or in its lists. */
function holdsNumbers(list: readonly unknown[], depth = 0): boolean {
  return (
    depth <= DEEPEST &&
    list.some((item) => typeof item === "number" || (Array.isArray(item) && holdsNumbers(item, depth + 1)))
  );
}
