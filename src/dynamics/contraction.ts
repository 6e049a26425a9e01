/**
 * A certificate that a chip has one fixed point: where what its units do to each other, bounded over everything
 * that they can reach, shrinks differences in some weighted maximum norm, two fixed points would be closer to each
 * other than they are. By interval arithmetic over the equations and the weights as they are; nothing is settled.
 * Where there is none, several fixed points are not ruled out: `unproven` is no proof of them.
 *
 * For any two fixed points u and v, |u_i - v_i| <= sum_j M_ij |u_j - v_j|, with M of the largest slopes within the
 * box: for du/dt = F, M_ij = sup |dF/dI| |W_ij| sup |rho'| / inf -dF/du; for a map, sup |dnext/dI| |W_ij| sup
 * |rho'|, and sup |dnext/du| from a unit to itself. Any positive weights x bound M's norm by max (M x)_i / x_i;
 * powers of M find good ones (Collatz and Wielandt).
 */
import type { Chip, Population, Projection } from "../circuit/chip-types";
import { internalStates } from "../circuit/states";
import { partsOfInputs } from "../circuit/inputs";
import type { Neuron } from "../device/types";
import { differentiate, splitLinear } from "../equations/differentiate";
import { divide, negate, number, subtract, type Expression } from "../equations/expression";
import { EVERYWHERE, rangeOf, type Range } from "../equations/range";
import { simplify } from "../equations/simplify";
import { eachUse } from "../program/connections";
import { CONSTANTS } from "../units/constants";
import { isPooled } from "./lowering/pooling";
import type { Uniqueness } from "./types";

/** Rounds in which the box shrinks; powers of M; pieces of a box within which slopes are bounded. */
const ROUNDS = 4;
const POWERS = 60;
const PIECES = 256;
/** Ranges are rounded to nearest, and so are sums of hundreds of weights: a factor has to be clearly below 1. */
const CLEARLY = 1 - 1e-9;

type Moving = Population & { readonly neuron: Neuron };

/** Ranges of every unit of a population. */
interface Box {
  readonly least: Float64Array;
  readonly largest: Float64Array;
}

/**
 * Whether a chip has one fixed point at most, for any of the inputs, without a nudge.
 * @param inputs [samples, input size]
 */
export function uniquenessOf(chip: Chip, inputs: ArrayLike<number>): Uniqueness {
  const { circuit } = chip;
  const staged = circuit.populations.some(({ neuron }) => internalStates(neuron).length > 0);
  if (staged || circuit.projections.some(({ synapse, wiring }) => synapse.loads || isPooled(wiring)))
    return { kind: "unproven", factor: null };
  const factor = new Bounds(chip, inputs).factor();
  return Number.isFinite(factor) && factor < CLEARLY
    ? { kind: "contraction", factor }
    : { kind: "unproven", factor: Number.isFinite(factor) ? factor : null };
}

class Bounds {
  private readonly moving: readonly Moving[];
  private readonly states = new Map<string, Box>();
  private readonly shown = new Map<string, Box>();
  private readonly drives = new Map<string, Box>();
  private readonly edges: readonly Edges[];

  constructor(
    private readonly chip: Chip,
    inputs: ArrayLike<number>,
  ) {
    const { populations, projections } = chip.circuit;
    this.moving = populations.filter((p): p is Moving => !p.clamped && p.neuron !== null);
    this.edges = projections.map((projection) => edgesOf(chip, projection));
    const clamped = partsOfInputs(chip.circuit, Float64Array.from(inputs));
    for (const population of populations) {
      const { name, size, neuron } = population;
      const data = clamped.get(name);
      const box = data === undefined ? everywhere(size) : hullOfRows(data, size);
      this.states.set(name, box);
      this.shown.set(name, neuron === null ? box : this.each(population as Moving, neuron.rho, { u: box }));
    }
    for (const population of this.moving) this.keep(population, this.within(population));
    for (let round = 0; round < ROUNDS; round++) this.shrink();
  }

