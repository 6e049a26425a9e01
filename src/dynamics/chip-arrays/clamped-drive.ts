/**
 * The static part of every population's drive: clamped input and biases. It has a program of its own, so that
 * it is computed once for a batch of samples and serves every phase and nudge point of that batch.
 */
import type { Engine, Executable } from "../../engines/engine";
import { OhmletError } from "../../errors";
import type { Activities } from "../lowering/activities";
import { sameValues, tileBlocks } from "../lowering/arrays";
import { clampedBuffers } from "../lowering/clamped";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout } from "../lowering/layout";
import { planDrive } from "../lowering/plan";
import type { PhaseRequest } from "../types";

export interface DriveParts {
  readonly engine: Engine;
  readonly units: InternalUnits;
  readonly layout: Layout;
  readonly activities: Activities;
}

interface Compiled {
  readonly executable: Executable;
  version: number;
  phase: number;
}

/** What was computed last, and the drives where they had to be read. */
interface Computed {
  readonly executable: Executable;
  readonly inputs: Float64Array;
  /** What clamped populations show of them, by name. */
  readonly shown: ReadonlyMap<string, Float64Array>;
  readonly rows: number;
  readonly groups: number;
  readonly version: number;
  readonly phase: number;
  read: readonly Float64Array[] | null;
}

/** Batch sizes whose programs are kept. */
const MOST_KEPT = 8;

export class ClampedDrive {
  private readonly compiled = new Map<string, Compiled>();
  private last: Computed | null = null;

  /** @param lender whose weights it uses, where there is one */
  constructor(
    private readonly parts: DriveParts,
    private readonly lender?: Executable,
  ) {}

  /** The program that computed last. */
  get current(): Executable {
    if (this.last === null)
      throw new OhmletError({
        code: "DYN-DISPOSED",
        fact: "no phase has run yet whose clamped outputs could be read",
        place: { where: "simulator" },
        remedy: "run a phase first",
      });
    return this.last.executable;
  }

  /** What clamped populations show of data, by name: of the last batch as it was computed. Not to be written to. */
  shown(inputs: ArrayLike<number>): ReadonlyMap<string, Float64Array> {
    const { last } = this;
    return last !== null && sameValues(last.inputs, inputs)
      ? last.shown
      : this.parts.activities.inputs(inputs);
  }

  /**
   * Hands the drives of a batch to the program of a phase, as s<index>_in; with their variances, t<index>_in,
   * where it reads by current.
   * @param shape rows and groups of the phase; samples are repeated to its rows
   */
  async hand(
    exe: Executable,
    { inputs, samples }: Pick<PhaseRequest, "inputs" | "samples">,
    { rows, groups }: { readonly rows: number; readonly groups: number },
    phase: number,
  ): Promise<void> {
    // Where every row has weights of its own, it has a drive of its own.
    const computed = await this.compute(
      inputs,
      samples,
      this.parts.units.readsDiffer ? rows : samples,
      groups,
      phase,
    );
    const driven = this.parts.layout.populations
      .filter((p) => p.hasStatic)
      .flatMap(({ index, reads, population: { size } }) => [
        { name: `s${index}`, size },
        ...(reads?.still === true ? [{ name: `t${index}`, size }] : []),
      ]);
    if (exe.take !== undefined) {
      for (const { name } of driven) exe.take(`${name}_in`, computed.executable, name);
      return;
    }
    computed.read ??= await Promise.all(driven.map(({ name }) => computed.executable.read(name)));
    const { read } = computed;
    driven.forEach(({ name, size }, i) =>
      exe.write(`${name}_in`, tileBlocks(read[i], computed.groups, (rows * size) / read[i].length)),
    );
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
    this.last = null;
  }

  /**
   * Drives [rows, size] of each population: the samples, each chip's of its own; or all rows of a phase.
   * Internal units.
   */
  private async compute(
    inputs: ArrayLike<number>,
    samples: number,
    rows: number,
    groups: number,
    phase: number,
  ): Promise<Computed> {
    const { version, chips, readsDiffer } = this.parts.units;
    const key = readsDiffer ? phase : 0;
    const kept = this.last;
    if (
      kept !== null &&
      kept.rows === rows &&
      kept.groups === groups &&
      kept.version === version &&
      kept.phase === key &&
      sameValues(kept.inputs, inputs)
    )
      return kept;
    const executable = this.executable(rows, groups, phase);
    // A copy: the caller may reuse its array for the next batch.
    const own = new Float64Array(inputs);
    const shown = this.parts.activities.inputs(own);
    for (const { population, buffer } of clampedBuffers(this.parts.units.circuit)) {
      const outputs = shown.get(population.name) as Float64Array;
      const repeated = rows === samples ? outputs : tileBlocks(outputs, chips.length, rows / samples);
      executable.write(buffer, repeated);
    }
    await executable.prepare();
    this.last = {
      executable,
      inputs: own,
      shown,
      rows,
      groups,
      version,
      phase: key,
      read: null,
    };
    return this.last;
  }

  private executable(rows: number, groups: number, phase: number): Executable {
    const key = `${rows},${groups}`;
    let found = this.compiled.get(key);
    if (found === undefined) {
      forgetOldest(this.compiled, MOST_KEPT);
      found = {
        executable: this.parts.engine.compile(
          planDrive(this.parts.units.circuit, this.parts.layout, rows, groups),
          this.lender,
        ),
        version: -1,
        phase,
      };
      this.compiled.set(key, found);
    }
    const { version } = this.parts.units;
    if (
      this.lender === undefined &&
      (found.version !== version || (this.parts.units.readsDiffer && found.phase !== phase))
    )
      this.writeWeights(found.executable, groups, phase);
    [found.version, found.phase] = [version, phase];
    return found.executable;
  }

  private writeWeights(exe: Executable, groups: number, phase: number): void {
    this.parts.units.circuit.projections.forEach((q, j) => {
      const to = this.parts.layout.populations.find((p) => p.population === q.to);
      if (to === undefined || !(q.from.clamped || q.bias)) return;
      const { units } = this.parts;
      const noisy = to.reads !== null && q.synapse.readNoise !== null;
      if (q.from.clamped) exe.setWeights(`w${j}`, units.weights(q.name, to, groups, phase));
      if (q.bias) exe.setWeights(`b${j}`, units.biases(q.name, to, groups, phase));
      if (noisy && q.from.clamped) exe.setWeights(`v${j}`, units.variances(q.name, "weights", to, groups));
      if (noisy && q.bias) exe.setWeights(`vb${j}`, units.variances(q.name, "biases", to, groups));
    });
  }
}

/** Makes room in a table of compiled programs. */
export function forgetOldest(compiled: Map<string, { readonly executable: Executable }>, most: number): void {
  if (compiled.size < most) return;
  const [[key, { executable }]] = compiled;
  executable.dispose();
  compiled.delete(key);
}
