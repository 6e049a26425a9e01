/** Checks fields of plain data one by one, and names the circuit and the field in what it throws. */
import { OhmletError } from "../errors";

const NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/;
/** Names that mean something on every JavaScript object. */
const RESERVED = new Set(["constructor", "__proto__", "prototype", "toString", "valueOf", "hasOwnProperty"]);

type Fields = Readonly<Record<string, unknown>>;

/** A value in a message: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === "object" && value !== null
    ? Array.isArray(value)
      ? "a list"
      : "an object"
    : String(value);
}

export class Checker {
  constructor(private readonly circuit: string) {}

  fail(code: string, what: string, fact: string, remedy: string): never {
    throw new OhmletError({ code, fact, place: { where: `${this.circuit}, ${what}` }, remedy });
  }

  fields(value: unknown, what: string, allowed: readonly string[]): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fail("CIRCUIT-TYPE", what, "this should be an object", `write { ${allowed.join(", ")} }`);
    }
    for (const key of Object.keys(value)) {
      if (!allowed.includes(key))
        this.fail("CIRCUIT-KEY", what, `unknown key "${key.slice(0, 40)}"`, `keys: ${allowed.join(", ")}`);
    }
    return value as Fields;
  }

  name(value: unknown, what: string): string {
    if (typeof value !== "string" || !NAME.test(value) || RESERVED.has(value)) {
      this.fail(
        "CIRCUIT-NAME",
        what,
        `${shown(value)} cannot be a name`,
        "use a letter, then letters, digits, '_', '.', ':' or '-', 64 at most",
      );
    }
    return value;
  }

  list(value: unknown, what: string): readonly unknown[] {
    if (!Array.isArray(value) || value.length === 0 || value.length > 1000)
      this.fail("CIRCUIT-TYPE", what, "this should be a list of 1 to 1,000 entries", "write [ { … } ]");
    return value;
  }

  number(value: unknown, what: string, low: number, high: number, integer = false): number {
    if (
      typeof value !== "number" ||
      !(value >= low && value <= high) ||
      (integer && !Number.isInteger(value))
    ) {
      this.fail(
        "CIRCUIT-NUMBER",
        what,
        `${shown(value)} is not ${integer ? "a whole number" : "a number"} from ${low} to ${high}`,
        "choose one in the range",
      );
    }
    return value;
  }

  oneOf(value: unknown, what: string, choices: readonly string[]): void {
    if (!choices.includes(value as string))
      this.fail("CIRCUIT-CHOICE", what, `${shown(value)} is not known here`, `choose: ${choices.join(", ")}`);
  }

  unique(names: readonly string[], what: string): void {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      this.fail("CIRCUIT-NAME", what, `"${twice}" occurs twice`, "give each its own name");
  }
}