  /** The norm of M in the best weights that were found; Infinity where it has none. */
  factor(): number {
    const slopes = new Map(this.moving.map((p) => [p.name, this.slopesOf(p)]));
    let x = new Map(this.moving.map(({ name, size }) => [name, new Float64Array(size).fill(1)]));
    let best = Infinity;
    for (let k = 0; k < POWERS; k++) {
      const y = this.times(x, slopes);
      let [worst, largest] = [0, 0];
      for (const [name, values] of y)
        values.forEach((value, i) => {
          worst = Math.max(worst, value / (x.get(name) as Float64Array)[i]);
          largest = Math.max(largest, value);
        });
      if (Number.isNaN(worst)) return Infinity;
      best = Math.min(best, worst);
      if (!Number.isFinite(worst) || largest === 0) break;
      // No weight may be 0: units that drive nobody keep a little.
      x = new Map([...y].map(([name, values]) => [name, values.map((v) => v / largest + 1e-6)]));
    }
    return best;
  }

  private times(
    x: ReadonlyMap<string, Float64Array>,
    slopes: ReadonlyMap<string, Slopes>,
  ): Map<string, Float64Array> {
    const out = new Map(this.moving.map(({ name, size }) => [name, new Float64Array(size)]));
    for (const { projection, pre, post, weights } of this.edges) {
      const { from, to } = projection;
      if (from.clamped) continue;
      const [sent, taken] = [x.get(from.name), out.get(to.name)];
      const rho = slopes.get(from.name)?.rho;
      if (!sent || !taken || !rho) continue;
      for (let k = 0; k < weights.length; k++)
        taken[post[k]] += Math.abs(weights[k]) * rho[pre[k]] * sent[pre[k]];
    }
    for (const { name } of this.moving) {
      const { gain, own } = slopes.get(name) as Slopes;
      const [values, before] = [out.get(name) as Float64Array, x.get(name) as Float64Array];
      values.forEach((value, i) => (values[i] = (value === 0 ? 0 : gain * value) + own * before[i]));
    }
    return out;
  }

  /** Largest slopes of a population within its box. */
  private slopesOf(population: Moving): Slopes {
    const { name, neuron, size } = population;
    const { dynamics } = neuron;
    const field = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
    const drive = this.chip.unitDriveOf(name);
    const steepest = (e: Expression): number => Math.max(...this.overall(population, e).map(Math.abs));
    const gain = steepest(differentiate(field, "I")) * drive;
    const own = this.overall(population, differentiate(field, "u"));
    const rate = -own[1];
    const rho = this.steepness(population, size);
    if (dynamics.kind === "discrete") return { gain, own: Math.max(...own.map(Math.abs)), rho };
    return { gain: rate > 0 ? gain / rate : Infinity, own: 0, rho };
  }

  /** sup |rho'| of each unit: pieces of the population's box are bounded once. */
  private steepness(population: Moving, size: number): Float64Array {
    const { least, largest } = this.states.get(population.name) as Box;
    const pieces = piecesOf(hull({ least, largest }));
    const steep = pieces.map((piece) =>
      Math.max(...this.range(population, population.neuron.rhoPrime, { u: piece }).map(Math.abs)),
    );
    return Float64Array.from({ length: size }, (_, i) =>
      Math.max(...steep.filter((_s, k) => pieces[k][1] >= least[i] && pieces[k][0] <= largest[i])),
    );
  }

  /** The range of an expression in u and I over all units of a population, piece by piece in u. */
  private overall(population: Moving, e: Expression): Range {
    const I = hull(this.drives.get(population.name) as Box);
    const ranges = piecesOf(hull(this.states.get(population.name) as Box)).map((u) =>
      this.range(population, e, { u, I }),
    );
    return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
  }

  /** Drives from what is shown, states from drives, what is shown from states. */
  private shrink(): void {
    for (const population of this.moving) this.drives.set(population.name, this.driveOf(population));
    for (const population of this.moving) {
      const moved = this.reached(population);
      this.keep(
        population,
        meet(meet(this.within(population), moved), this.states.get(population.name) as Box),
      );
    }
  }

