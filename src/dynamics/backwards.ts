/**
 * Steps of a chip's free phase, walked backwards: how something depends on the state after a step becomes how
 * it depends on the state before it, and on the weights in between. One step at a time, at states that the
 * caller keeps (a tape, or a fixed point).
 */
import type { WeightArrays } from "../circuit/chip-types";
import type { Executable } from "../engines/engine";
import { OhmletError } from "../errors";
import { writableBuffers } from "../program/dataflow";
import type { Program } from "../program/program";
import { transpose as transposeProgram, type Transpose } from "../program/transpose";
import { ClampedDrive } from "./chip-arrays/clamped-drive";
import type { PhaseParts } from "./chip-arrays/phase-programs";
import { transpose } from "./lowering/arrays";
import { clampedBuffer } from "./lowering/clamped";
import type { PlannedPopulation } from "./lowering/layout";
import { expectUnloaded } from "./lowering/loads";
import { planPhase, type Plan } from "./lowering/plan";
import { planStillDrives } from "./lowering/plan-drives";
import type { Planes, UpdateOrder } from "./types";

/** Values [samples, size] by population. */
type ByPopulation = Readonly<Record<string, Float64Array>>;

export interface BackwardsOptions {
  readonly where: string;
  readonly samples: number;
  readonly order: UpdateOrder;
  readonly noisy: boolean;
}

/**
 * The transpose of a step of the free phase, with the drives that are still among its inputs.
 * @throws OhmletError DYN-BACKWARDS, LEARN-LOAD
 */
export function planWalk(
  { units, layout, solver, step }: PhaseParts,
  { where, samples, order, noisy }: BackwardsOptions,
): Plan & { readonly walk: Transpose } {
  expectUnloaded(units.circuit, "backpropagation through time", 'use "centred" or "one-sided" nudges');
  if (noisy || solver.adaptive || solver.implicit || solver.solves)
    throw new OhmletError({
      code: "DYN-BACKWARDS",
      fact: noisy
        ? "a noisy circuit never takes the same step twice, and none of its steps can be walked backwards"
        : `the ${solver.name} solver chooses its steps by the states, which is not differentiated`,
      place: { where },
      remedy: noisy
        ? 'take the noise out of its devices: T: "0 K" of a soft-neuron, temperature: "0 K" of the topology nonideal'
        : 'use a solver of fixed steps: "euler", "rk4"',
    });
  const shape = { order, rows: samples, groups: 1, complex: false, nudged: false, average: false };
  const plan = planPhase(units.circuit, layout, solver, step, shape);
  const still = layout.populations.filter((p) => p.hasStatic).map((p) => `s${p.index}`);
  return { ...plan, walk: transposeProgram(plan.program, still) };
}

export class Backwards {
  private readonly exe: Executable;
  private readonly transposed: Transpose;
  private readonly drive: ClampedDrive;
  private readonly writable: ReadonlySet<string>;
  /** What walks the drives that are still backwards; null where there are none. */
  private readonly still: {
    readonly exe: Executable;
    readonly walk: Transpose;
    readonly writable: ReadonlySet<string>;
  } | null;
  /** States of the last step, internal units, by their buffer. */
  private readonly states = new Map<string, Float64Array>();
  /** What clamped populations show, by their buffer. */
  private readonly inputs = new Map<string, Float64Array>();
  private steps = 0;
  private version = -1;

  /** @throws OhmletError DYN-BACKWARDS */
  constructor(
    private readonly parts: PhaseParts,
    private readonly options: BackwardsOptions,
  ) {
    const { engine, layout } = parts;
    const { walk, program, vectors } = planWalk(parts, options);
    this.transposed = walk;
    this.exe = engine.compile(this.transposed.program);
    this.writable = writableBuffers(this.transposed.program);
    for (const name of Object.keys(program.vectors))
      if (Object.hasOwn(vectors, name)) this.exe.setVector(name, vectors[name]);
    this.drive = new ClampedDrive(parts);
    this.still = layout.populations.some(({ hasStatic }) => hasStatic) ? this.stillWalk() : null;
    for (const { exe, walk } of this.walks)
      for (const [name, width] of walk.ones) exe.setWeights(name, new Float64Array(width * width).fill(1));
  }

