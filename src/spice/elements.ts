/** Lines of elements: what each letter is followed by. An element that is not here is refused by its letter. */
import { symbol, type Expression } from "../equations/expression";
import type { Element, Node, Reading } from "./circuit";
import {
  DIODE_ALIASES,
  DIODE_IDLE,
  DIODE_PARAMETERS,
  type Climate,
  type diodeAt,
  type DiodeModel,
} from "./diode";
import { readExpression } from "./expression";
import type { ModelCard, Written } from "./netlist";
import { nearest } from "../options/nearest";
import type { Scope } from "./scope";
import { Rest } from "./rest";
import { readDrive } from "./sources";
import type { Card } from "./text";

/** The current of an element that may not have been met yet. */
interface Sensing {
  readonly name: string;
  readonly card: Card;
  readonly at: number;
}

/** Where elements go, and what numbers they get. */
export interface Site {
  readonly climate: Climate;
  readonly diodeAt: typeof diodeAt;
  push(element: Element): void;
  /** A number for the current of an element. */
  branch(name: string): number;
  /** Tells the number of another one's current, once all are known. */
  sensed(sensing: Sensing, found: (branch: number) => void): void;
  /** A node of an element's own. */
  ownNode(name: string): Node;
}

interface At {
  readonly card: Card;
  readonly name: string;
  readonly rest: Rest;
  readonly scope: Scope;
  readonly site: Site;
  readonly a: Node;
  readonly b: Node;
  readonly node: (name: string) => Node;
}

const LETTERS: Readonly<Record<string, readonly [string, (at: At) => void]>> = Object.assign(
  Object.create(null) as Record<string, never>,
  {
    r: ["R1 a b 1k", resistor],
    c: ["C1 a b 1p  or  C1 a b 1p IC=0", capacitor],
    l: ["L1 a b 1u  or  L1 a b 1u IC=0", inductor],
    v: ["V1 a b 1  or  V1 a b DC 1 SIN(0 1 1k)", (at: At) => source(at, "voltage")],
    i: ["I1 a b 1m  or  I1 a b DC 1m PULSE(0 1m 0 1n 1n 1u 2u)", (at: At) => source(at, "current")],
    d: ["D1 a k DM  or  D1 a k DM 2", diode],
    e: ["E1 a b plus minus 4  or  E1 a b value={2*v(c)}", byVoltage],
    g: ["G1 a b plus minus 1m  or  G1 a b value={1m*v(c)}", byVoltage],
    f: ["F1 a b V1 4", byCurrent],
    h: ["H1 a b V1 4", byCurrent],
    b: ["B1 a b V={2*v(c)}  or  B1 a b I={1m*v(c)}", behavioural],
  },
);

export function readElement(
  card: Card,
  written: string,
  scope: Scope,
  site: Site,
  node: (name: string) => Node,
): void {
  const letter = written[0];
  const known = LETTERS[letter];
  if (known === undefined)
    throw card.fault(
      "SPICE-ELEMENT",
      `elements whose names begin with "${[...written][0].toUpperCase()}" are not known`,
      0,
      `elements are ${Object.keys(LETTERS).join(", ").toUpperCase()} and X`,
    );
  const [usage, read] = known;
  const rest = new Rest(card, scope, 1, usage);
  const [a, b] = [node(rest.word("its first node").text), node(rest.word("its second node").text)];
  // ngspice calls an element of a subcircuit by its letter, the way to it, and its name.
  const name = scope.path === "" ? written : `${letter}.${scope.path}${written}`;
  read({ card, name, rest, scope, site, a, b, node });
  rest.end();
}

const common = ({ card, name, a, b }: At) => ({ card, name, a, b });

function resistor(at: At): void {
  const { rest, card, site } = at;
  const place = rest.token;
  rest.takesKey("r", "resistance");
  const where = rest.token ?? place;
  let ohms = rest.value("its resistance");
  let many = 1;
  const { temp, tnom } = site.climate;
  let small: number | null = null;
  let [tc1, tc2, own] = [0, 0, temp];
  for (
    let key = rest.takesKey("tc1", "tc2", "m", "temp", "ac");
    key !== null;
    key = rest.takesKey("tc1", "tc2", "m", "temp", "ac")
  ) {
    const value = rest.value(`its ${key}`);
    if (key === "tc1") tc1 = value;
    if (key === "tc2") tc2 = value;
    if (key === "m") many = value;
    if (key === "ac") small = value;
    if (key === "temp") own = value;
  }
  ohms *= 1 + tc1 * (own - tnom) + tc2 * (own - tnom) ** 2;
  const siemens = many / ohms;
  if (!(ohms > 0) || !(small === null || small > 0) || !(many > 0) || !Number.isFinite(siemens))
    throw card.fault(
      "SPICE-VALUE",
      `the resistance of ${at.name} is ${ohms / many} ohm, and must be above 0`,
      where,
      "for an amplifier write a source: E, F, G or H; for a wire give both ends one name",
    );
  site.push({ kind: "resistor", ...common(at), siemens, small: small === null ? null : many / small });
}