  private keep(population: Moving, box: Box): void {
    this.states.set(population.name, box);
    this.shown.set(population.name, this.each(population, population.neuron.rho, { u: box }));
  }

  /** Logical drives times the unit drive. */
  private driveOf({ name, size }: Moving): Box {
    const [least, largest] = [new Float64Array(size), new Float64Array(size)];
    for (const { projection, pre, post, weights } of this.edges) {
      if (projection.to.name !== name) continue;
      const from = this.shown.get(projection.from.name) as Box;
      for (let k = 0; k < weights.length; k++) {
        const w = weights[k];
        if (w === 0) continue;
        const [a, b] = [w * from.least[pre[k]], w * from.largest[pre[k]]];
        least[post[k]] += Math.min(a, b);
        largest[post[k]] += Math.max(a, b);
      }
      biasesOf(this.chip, projection).forEach((b, j) => {
        least[j] += b;
        largest[j] += b;
      });
    }
    const unit = this.chip.unitDriveOf(name);
    return { least: least.map((x) => x * unit), largest: largest.map((x) => x * unit) };
  }

  /** Where a unit can stand still while its drive keeps to its range: everywhere, where its leak is not plain. */
  private reached(population: Moving): Box {
    const { neuron, name } = population;
    const standing =
      neuron.dynamics.kind === "discrete" ? neuron.dynamics.next : standingAt(neuron.dynamics.drift);
    const [u, I] = [this.states.get(name) as Box, this.drives.get(name) as Box];
    return standing === null ? everywhere(population.size) : this.each(population, standing, { u, I });
  }

  private within(population: Moving): Box {
    const { bounds } = population.neuron;
    const side = (e: Expression | null | undefined, otherwise: number): Box =>
      this.each(population, e ?? number(otherwise), {});
    return {
      least: side(bounds?.lower, -Infinity).least,
      largest: side(bounds?.upper, Infinity).largest,
    };
  }

  /** The range of an expression for each unit. */
  private each(population: Moving, e: Expression, boxes: Readonly<Record<string, Box>>): Box {
    const { size } = population;
    const [least, largest] = [new Float64Array(size), new Float64Array(size)];
    for (let i = 0; i < size; i++) {
      const ranges = Object.entries(boxes).map(([name, box]): [string, Range] => [
        name,
        [box.least[i], box.largest[i]],
      ]);
      [least[i], largest[i]] = this.range(population, e, Object.fromEntries(ranges), i);
    }
    return { least, largest };
  }

  /** @param unit whose parameters count; of all units, where none is named */
  private range(
    { name }: Moving,
    e: Expression,
    ranges: Readonly<Record<string, Range>>,
    unit?: number,
  ): Range {
    const parameters = this.chip.parametersOf(name);
    return rangeOf(e, (of) => {
      if (Object.hasOwn(ranges, of)) return ranges[of];
      if (of === "I_nudge") return [0, 0];
      const value = parameters[of] ?? CONSTANTS[of]?.value;
      if (typeof value === "number") return [value, value];
      if (value === undefined) return EVERYWHERE;
      return unit === undefined ? [Math.min(...value), Math.max(...value)] : [value[unit], value[unit]];
    });
  }
}

interface Slopes {
  /** sup |dF/dI| times the unit drive, over the leak. */
  readonly gain: number;
  readonly own: number;
  /** sup |rho'|, by unit. */
  readonly rho: Float64Array;
}

/** u = ... of a field that is a leak times u and what does not depend on u alone; null where it is not. */
function standingAt(drift: Expression): Expression | null {
  const { leak, rest } = apart(simplify(drift));
  const rate = simplify(leak);
  return rate.kind === "number" && rate.value === 0 ? null : simplify(divide(rest, negate(rate)));
}

