/**
 * The cost as equations: what each unit of the output is charged for what it shows and what is wanted of it, its
 * slope, which nudges, and what weights are charged for being there. A squared error is one of them, with a name of
 * its own; a readout's cross-entropy is none, since it sums over a row, nor are pairs of outputs.
 */
import { differs, readParameters } from "../device/parameter";
import { DeviceText } from "../device/text";
import type { Neuron, Parameter } from "../device/types";
import { differentiate } from "../equations/differentiate";
import {
  divide,
  number,
  power,
  substitute,
  subtract,
  symbol,
  symbolsOf,
  type Expression,
} from "../equations/expression";
import { simplify } from "../equations/simplify";
import { placeOfLine } from "../equations/token";
import { knownForm, Unknowns } from "../equations/unknowns";
import { OhmletError } from "../errors";
import type { CostDesign, CostSpec, EquationCost } from "./types";

/** The population that is judged. */
interface Output {
  readonly name: string;
  readonly neuron: Neuron | null;
}

/** What a circuit is judged by, as expressions. */
export interface CostLaw {
  /**
   * Of each unit of the output: the sum over units is a sample's cost, in the symbols ARGUMENT, TARGET (what is
   * wanted of it), parameters of the output's neuron and constants. SI.
   */
  readonly value: Expression;
  /** Its derivative by the argument. */
  readonly slope: Expression;
  /** What a weight costs and its slope, in `w`, by the projection that has the array; null where they are free. */
  readonly ofWeight: (
    projection: string,
  ) => { readonly value: Expression; readonly slope: Expression } | null;
}

/** Names of the text that are no parameters. */
const [RESULT, WANTED] = ["cost", "y"];
/** What the output shows, or its state, and what is wanted of it: names that no parameter can have. */
export const [ARGUMENT, TARGET] = ["the argument", "the target"];
const SHOWN = { state: "u", activity: "rho" } as const;

/** A text alone is an equation. What it is a function of, the text itself says. */
export function costOf(design: CostDesign): CostSpec {
  const cost: CostSpec = typeof design === "string" ? { kind: "equation", equation: design } : design;
  if (cost.kind !== "equation") return cost;
  const names = new Set(cost.equation.match(/[A-Za-z_]\w*/g) ?? []);
  return { ...cost, argument: cost.argument ?? (names.has("u") && !names.has("rho") ? "state" : "activity") };
}

/**
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, CIRCUIT-COST of the cost as a whole
 */
export function costLaw(cost: CostSpec, output: Output, circuit: string): CostLaw | null {
  if (cost.kind === "cross-entropy") return null;
  if (cost.kind === "squared-error") return cost.doubled ? null : SQUARED_ERROR;
  const where = `${circuit}, cost`;
  const parameters = ownParameters(cost, where);
  const value = valueOf(cost, output, parameters, where);
  const own = (text: string, at: string) => ofWeights(text, at, parameters);
  const { weights = {} } = cost;
  const each =
    typeof weights === "string"
      ? { all: own(weights, where) }
      : Object.fromEntries(
          Object.entries(weights).map(([name, text]) => [name, own(text, `${where}, weights of "${name}"`)]),
        );
  expectUsed(cost, parameters, where);
  return {
    value,
    slope: simplify(differentiate(value, ARGUMENT)),
    ofWeight: (projection) =>
      typeof weights === "string"
        ? each.all
        : Object.hasOwn(each, projection)
          ? (each as Record<string, ReturnType<typeof own>>)[projection]
          : null,
  };
}

const ERROR = subtract(symbol(ARGUMENT), symbol(TARGET));
const SQUARED_ERROR: CostLaw = {
  value: divide(power(ERROR, number(2)), number(2)),
  slope: ERROR,
  ofWeight: () => null,
};

type Parameters = Readonly<Record<string, Parameter>>;

/** Parameters of the cost itself. */
function ownParameters({ parameters }: EquationCost, where: string): Parameters {
  const read = readParameters(where, parameters);
  const varied = Object.values(read).find(differs);
  if (varied === undefined) return read;
  throw costFault(
    `${where}, parameter "${varied.name}"`,
    "a cost is no device: its parameters do not differ, and do not learn",
    "give its value alone",
  );
}