/** A value of what stores, and where it begins. */
function storing(at: At, what: string, key: string): { value: number; initial: number | null } {
  const { rest, card } = at;
  rest.takesKey(key, what);
  const where = rest.token;
  let value = rest.value(`its ${what}`);
  let initial: number | null = null;
  for (let k = rest.takesKey("ic", "m"); k !== null; k = rest.takesKey("ic", "m")) {
    const given = rest.value(`its ${k}`);
    if (k === "ic") initial = given;
    else value *= key === "c" ? given : 1 / given;
  }
  if (!(value > 0) || !Number.isFinite(value))
    throw card.fault(
      "SPICE-VALUE",
      `the ${what} of ${at.name} is ${value}, and must be above 0`,
      where,
      "write a value above 0",
    );
  return { value, initial };
}

function capacitor(at: At): void {
  const { value: farad, initial } = storing(at, "capacitance", "c");
  at.site.push({ kind: "capacitor", ...common(at), farad, initial });
}

function inductor(at: At): void {
  const { value: henry, initial } = storing(at, "inductance", "l");
  at.site.push({ kind: "inductor", ...common(at), henry, initial, branch: at.site.branch(at.name) });
}

function source(at: At, kind: "voltage" | "current"): void {
  const drive = readDrive(at.rest);
  if (kind === "current") at.site.push({ kind, ...common(at), drive });
  else at.site.push({ kind, ...common(at), drive, branch: at.site.branch(at.name) });
}

function byVoltage(at: At): void {
  const { rest, site, node, name } = at;
  const isVoltage = name[0] === "e";
  const key = rest.takesKey("value", isVoltage ? "vol" : "cur", isVoltage ? "v" : "i");
  if (key !== null) return express(at, rest.all("its expression"), isVoltage);
  if (rest.token?.text === "poly" || rest.token?.text === "table")
    throw at.card.fault(
      "SPICE-ELEMENT",
      `${rest.token.text} is not known`,
      rest.token,
      `write it out:  ${name} a b value={2*v(c)+v(c)*v(d)}`,
    );
  const [plus, minus] = [
    node(rest.word("the node that it reads").text),
    node(rest.word("the other node that it reads").text),
  ];
  const gain = rest.value("its gain") * multiplicity(rest);
  if (isVoltage)
    site.push({ kind: "voltage-by-voltage", ...common(at), plus, minus, gain, branch: site.branch(name) });
  else site.push({ kind: "current-by-voltage", ...common(at), plus, minus, gain });
}

function byCurrent(at: At): void {
  const { rest, site, name } = at;
  const read = rest.word("the source whose current it reads");
  const gain = rest.value("its gain") * multiplicity(rest);
  const branch = name[0] === "h" ? site.branch(name) : null;
  site.sensed(sensingOf(at, read.text, read.start), (sensed) => {
    if (branch === null) site.push({ kind: "current-by-current", ...common(at), sensed, gain });
    else site.push({ kind: "voltage-by-current", ...common(at), sensed, gain, branch });
  });
}

const multiplicity = (rest: Rest): number => (rest.takesKey("m") === null ? 1 : rest.value("its number"));

/** The name of a source as it is within its subcircuit. */
const sensingOf = ({ scope, card }: At, source: string, at: number): Sensing => ({
  name: scope.path === "" ? source : `${source[0]}.${scope.path}${source}`,
  card,
  at,
});

function behavioural(at: At): void {
  const key = at.rest.takesKey("v", "i");
  if (key === null) throw at.rest.missing("V= or I=");
  express(at, at.rest.all("its expression"), key === "v");
}

