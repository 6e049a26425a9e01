/**
 * The static part of every population's drive: clamped input and biases. It has a program of its own, so that it is
 * computed once for a batch of samples and serves every phase and nudge point of that batch.
 */
import type { Engine, Executable } from "../engines/engine";
import type { Activities } from "./activities";
import { sameValues, tileBlocks } from "./arrays";
import type { InternalUnits } from "./internal-units";
import type { Layout } from "./layout";
import { planDrive } from "./plan";
import type { PhaseRequest } from "./types";

export interface DriveParts {
  readonly engine: Engine;
  readonly units: InternalUnits;
  readonly layout: Layout;
  readonly activities: Activities;
}

interface Compiled {
  readonly executable: Executable;
  version: number;
}

/** What was computed last, and the drives where they had to be read. */
interface Computed {
  readonly executable: Executable;
  readonly inputs: Float64Array;
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
  constructor(private readonly parts: DriveParts, private readonly lender?: Executable) {}

  /** The program that computed last. */
  get current(): Executable {
    if (this.last === null) throw new Error("no drive has been computed");
    return this.last.executable;
  }

  /**
   * Hands the drives of a batch to the program of a phase, as s<index>_in.
   * @param shape rows and groups of the phase; samples are repeated to its rows
   */
  async hand(exe: Executable, { inputs, samples }: Pick<PhaseRequest, "inputs" | "samples">, { rows, groups }: { readonly rows: number; readonly groups: number }, phase: number): Promise<void> {
    const computed = await this.compute(inputs, samples, groups, phase);
    const driven = this.parts.layout.populations.filter((p) => p.hasStatic);
    if (exe.take !== undefined) {
      for (const p of driven) exe.take(`s${p.index}_in`, computed.executable, `s${p.index}`);
      return;
    }
    computed.read ??= await Promise.all(driven.map((p) => computed.executable.read(`s${p.index}`)));
    const { read } = computed;
    driven.forEach((p, i) => exe.write(`s${p.index}_in`, tileBlocks(read[i], computed.groups, (rows * p.population.size) / read[i].length)));
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
    this.last = null;
  }

  /** Drives [samples, size] of each population, each chip's of its own samples; where reads are noisy, again for each nudge of a chip. Internal units. */
  private async compute(inputs: ArrayLike<number>, samples: number, groups: number, phase: number): Promise<Computed> {
    const { version, chips, readsAreNoisy } = this.parts.units;
    const key = readsAreNoisy ? phase : 0;
    const kept = this.last;
    if (kept !== null && kept.groups === groups && groups === chips.length && kept.version === version && kept.phase === key && sameValues(kept.inputs, inputs)) return kept;
    const times = groups / chips.length;
    const executable = this.executable(samples * times, groups, phase);
    const outputs = this.parts.activities.input(inputs);
    executable.write("x", times === 1 ? outputs : tileBlocks(outputs, chips.length, times));
    await executable.prepare();
    // A copy: the caller may reuse its array for the next batch.
    this.last = { executable, inputs: Float64Array.from(inputs), groups, version, phase: key, read: null };
    return this.last;
  }

  private executable(rows: number, groups: number, phase: number): Executable {
    const key = `${rows},${groups}`;
    let found = this.compiled.get(key);
    if (found === undefined) {
      forgetOldest(this.compiled, MOST_KEPT);
      found = { executable: this.parts.engine.compile(planDrive(this.parts.units.circuit, this.parts.layout, rows, groups), this.lender), version: -1 };
      this.compiled.set(key, found);
    }
    const { version } = this.parts.units;
    if (this.lender === undefined && (found.version !== version || this.parts.units.readsAreNoisy)) this.writeWeights(found.executable, groups, phase);
    found.version = version;
    return found.executable;
  }

  private writeWeights(exe: Executable, groups: number, phase: number): void {
    this.parts.units.circuit.projections.forEach((q, j) => {
      const to = this.parts.layout.populations.find((p) => p.population === q.to);
      if (to === undefined || !(q.from.clamped || q.bias)) return;
      const { weights, biases } = this.parts.units.weights(q.name, to, groups, phase);
      if (q.from.clamped) exe.setWeights(`w${j}`, weights);
      if (q.bias) exe.setWeights(`b${j}`, biases);
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