/** A sum as leak * u + rest, the leak in parameters only. */
function apart(e: Expression): { readonly leak: Expression; readonly rest: Expression } {
  const zero = number(0);
  const linear = splitLinear(e, "u");
  if (linear !== null) return { leak: linear.coefficient, rest: linear.constant };
  if (e.kind === "negate") {
    const { leak, rest } = apart(e.of);
    return { leak: negate(leak), rest: negate(rest) };
  }
  if (e.kind === "binary" && (e.op === "add" || e.op === "subtract")) {
    const [a, b] = [apart(e.left), apart(e.right)];
    const join = (x: Expression, y: Expression): Expression =>
      e.op === "add" ? subtract(x, negate(y)) : subtract(x, y);
    return { leak: join(a.leak, b.leak), rest: join(a.rest, b.rest) };
  }
  if (e.kind === "binary" && e.op === "divide" && splitLinear(e.right, "u")?.coefficient.kind === "number") {
    const { leak, rest } = apart(e.left);
    return { leak: divide(leak, e.right), rest: divide(rest, e.right) };
  }
  return { leak: zero, rest: e };
}

interface Edges {
  readonly projection: Projection;
  readonly pre: Int32Array;
  readonly post: Int32Array;
  readonly weights: Float64Array;
}

/** Every use of a weight, logical. */
function edgesOf(chip: Chip, projection: Projection): Edges {
  const { name, to, wiring } = projection;
  const { weights } = chip.weights(name);
  if (wiring === null)
    return {
      projection,
      pre: Int32Array.from(weights, (_, k) => Math.floor(k / to.size)),
      post: Int32Array.from(weights, (_, k) => k % to.size),
      weights,
    };
  const [pre, post, used]: [number[], number[], number[]] = [[], [], []];
  eachUse(wiring.members[0], wiring.array.post, (i, j, at) => {
    const [sends, takes] = wiring.backwards ? [j, i] : [i, j];
    pre.push(sends);
    post.push(takes);
    used.push(weights[at]);
  });
  return {
    projection,
    pre: Int32Array.from(pre),
    post: Int32Array.from(post),
    weights: Float64Array.from(used),
  };
}

/** Of each unit, logical; none where a projection has none. */
function biasesOf(chip: Chip, { name, to, wiring }: Projection): Float64Array {
  const { biases } = chip.weights(name);
  if (biases === null) return new Float64Array(0);
  if (wiring === null || wiring.biases === null) return biases;
  const out = new Float64Array(to.size);
  eachUse(wiring.biases, wiring.array.post, (_, j, at) => (out[j] += biases[at]));
  return out;
}

const everywhere = (size: number): Box => ({
  least: new Float64Array(size).fill(-Infinity),
  largest: new Float64Array(size).fill(Infinity),
});

function hullOfRows(values: Float64Array, size: number): Box {
  const box = {
    least: new Float64Array(size).fill(Infinity),
    largest: new Float64Array(size).fill(-Infinity),
  };
  values.forEach((x, k) => {
    box.least[k % size] = Math.min(box.least[k % size], x);
    box.largest[k % size] = Math.max(box.largest[k % size], x);
  });
  return box;
}

const hull = ({ least, largest }: Box): Range => [
  least.reduce((a, b) => Math.min(a, b), Infinity),
  largest.reduce((a, b) => Math.max(a, b), -Infinity),
];

const meet = (a: Box, b: Box): Box => ({
  least: a.least.map((x, i) => Math.min(Math.max(x, b.least[i]), Math.min(a.largest[i], b.largest[i]))),
  largest: a.largest.map((x, i) => Math.min(x, b.largest[i])),
});

function piecesOf([least, largest]: Range): readonly Range[] {
  if (!Number.isFinite(least) || !Number.isFinite(largest) || least === largest) return [[least, largest]];
  const at = (k: number): number => least + ((largest - least) * k) / PIECES;
  return Array.from({ length: PIECES }, (_, k): Range => [at(k), k === PIECES - 1 ? largest : at(k + 1)]);
}
