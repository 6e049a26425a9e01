/**
 * Checks the plain data of a circuit field by field, before anything is resolved: types, ranges, unknown
 * keys, names.
 */
import { OhmletError } from "../errors";
import type { CircuitDesign } from "./types";

/** Largest population and largest number of synapses: beyond, an array could not even be allocated. */
const LARGEST_POPULATION = 1_000_000;
const MOST_SYNAPSES = 100_000_000;

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

class Checker {
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

/** @throws OhmletError CIRCUIT-TYPE, -KEY, -NAME, -NUMBER, -CHOICE, -SIZE */
export function checkCircuitShape(spec: CircuitDesign): void {
  const check = new Checker("circuit");
  const fields = check.fields(spec, "top", [
    "name",
    "summary",
    "populations",
    "projections",
    "input",
    "output",
    "cost",
  ]);
  check.name(fields.name, "name");
  for (const port of ["input", "output"]) check.name(fields[port], port);
  const sizes = new Map<string, number>();
  for (const p of check.list(fields.populations, "populations")) {
    const population = check.fields(p, "population", ["name", "size", "neuron"]);
    const name = check.name(population.name, "population name");
    sizes.set(name, check.number(population.size, `size of "${name}"`, 1, LARGEST_POPULATION, true));
  }
  check.unique(
    spec.populations.map((p) => p.name),
    "populations",
  );
  for (const p of check.list(fields.projections, "projections")) checkProjection(check, p);
  check.unique(
    spec.projections.map((p) => p.name),
    "projections",
  );
  const synapses = spec.projections.reduce(
    (sum, p) => sum + (sizes.get(p.from) ?? 0) * (sizes.get(p.to) ?? 0),
    0,
  );
  if (synapses > MOST_SYNAPSES) {
    check.fail(
      "CIRCUIT-SIZE",
      "projections",
      `${synapses} synapses are more than the ${MOST_SYNAPSES} that fit`,
      "make the populations smaller",
    );
  }
  checkCost(check, fields.cost);
}

function checkProjection(check: Checker, value: unknown): void {
  const p = check.fields(value, "projection", [
    "name",
    "from",
    "to",
    "synapse",
    "bias",
    "initial",
    "feedback",
    "asymmetry",
  ]);
  const name = check.name(p.name, "projection name");
  for (const end of [p.from, p.to]) check.name(end, `ends of "${name}"`);
  const initial = check.fields(p.initial, `initial weights of "${name}"`, ["distribution", "scale"]);
  check.oneOf(initial.distribution, `initial weights of "${name}"`, ["fan-in", "glorot", "lecun", "zero"]);
  if (initial.scale !== undefined) check.number(initial.scale, `initial scale of "${name}"`, 0, 1e6);
  if (p.bias !== undefined && typeof p.bias !== "boolean")
    check.fail("CIRCUIT-TYPE", `bias of "${name}"`, "this should be true or false", "write true or false");
  if (p.asymmetry !== undefined)
    check.number(p.asymmetry, `asymmetry of "${name}", a relative standard deviation (0.05 is 5 %)`, 0, 2);
  if (p.feedback !== undefined) {
    const feedback = check.fields(p.feedback, `feedback of "${name}"`, ["kind", "to", "angle"]);
    check.oneOf(feedback.kind, `feedback of "${name}"`, ["tied", "angled"]);
    check.name(feedback.to, `feedback of "${name}"`);
    if (feedback.kind === "angled")
      check.number(feedback.angle, `feedback angle of "${name}", in degrees`, 0, 180);
  }
}

function checkCost(check: Checker, value: unknown): void {
  const kind = (value as { kind?: unknown } | null)?.kind;
  check.oneOf(kind, "cost", ["squared-error", "cross-entropy"]);
  const cost = check.fields(
    value,
    "cost",
    kind === "cross-entropy"
      ? ["kind", "argument", "classes", "ascend"]
      : ["kind", "argument", "levels", "ascend"],
  );
  check.oneOf(cost.argument, "argument of the cost", ["state", "activity"]);
  if (kind === "cross-entropy") check.number(cost.classes, "classes of the cost", 2, 10_000, true);
  if (cost.levels !== undefined) {
    const levels = check.list(cost.levels, "levels of the cost");
    if (levels.length !== 2)
      check.fail("CIRCUIT-TYPE", "levels of the cost", "two levels are needed", "write [low, high]");
    levels.forEach((level) => check.number(level, "levels of the cost", -1e6, 1e6));
  }
}
