/**
 * What the populations of a chip receive, and how that depends on what they show and on the weights: on the
 * host in float64, through any wiring, by the programs that the circuit is lowered to and their transposes.
 */
import type { Chip, Circuit, Projection, WeightArrays } from "../circuit/chip-types";
import { hasDevices, ownerOf } from "../circuit/owner";
import { clampedBuffers } from "../dynamics/lowering/clamped";
import { graphOf, type GraphPopulation } from "../dynamics/lowering/layout";
import { driven, planRecurrentDrives, planStillDrives } from "../dynamics/lowering/plan-drives";
import { correlate } from "../engines/correlate";
import { atOnce, type AtOnce } from "../engines/reference";
import type { Connections } from "../program/connections";
import type { Program } from "../program/program";
import { transpose, type Transpose } from "../program/transpose";
import { setArrays } from "./set-arrays";

/** Arrays [samples, size] by population. */
export type ByPopulation = Readonly<Record<string, Float64Array>>;

/** Weights and biases by projection, as derivatives or changes. */
export type ByProjection = Readonly<Record<string, WeightArrays>>;

/** A program of drives, and what walks it backwards. */
interface Part {
  readonly forward: AtOnce;
  readonly backward: AtOnce;
  readonly walk: Transpose;
  readonly program: Program;
}

interface Shape {
  readonly pre: number;
  readonly post: number;
}

interface Ends {
  readonly weights: string;
  readonly pre: Float64Array;
  readonly post: Float64Array;
  readonly through?: Connections;
}

const NONE: ReadonlyMap<string, string> = new Map();
/** Batch sizes whose programs are kept for a circuit. */
const MOST_KEPT = 2;
const known = new WeakMap<Circuit, Map<string, Drives>>();

/** Through all projections, or through those that have an array of their own. */
type Which = "all" | "owners";

/** Of a chip, as its weights are now. */
export function drivesThrough(chip: Chip, samples: number, which: Which = "all"): Drives {
  const kept = known.get(chip.circuit) ?? new Map<string, Drives>();
  known.set(chip.circuit, kept);
  const key = `${samples} ${which}`;
  let found = kept.get(key);
  if (found === undefined) {
    found = new Drives(chip, samples, which);
    if (kept.size >= MOST_KEPT) kept.delete([...kept.keys()][0]);
    kept.set(key, found);
  }
  found.follow(chip);
  return found;
}

export class Drives {
  private readonly populations: readonly GraphPopulation[];
  private readonly circuit: Circuit;
  /** From each other, and from clamped outputs and biases; null where there is none. */
  private readonly recurrent: Part | null;
  private readonly still: Part | null;
  private followed: { readonly chip: Chip; readonly version: number } | null = null;

  constructor(
    chip: Chip,
    private readonly samples: number,
    private readonly which: Which,
  ) {
    this.circuit = chip.circuit;
    this.populations = graphOf(chip.circuit).map((p) => ({
      ...p,
      recurrent: p.recurrent.filter(({ projection }) => this.counts(projection)),
    }));
    const { circuit, populations } = this;
    const shown = populations.map(({ index }) => `a${index}`);
    this.recurrent =
      driven(populations).length === 0
        ? null
        : partOf(planRecurrentDrives(circuit, populations, samples), shown);
    this.still = populations.some(({ hasStatic }) => hasStatic)
      ? partOf(planStillDrives(circuit, samples), [])
      : null;
  }

  /** Takes over the weights of a chip. */
  follow(chip: Chip): void {
    if (this.followed?.chip === chip && this.followed.version === chip.version) return;
    for (const part of [this.recurrent, this.still]) {
      if (part === null) continue;
      setArrays(part.forward, part.program, chip, NONE);
      setArrays(part.backward, part.walk.program, chip, part.walk.transposed);
    }
    this.followed = { chip, version: chip.version };
  }

  /**
   * The logical drives at some activities, [samples, size].
   * @param activities of all populations, the clamped ones included
   */
  of(activities: ByPopulation): ByPopulation {
    const { populations, samples } = this;
    this.show(activities, "forward");
    const parts = [this.recurrent, this.still].filter((part) => part !== null);
    for (const { forward } of parts) forward.stepOnce();
    return Object.fromEntries(
      populations.map(({ index, population: { name, size } }) => {
        const sum = new Float64Array(samples * size);
        for (const { forward } of parts)
          for (const buffer of [`d${index}`, `s${index}`])
            if (Object.hasOwn(forward.buffers, buffer))
              forward.buffers[buffer].forEach((x, i) => (sum[i] += x));
        return [name, sum];
      }),
    );
  }

