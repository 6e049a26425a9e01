/**
 * Steps of a chip's free phase, walked backwards: how something depends on the state after a step becomes how
 * it depends on the state before it, and on the weights in between. One step at a time, at states that the
 * caller keeps (a tape, or a fixed point).
 */
import type { WeightArrays } from "../circuit/chip-types";
import type { Executable } from "../engines/engine";
import { OhmletError } from "../errors";
import { writableBuffers } from "../program/dataflow";
import { transpose as transposeProgram, type Transpose } from "../program/transpose";
import { ClampedDrive } from "./chip-arrays/clamped-drive";
import type { PhaseParts } from "./chip-arrays/phase-programs";
import { transpose } from "./lowering/arrays";
import type { PlannedPopulation } from "./lowering/layout";
import { planPhase } from "./lowering/plan";
import type { Planes, UpdateOrder } from "./types";

/** Values [samples, size] by population. */
type ByPopulation = Readonly<Record<string, Float64Array>>;

export interface BackwardsOptions {
  readonly where: string;
  readonly samples: number;
  readonly order: UpdateOrder;
  readonly noisy: boolean;
}

export class Backwards {
  private readonly exe: Executable;
  private readonly transposed: Transpose;
  private readonly drive: ClampedDrive;
  private readonly writable: ReadonlySet<string>;
  /** States of the last step, internal units, by their buffer. */
  private readonly states = new Map<string, Float64Array>();
  private inputs: Float64Array = new Float64Array(0);
  private steps = 0;
  private version = -1;

  /** @throws OhmletError DYN-BACKWARDS */
  constructor(
    private readonly parts: PhaseParts,
    private readonly options: BackwardsOptions,
  ) {
    const { engine, units, layout, solver, step } = parts;
    const { where, samples, order, noisy } = options;
    if (noisy || solver.adaptive)
      throw new OhmletError({
        code: "DYN-BACKWARDS",
        fact: noisy
          ? "a noisy circuit never takes the same step twice, and none of its steps can be walked backwards"
          : `the ${solver.name} solver chooses its steps by the states, which is not differentiated`,
        place: { where },
        remedy: noisy ? 'cool the chip (temperature: "0 K")' : 'use a solver of fixed steps: "euler", "rk4"',
      });
    const shape = { order, rows: samples, groups: 1, complex: false, nudged: false, average: false };
    const { program, vectors } = planPhase(units.circuit, layout, solver, step, shape);
    this.transposed = transposeProgram(
      program,
      layout.populations.filter((p) => p.hasStatic).map((p) => `s${p.index}`),
    );
    this.exe = engine.compile(this.transposed.program);
    this.writable = writableBuffers(this.transposed.program);
    for (const name of Object.keys(program.vectors))
      if (Object.hasOwn(vectors, name)) this.exe.setVector(name, vectors[name]);
    for (const [name, width] of this.transposed.ones)
      this.exe.setWeights(name, new Float64Array(width * width).fill(1));
    this.drive = new ClampedDrive(parts);
  }

  /**
   * Begins with how something depends on the last states.
   * @param inputs [samples, input size]
   * @param cotangents derivatives by the states, [samples, size] by population; those left out are 0. SI
   */
  async begin(inputs: ArrayLike<number>, cotangents: ByPopulation): Promise<void> {
    const { samples } = this.options;
    this.follow();
    this.inputs = this.parts.activities.input(inputs);
    await this.drive.hand(this.exe, { inputs, samples }, { rows: samples, groups: 1 }, 0);
    this.exe.setSeed(0);
    for (const p of this.parts.layout.populations) {
      const given = cotangents[p.population.name];
      const scale = this.parts.units.state(p);
      const bar = this.transposed.of(`u${p.index}`);
      if (given === undefined) this.exe.clear(bar);
      else
        this.exe.write(
          bar,
          given.map((x) => x * scale),
        );
      this.exe.clear(this.transposed.drive(`u${p.index}`));
    }
  }

