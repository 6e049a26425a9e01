/** From a netlist as it is written to elements over numbered nodes: subcircuits are put in, names looked up. */
import { nearest } from "../options/nearest";
import { OhmletError } from "../errors";
import { GROUND, type Circuit, type Element, type Node } from "./circuit";
import { CONSTANTS, diodeAt, type Climate, type PhysicalConstants } from "./diode";
import { readElement, type Site } from "./elements";
import { collect, readNetlist, type Definition, type Written } from "./netlist";
import { readAnalyses } from "./analyses";
import { Scope } from "./scope";
import type { Card } from "./text";

/** Of the whole circuit, so that subcircuits of subcircuits cannot fill the memory. */
const MOST_ELEMENTS = 100_000;
const MOST_INSTANCES = 10_000;
const DEEPEST = 24;

export interface ReadOptions {
  /** k_B and q_e. Default: CODATA 2014, as ngspice 39 has them. */
  readonly constants?: PhysicalConstants;
  /** In place of what the netlist says. It counts where a breakdown is fitted to BV and IBV. */
  readonly reltol?: number;
}

/**
 * Reads a netlist.
 * @param where what the text is called in errors
 * @throws OhmletError SPICE-…, with line and column
 */
export function readCircuit(
  text: string,
  where: string,
  { constants = CONSTANTS, reltol }: ReadOptions = {},
): Circuit {
  const netlist = readNetlist(text, where);
  const asked = readAnalyses(netlist);
  const given = reltol === undefined ? asked : { ...asked, options: { ...asked.options, reltol } };
  const climate: Climate = { ...given.options, constants };
  const flat = new Flat(netlist.global, climate);
  flat.add(new Scope(netlist.top, null, "", 0, given.options.temp), new Map());
  const elements = flat.finish();
  if (elements.length === 0)
    throw new OhmletError({
      code: "SPICE-EMPTY",
      fact: "the netlist has no elements",
      place: { where, line: 1, column: 1 },
      remedy: "the first line is a title: put elements after it, such as  R1 a 0 1k",
    });
  const byNode = (values: typeof given.initial): Map<Node, number> => {
    const found = new Map<Node, number>();
    for (const { node, value, card, at } of values) {
      const number = flat.find(node);
      if (number === null) throw unknownNode(node, flat.nodes, card, at);
      if (number !== GROUND) found.set(number, value);
    }
    return found;
  };
  return {
    title: netlist.title,
    where,
    nodes: flat.nodes,
    inner: flat.inner,
    branches: flat.branches,
    elements,
    options: given.options,
    transient: given.transient,
    ac: given.ac,
    initial: byNode(given.initial),
    guess: byNode(given.guess),
    notes: [...netlist.notes, ...given.notes],
  };
}

function unknownNode(name: string, nodes: readonly string[], card: Card, at: number): Error {
  const near = nodes.length > 2_000 ? null : nearest(name, [...nodes]);
  return card.fault(
    "SPICE-NODE",
    `no element is at a node "${name}"`,
    at,
    near === null ? "name a node that an element is connected to" : `did you mean "${near}"?`,
  );
}

class Flat implements Site {
  readonly nodes: string[] = [];
  readonly branches: string[] = [];
  readonly inner = new Set<Node>();
  private readonly elements: Element[] = [];
  private readonly numbers = new Map<string, Node>();
  private readonly branchOf = new Map<string, number>();
  private readonly names = new Set<string>();
  private instances = 0;
  private readonly later: (() => void)[] = [];

  constructor(
    private readonly global: ReadonlySet<string>,
    readonly climate: Climate,
  ) {}

  add(scope: Scope, ports: ReadonlyMap<string, Node>): void {
    for (const card of scope.definition.elements) {
      const [{ text: name, kind }] = card.tokens;
      if (kind !== "word")
        throw card.fault("SPICE-SYNTAX", "a line begins with a name", 0, "write  R1 a 0 1k");
      if (name[0] === "x") this.expand(card, scope, ports);
      else readElement(card, name, scope, this, (node) => this.node(node, scope, ports));
      if (this.elements.length > MOST_ELEMENTS)
        throw card.fault(
          "SPICE-SIZE",
          `the circuit has, with its subcircuits put in, more than ${MOST_ELEMENTS} elements`,
          0,
          "use fewer subcircuits",
        );
    }
  }

  push(element: Element): void {
    if (this.names.has(element.name))
      throw element.card.fault(
        "SPICE-DUPLICATE",
        `there are two elements "${element.name}"`,
        0,
        "give one another name",
      );
    this.names.add(element.name);
    this.elements.push(element);
  }

