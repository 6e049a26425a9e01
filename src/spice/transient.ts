/**
 * Transients: the singly diagonally implicit method of Alexander (SIAM J. Numer. Anal. 14, 1977), of third order,
 * stiffly accurate and L-stable. A stage is an operating point with a conductance C/(gamma h) beside every capacitor.
 * Steps are as short as its error and the curve ask, so that straight lines between the points that are told stay on it.
 */
import { OhmletError } from "../errors";
import { biasOf, type Diode } from "./diode";
import { GROUND, type Circuit, type Node, type TransientCard } from "./circuit";
import { startOf, tooLarge, undetermined } from "./operating-point";
import { stopsOf } from "./stops";
import type { Moment } from "./moment";
import { System } from "./system";
import { checkTopology } from "./topology";

/** What came of a transient. */
export interface TransientOfNetlist {
  /** Seconds; every multiple of the step of .tran is among them. */
  readonly time: readonly number[];
  /** Volts by node, at each of the times. */
  readonly nodes: Readonly<Record<string, readonly number[]>>;
  readonly outcome: "settled";
  /** Steps that were taken, and that were too long. */
  readonly steps: number;
  readonly rejected: number;
  readonly iterations: number;
}

const GAMMA = 0.435866521508459;
const B1 = -(6 * GAMMA * GAMMA - 16 * GAMMA + 1) / 4;
const B2 = (6 * GAMMA * GAMMA - 20 * GAMMA + 5) / 4;
/** Where in a step the stages are, and what each takes of the slopes before it. */
const NODES = [GAMMA, (1 + GAMMA) / 2, 1] as const;
const WEIGHTS: readonly (readonly number[])[] = [[], [(1 - GAMMA) / 2], [B1, B2]];
/** The weights minus those of a method of second order by the first two stages. */
const SECOND = (1 - 2 * GAMMA) / (1 - GAMMA);
const ERRORS = [B1 - (1 - SECOND), B2 - SECOND, GAMMA] as const;

/** Error of a step, beside 1 V and in proportion above. */
const TOLERANCE = 1e-6;
/** How far a straight line between two points may leave the curve, likewise. */
const STRAIGHT = 2e-5;
/** Change of a voltage below which a stage is solved, likewise. */
const SOLVED = 1e-10;
const MOST_ITERATIONS = 40;
const MOST_STEPS = 2_000_000;
/** Numbers that a result may hold. */
const MOST_NUMBERS = 30_000_000;

/** @throws OhmletError SPICE-ANALYSIS, SPICE-FLOATING, SPICE-LOOP, SPICE-SINGULAR, SPICE-SIZE, SPICE-UNSETTLED */
export function transientOf(circuit: Circuit): TransientOfNetlist {
  const card = circuit.transient;
  if (card === null)
    throw new OhmletError({
      code: "SPICE-ANALYSIS",
      fact: "the netlist asks for no transient",
      place: { where: circuit.where, line: 1, column: 1 },
      remedy: "add a line such as  .tran 1n 1u",
    });
  checkTopology(circuit, false);
  return new Transient(circuit, card).run();
}

class Transient {
  private readonly system: System;
  /** The state: voltages of nodes, currents of branches. */
  private readonly x: Float64Array;
  private readonly before: Float64Array;
  /** Charges at the beginning of a step. */
  private readonly charge: Float64Array;
  /** Rates of the charges at each stage. */
  private readonly rates: readonly Float64Array[];
  private readonly change: Float64Array;
  private readonly moment: Moment = { t: 0, sources: 1, shunt: 0, rate: 0 };
  /** The rate that the factors at hand are those of. */
  private factored = NaN;
  private iterations = 0;
  private readonly time: number[] = [];
  private readonly told: number[][];
  /** The last three points since a corner, oldest first. */
  private readonly recent: { t: number; x: Float64Array }[] = [];

