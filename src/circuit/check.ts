/**
 * Checks the plain data of a circuit field by field, before anything is resolved: types, ranges, unknown
 * keys, names.
 */
import { Checker } from "./checker";
import { checkEncoding, checkSize, checkThrough } from "./check-wiring";
import type { CircuitDesign, CostSpec } from "./types";

/** Largest number of synapses: beyond, an array could not even be allocated. */
const MOST_SYNAPSES = 100_000_000;

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
    "wires",
    "temperature",
  ]);
  check.name(fields.name, "name");
  check.name(fields.output, "output");
  const inputs = Array.isArray(fields.input) ? check.list(fields.input, "input") : [fields.input];
  check.unique(
    inputs.map((name) => check.name(name, "input")),
    "input",
  );
  const sizes = new Map<string, number>();
  for (const p of check.list(fields.populations, "populations")) {
    const population = check.fields(p, "population", ["name", "size", "shape", "neuron", "encoding"]);
    const name = check.name(population.name, "population name");
    if (population.encoding !== undefined) checkEncoding(check, population, name);
    sizes.set(name, checkSize(check, population, name));
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
  const wired = new Set(spec.projections.flatMap((p) => (p.through === undefined ? [] : [p.name])));
  const synapses = spec.projections
    .filter((p) => !wired.has(p.name) && !wired.has(p.feedback?.to ?? ""))
    .reduce((sum, p) => sum + (sizes.get(p.from) ?? 0) * (sizes.get(p.to) ?? 0), 0);
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
    "through",
    "bias",
    "initial",
    "feedback",
    "asymmetry",
    "wires",
  ]);
  const name = check.name(p.name, "projection name");
  for (const end of [p.from, p.to]) check.name(end, `ends of "${name}"`);
  if (p.through !== undefined) checkThrough(check, p.through, name);
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

const COST_FIELDS: Readonly<Record<CostSpec["kind"], readonly string[]>> = {
  "squared-error": ["kind", "argument", "levels", "doubled", "ascend"],
  "cross-entropy": ["kind", "argument", "classes", "ascend"],
  equation: ["kind", "equation", "argument", "parameters", "weights", "levels", "ascend"],
};

function checkCost(check: Checker, value: unknown): void {
  if (typeof value === "string") return;
  const kind = (value as { kind?: unknown } | null)?.kind;
  const kinds = Object.keys(COST_FIELDS) as CostSpec["kind"][];
  check.oneOf(kind, "cost", kinds);
  const cost = check.fields(value, "cost", COST_FIELDS[kind as CostSpec["kind"]]);
  if (kind !== "equation" || cost.argument !== undefined)
    check.oneOf(cost.argument, "argument of the cost", ["state", "activity"]);
  if (kind === "equation") checkEquation(check, cost);
  if (kind === "cross-entropy") check.number(cost.classes, "classes of the cost", 2, 10_000, true);
  if (cost.doubled !== undefined && typeof cost.doubled !== "boolean")
    check.fail("CIRCUIT-TYPE", "doubled of the cost", "this should be true or false", "write true or false");
  if (cost.levels !== undefined) {
    const levels = check.list(cost.levels, "levels of the cost");
    if (levels.length !== 2)
      check.fail("CIRCUIT-TYPE", "levels of the cost", "two levels are needed", "write [low, high]");
    levels.forEach((level) => check.number(level, "levels of the cost", -1e6, 1e6));
  }
}

/** Texts, and maps of texts; what they mean is read in cost-law.ts. */
function checkEquation(
  check: Checker,
  { equation, parameters, weights }: Readonly<Record<string, unknown>>,
): void {
  const text = (what: string, value: unknown): void => {
    if (typeof value !== "string")
      check.fail("CIRCUIT-TYPE", what, "this should be a text", 'write an equation such as "(rho - y)^2/2"');
  };
  const each = (what: string, value: unknown, of: (name: string, one: unknown) => void): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return check.fail("CIRCUIT-TYPE", what, "this should be a map from names", "write { name: … }");
    for (const [name, one] of Object.entries(value)) of(name, one);
  };
  text("equation of the cost", equation);
  if (weights !== undefined && typeof weights !== "string")
    each("weights of the cost", weights, (name, one) => text(`weights of the cost, ${name}`, one));
  if (parameters !== undefined)
    each("parameters of the cost", parameters, (name, one) => {
      if (typeof one !== "number" && typeof one !== "string")
        check.fail(
          "CIRCUIT-TYPE",
          `parameter ${name} of the cost`,
          "this should be a number, or a quantity",
          "write 0.1",
        );
    });
}
