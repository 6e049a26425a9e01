/**
 * Kicks of a chip on the host, in float64: J times each, J^T times it, and the products at the ends of synapses
 * that are the derivative of the homeostatic loss. Rows go through a program of a fixed size, block by block, so
 * that no number of samples or draws is too large.
 */
import type { Chip, Circuit } from "../../circuit/chip-types";
import { graphOf, type GraphPopulation } from "../../dynamics/lowering/layout";
import { emitKicks, kicked, kickedBack, type KickForm, type Kicks } from "../../dynamics/lowering/plan-kicks";
import { correlate } from "../../engines/correlate";
import { atOnce, type AtOnce } from "../../engines/reference";
import { ProgramBuilder } from "../../program/builder";
import type { Program } from "../../program/program";
import type { ByPopulation, ByProjection } from "../drives";
import { setArrays } from "../set-arrays";
import type { JacobianFactors } from "./factors";

/** Rows of a block. */
const ROWS = 64;

/** What is kicked, and where. */
export interface KickRows {
  readonly samples: number;
  /** Kicks of each sample, and their values: [size] of a population, to be written into `out`. */
  readonly draws: number;
  readonly kick: (out: Float64Array, population: number, draw: number, sample: number) => void;
  /** What populations show, [samples, size]. */
  readonly activities: ByPopulation;
  readonly factors: JacobianFactors;
}

/** Sums over all rows, with v = J e and w = J^T e. */
export interface KickSums {
  /** v (v - w): the homeostatic loss of Eq. 12. */
  readonly loss: number;
  /** |v + w|^2, four times the squared norm of the symmetric part; and |v - w|^2, of the skew one. */
  readonly symmetric: number;
  readonly skew: number;
  /** By weights and biases of each projection, as arrays of their own. */
  readonly gradient: ByProjection;
}

const known = new WeakMap<Circuit, Map<KickForm | null, HostKicks>>();

/** Of a chip, as its weights are now. @param form of the gradient; null: none is wanted */
export function kicksThrough(chip: Chip, form: KickForm | null): HostKicks {
  const kept = known.get(chip.circuit) ?? new Map<KickForm | null, HostKicks>();
  known.set(chip.circuit, kept);
  const found = kept.get(form) ?? new HostKicks(chip.circuit, form);
  kept.set(form, found);
  found.follow(chip);
  return found;
}

class HostKicks {
  private readonly populations: readonly GraphPopulation[];
  private readonly program: Program;
  private readonly exe: AtOnce;
  private readonly kicks: Kicks;
  private followed: { readonly chip: Chip; readonly version: number } | null = null;

  constructor(
    private readonly circuit: Circuit,
    form: KickForm | null,
  ) {
    this.populations = graphOf(circuit);
    const b = new ProgramBuilder(ROWS, 1, circuit.name);
    for (const { index, population } of this.populations)
      for (const name of ["e", "a", "pre", "post", "own"]) b.buffer(`${name}${index}`, population.size);
    this.kicks = emitKicks({
      builder: b,
      circuit,
      populations: this.populations,
      rows: ROWS,
      factors: { pre: (i) => `pre${i}`, post: (i) => `post${i}`, own: (i) => `own${i}` },
      transposed: true,
      form,
    });
    this.program = b.build();
    this.exe = atOnce(this.program);
  }

  /** Takes over the weights of a chip. */
  follow(chip: Chip): void {
    if (this.followed?.chip === chip && this.followed.version === chip.version) return;
    setArrays(this.exe, this.program, chip, this.kicks.turned);
    this.followed = { chip, version: chip.version };
  }

  run(rows: KickRows): KickSums {
    const sums = { loss: 0, symmetric: 0, skew: 0 };
    const gradient = this.zeros();
    for (let first = 0; first < rows.draws * rows.samples; first += ROWS) {
      this.fill(rows, first);
      this.exe.stepOnce();
      this.add(sums);
      this.addProducts(gradient);
    }
    return { ...sums, gradient };
  }

  private fill({ samples, draws, kick, activities, factors }: KickRows, first: number): void {
    const { buffers } = this.exe;
    for (const { index, population } of this.populations) {
      const { name, size } = population;
      const given: readonly (readonly [string, Float64Array])[] = [
        ["a", activities[name]],
        ["pre", factors.pre[name]],
        ["post", factors.post[name]],
        ["own", factors.own[name]],
      ];
      for (let row = 0; row < ROWS; row++) {
        const [draw, sample] = [Math.floor((first + row) / samples), (first + row) % samples];
        for (const [buffer, values] of given)
          buffers[`${buffer}${index}`].set(values.subarray(sample * size, (sample + 1) * size), row * size);
        const out = buffers[`e${index}`].subarray(row * size, (row + 1) * size);
        // Rows beyond the last have no kick, and add nothing.
        if (draw < draws) kick(out, index, draw, sample);
        else out.fill(0);
      }
    }
  }

  private add(sums: { loss: number; symmetric: number; skew: number }): void {
    for (const { index } of this.populations) {
      const [v, w] = [this.exe.buffers[kicked(index)], this.exe.buffers[kickedBack(index)]];
      for (let k = 0; k < v.length; k++) {
        sums.loss += v[k] * (v[k] - w[k]);
        sums.symmetric += (v[k] + w[k]) ** 2;
        sums.skew += (v[k] - w[k]) ** 2;
      }
    }
  }

  private zeros(): ByProjection {
    return Object.fromEntries(
      this.circuit.projections.map(({ name, array: { pre, post }, bias }) => [
        name,
        { weights: new Float64Array(pre * post), biases: bias ? new Float64Array(post) : null },
      ]),
    );
  }

  private addProducts(gradient: ByProjection): void {
    for (const { weights, pre, post, through } of this.kicks.products) {
      const { name, array } = this.circuit.projections[Number(weights.slice(1))];
      const { buffers } = this.exe;
      const sum = gradient[name].weights;
      correlate(buffers[pre], buffers[post], ROWS, array.pre, array.post, through).forEach(
        (x, i) => (sum[i] += x),
      );
    }
  }
}