  constructor(
    private readonly circuit: Circuit,
    private readonly card: TransientCard,
  ) {
    this.system = new System(circuit, card);
    const empty = (): Float64Array => new Float64Array(this.system.size);
    this.x = card.uic ? empty() : startOf(circuit, card, circuit.initial);
    [this.before, this.charge, this.change] = [empty(), empty(), empty()];
    this.rates = NODES.map(empty);
    this.told = circuit.nodes.map(() => []);
  }

  run(): TransientOfNetlist {
    const { card, x, circuit } = this;
    const stops = stopsOf(circuit, card);
    const tiny = Math.min(card.step, card.largest) * 1e-6;
    this.begin(tiny * 1e-3);
    this.tell(0);
    let [t, h] = [0, tiny];
    let [steps, rejected] = [0, 0];
    for (let next = 0; next < stops.length;) {
      const left = stops[next].t - t;
      // Two steps of half, rather than a whole one and a splinter.
      const taken = h >= left * 0.999 ? left : h > left / 2 ? left / 2 : h;
      const error = this.step(t, taken);
      if (steps + rejected > MOST_STEPS) throw tooLong(circuit, t);
      if (error > 1) {
        rejected++;
        x.set(this.before);
        h = taken * Math.max(0.1, 0.9 * error ** (-1 / 3));
        if (!(h > tiny * 1e-9)) throw lost(circuit, t);
        continue;
      }
      steps++;
      const arrived = taken === left;
      t = arrived ? stops[next].t : t + taken;
      this.charge.set(this.system.charge);
      this.tell(t);
      h = Math.min(
        taken * Math.min(4, 0.9 * Math.max(error, 1e-6) ** (-1 / 3)),
        card.largest,
        this.straight(),
      );
      if (!arrived) continue;
      if (stops[next].corner) {
        h = Math.min(h, tiny * 100);
        this.recent.length = 0;
      }
      next++;
    }
    return {
      time: this.time,
      nodes: Object.fromEntries(
        circuit.nodes.flatMap((name, i): [string, readonly number[]][] =>
          circuit.inner.has(i) ? [] : [[name, this.told[i]]],
        ),
      ),
      outcome: "settled",
      steps,
      rejected,
      iterations: this.iterations,
    };
  }

  /**
   * Charges at the beginning: of the operating point, or of initial conditions. With these the voltages are those
   * that go with them, a moment of no length later.
   */
  private begin(moment: number): void {
    const { system, card, circuit, x, charge } = this;
    if (card.uic) {
      for (const [node, volts] of circuit.initial) x[node] = volts;
      for (const element of circuit.elements)
        if (element.kind === "inductor") x[circuit.nodes.length + element.branch] = element.initial ?? 0;
    }
    system.load(x, this.moment);
    charge.set(system.charge);
    if (!card.uic) return;
    const at = (node: Node): number => (node === GROUND ? 0 : x[node]);
    for (const element of circuit.elements) {
      // Its own condition counts before those of its nodes.
      if ((element.kind !== "capacitor" && element.kind !== "diode") || element.initial === null) continue;
      const { a, b, initial } = element;
      const stored = (v: number): number =>
        element.kind === "capacitor" ? element.farad * v : chargeOf(element.diode, v);
      const more = stored(initial) - stored(at(a) - at(b));
      if (a !== GROUND) charge[a] += more;
      if (b !== GROUND) charge[b] -= more;
    }
    system.past.set(charge);
    if (!this.solve(1 / moment)) throw lost(circuit, 0);
  }

