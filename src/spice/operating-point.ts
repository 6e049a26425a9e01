/** Operating points: Newton's method; where it fails, shunts that are taken away, sources that are turned up, or time. */
import { OhmletError } from "../errors";
import { alongSources } from "./arclength";
import { GROUND, type Circuit, type Node } from "./circuit";
import { iterate, type Newton } from "./newton";
import type { Moment } from "./moment";
import { System } from "./system";
import { checkTopology } from "./topology";
import type { Span } from "./waveform";

/** What came of an operating point. */
export interface OperatingPoint {
  /** Volts by node, in the order of the netlist; ground is left out. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Amperes, from the first node to the second through the element, by element. */
  readonly branches: Readonly<Record<string, number>>;
  readonly outcome: "settled";
  /** Iterations of Newton's method, all attempts together. */
  readonly iterations: number;
  /** Largest sum of currents at a node, A: Kirchhoff's law, as far as rounding lets it hold. */
  readonly residual: number;
  /** How it was reached. */
  readonly by: "newton" | "damping" | "shunts" | "sources" | "relaxation" | "path";
}

const FINE = 1e-13;
const ROUGH = 1e-6;

/** @throws OhmletError SPICE-FLOATING, SPICE-LOOP, SPICE-SINGULAR, SPICE-SIZE, SPICE-UNSETTLED */
export function operatingPoint(circuit: Circuit): OperatingPoint {
  const { system, x, iterations, by } = pointOf(circuit);
  return { ...named(circuit, x), outcome: "settled", iterations, residual: kirchhoff(system), by };
}

/** The same as unknowns, with the equations as they are there. @throws as `operatingPoint` */
export function pointOf(circuit: Circuit): Found & { readonly system: System } {
  checkTopology(circuit, true);
  const system = new System(circuit);
  return { ...settle(system, null), system };
}

/** The operating point that a transient begins with. @param holds nodes kept at voltages meanwhile */
export function startOf(circuit: Circuit, span: Span, holds: ReadonlyMap<Node, number>): Float64Array {
  checkTopology(circuit, true);
  return settle(new System(circuit, span, holds), 0).x;
}

/** Values by name: what is called "__proto__" is a name like any other. */
function named(
  { nodes, inner, branches }: Circuit,
  x: Float64Array,
): Pick<OperatingPoint, "nodes" | "branches"> {
  return {
    nodes: Object.fromEntries(
      nodes.flatMap((name, i): [string, number][] => (inner.has(i) ? [] : [[name, x[i]]])),
    ),
    branches: Object.fromEntries(branches.map((name, i) => [name, x[nodes.length + i]])),
  };
}

function kirchhoff(system: System): number {
  let most = 0;
  for (let i = 0; i < system.nodeCount; i++) most = Math.max(most, Math.abs(system.residual[i]));
  return most;
}

interface Found {
  readonly x: Float64Array;
  readonly iterations: number;
  readonly by: OperatingPoint["by"];
}

function settle(system: System, t: number | null): Found {
  const { circuit } = system;
  let iterations = 0;
  let singular: number | null = null;
  const fresh = (): Float64Array => {
    system.limits.set(system.startingLimits);
    const x = new Float64Array(system.size);
    for (const [node, volts] of circuit.guess) if (node !== GROUND) x[node] = volts;
    return x;
  };
  const run = (
    x: Float64Array,
    moment: Partial<Moment>,
    most: number,
    tolerance: number,
    largest = Infinity,
    restart = false,
  ): boolean => {
    const found: Newton = iterate(
      system,
      x,
      { t, sources: 1, shunt: 0, rate: 0, ...moment },
      { most, tolerance, largest, restart },
    );
    iterations += found.iterations;
    if (found.kind === "too-large") throw tooLarge(circuit);
    if (found.kind === "singular" && (moment.shunt ?? 0) === 0) singular = found.unknown;
    return found.kind === "settled";
  };
  const done = (x: Float64Array, by: Found["by"]): Found => {
    system.load(x, { t, sources: 1, shunt: 0, rate: 0 });
    return { x, iterations, by };
  };

  let x = fresh();
  if (run(x, {}, 200, FINE, Infinity, true)) return done(x, "newton");
  x = fresh();
  if (run(x, {}, 1_000, FINE, 0.5, true)) return done(x, "damping");
  x = fresh();
  if (shunts(x, run) && run(x, {}, 200, FINE)) return done(x, "shunts");
  x = fresh();
  if (sources(x, run) && run(x, {}, 200, FINE)) return done(x, "sources");
  x = fresh();
  if (relaxation(x, run) && run(x, {}, 200, FINE)) return done(x, "relaxation");
  x = fresh();
  if (run(x, { sources: 0 }, 300, ROUGH, Infinity, true)) {
    const path = alongSources(system, x, t, () => run(x, {}, 200, FINE));
    iterations += path.iterations;
    if (path.found) return done(x, "path");
  }
  if (singular !== null) throw undetermined(circuit, system.nameOf(singular), singular);
  throw new OhmletError({
    code: "SPICE-UNSETTLED",
    category: "run",
    fact: `no operating point was found in ${iterations} iterations`,
    place: { where: circuit.where },
    remedy: "give a hint by .nodeset v(node)=…, or bound what grows without end; there may be no such point",
  });
}

