/**
 * Steps of a chip's free phase, walked backwards in the engine: at states that lie there, with the chip's own
 * arrays. What the ends of its synapses show goes, step by step, into the rows of another program.
 */
import type { Executable } from "../engines/engine";
import { symbol } from "../equations/expression";
import { sum } from "../program/linear";
import type { AdjustOperation, Program } from "../program/program";
import type { Transpose, WeightProduct } from "../program/transpose";
import { planWalk, type BackwardsOptions } from "./backwards";
import type { ClampedDrive } from "./chip-arrays/clamped-drive";
import type { PhaseParts } from "./chip-arrays/phase-programs";

/** Sums over the steps of what depends on a drive that is still. */
const summed = (drive: string): string => `sum~${drive}`;

export class EngineWalk {
  private readonly exe: Executable;
  private readonly walk: Transpose;
  private steps = 0;

  /**
   * @param arrays holds the chip's arrays
   * @param drive what clamped inputs drive; that of the phases has it of the same batch already
   */
  constructor(
    private readonly parts: PhaseParts,
    private readonly options: BackwardsOptions,
    arrays: Executable,
    private readonly drive: ClampedDrive,
  ) {
    const { walk, program, vectors } = planWalk(parts, options);
    this.walk = walk;
    this.exe = parts.engine.compile(withSums(walk), arrays);
    for (const name of Object.keys(program.vectors))
      if (Object.hasOwn(vectors, name)) this.exe.setVector(name, vectors[name]);
    for (const [name, width] of walk.ones) this.exe.setWeights(name, new Float64Array(width * width).fill(1));
  }

  /** What both ends of the arrays between populations show after a step. */
  get products(): readonly WeightProduct[] {
    return this.walk.weights;
  }

  /** The buffer of a drive that is still, summed over the steps; undefined where nothing depends on it. */
  sumOf(drive: string): string | undefined {
    return this.walk.inputs.has(drive) ? summed(drive) : undefined;
  }

  get executable(): Executable {
    return this.exe;
  }

  /** @param outputs how the cost depends on the last states of the output, internal units */
  async begin(inputs: ArrayLike<number>, outputs: Float64Array): Promise<void> {
    const { samples } = this.options;
    const { layout } = this.parts;
    // Transposes of arrays that are all to all.
    await this.exe.adjust?.();
    await this.drive.hand(this.exe, { inputs, samples }, { rows: samples, groups: 1 }, 0);
    this.exe.setSeed(0);
    for (const p of layout.populations) {
      const bar = this.walk.of(`u${p.index}`);
      if (p === layout.output) this.exe.write(bar, outputs);
      else this.exe.clear(bar);
      this.exe.clear(this.walk.drive(`u${p.index}`));
    }
    for (const drive of this.walk.inputs.keys()) this.exe.clear(summed(drive));
    await this.exe.prepare();
  }

  /** One step back, from the states that another program holds, from a row on. */
  async step(from: Executable, row: number): Promise<void> {
    for (const { index } of this.parts.layout.populations)
      this.exe.take?.(`u${index}`, from, `u${index}`, row);
    await this.exe.run(1, this.steps++);
  }

  dispose(): void {
    this.exe.dispose();
  }
}

/** The program with sums over its steps, and with what turns the arrays that it reads transposed. */
function withSums({ program, inputs, transposed }: Transpose): Program {
  const sums = [...inputs].map(([drive, bar]) => ({ name: summed(drive), bar }));
  const adjust = [...transposed].map(([name, turned]): AdjustOperation => ({
    ...program.weights[name],
    products: [],
    maps: [
      {
        out: { weights: turned, transposed: true },
        expression: symbol("w"),
        sources: { w: { from: "weights", name } },
      },
    ],
  }));
  const { counts: _, ...rest } = program;
  return {
    ...rest,
    buffers: {
      ...program.buffers,
      ...Object.fromEntries(sums.map(({ name, bar }) => [name, program.buffers[bar]])),
    },
    step: [...program.step, ...sums.map(({ name, bar }) => sum(name, name, bar))],
    state: [...program.state, ...sums.map(({ name }) => name)],
    outputs: [...program.outputs, ...sums.map(({ name }) => name)],
    // Nobody asks how far a step back moves.
    watched: [],
    ...(adjust.length > 0 && { adjust }),
  };
}
