/**
 * A circuit as equations, by modified nodal analysis: what flows into each node and how each branch is bound, with
 * their slopes. Storage is charge at nodes and flux of branches, so one `load` serves operating points and
 * transients: f(x, t) + rate (q(x) - past) = 0. Sums are formed element by element, so that what is left of them
 * is a true Kirchhoff residual.
 */
import { compile } from "../equations/evaluate";
import { differentiate } from "../equations/differentiate";
import { simplify } from "../equations/simplify";
import { OhmletError } from "../errors";
import { GROUND, type Circuit, type Element, type Node, type Reading } from "./circuit";
import { biasOf, limited, type Bias, type Diode } from "./diode";
import { TIME } from "./expression";
import { Pattern, SparseSystem, type Factored } from "../numerics/sparse";
import type { Moment } from "./moment";
import { linearStamp, type Stamp } from "./stamps";
import type { Span } from "./waveform";

interface Junction {
  readonly diode: Diode;
  readonly a: Node;
  readonly b: Node;
  readonly slots: readonly number[];
}

interface Behaviour {
  readonly element: Extract<Element, { kind: "behavioural" }>;
  readonly of: (...values: number[]) => number;
  readonly slopes: readonly ((...values: number[]) => number)[];
  readonly values: number[];
  /** By reading: entries for plus and minus (or the branch), at each row that the source is in. */
  readonly slots: readonly (readonly [number, number, number])[];
}

const EPSILON = 2 ** -52;
/** Steepest that an expression counts as: that of sqrt(x) at 0 is infinite, and none where it is not defined. */
const STEEPEST = 1e15;
const bounded = (slope: number): number =>
  Number.isNaN(slope) ? 0 : Math.max(-STEEPEST, Math.min(STEEPEST, slope));
/** Most unknowns: nodes and branches. */
const MOST_UNKNOWNS = 40_000;

export class System {
  readonly size: number;
  readonly nodeCount: number;
  /** What is left of each equation, A and V, */
  readonly residual: Float64Array;
  /** and how much of it rounding may be: the sum of the magnitudes that were added. */
  readonly magnitude: Float64Array;
  /** Charge of nodes, C, and flux of branches, Wb. */
  readonly charge: Float64Array;
  /** Charges that `rate` counts from. */
  readonly past: Float64Array;
  readonly sparse: SparseSystem;
  private readonly junctions: readonly Junction[];
  private readonly behaviours: readonly Behaviour[];
  private readonly fixed: readonly Stamp[];
  private readonly diagonal: Int32Array;
  /** Voltages that junctions are linearised at. */
  readonly limits: Float64Array;
  readonly startingLimits: Float64Array;
  /** Where the last change of the state led from. */
  readonly before: Float64Array;
  /** Whether some junction was held back in the last load, or some source was silent. */
  held = false;
  private readonly bias: Bias = { current: 0, slope: 0, charge: 0, capacitance: 0 };
  readonly pattern: Pattern;

  /** @param holds nodes that are held at voltages: initial conditions of a transient's operating point */
  constructor(
    readonly circuit: Circuit,
    readonly span: Span | null = null,
    holds: ReadonlyMap<Node, number> = new Map(),
  ) {
    const { nodes, branches, elements } = circuit;
    this.nodeCount = nodes.length;
    this.size = nodes.length + branches.length;
    if (this.size > MOST_UNKNOWNS)
      throw new OhmletError({
        code: "SPICE-SIZE",
        fact: `the circuit has ${this.size} unknowns, more than ${MOST_UNKNOWNS}`,
        place: { where: circuit.where },
        remedy: "solve a smaller circuit",
      });
    this.pattern = new Pattern(this.size);
    this.residual = new Float64Array(this.size);
    this.magnitude = new Float64Array(this.size);
    this.charge = new Float64Array(this.size);
    this.past = new Float64Array(this.size);
    const junctions: Junction[] = [];
    const behaviours: Behaviour[] = [];
    const fixed: Stamp[] = [];
    for (const element of elements) {
      if (element.kind === "diode")
        junctions.push({
          diode: element.diode,
          a: element.a,
          b: element.b,
          slots: this.conductanceSlots(element.a, element.b),
        });
      else if (element.kind === "behavioural") behaviours.push(this.behaviour(element));
      else fixed.push(linearStamp(this, element));
    }
    for (const [node, volts] of holds) fixed.push(this.hold(node, volts));
    this.junctions = junctions;
    this.behaviours = behaviours;
    this.fixed = fixed;
    this.diagonal = Int32Array.from({ length: this.nodeCount }, (_, i) => this.pattern.slot(i, i));
    this.sparse = new SparseSystem(this.pattern);
    this.startingLimits = Float64Array.from(junctions, ({ diode }) => diode.critical);
    this.limits = this.startingLimits.slice();
    this.before = new Float64Array(this.size);
  }

