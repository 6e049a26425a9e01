/**
 * What conductances take from their nodes, summed in the engine that holds them: ones are sent through every array
 * that loads, in a program of one row. What crosses is one number a node, and no array comes home for it.
 */
import type { Engine, Executable } from "../../engines/engine";
import { number } from "../../equations/expression";
import { ProgramBuilder } from "../../program/builder";
import { termOf } from "../lowering/emit-drives";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout } from "../lowering/layout";
import { LOADS, loadsAt } from "../lowering/loads";

/** An array of sums in the program, and which sums of the layout it is a part of. */
interface Sum {
  readonly buffer: string;
  /** The projection whose conductances these are. */
  readonly of: string;
  readonly loads: Float64Array;
  /** From the unit of the weights to that of loads. */
  readonly scale: number;
}

export class EngineLoads {
  private readonly executable: Executable;
  private readonly sums: readonly Sum[];

  /** @param lender holds the weights */
  constructor(
    engine: Engine,
    private readonly units: InternalUnits,
    { populations }: Layout,
    lender: Executable,
  ) {
    const { circuit } = units;
    const b = new ProgramBuilder(1, 1, circuit.name);
    this.sums = populations.flatMap((p): Sum[] => {
      return circuit.projections.flatMap((q, k): Sum[] => {
        const at = LOADS.find(({ terminal }) => loadsAt(q, p.population.name, terminal));
        const loads = at && p.local.vectors[at.name];
        if (loads === undefined || p.state.of !== p.index) return [];
        const ones = b.buffer(`ones${k}`, q.from.size);
        const buffer = b.buffer(`load${k}`, p.population.size);
        const weights = b.weight(`w${k}`, q.array.pre, q.array.post);
        b.before(() => {
          b.map(ones, number(1), {});
          b.project(buffer, undefined, [termOf(q, ones, weights)]);
        });
        b.output(buffer);
        // What is clamped is shown as it is, and its weights are in the unit of that.
        return [
          { buffer, of: q.name, loads, scale: q.from.clamped || q.from.neuron === null ? units.state(p) : 1 },
        ];
      });
    });
    this.executable = engine.compile(b.build(), lender);
  }

  /** Brings the loads of the layout to what the conductances are now, in place. */
  async follow(): Promise<void> {
    await this.executable.prepare();
    const found = await Promise.all(this.sums.map(({ buffer }) => this.executable.read(buffer)));
    for (const { loads } of this.sums) loads.fill(0);
    this.sums.forEach(({ of, loads, scale }, k) => {
      const part = found[k].map((sum) => scale * sum);
      this.units.loadParts.set(of, part);
      part.forEach((load, i) => (loads[i] += load));
    });
  }

  dispose(): void {
    this.executable.dispose();
  }
}