/** A source of an expression. */
function express(at: At, { card, start, end }: Written, isVoltage: boolean): void {
  const { scope, site, name, node } = at;
  const readings = new Map<string, Reading>();
  const wanted: { symbol: string; sensing: Sensing }[] = [];
  const value: Expression = readExpression(card, start, end, {
    ...scope.names,
    state: {
      voltage: (plus, minus) => {
        const [p, m] = [node(plus), minus === null ? -1 : node(minus)];
        const named = `v${p}_${m}`;
        readings.set(named, { symbol: named, kind: "voltage", plus: p, minus: m });
        return symbol(named);
      },
      current: (source, offset) => {
        const sensing = sensingOf(at, source, offset);
        const known = wanted.find((each) => each.sensing.name === sensing.name);
        const named = known?.symbol ?? `i${wanted.length}`;
        if (known === undefined) wanted.push({ symbol: named, sensing });
        return symbol(named);
      },
    },
  });
  const branch = isVoltage ? site.branch(name) : null;
  const all = [...readings.values()];
  for (const { symbol: named, sensing } of wanted)
    site.sensed(sensing, (sensed) => all.push({ symbol: named, kind: "current", branch: sensed }));
  site.push({ kind: "behavioural", ...common(at), value, readings: all, branch });
}

function diode(at: At): void {
  const { rest, scope, site, card, name } = at;
  const word = rest.word("its model");
  const found = scope.model(word.text);
  if (found === null) {
    const near = nearest(word.text, scope.visible("models"));
    throw card.fault(
      "SPICE-NAME",
      `there is no model "${word.text}"`,
      word,
      near === null ? `define it:  .model ${word.text} D(IS=1e-14 N=1)` : `did you mean "${near}"?`,
    );
  }
  const where = rest.token;
  let [area, many, initial] = [1, 1, null as number | null];
  let temp = site.climate.temp;
  if (rest.atValue) area = rest.value("its area");
  while (rest.token !== undefined) {
    if (rest.takes("off")) continue;
    const key = rest.takesKey("area", "m", "ic", "temp", "dtemp");
    if (key === null) break;
    const value = rest.value(`its ${key}`);
    if (key === "area") area = value;
    else if (key === "m") many = value;
    else if (key === "ic") initial = value;
    else temp = key === "temp" ? value : site.climate.temp + value;
  }
  if (!(area > 0) || !(many > 0))
    throw card.fault(
      "SPICE-VALUE",
      `the area of ${name} is ${area * many}, and must be above 0`,
      where,
      "write an area above 0",
    );
  const values = readDiodeModel(found.model, found.scope);
  const made = site.diodeAt(values, area * many, many, { ...site.climate, temp });
  if (!Number.isFinite(made.saturation) || !(made.saturation > 0) || !Number.isFinite(made.critical))
    throw card.fault(
      "SPICE-VALUE",
      `${name} has no saturation current at ${temp} C`,
      where,
      "choose another temperature or IS",
    );
  const rated = { diode: made, model: { name: word.text, values }, area, many, temp, initial };
  if (made.series === null) return site.push({ kind: "diode", ...common(at), ...rated });
  // The series resistance ends at a node of the diode's own.
  const inner = site.ownNode(`${name}#internal`);
  site.push({
    kind: "resistor",
    card,
    name: `${name}#series`,
    a: at.a,
    b: inner,
    siemens: made.series,
    small: null,
  });
  site.push({ kind: "diode", ...common(at), a: inner, ...rated });
}

/** Ranges in which a diode is one. */
const ABOVE_ZERO = ["is", "n", "vj", "bv", "nbv", "ibv"];
const BELOW_ONE = ["m", "fc"];

function readDiodeModel({ card, type, values }: ModelCard, scope: Scope): DiodeModel {
  if (type !== "d")
    throw card.fault(
      "SPICE-ELEMENT",
      `models of type "${type.toUpperCase()}" are not known`,
      card.tokens[2],
      "write  .model DM D(IS=1e-14 N=1)",
    );
  const made: Record<string, number | null> = { ...DIODE_PARAMETERS };
  for (const [key, written] of values) {
    const value = scope.value(written);
    if (DIODE_IDLE.includes(key)) continue;
    const name = DIODE_ALIASES.get(key) ?? key;
    if (!Object.hasOwn(DIODE_PARAMETERS, name)) {
      const near = nearest(key, Object.keys(DIODE_PARAMETERS));
      throw card.fault(
        "SPICE-NAME",
        `a diode has no parameter "${key}" here`,
        written.start,
        `${near === null ? "" : `did you mean "${near}"? `}parameters: ${Object.keys(DIODE_PARAMETERS).join(", ")}`,
      );
    }
    const outside =
      (name !== "tnom" && value < 0) ||
      (ABOVE_ZERO.includes(name) && value <= 0) ||
      (BELOW_ONE.includes(name) && value >= 1);
    if (outside)
      throw card.fault(
        "SPICE-VALUE",
        `${key}=${value} is outside of its range`,
        written.start,
        "see docs/spice.md for the ranges",
      );
    made[name] = value;
  }
  return made as DiodeModel;
}
