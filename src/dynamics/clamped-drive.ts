/**
 * The static part of every population's drive: clamped input and biases. It has a program of its own, so that it is
 * computed once for a batch of samples and serves every phase and nudge point of that batch.
 */
import type { Engine, Executable } from "../engines/engine";
import { sameValues, tile } from "./arrays";
import type { InternalUnits } from "./internal-units";
import type { Layout } from "./layout";
import { planDrive } from "./plan";

interface Compiled {
  readonly executable: Executable;
  version: number;
}

/** Batch sizes whose programs are kept. */
const MOST_KEPT = 8;

export class ClampedDrive {
  private readonly compiled = new Map<string, Compiled>();
  private last: { readonly inputs: Float64Array; readonly version: number; readonly phase: number; readonly drives: Float64Array[] } | null = null;

  constructor(private readonly engine: Engine, private readonly units: InternalUnits, private readonly layout: Layout) {}

  /**
   * Drives of the populations that have a static part, in their order, [rows, size], internal units.
   * @param inputs clamped outputs, [samples, input size]
   * @param samples rows of the result, or a block of rows for each of the groups where reads are noisy
   */
  async drives(inputs: Float64Array, samples: number, groups: number, phase: number): Promise<readonly Float64Array[]> {
    const { version } = this.units.chip;
    const key = this.units.readsAreNoisy ? phase : 0;
    const kept = this.last;
    if (kept !== null && groups === 1 && kept.version === version && kept.phase === key && sameValues(kept.inputs, inputs)) return kept.drives;
    const exe = this.executable(samples * groups, groups, phase);
    exe.write("x", tile(inputs, groups));
    await exe.prepare();
    const drives: Float64Array[] = [];
    for (const p of this.layout.populations) if (p.hasStatic) drives.push(await exe.read(`s${p.index}`));
    // A copy: the caller may reuse its array for the next batch.
    if (groups === 1) this.last = { inputs: inputs.slice(), version, phase: key, drives };
    return drives;
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
  }

  private executable(rows: number, groups: number, phase: number): Executable {
    const key = `${rows},${groups}`;
    let found = this.compiled.get(key);
    if (found === undefined) {
      forgetOldest(this.compiled, MOST_KEPT);
      found = { executable: this.engine.compile(planDrive(this.units.chip, this.layout, rows, groups)), version: -1 };
      this.compiled.set(key, found);
    }
    const { version } = this.units.chip;
    if (found.version !== version || this.units.readsAreNoisy) this.writeWeights(found.executable, groups, phase);
    found.version = version;
    return found.executable;
  }

  private writeWeights(exe: Executable, groups: number, phase: number): void {
    const { projections } = this.units.chip.circuit;
    for (const p of this.layout.populations) {
      const bias = new Float64Array(groups * p.population.size);
      projections.forEach((q, j) => {
        if (q.to !== p.population || !(q.from.clamped || q.bias)) return;
        const { weights, biases } = this.units.weights(q.name, p, groups, phase);
        if (q.from.clamped) exe.setWeights(`c${j}`, weights);
        if (q.bias) biases.forEach((b, i) => (bias[i] += b));
      });
      if (projections.some((q) => q.to === p.population && q.bias)) exe.setVector(`b${p.index}`, bias);
    }
  }
}

/** Makes room in a table of compiled programs. */
export function forgetOldest(compiled: Map<string, Compiled>, most: number): void {
  if (compiled.size < most) return;
  const [[key, { executable }]] = compiled;
  executable.dispose();
  compiled.delete(key);
}
