/**
 * A circuit as the text of a netlist, without hierarchy: what is written is what was read, not what somebody wrote,
 * so that no command in a stranger's file reaches another program.
 */
import { fold, type Expression } from "../equations/expression";
import { OhmletError } from "../errors";
import { GROUND, type Circuit, type Element, type Node } from "./circuit";
import { DIODE_PARAMETERS, type DiodeModel } from "./diode";
import { TIME } from "./expression";
import type { Drive } from "./waveform";

export interface WriteOptions {
  /** Further lines before .end: analyses, options. */
  readonly lines?: readonly string[];
}

/** Longest expression that is written out: what is read twice stands there twice. */
const LONGEST = 100_000;

/** @throws OhmletError SPICE-SIZE where an expression, written out, is too long */
export function writeNetlist(circuit: Circuit, { lines = [] }: WriteOptions = {}): string {
  const { elements, options, initial, guess } = circuit;
  const models = new Map<string, string>();
  const name = (node: Node): string => (node === GROUND ? "0" : circuit.nodes[node]);
  const written = elements.map((element) => lineOf(element, circuit, name, models));
  const settings = (["temp", "tnom", "gmin"] as const).map((key) => `${key}=${options[key]}`);
  const nodeValues = (kind: string, values: ReadonlyMap<Node, number>): string[] =>
    [...values].map(([node, volts]) => `${kind} v(${name(node)})=${volts}`);
  return [
    `* ${circuit.title.replace(/[^\x20-\x7e]/g, " ").slice(0, 200)}`,
    ...written,
    ...[...models].map(([values, model]) => `.model ${model} d(${values})`),
    ...nodeValues(".ic", initial),
    ...nodeValues(".nodeset", guess),
    `.options ${settings.join(" ")}`,
    ...lines,
    ".end",
    "",
  ].join("\n");
}

/** The letter of each kind. */
const LETTER = {
  resistor: "r",
  capacitor: "c",
  inductor: "l",
  voltage: "v",
  current: "i",
  diode: "d",
  "voltage-by-voltage": "e",
  "current-by-voltage": "g",
  "voltage-by-current": "h",
  "current-by-current": "f",
  behavioural: "b",
} as const satisfies Record<Element["kind"], string>;

/** What an element is called: its own name, as long as that begins with the letter of what it is. */
const writtenName = ({ name, kind }: Pick<Element, "name" | "kind">): string =>
  name[0] === LETTER[kind] ? name : `${LETTER[kind]}_${name}`;

function lineOf(
  element: Element,
  circuit: Circuit,
  node: (n: Node) => string,
  models: Map<string, string>,
): string {
  const head = `${writtenName(element)} ${node(element.a)} ${node(element.b)}`;
  const sensed = (branch: number): string => circuit.branches[branch];
  const initial = (value: number | null): string => (value === null ? "" : ` ic=${value}`);
  switch (element.kind) {
    case "resistor":
      return `${head} ${1 / element.siemens}${element.small === null ? "" : ` ac=${1 / element.small}`}`;
    case "capacitor":
      return `${head} ${element.farad}${initial(element.initial)}`;
    case "inductor":
      return `${head} ${element.henry}${initial(element.initial)}`;
    case "voltage":
    case "current":
      return `${head} ${driveText(element.drive)}`;
    case "voltage-by-voltage":
    case "current-by-voltage":
      return `${head} ${node(element.plus)} ${node(element.minus)} ${element.gain}`;
    case "voltage-by-current":
    case "current-by-current":
      return `${head} ${sensed(element.sensed)} ${element.gain}`;
    case "diode": {
      const values = modelText(element.model.values);
      const model = models.get(values) ?? `m${models.size}`;
      models.set(values, model);
      // An area without its name misleads ngspice.
      const rest = (["area", "m", "temp"] as const).map(
        (key) => `${key}=${key === "m" ? element.many : element[key]}`,
      );
      return `${head} ${model} ${rest.join(" ")}${initial(element.initial)}`;
    }
    case "behavioural":
      return `${head} ${element.branch === null ? "i" : "v"}=${expressionText(element, circuit, node)}`;
  }
}

function driveText({ dc, wave, ac }: Drive): string {
  const small = ac === null ? "" : ` ac ${ac.magnitude} ${ac.degrees}`;
  const constant = dc === null ? "" : `dc ${dc} `;
  return wave === null
    ? `dc ${dc ?? 0}${small}`
    : `${constant}${wave.kind}(${wave.values.join(" ")})${small}`;
}

/** The series resistance is an element by itself. */
const modelText = (values: DiodeModel): string =>
  (Object.keys(DIODE_PARAMETERS) as (keyof DiodeModel)[])
    .filter((key) => key !== "rs" && values[key] !== null && values[key] !== DIODE_PARAMETERS[key])
    .map((key) => `${key}=${values[key]}`)
    .join(" ");

const SIGNS: Readonly<Record<string, string>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  power: "^",
};

function expressionText(
  element: Extract<Element, { kind: "behavioural" }>,
  circuit: Circuit,
  node: (n: Node) => string,
): string {
  const names = new Map(
    element.readings.map((reading): [string, string] => [
      reading.symbol,
      reading.kind === "current"
        ? `i(${circuit.branches[reading.branch]})`
        : reading.minus === GROUND
          ? `v(${node(reading.plus)})`
          : `v(${node(reading.plus)},${node(reading.minus)})`,
    ]),
  );
  return fold<string>(element.value, (part, of) => {
    const text = print(part, of, names);
    if (text.length > LONGEST)
      throw new OhmletError({
        code: "SPICE-SIZE",
        fact: `the expression of ${element.name}, written out, has more than ${LONGEST} characters`,
        place: element.card.place(),
        remedy: "split it with further sources",
      });
    return text;
  });
}

/** A part of an expression in the language of B sources. */
export function print(
  e: Expression,
  of: (part: Expression) => string,
  names: ReadonlyMap<string, string>,
): string {
  switch (e.kind) {
    case "number":
      return e.value < 0 ? `(${e.value})` : `${e.value}`;
    case "symbol":
      return e.name === TIME ? TIME : (names.get(e.name) as string);
    case "negate":
      return `(-${of(e.of)})`;
    case "call":
      return `${e.fn === "sign" ? "sgn" : e.fn === "log" ? "ln" : e.fn}(${of(e.of)})`;
    case "where":
      return `((${of(e.test.left)}${e.test.comparison}${of(e.test.right)})?${of(e.then)}:${of(e.otherwise)})`;
    case "binary":
      return e.op === "min" || e.op === "max"
        ? `${e.op}(${of(e.left)},${of(e.right)})`
        : `(${of(e.left)}${SIGNS[e.op]}${of(e.right)})`;
  }
}
