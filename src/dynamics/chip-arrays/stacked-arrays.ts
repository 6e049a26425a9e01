/**
 * The weights of stacked chips in an engine that adjusts, one group a chip. Each chip's are computed from
 * what its devices store by the same maps as for a chip alone (device-arrays.ts), so that they are the same
 * to the last bit, and copied within the engine. Stacked chips do not learn there: nothing comes back.
 */
import type { Engine, Executable } from "../../engines/engine";
import {
  beyondFloat32,
  declareArrays,
  devicePartsOf,
  keptByHost,
  push,
  type DevicePart,
} from "./device-arrays";
import { ProgramBuilder } from "../../program/builder";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout } from "../lowering/layout";

export class StackedArrays {
  /** Holds the weights of all chips; lend it to programs. */
  readonly executable: Executable;
  private readonly one: Executable;
  private readonly names: readonly string[];
  private readonly versions: number[];

  private constructor(
    engine: Engine,
    private readonly units: InternalUnits,
    private readonly parts: readonly (readonly DevicePart[])[],
  ) {
    const { circuit, chips } = units;
    const one = new ProgramBuilder(1, 1, circuit.name);
    for (const part of parts[0]) {
      declareArrays(one, part);
      if (part.refresh.length > 0)
        one.adjust({ pre: part.pre, post: part.post, products: [], maps: part.refresh });
    }
    const all = new ProgramBuilder(chips.length, chips.length, circuit.name);
    this.names = circuit.projections.flatMap(({ array, bias, synapse }, k) => {
      const each =
        units.readsAreNoisy && synapse.readNoise !== null
          ? [
              ["w", "b"],
              ["v", "vb"],
            ]
          : [["w", "b"]];
      return each.flatMap(([weights, biases]) => [
        all.weight(`${weights}${k}`, array.pre, array.post),
        ...(bias ? [all.weight(`${biases}${k}`, 1, array.post)] : []),
      ]);
    });
    this.one = engine.compile(one.build());
    this.executable = engine.compile(all.build());
    this.versions = chips.map(() => -1);
  }

  /** Null where the engine cannot hold them: programs then get weights from the host. */
  static of(engine: Engine, layout: Layout, units: InternalUnits): StackedArrays | null {
    if (engine.adjusts !== true || keptByHost(units) !== null) return null;
    const parts = units.chips.map((chip) => devicePartsOf(chip, layout, units));
    return parts[0].some(({ refresh, owner }) => beyondFloat32(refresh, owner.synapse.name) !== null)
      ? null
      : new StackedArrays(engine, units, parts);
  }

  /** Takes over what the chips' devices store, where that has changed. */
  async follow(): Promise<void> {
    for (const [k, { version }] of this.units.chips.entries()) {
      if (this.versions[k] === version) continue;
      for (const part of this.parts[k]) for (const mirror of part.mirrors) push(this.one, mirror);
      await this.one.adjust?.();
      for (const name of this.names) this.executable.takeWeights?.(name, this.one, k);
      this.versions[k] = version;
    }
  }

  dispose(): void {
    this.executable.dispose();
    this.one.dispose();
  }
}