  /** A step of three stages; its error in tolerances, infinite where a stage was not found. */
  private step(t: number, h: number): number {
    const { system, moment, rates, x, charge, change } = this;
    const { size, past } = system;
    this.before.set(x);
    const rate = 1 / (GAMMA * h);
    for (let s = 0; s < 3; s++) {
      past.set(charge);
      WEIGHTS[s].forEach((weight, j) => {
        for (let i = 0; i < size; i++) past[i] += h * weight * rates[j][i];
      });
      moment.t = t + NODES[s] * h;
      if (!this.solve(rate)) return Infinity;
      for (let i = 0; i < size; i++) rates[s][i] = rate * (system.charge[i] - past[i]);
    }
    for (let i = 0; i < size; i++)
      change[i] = rate * h * (ERRORS[0] * rates[0][i] + ERRORS[1] * rates[1][i] + ERRORS[2] * rates[2][i]);
    system.solve(change);
    let worst = 0;
    for (let i = 0; i < system.nodeCount; i++)
      worst = Math.max(worst, Math.abs(change[i]) / (TOLERANCE * Math.max(1, Math.abs(x[i]))));
    return Number.isFinite(worst) ? worst : Infinity;
  }

  /** Newton's method, by slopes of another time as long as they serve. */
  private solve(rate: number): boolean {
    const { system, moment, x, change } = this;
    moment.rate = rate;
    for (let n = 0; n < MOST_ITERATIONS; n++) {
      system.load(x, moment);
      this.iterations++;
      if (this.factored !== rate || n > 1) this.factor(rate);
      for (let i = 0; i < system.size; i++) change[i] = -system.residual[i];
      system.solve(change);
      let moved = 0;
      for (let i = 0; i < system.size; i++) {
        x[i] += change[i];
        if (i < system.nodeCount) moved = Math.max(moved, Math.abs(change[i]) / Math.max(1, Math.abs(x[i])));
      }
      if (!(moved < 1e9)) break;
      if (system.held || moved > SOLVED) continue;
      system.load(x, moment);
      return true;
    }
    this.factored = NaN;
    return false;
  }

  private factor(rate: number): void {
    const found = this.system.factor();
    this.factored = rate;
    if (found.kind === "too-large") throw tooLarge(this.circuit);
    if (found.kind === "singular")
      throw undetermined(this.circuit, this.system.nameOf(found.column), found.column);
  }

  private tell(t: number): void {
    const { recent, x, told } = this;
    const point =
      recent.length < 3 ? { t, x: x.slice() } : (recent.shift() as { t: number; x: Float64Array });
    point.t = t;
    point.x.set(x);
    recent.push(point);
    if (t < this.card.start) return;
    if (this.time.length * told.length > MOST_NUMBERS) throw tooLong(this.circuit, t);
    this.time.push(t);
    told.forEach((list, i) => list.push(x[i]));
  }

  /** The longest step over which a straight line stays on the curve, by how the last three points bend. */
  private straight(): number {
    if (this.recent.length < 3) return Infinity;
    const [p, q, r] = this.recent;
    const [early, late] = [q.t - p.t, r.t - q.t];
    let worst = 0;
    for (let i = 0; i < this.told.length; i++) {
      const bend = Math.abs((r.x[i] - q.x[i]) / late - (q.x[i] - p.x[i]) / early) / ((early + late) / 2);
      worst = Math.max(worst, bend / Math.max(1, Math.abs(r.x[i])));
    }
    return Math.sqrt((8 * STRAIGHT) / worst);
  }
}

function chargeOf(diode: Diode, v: number): number {
  const bias = { current: 0, slope: 0, charge: 0, capacitance: 0 };
  biasOf(diode, v, bias);
  return bias.charge;
}

function lost(circuit: Circuit, t: number): OhmletError {
  return new OhmletError({
    code: "SPICE-UNSETTLED",
    category: "run",
    fact: `the transient cannot go on at ${t.toPrecision(6)} s: no step is short enough`,
    place: { where: circuit.where },
    remedy: "give what jumps a duration, and what changes at once a capacitor",
  });
}

function tooLong(circuit: Circuit, t: number): OhmletError {
  return new OhmletError({
    code: "SPICE-SIZE",
    fact: `the transient takes too many steps: it has come to ${t.toPrecision(6)} s`,
    place: { where: circuit.where },
    remedy: "ask for a shorter one, or a longer step",
  });
}