type Run = (
  x: Float64Array,
  moment: Partial<Moment>,
  most: number,
  tolerance: number,
  largest?: number,
  restart?: boolean,
) => boolean;

/** A conductance from every node to ground, a tenth of the last each time, or less of a step where that is too far. */
function shunts(x: Float64Array, run: Run): boolean {
  let shunt = 1;
  let by = 10;
  if (!run(x, { shunt }, 300, ROUGH, Infinity, true)) return false;
  while (shunt > 1e-13) {
    const before = x.slice();
    if (run(x, { shunt: shunt / by }, 60, ROUGH)) {
      shunt /= by;
      by = Math.min(10, by ** 1.5);
      continue;
    }
    x.set(before);
    by = Math.sqrt(by);
    if (by < 1.001) return false;
  }
  return true;
}

/** All sources from nothing to what they are. */
function sources(x: Float64Array, run: Run): boolean {
  let [share, step] = [0, 0.01];
  if (!run(x, { sources: 0 }, 300, ROUGH, Infinity, true)) return false;
  while (share < 1) {
    const before = x.slice();
    const next = Math.min(1, share + step);
    if (run(x, { sources: next }, 60, ROUGH)) {
      share = next;
      step *= 1.6;
      continue;
    }
    x.set(before);
    step /= 4;
    if (step < 1e-7) return false;
  }
  return true;
}

/** S of a shunt that holds nothing back any more. */
const LOOSE = 1e-13;
const MOST_STEPS = 400;

/**
 * A capacitor from every node to ground, charged in steps that grow as they succeed: where no turned-up source and
 * no fading shunt leads, time does (pseudo-transient continuation).
 */
function relaxation(x: Float64Array, run: Run): boolean {
  let shunt = 1;
  for (let step = 0; step < MOST_STEPS && shunt > LOOSE; step++) {
    const past = x.slice();
    if (run(x, { shunt, past }, 40, ROUGH, Infinity, step === 0)) {
      shunt /= 3;
      continue;
    }
    x.set(past);
    shunt *= 8;
    if (shunt > 1e12) return false;
  }
  return shunt <= LOOSE;
}

export function tooLarge(circuit: Circuit): OhmletError {
  return new OhmletError({
    code: "SPICE-SIZE",
    fact: "the equations of the circuit are too many to be solved at once",
    place: { where: circuit.where },
    remedy: "solve a smaller circuit, or one with fewer connections",
  });
}

/** The place is that of the first element there. */
export function undetermined(circuit: Circuit, name: string, unknown: number): OhmletError {
  const { nodes, elements } = circuit;
  const isNode = unknown < nodes.length;
  const element = elements.find((each) =>
    isNode
      ? each.a === unknown || each.b === unknown
      : "branch" in each && each.branch === unknown - nodes.length,
  );
  return new OhmletError({
    code: "SPICE-SINGULAR",
    fact: `the equations do not determine ${isNode ? `the voltage of node "${name}"` : `the current of ${name}`}`,
    place: element?.card.place() ?? { where: circuit.where },
    remedy: isNode ? "tie it to another node by a resistor" : "put a resistor in series",
  });
}