  /**
   * Everything at a state: residual, its rounding, charges, slopes.
   * @param restart junctions are linearised where `limits` say, whatever the state
   * @param begins sources that come to no number here (the reciprocal of 0 V) give nothing: the state is where an
   *   iteration begins, and the rest of the circuit leads away from it
   */
  load(x: Float64Array, moment: Moment, restart = false, begins = false): void {
    const { residual, magnitude, charge, sparse, past } = this;
    residual.fill(0);
    magnitude.fill(0);
    charge.fill(0);
    sparse.values.fill(0);
    for (const stamp of this.fixed) stamp(x, moment);
    this.held = restart && this.junctions.length > 0;
    this.loadJunctions(x, moment, restart);
    for (const behaviour of this.behaviours) this.loadBehaviour(behaviour, x, moment, begins);
    for (let i = 0; i < this.nodeCount; i++) {
      sparse.values[this.diagonal[i]] += moment.shunt;
      residual[i] += moment.shunt * (x[i] - (moment.past?.[i] ?? 0));
    }
    if (moment.rate > 0)
      for (let i = 0; i < this.size; i++) {
        residual[i] += moment.rate * (charge[i] - past[i]);
        magnitude[i] += moment.rate * (Math.abs(charge[i]) + Math.abs(past[i]));
      }
  }

  factor(): Factored {
    return this.sparse.factor();
  }

  /** The change that would bring a linear circuit's residual to nothing, in place of `b`. */
  solve(b: Float64Array): void {
    this.sparse.solve(b);
  }

  /** Whether every residual is within what rounding of its terms explains. */
  get still(): boolean {
    for (let i = 0; i < this.size; i++)
      if (!(Math.abs(this.residual[i]) <= 8 * EPSILON * this.magnitude[i] + 1e-22)) return false;
    return true;
  }

  /** Whether every equation came to a number. */
  get finite(): boolean {
    for (let i = 0; i < this.size; i++) if (!Number.isFinite(this.residual[i])) return false;
    return true;
  }

  /** Name of an unknown, for errors. */
  nameOf(unknown: number): string {
    const { nodes, branches } = this.circuit;
    return unknown < nodes.length ? nodes[unknown] : branches[unknown - nodes.length];
  }

  at(x: Float64Array, node: Node): number {
    return node === GROUND ? 0 : x[node];
  }

  /** `i` amperes leave node a and enter b. */
  flow(a: Node, b: Node, i: number, size: number): void {
    if (a !== GROUND) {
      this.residual[a] += i;
      this.magnitude[a] += size;
    }
    if (b !== GROUND) {
      this.residual[b] -= i;
      this.magnitude[b] += size;
    }
  }

  /** Slots of rows a and b, columns c and d; -1 at ground. */
  slots(a: Node, b: Node, c: Node, d: Node): readonly number[] {
    const slot = (r: Node, k: Node): number => (r === GROUND || k === GROUND ? -1 : this.pattern.slot(r, k));
    return [slot(a, c), slot(b, d), slot(a, d), slot(b, c)];
  }

  conductanceSlots(a: Node, b: Node): readonly number[] {
    return this.slots(a, b, a, b);
  }

  slope(slots: readonly number[], g: number): void {
    const { values } = this.sparse;
    if (slots[0] >= 0) values[slots[0]] += g;
    if (slots[1] >= 0) values[slots[1]] += g;
    if (slots[2] >= 0) values[slots[2]] -= g;
    if (slots[3] >= 0) values[slots[3]] -= g;
  }

  /** Rows and columns of a branch between two nodes: its current leaves a, and v(a) - v(b) stands in its row. */
  branchStamp(a: Node, b: Node, branch: number): (x: Float64Array) => void {
    const row = this.nodeCount + branch;
    const slots = this.slots(a, b, row, row);
    const back = this.slots(row, row, a, b);
    return (x) => {
      const { values } = this.sparse;
      const i = x[row];
      this.flow(a, b, i, Math.abs(i));
      if (slots[0] >= 0) values[slots[0]] += 1;
      if (slots[1] >= 0) values[slots[1]] -= 1;
      if (back[0] >= 0) values[back[0]] += 1;
      if (back[1] >= 0) values[back[1]] -= 1;
      const [va, vb] = [this.at(x, a), this.at(x, b)];
      this.residual[row] += va - vb;
      this.magnitude[row] += Math.abs(va) + Math.abs(vb);
    };
  }

