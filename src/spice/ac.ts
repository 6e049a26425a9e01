/**
 * Small signals about an operating point (.ac): sources that have an amplitude turn at a frequency, everything else
 * follows in proportion. (G + j w C) x = b with the slopes of currents and of charges, as real numbers of twice the size.
 */
import { OhmletError } from "../errors";
import { GROUND, type AcCard, type Circuit, type Node } from "./circuit";
import { pointOf } from "./operating-point";
import { Pattern, SparseSystem } from "../numerics/sparse";
import type { System } from "./system";

/** What turns at a frequency, at each of them. */
export interface Phasors {
  readonly re: readonly number[];
  readonly im: readonly number[];
}

/** Small signals of a netlist. */
export interface AcOfNetlist {
  /** Hz. */
  readonly frequency: readonly number[];
  /** Volts by node; ground is left out. */
  readonly nodes: Readonly<Record<string, Phasors>>;
  /** Amperes, from the first node to the second through the element, by element. */
  readonly branches: Readonly<Record<string, Phasors>>;
  readonly outcome: "settled";
  /** Iterations that found the operating point. */
  readonly iterations: number;
}

/** How many frequencies there are. */
export function countOf({ by, points, start, stop }: AcCard): number {
  if (by === "lin") return start === stop ? 1 : points;
  // What rounding makes of a whole number of steps is one.
  return Math.floor((points * Math.log(stop / start)) / Math.log(by === "dec" ? 10 : 2) + 1e-6) + 1;
}

/** Frequencies, Hz: ngspice's, from the start on. */
function frequenciesOf(card: AcCard): number[] {
  const { by, points, start, stop } = card;
  const ratio = (by === "dec" ? 10 : 2) ** (1 / points);
  return Array.from({ length: countOf(card) }, (_, k) =>
    by === "lin" ? (points === 1 ? start : start + ((stop - start) * k) / (points - 1)) : start * ratio ** k,
  );
}

/**
 * The small signals that a netlist's .ac asks for.
 * @throws OhmletError SPICE-ANALYSIS without .ac, or a source with an AC amplitude; and those of an operating point
 */
export function acOf(circuit: Circuit): AcOfNetlist {
  const { ac, elements, nodes, inner, branches, where } = circuit;
  const missing = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "SPICE-ANALYSIS", fact, place: { where }, remedy });
  if (ac === null) throw missing("the netlist has no .ac", "add a line such as  .ac dec 10 1 1meg");
  const sources = elements.flatMap((element) =>
    (element.kind === "voltage" || element.kind === "current") && element.drive.ac !== null
      ? [{ element, ac: element.drive.ac }]
      : [],
  );
  if (sources.length === 0)
    throw missing("no source has an amplitude", "write  AC 1  after the value of one");
  const { system, x, iterations } = pointOf(circuit);
  const { size, nodeCount } = system;
  const right = new Float64Array(2 * size);
  const add = (row: number, value: number, radians: number): void => {
    right[row] += value * Math.cos(radians);
    right[row + size] += value * Math.sin(radians);
  };
  for (const {
    element,
    ac: { magnitude, degrees },
  } of sources) {
    const radians = (degrees * Math.PI) / 180;
    if (element.kind === "voltage") add(nodeCount + element.branch, magnitude, radians);
    else {
      // It leaves one node and enters the other.
      if (element.a !== GROUND) add(element.a, -magnitude, radians);
      if (element.b !== GROUND) add(element.b, magnitude, radians);
    }
  }
  const alternating = alternatingOf(system, circuit, x);
  const frequency = frequenciesOf(ac);
  const found = frequency.map((f) => alternating.solve(2 * Math.PI * f, right));
  const phasors = (unknown: number): Phasors => ({
    re: found.map((of) => of[unknown]),
    im: found.map((of) => of[unknown + size]),
  });
  return {
    frequency,
    nodes: Object.fromEntries(
      nodes.flatMap((name, i): [string, Phasors][] => (inner.has(i) ? [] : [[name, phasors(i)]])),
    ),
    branches: Object.fromEntries(branches.map((name, i) => [name, phasors(nodeCount + i)])),
    outcome: "settled",
    iterations,
  };
}

/** The complex system, row by row a real part and an imaginary one. */
function alternatingOf(system: System, circuit: Circuit, x: Float64Array) {
  const { pattern, size, sparse } = system;
  const rest = { t: null, sources: 1, shunt: 0 };
  const still = sparse.values.slice();
  for (const element of circuit.elements)
    if (element.kind === "resistor" && element.small !== null)
      addConductance(system, still, element.a, element.b, element.small - element.siemens);
  const whole = new Pattern(2 * size);
  const slots = pattern.rows.map((row, k) => {
    const column = pattern.columns[k];
    return [
      whole.slot(row, column),
      whole.slot(row + size, column + size),
      whole.slot(row, column + size),
      whole.slot(row + size, column),
    ] as const;
  });
  const twice = new SparseSystem(whole);
  // Slopes of charges are linear in the rate, so one load tells them; a rate of the frequencies' own size keeps digits.
  const slopesOf = (w: number): Float64Array => {
    system.load(x, { ...rest, rate: 0 });
    const without = sparse.values.slice();
    system.load(x, { ...rest, rate: w });
    return sparse.values.map((value, k) => value - without[k]);
  };
  return {
    solve(w: number, right: Float64Array): Float64Array {
      const stored = w > 0 ? slopesOf(w) : new Float64Array(still.length);
      twice.values.fill(0);
      slots.forEach(([re, im, back, forth], k) => {
        twice.values[re] += still[k];
        twice.values[im] += still[k];
        twice.values[back] -= stored[k];
        twice.values[forth] += stored[k];
      });
      if (twice.factor().kind !== "sound")
        throw new OhmletError({
          code: "SPICE-SINGULAR",
          category: "run",
          fact: `at ${w / (2 * Math.PI)} Hz nothing determines the small signals`,
          place: { where: circuit.where },
          remedy: "look for a resonance without loss, or nodes that are joined by nothing at this frequency",
        });
      const b = right.slice();
      twice.solve(b);
      return b;
    },
  };
}

function addConductance(system: System, values: Float64Array, a: Node, b: Node, siemens: number): void {
  system.conductanceSlots(a, b).forEach((slot, k) => {
    if (slot >= 0) values[slot] += k < 2 ? siemens : -siemens;
  });
}
