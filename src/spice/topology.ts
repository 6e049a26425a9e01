/**
 * What can be told of a circuit before it is solved: nodes that nothing holds at rest, and loops of voltages, in
 * which any current could flow. Only what is certain is refused here.
 */
import { OhmletError } from "../errors";
import { GROUND, type Circuit, type Element } from "./circuit";

/** Sets of nodes that are joined. */
class Joined {
  private readonly parent: Int32Array;

  constructor(count: number) {
    this.parent = Int32Array.from({ length: count + 1 }, (_, i) => i);
  }

  /** Ground is the last. */
  find(node: number): number {
    let at = node === GROUND ? this.parent.length - 1 : node;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]];
      at = this.parent[at];
    }
    return at;
  }

  /** False where they were joined before. */
  join(a: number, b: number): boolean {
    const [one, other] = [this.find(a), this.find(b)];
    this.parent[one] = other;
    return one !== other;
  }
}

/** The readings of other elements' currents: a loop whose current something senses may be determined. */
function sensedBranches(elements: readonly Element[]): Set<number> {
  const sensed = new Set<number>();
  for (const element of elements) {
    if (element.kind === "current-by-current" || element.kind === "voltage-by-current")
      sensed.add(element.sensed);
    if (element.kind === "behavioural")
      for (const reading of element.readings) if (reading.kind === "current") sensed.add(reading.branch);
  }
  return sensed;
}

/**
 * @param atRest whether capacitors are open and inductors wires
 * @throws OhmletError SPICE-FLOATING, SPICE-LOOP
 */
export function checkTopology(circuit: Circuit, atRest: boolean): void {
  const { nodes, elements } = circuit;
  const voltages = new Joined(nodes.length);
  const held = new Joined(nodes.length);
  const sensed = sensedBranches(elements);
  const driven: Element[] = [];
  const first = new Map<number, Element>();
  for (const element of elements) {
    const { a, b } = element;
    for (const node of [a, b]) if (node !== GROUND && !first.has(node)) first.set(node, element);
    switch (element.kind) {
      case "current":
        break;
      case "current-by-voltage":
      case "current-by-current":
        driven.push(element);
        break;
      case "capacitor":
        if (!atRest) held.join(a, b);
        break;
      case "behavioural":
        if (element.branch === null) {
          driven.push(element);
          break;
        }
        checkLoop(element, element.branch);
        held.join(a, b);
        break;
      case "inductor":
      case "voltage":
      case "voltage-by-voltage":
      case "voltage-by-current":
        if (element.kind !== "inductor" || atRest) checkLoop(element, element.branch);
        held.join(a, b);
        break;
      default:
        held.join(a, b);
    }
  }
  // A source of current that reads a voltage may hold what it drives.
  for (const { a, b } of driven) {
    held.join(a, b);
    held.join(a, GROUND);
  }
  nodes.forEach((name, node) => {
    if (held.find(node) === held.find(GROUND)) return;
    const element = first.get(node);
    if (element === undefined) throw readOnly(circuit, name);
    throw new OhmletError({
      code: "SPICE-FLOATING",
      fact: `nothing holds the node "${name}"${atRest ? " at rest" : ""}: no path leads from it to ground`,
      place: element.card.place(),
      remedy: `tie it to ground, for example by  R${name.replace(/[^a-z0-9]/g, "_")} ${name} 0 1G`,
    });
  });

  function checkLoop(element: Element, branch: number): void {
    if (voltages.join(element.a, element.b)) return;
    if (sensed.has(branch)) return;
    throw new OhmletError({
      code: "SPICE-LOOP",
      fact: `${element.name} closes a loop of voltage sources${atRest ? " and inductors" : ""}, in which any current could flow`,
      place: element.card.place(),
      remedy: "put a resistor into the loop",
    });
  }
}

/** A node that elements read, and none is connected to. */
function readOnly(circuit: Circuit, name: string): OhmletError {
  const { nodes, elements } = circuit;
  const number = nodes.indexOf(name);
  const reader = elements.find(
    (element) =>
      ("plus" in element && (element.plus === number || element.minus === number)) ||
      (element.kind === "behavioural" &&
        element.readings.some((r) => r.kind === "voltage" && (r.plus === number || r.minus === number))),
  );
  return new OhmletError({
    code: "SPICE-FLOATING",
    fact: `nothing is connected to the node "${name}", which is read`,
    place: reader?.card.place() ?? { where: circuit.where },
    remedy: "check its name, or tie it to ground by a resistor",
  });
}