  /** A node pulled to a voltage by a conductance that nothing else comes near, as ngspice does. */
  private hold(node: Node, volts: number): (x: Float64Array, moment: Moment) => void {
    const slot = this.pattern.slot(node, node);
    const g = 1e10;
    return (x, { sources }) => {
      this.residual[node] += g * (x[node] - sources * volts);
      this.magnitude[node] += g * (Math.abs(x[node]) + Math.abs(volts));
      this.sparse.values[slot] += g;
    };
  }

  private loadJunctions(x: Float64Array, { rate }: Moment, restart: boolean): void {
    const { junctions, limits, bias } = this;
    for (let n = 0; n < junctions.length; n++) {
      const { diode, a, b, slots } = junctions[n];
      const [va, vb] = [this.at(x, a), this.at(x, b)];
      const v = va - vb;
      if (!restart) {
        const next = limited(diode, v, limits[n]);
        if (next !== v) this.held = true;
        limits[n] = next;
      }
      const at = limits[n];
      biasOf(diode, at, bias);
      // What its line there says at the voltage that it has.
      const i = bias.current + bias.slope * (v - at);
      this.flow(a, b, i, Math.abs(i) + bias.slope * (Math.abs(va) + Math.abs(vb)));
      let slope = bias.slope;
      if (diode.storage !== null) {
        const q = bias.charge + bias.capacitance * (v - at);
        if (a !== GROUND) this.charge[a] += q;
        if (b !== GROUND) this.charge[b] -= q;
        slope += rate * bias.capacitance;
      }
      this.slope(slots, slope);
    }
  }

  private behaviour(element: Extract<Element, { kind: "behavioural" }>): Behaviour {
    const { readings, branch, a, b } = element;
    const names = [...readings.map((reading) => reading.symbol), TIME];
    const value = simplify(element.value);
    const row = branch === null ? null : this.nodeCount + branch;
    if (row !== null) this.branchStamps.set(element, this.branchStamp(a, b, branch as number));
    const entry = (r: Node, c: Node): number => (r === GROUND || c === GROUND ? -1 : this.pattern.slot(r, c));
    const slots = readings.flatMap((reading) =>
      this.ends(reading).map(
        (column) => [entry(row ?? a, column), row === null ? entry(b, column) : -1, 0] as const,
      ),
    );
    return {
      element,
      of: compile(value, names),
      slopes: readings.map((reading) => compile(simplify(differentiate(value, reading.symbol)), names)),
      values: names.map(() => 0),
      slots,
    };
  }

  private readonly branchStamps = new Map<Element, (x: Float64Array) => void>();

  /** Unknowns that a reading is made of: what counts up, and what counts down. */
  private ends(reading: Reading): readonly [Node, Node] {
    return reading.kind === "voltage"
      ? [reading.plus, reading.minus]
      : [this.nodeCount + reading.branch, GROUND];
  }

  private loadBehaviour(
    { element, of, slopes, values, slots }: Behaviour,
    x: Float64Array,
    moment: Moment,
    begins: boolean,
  ): void {
    const { readings, branch, a, b } = element;
    readings.forEach((reading, i) => {
      const [up, down] = this.ends(reading);
      values[i] = this.at(x, up) - this.at(x, down);
    });
    values[readings.length] = moment.t ?? 0;
    let value = of(...values);
    const silent = begins && !Number.isFinite(value);
    if (silent) {
      value = 0;
      this.held = true;
    }
    const row = branch === null ? null : this.nodeCount + branch;
    let size = Math.abs(value);
    // In the row of a voltage the value is taken away; a current leaves a and enters b.
    const sign = row === null ? 1 : -1;
    readings.forEach((_, i) => {
      const slope = silent ? 0 : bounded(slopes[i](...values));
      const [up, down] = this.ends(readings[i]);
      size += Math.abs(slope) * (Math.abs(this.at(x, up)) + Math.abs(this.at(x, down)));
      for (const [end, direction] of [
        [2 * i, 1],
        [2 * i + 1, -1],
      ] as const) {
        const [first, second] = slots[end];
        if (first >= 0) this.sparse.values[first] += sign * direction * slope;
        if (second >= 0) this.sparse.values[second] -= direction * slope;
      }
    });
    if (row === null) return this.flow(a, b, value, size);
    this.branchStamps.get(element)?.(x);
    this.residual[row] -= value;
    this.magnitude[row] += size;
  }
}