  /** One step back, from the states that it began with. */
  async step(states: Planes): Promise<void> {
    for (const p of this.parts.layout.populations) {
      const scale = this.parts.units.state(p);
      const values = states[p.population.name].re.map((x) => x / scale);
      this.states.set(`u${p.index}`, values);
      // In alternate order, whoever moves first may not read itself.
      if (this.writable.has(`u${p.index}`)) this.exe.write(`u${p.index}`, values);
    }
    await this.exe.prepare();
    await this.exe.run(1, this.steps++);
  }

  /** Derivatives by the states where the last step began, [samples, size] by population, SI. */
  async cotangents(): Promise<ByPopulation> {
    const read = async (p: PlannedPopulation): Promise<readonly [string, Float64Array]> => {
      const scale = this.parts.units.state(p);
      const bar = await this.exe.read(this.transposed.of(`u${p.index}`));
      return [p.population.name, bar.map((x) => x / scale)];
    };
    return Object.fromEntries(await Promise.all(this.parts.layout.populations.map(read)));
  }

  /**
   * Derivatives by the logical weights and biases that the last step used, sums over samples, each projection
   * as an array of its own.
   */
  async gradients(): Promise<Readonly<Record<string, WeightArrays>>> {
    const { layout, units } = this.parts;
    const out: Record<string, WeightArrays> = {};
    for (const p of layout.populations) {
      const still = this.transposed.inputs.get(`s${p.index}`);
      const bar = still === undefined ? null : await this.exe.read(still);
      for (const projection of units.circuit.projections.filter(({ to }) => to === p.population)) {
        const { name, from, bias } = projection;
        const weights = from.clamped
          ? await this.products(this.inputs, from.size, bar, p.population.size)
          : await this.recurrent(p, name);
        const scale = units.unitWeight(from, p);
        const ones = new Float64Array(this.options.samples).fill(1);
        const biases = bias ? await this.products(ones, 1, bar, p.population.size) : null;
        out[name] = {
          weights: weights.map((x) => x * scale),
          biases: biases && biases.map((x) => x * units.unitDrive(p)),
        };
      }
    }
    return out;
  }

  dispose(): void {
    this.exe.dispose();
    this.drive.dispose();
  }

  /** Takes over the weights, where the chip was programmed since. */
  private follow(): void {
    const { layout, units } = this.parts;
    if (this.version === units.version) return;
    this.version = units.version;
    for (const p of layout.populations)
      for (const { projection, weights } of p.recurrent) this.setWeights(p, projection.name, weights);
  }

  private setWeights(p: PlannedPopulation, projection: string, name: string): void {
    const { units } = this.parts;
    const values = units.weights(projection, p, 1, 0);
    this.exe.setWeights(name, values);
    const flipped = this.transposed.transposed.get(name);
    if (flipped === undefined) return;
    const { from, to } = units.circuit.projection(projection);
    this.exe.setWeights(flipped, transpose(values, from.size, to.size));
  }

  /** Sum over samples and over the times that the step reads an array. */
  private async recurrent(p: PlannedPopulation, projection: string): Promise<Float64Array> {
    const planned = p.recurrent.find((q) => q.projection.name === projection);
    const { from, to } = this.parts.units.circuit.projection(projection);
    const sum = new Float64Array(from.size * to.size);
    for (const { weights, pre, post } of this.transposed.weights) {
      if (weights !== planned?.weights) continue;
      const [a, b] = [this.states.get(pre) ?? (await this.exe.read(pre)), await this.exe.read(post)];
      const products = await this.products(a, from.size, b, to.size);
      products.forEach((x, i) => (sum[i] += x));
    }
    return sum;
  }

  private async products(
    pre: Float64Array,
    preSize: number,
    post: Float64Array | null,
    postSize: number,
  ): Promise<Float64Array> {
    if (post === null) return new Float64Array(preSize * postSize);
    return this.parts.engine.correlate(pre, post, this.options.samples, preSize, postSize);
  }
}