  branch(name: string): number {
    this.branchOf.set(name, this.branches.length);
    return this.branches.push(name) - 1;
  }

  sensed({ name, card, at }: Parameters<Site["sensed"]>[0], found: (branch: number) => void): void {
    this.later.push(() => {
      const branch = this.branchOf.get(name);
      if (branch !== undefined) return found(branch);
      const near = this.branches.length > 2_000 ? null : nearest(name, this.branches);
      throw card.fault(
        "SPICE-NAME",
        `there is no element "${name}" whose current is an unknown`,
        at,
        near === null
          ? "put a voltage source of 0 V where the current is to be read"
          : `did you mean "${near}"?`,
      );
    });
  }

  readonly diodeAt = diodeAt;

  finish(): readonly Element[] {
    for (const settle of this.later) settle();
    return this.elements;
  }

  find(name: string): Node | null {
    return isGround(name) ? GROUND : (this.numbers.get(name) ?? null);
  }

  private node(name: string, scope: Scope, ports: ReadonlyMap<string, Node>): Node {
    if (isGround(name)) return GROUND;
    return ports.get(name) ?? this.numbered(this.global.has(name) ? name : scope.path + name);
  }

  ownNode(name: string): Node {
    const node = this.numbered(name);
    this.inner.add(node);
    return node;
  }

  private numbered(name: string): Node {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.nodes.length);
    return this.nodes.push(name) - 1;
  }

  /** X1 node … NAME [params:] [key=value …]. */
  private expand(card: Card, scope: Scope, ports: ReadonlyMap<string, Node>): void {
    const words = card.tokens.slice(1).filter(({ text }) => text !== "params:");
    const sign = words.findIndex(({ text, kind }) => kind === "sign" && text === "=");
    const head = sign < 0 ? words : words.slice(0, sign - 1);
    const last = head[head.length - 1];
    if (last === undefined)
      throw card.fault("SPICE-SYNTAX", "a subcircuit's name is missing", 0, "write  X1 a b name");
    const wrong = head.find(({ kind }) => kind !== "word");
    if (wrong !== undefined)
      throw card.fault("SPICE-SYNTAX", "a name of a node is expected", wrong, "write  X1 a b name");
    const name = last.text;
    const definition = scope.subcircuit(name);
    if (definition === null) {
      const near = nearest(name, scope.visible("subcircuits"));
      throw card.fault(
        "SPICE-NAME",
        `there is no subcircuit "${name}"`,
        last,
        near === null ? `define it:  .subckt ${name} …` : `did you mean "${near}"?`,
      );
    }
    this.checkDepth(card, scope, definition);
    if (head.length - 1 !== definition.ports.length)
      throw card.fault(
        "SPICE-PORTS",
        `"${name}" has ${definition.ports.length} nodes, not ${head.length - 1}`,
        last,
        `write  ${card.tokens[0].text} ${definition.ports.join(" ")} ${name}`,
      );
    const connected = new Map(
      definition.ports.map((port, i): [string, Node] => [port, this.node(head[i].text, scope, ports)]),
    );
    const set = new Map<string, number>();
    if (sign > 0) {
      const from = card.tokens.indexOf(words[sign - 1]);
      const written = new Map<string, Written>();
      collect(card, from, written);
      for (const [key, value] of written) set.set(key, scope.value(value));
    }
    const path = `${scope.path}${card.tokens[0].text}.`;
    if (this.names.has(path))
      throw card.fault(
        "SPICE-DUPLICATE",
        `there are two elements "${card.tokens[0].text}"`,
        0,
        "give one another name",
      );
    this.names.add(path);
    if (++this.instances > MOST_INSTANCES)
      throw card.fault(
        "SPICE-SIZE",
        `the circuit has more than ${MOST_INSTANCES} subcircuits`,
        0,
        "use fewer subcircuits",
      );
    this.add(new Scope(definition, scope, path, scope.depth + 1, scope.temperature, set), connected);
  }

  private checkDepth(card: Card, scope: Scope, definition: Definition): void {
    let count = 0;
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      count++;
      if (at.definition === definition)
        throw card.fault(
          "SPICE-CYCLE",
          `the subcircuit "${definition.name}" contains itself`,
          0,
          "a subcircuit can only use what does not contain it",
        );
    }
    if (count > DEEPEST)
      throw card.fault("SPICE-SIZE", `subcircuits are more than ${DEEPEST} deep`, 0, "use fewer levels");
  }
}

const isGround = (name: string): boolean => name === "0" || name === "gnd";