  /**
   * How something that depends on the drives depends on the activities: of unclamped populations, [samples,
   * size].
   * @param byDrive its derivatives by the logical drives; those left out are 0
   */
  byActivity(activities: ByPopulation, byDrive: ByPopulation): ByPopulation {
    const part = this.back(this.recurrent, activities, byDrive);
    return Object.fromEntries(
      this.populations.map(({ index, population: { name, size } }) => {
        const bar = part?.walk.inputs.get(`a${index}`);
        return [
          name,
          bar === undefined || part === null
            ? new Float64Array(this.samples * size)
            : part.backward.buffers[bar].slice(),
        ];
      }),
    );
  }

  /** How it depends on the weights and biases of each projection, as arrays of their own; sums over samples. */
  byWeight(activities: ByPopulation, byDrive: ByPopulation): ByProjection {
    return this.products(this.ends(activities, byDrive));
  }

  /**
   * The same at some activities less the same at others: the difference of products as products of differences,
   * which loses no digits.
   */
  contrast(
    [activities, byDrive]: readonly [ByPopulation, ByPopulation],
    [others, byOtherDrive]: readonly [ByPopulation, ByPopulation],
  ): ByProjection {
    const left = this.ends(activities, byDrive);
    const right = this.ends(others, byOtherDrive);
    return this.products(
      left.flatMap(({ pre, post, ...of }, k) => {
        const [x, y] = [right[k].pre, right[k].post];
        return [
          { ...of, pre: pre.map((a, i) => (a + x[i]) / 2), post: post.map((b, i) => b - y[i]) },
          { ...of, pre: pre.map((a, i) => a - x[i]), post: post.map((b, i) => (b + y[i]) / 2) },
        ];
      }),
    );
  }

  /** What both ends of each array show. */
  private ends(activities: ByPopulation, byDrive: ByPopulation): readonly Ends[] {
    return [this.recurrent, this.still].flatMap((part) => {
      const walked = this.back(part, activities, byDrive);
      if (walked === null) return [];
      const { buffers } = walked.backward;
      return walked.walk.weights.map(({ weights, pre, post, through }) => ({
        weights,
        pre: buffers[pre].slice(),
        post: buffers[post].slice(),
        through,
      }));
    });
  }

  private products(ends: readonly Ends[]): ByProjection {
    const products = (weights: string, size: Shape): Float64Array => {
      const sum = new Float64Array(size.pre * size.post);
      for (const { pre, post, through, ...of } of ends)
        if (of.weights === weights)
          correlate(pre, post, this.samples, size.pre, size.post, through).forEach((x, i) => (sum[i] += x));
      return sum;
    };
    return Object.fromEntries(
      this.circuit.projections.flatMap((projection, index) => {
        if (!this.counts(projection)) return [];
        const { name, array, bias } = projection;
        const weights = products(`w${index}`, array);
        return [
          [name, { weights, biases: bias ? products(`b${index}`, { pre: 1, post: array.post }) : null }],
        ];
      }),
    );
  }

  private counts(projection: Projection): boolean {
    return this.which === "all" || ownerOf(projection) === projection.name;
  }

  private back(part: Part | null, activities: ByPopulation, byDrive: ByPopulation): Part | null {
    if (part === null) return null;
    const { backward, walk, program } = part;
    this.show(activities, "backward");
    for (const { index, population } of this.populations)
      for (const buffer of [`d${index}`, `s${index}`])
        if (program.state.includes(buffer)) {
          const given = byDrive[population.name];
          if (given === undefined) backward.clear(walk.of(buffer));
          else backward.write(walk.of(buffer), given);
        }
    backward.stepOnce();
    return part;
  }

  private show(activities: ByPopulation, way: "forward" | "backward"): void {
    for (const part of [this.recurrent, this.still]) {
      if (part === null) continue;
      // Set, not written: a derivative may read none of them.
      for (const { index, population } of this.populations)
        part[way].buffers[`a${index}`]?.set(activities[population.name]);
      for (const { population, buffer } of clampedBuffers(this.circuit))
        part[way].buffers[buffer]?.set(activities[population.name]);
    }
  }
}

function partOf(program: Program, inputs: readonly string[]): Part {
  const walk = transpose(program, inputs);
  return { program, walk, forward: atOnce(program), backward: atOnce(walk.program) };
}

/** Derivatives of the arrays that a circuit programs: what directions tied to one add is added to it. */
export function byOwner(circuit: Circuit, found: ByProjection): ByProjection {
  const owned = circuit.projections.filter(hasDevices);
  const out = Object.fromEntries(
    owned.map(({ name }) => [name, { ...found[name], weights: found[name].weights.slice() }]),
  );
  for (const projection of circuit.projections) {
    const owner = ownerOf(projection);
    if (projection.couples !== null || owner === projection.name) continue;
    const { from, to, name, wiring } = projection;
    if (wiring !== null) {
      found[name].weights.forEach((x, k) => (out[owner].weights[k] += x));
      continue;
    }
    for (let i = 0; i < from.size; i++)
      for (let j = 0; j < to.size; j++)
        out[owner].weights[j * from.size + i] += found[name].weights[i * to.size + j];
  }
  return out;
}