/** What a unit is charged, in `argument`, `y` and parameters of the neuron; those of the cost are put in. */
function valueOf(
  cost: EquationCost,
  { neuron, name }: Output,
  parameters: Parameters,
  where: string,
): Expression {
  const { argument = "activity" } = cost;
  const text = hasResult(cost.equation) ? cost.equation : `${RESULT} = ${cost.equation}`;
  const said = new Set(text.match(/[A-Za-z_]\w*/g) ?? []);
  const defined = new Set(
    [...text.matchAll(/^[ \t]*([A-Za-z_]\w*)(\([^)]*\))?[ \t]*=/gm)].map(([, one]) => one),
  );
  const visible = Object.values(neuron?.parameters ?? {}).filter(
    (p) => said.has(p.name) && !defined.has(p.name) && p.name !== WANTED && !(p.name in parameters),
  );
  const read = new DeviceText(where, text, {
    ...parameters,
    ...Object.fromEntries(visible.map((p) => [p.name, p])),
  });
  const odd = [...read.rates, ...read.updates, ...read.flickers][0];
  if (odd !== undefined)
    throw costFault(
      where,
      `"${odd.name}" moves, and a cost holds nothing`,
      "write  cost = …  and definitions",
    );
  const shown = SHOWN[argument];
  const resolver = read.resolver([shown, WANTED]);
  const result = read.definitions.find((one) => one.name === RESULT && one.parameters === null);
  if (result === undefined)
    throw costFault(where, "no line defines cost", "add a line such as  cost = (rho - y)^2/2");
  const value = resolver.valueOf(result);
  for (const definition of read.definitions) if (definition.parameters === null) resolver.valueOf(definition);
  if (!symbolsOf(value).has(shown))
    throw costFault(
      where,
      `it does not depend on ${shown} of the output "${name}"`,
      `write it as a function of ${shown} and of y, what is wanted of it:  (${shown} - y)^2/2`,
    );
  const unit = neuron?.dimensions[argument === "state" ? "u" : "rho"];
  if (unit !== undefined) {
    const checker = read.checker(
      new Map([
        [shown, knownForm(unit)],
        [WANTED, knownForm(unit)],
      ]),
      resolver,
      new Unknowns(),
    );
    for (const definition of read.definitions)
      if (definition.parameters === null) checker.valueOf(definition);
  }
  read.checkConditions(resolver);
  const finished = read.finish(value, "the cost", placeOfLine(result.line));
  return simplify(
    substitute(finished, (one) => {
      if (one === shown) return symbol(ARGUMENT);
      if (one === WANTED) return symbol(TARGET);
      return one in parameters ? number(parameters[one].value.value) : undefined;
    }),
  );
}

/** A text of several lines names its result; one that is an expression is it. */
const hasResult = (text: string): boolean => /^[ \t]*[A-Za-z_]\w*(\([^)]*\))?[ \t]*(=|<-)/m.test(text);

/** What one weight costs. */
function ofWeights(text: string, where: string, parameters: Parameters) {
  const read = new DeviceText(`${where}, weights`, `${RESULT} = ${text}`, parameters);
  const [result] = read.definitions;
  const value = simplify(
    substitute(
      read.finish(read.resolver(["w"]).valueOf(result), "the cost of a weight", placeOfLine(result.line)),
      (one) => (one in parameters ? number(parameters[one].value.value) : undefined),
    ),
  );
  return { value, slope: simplify(differentiate(value, "w")) };
}

function expectUsed({ equation, weights = {} }: EquationCost, parameters: Parameters, where: string): void {
  const texts = [equation, ...(typeof weights === "string" ? [weights] : Object.values(weights))];
  const said = new Set(texts.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []));
  const idle = Object.keys(parameters).find((name) => !said.has(name));
  if (idle !== undefined)
    throw costFault(`${where}, parameter "${idle}"`, "it occurs in no equation", "remove it, or use it");
}

const costFault = (where: string, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code: "CIRCUIT-COST", fact, place: { where }, remedy });