  private stillWalk(): Backwards["still"] {
    const { engine, units } = this.parts;
    const walk = transposeProgram(planStillDrives(units.circuit, this.options.samples));
    return { walk, exe: engine.compile(walk.program), writable: writableBuffers(walk.program) };
  }

  /**
   * Begins with how something depends on the last states.
   * @param inputs [samples, input size]
   * @param cotangents derivatives by the states, [samples, size] by population; those left out are 0. SI
   */
  async begin(inputs: ArrayLike<number>, cotangents: ByPopulation): Promise<void> {
    const { samples } = this.options;
    this.follow();
    for (const [name, values] of this.parts.activities.inputs(inputs))
      this.inputs.set(clampedBuffer(this.parts.units.circuit, { name }), values);
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
    const { projections } = units.circuit;
    await this.walkStill();
    const out: Record<string, WeightArrays> = {};
    for (const p of layout.populations)
      for (const [index, { name, from, to, bias, array }] of projections.entries()) {
        if (to !== p.population) continue;
        const scale = units.unitWeight(from, p);
        const weights = await this.products(`w${index}`, array);
        const biases = bias ? await this.products(`b${index}`, { pre: 1, post: array.post }) : null;
        out[name] = {
          weights: weights.map((x) => x * scale),
          biases: biases && biases.map((x) => x * units.unitDrive(p)),
        };
      }
    return out;
  }

  dispose(): void {
    this.exe.dispose();
    this.still?.exe.dispose();
    this.drive.dispose();
  }

  /** Hands what depends on the drives that are still to the program that walks those backwards. */
  private async walkStill(): Promise<void> {
    const { still } = this;
    if (still === null) return;
    for (const { index, hasStatic } of this.parts.layout.populations) {
      if (!hasStatic) continue;
      const bar = this.transposed.inputs.get(`s${index}`);
      if (bar === undefined) still.exe.clear(still.walk.of(`s${index}`));
      else still.exe.write(still.walk.of(`s${index}`), await this.exe.read(bar));
    }
    for (const [name, values] of this.inputs) if (still.writable.has(name)) still.exe.write(name, values);
    await still.exe.run(1, 0);
  }

  /** Takes over the weights, where the chip was programmed since. */
  private follow(): void {
    const { layout, units } = this.parts;
    if (this.version === units.version) return;
    this.version = units.version;
    for (const p of layout.populations)
      for (const [index, { name, to, bias, array }] of units.circuit.projections.entries()) {
        if (to !== p.population) continue;
        this.setWeights(`w${index}`, units.weights(name, p, 1, 0), array);
        if (bias) this.setWeights(`b${index}`, units.biases(name, p, 1, 0), { pre: 1, post: array.post });
      }
  }

  private setWeights(name: string, values: Float64Array, { pre, post }: Shape): void {
    for (const { exe, walk, program } of this.walks) {
      if (Object.hasOwn(program.weights, name)) exe.setWeights(name, values);
      const flipped = walk.transposed.get(name);
      if (flipped !== undefined) exe.setWeights(flipped, transpose(values, pre, post));
    }
  }

  /** Sum over samples, and over the times that a step reads an array. */
  private async products(weights: string, { pre: rows, post: columns }: Shape): Promise<Float64Array> {
    const { engine } = this.parts;
    const sum = new Float64Array(rows * columns);
    for (const { exe, walk } of this.walks)
      for (const { pre, post, through, ...of } of walk.weights) {
        if (of.weights !== weights) continue;
        const [a, b] = await Promise.all([pre, post].map((name) => this.known(name) ?? exe.read(name)));
        const products = await engine.correlate(a, b, this.options.samples, rows, columns, through);
        products.forEach((x, i) => (sum[i] += x));
      }
    return sum;
  }

  /** What was written and is no output. */
  private known(buffer: string): Float64Array | undefined {
    return this.inputs.get(buffer) ?? this.states.get(buffer);
  }

  private get walks(): readonly Walk[] {
    const main = { exe: this.exe, walk: this.transposed, program: this.transposed.program };
    return this.still === null ? [main] : [main, { ...this.still, program: this.still.walk.program }];
  }
}

interface Shape {
  readonly pre: number;
  readonly post: number;
}

interface Walk {
  readonly exe: Executable;
  readonly walk: Transpose;
  readonly program: Program;
}
