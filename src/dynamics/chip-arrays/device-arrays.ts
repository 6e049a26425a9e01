/**
 * The synapses of a chip as weight arrays of an engine that adjusts: what devices store, their parameters and
 * gains, and maps from these to the weights that phases read. An array's line of biases is an array of its
 * own, since its other end is always on. Not here: how they learn (src/learning/in-engine).
 *
 * Names: w0, b0, … what phases read, as plan.ts calls it (v0, vb0, … the variances of reads by current); s…
 * what devices store, p… their parameters, g… gains; then the projection's number, "b" for its biases, and a
 * number.
 */
import type { Chip, Projection } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import type { Engine, Executable } from "../../engines/engine";
import type { SynapseMap, SynapseSource } from "../../program/program";
import {
  add,
  divide,
  multiply,
  number,
  substitute,
  symbol,
  symbolsOf,
  type Expression,
} from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { CONSTANTS } from "../../units/constants";
import { ProgramBuilder } from "../../program/builder";
import { extremeIn } from "../lowering/float32";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout } from "../lowering/layout";

/** An array in the engine, and the part of a host's array that it stands for. */
export interface Mirror {
  readonly name: string;
  readonly pre: number;
  readonly post: number;
  /** The host's array, asked for when it is needed, and where in it the values begin. */
  readonly host: () => Float64Array;
  readonly offset: number;
  /** Whether the engine changes it. */
  readonly changes: boolean;
  /** Whether the host has [post, pre]. */
  readonly transposed?: boolean;
}

/** Weights or biases of a projection that has an array of its own. */
export interface DevicePart {
  readonly owner: Projection;
  /** Number of the owner in the circuit. */
  readonly index: number;
  readonly kind: "weights" | "biases";
  /** The number, with "b" for biases. */
  readonly tag: string;
  readonly pre: number;
  readonly post: number;
  readonly mirrors: readonly Mirror[];
  /** Arrays that are computed here and read by phases: name -> shape. */
  readonly outputs: Readonly<Record<string, { readonly pre: number; readonly post: number }>>;
  /** From what devices store to what phases read. */
  readonly refresh: readonly SynapseMap[];
  /** The logical weight, over symbols that `map` knows. */
  readonly weight: Expression;
  /**
   * A map over what devices store by name, their parameters, constants, and locals of the operation by
   * theirs.
   */
  map(out: SynapseMap["out"], e: Expression): SynapseMap;
}

/** Numbers that float32 cannot take part in a product with. */
const [SMALLEST, LARGEST] = [1e-30, 1e30];

/** Why float32 cannot do these maps, or null. */
export function beyondFloat32(maps: readonly SynapseMap[], device: string): string | null {
  const extreme = extremeIn(
    maps.map(({ expression }) => expression),
    SMALLEST,
    LARGEST,
  );
  return extreme === undefined
    ? null
    : `the equations of "${device}" have the number ${extreme}, beyond float32`;
}

export function devicePartsOf(chip: Chip, layout: Layout, units: InternalUnits): DevicePart[] {
  return chip.circuit.projections.flatMap((owner) =>
    ownerOf(owner) !== owner.name
      ? []
      : (["weights", ...(owner.bias ? ["biases" as const] : [])] as const).map((kind) =>
          partOf(chip, layout, units, owner, kind),
        ),
  );
}

function partOf(
  chip: Chip,
  layout: Layout,
  units: InternalUnits,
  owner: Projection,
  kind: DevicePart["kind"],
): DevicePart {
  const { circuit } = chip;
  const { synapse } = owner;
  const index = circuit.projections.indexOf(owner);
  const biases = kind === "biases";
  const [pre, post] = [biases ? 1 : owner.array.pre, owner.array.post];
  const offset = biases ? owner.array.pre * post : 0;
  const tag = `${index}${biases ? "b" : ""}`;
  const unit = chip.unitDriveOf(owner.to.name);
  const mirrors: Mirror[] = [];
  const outputs: Record<string, { pre: number; post: number }> = {};
  const sources: Record<string, SynapseSource> = {};
  const replace = new Map<string, Expression>();
  const mirror = (symbolName: string, name: string, host: () => Float64Array, changes: boolean): void => {
    mirrors.push({ name, pre, post, host, offset, changes });
    sources[symbolName] = { from: "weights", name };
  };
  const settled = (e: Expression): Expression => simplify(substitute(e, (name) => replace.get(name)));
  const map = (out: SynapseMap["out"], e: Expression): SynapseMap => {
    const expression = settled(e);
    return {
      out,
      expression,
      sources: Object.fromEntries(
        [...symbolsOf(expression)].map((name) => [name, sources[name] ?? { from: "local", name }]),
      ),
    };
  };

  for (const [name, constant] of Object.entries(CONSTANTS)) replace.set(name, number(constant.value));
  Object.entries(chip.array(owner.name).parameters).forEach(([name, value], k) => {
    if (typeof value === "number") replace.set(name, number(value));
    else mirror(name, `p${tag}_${k}`, () => value, false);
  });
  const stored = Object.keys(synapse.stored);
  const readers = circuit.projections.filter((p) => ownerOf(p) === owner.name && (!biases || p === owner));
  const byCurrent = units.readsAreNoisy && !units.readsDiffer && synapse.readNoise !== null;
  const reads = readers.flatMap((p) => {
    const own = p === owner;
    // What is wired is read backwards where it lies; what is all to all, from a transposed array.
    const asIs = own || p.wiring !== null;
    const to = layout.populations.find((q) => q.population.name === p.to.name);
    if (to === undefined) throw new Error(`${p.name} ends nowhere`);
    const number_ = circuit.projections.indexOf(p);
    const scale = (biases ? units.unitDrive(to) : units.unitWeight(p.from, to)) / unit;
    let [value, sd] = [
      multiply(number(scale), synapse.weight),
      multiply(number(scale), synapse.readNoise ?? number(0)),
    ];
    const gains = chip.gains(p.name);
    if (gains !== null) {
      const gain = `g${number_}${biases ? "b" : ""}`;
      mirrors.push({ name: gain, pre, post, host: () => gains, offset, changes: false, transposed: !asIs });
      // A name that no device can have.
      sources[`gain ${gain}`] = { from: "weights", name: gain };
      [value, sd] = [value, sd].map((e) => multiply(e, symbol(`gain ${gain}`)));
    }
    // The offset of a column flows beside its biases, and through no gain.
    if (biases && synapse.offset !== null) value = add(value, multiply(number(scale), synapse.offset));
    const shape = asIs ? { pre, post } : { pre: post, post: pre };
    return [
      { own, asIs, name: `${biases ? "b" : "w"}${number_}`, value, shape, weighs: true },
      ...(byCurrent
        ? [
            {
              own,
              asIs,
              name: `v${biases ? "b" : ""}${number_}`,
              value: multiply(sd, sd),
              shape,
              weighs: false,
            },
          ]
        : []),
    ];
  });
  // Where a phase reads what is stored, as it is, there is one array for both.
  const plain = stored.length === 1 ? settled(reads[0].value) : null;
  const same = plain?.kind === "symbol" && plain.name === stored[0];
  stored.forEach((name, k) =>
    mirror(
      name,
      same ? reads[0].name : `s${tag}_${k}`,
      () => chip.array(owner.name).stored.get(name) as Float64Array,
      true,
    ),
  );
  const refresh = reads
    .filter((r) => !(r.own && r.weighs && same))
    .map(({ asIs, name, value, shape }) => {
      outputs[name] = shape;
      return map({ weights: name, ...(!asIs && { transposed: true }) }, value);
    });
  const gain = chip.gains(owner.name) === null ? number(1) : symbol(`gain g${tag}`);
  return {
    owner,
    index,
    kind,
    tag,
    pre,
    post,
    mirrors,
    outputs,
    refresh,
    map,
    weight: add(
      multiply(divide(synapse.weight, number(unit)), gain),
      biases && synapse.offset !== null ? divide(synapse.offset, number(unit)) : number(0),
    ),
  };
}

/** Declares the arrays of a part in a program. */
export function declareArrays(
  b: ProgramBuilder,
  { mirrors, outputs }: Pick<DevicePart, "mirrors" | "outputs">,
): void {
  for (const { name, pre, post } of mirrors) b.weight(name, pre, post);
  for (const [name, { pre, post }] of Object.entries(outputs)) b.weight(name, pre, post);
}

/** Sets an array of an executable from the host. */
export function push(exe: Executable, { name, pre, post, host, offset, transposed = false }: Mirror): void {
  const values = host();
  exe.setWeights(
    name,
    transposed
      ? Float64Array.from(
          { length: pre * post },
          (_, k) => values[offset + (k % post) * pre + Math.floor(k / post)],
        )
      : values.subarray(offset, offset + pre * post),
  );
}

/** Brings an array of an executable to the host. */
export function fetch(exe: Executable, { name, host, offset }: Mirror): void {
  host().set(exe.readWeights?.(name) as Float64Array, offset);
}

function isSingle(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Math.fround(values[i]) !== values[i]) return false;
  return true;
}

/** Why what phases read of devices is the host's matter, whatever the engine; null where it is not. */
export function keptByHost({ readsDiffer, circuit: { projections } }: InternalUnits): string | null {
  if (readsDiffer) return "conductances differ from read to read";
  const held = projections.find(({ synapse }) => !synapse.plain);
  if (held !== undefined) return `"${held.synapse.name}" has states and events, which are the host's`;
  const resists = projections.find(({ wires }) => wires !== null);
  return resists === undefined ? null : `the wires of "${resists.name}" are solved on the host`;
}

/** The arrays of a chip in an engine: one set for all who settle it there. */
export class DeviceArrays {
  /** Holds them; lend it to programs. */
  readonly executable: Executable;
  private version = -1;

  private constructor(
    private readonly chip: Chip,
    engine: Engine,
    readonly parts: readonly DevicePart[],
  ) {
    const b = new ProgramBuilder(1, 1, chip.circuit.name);
    for (const part of parts) {
      declareArrays(b, part);
      if (part.refresh.length > 0)
        b.adjust({ pre: part.pre, post: part.post, products: [], maps: part.refresh });
    }
    this.executable = engine.compile(b.build());
    for (const mirror of this.mirrors) if (!mirror.changes) push(this.executable, mirror);
  }

  /** The arrays, or why the engine cannot hold them. */
  static of(chip: Chip, engine: Engine, layout: Layout, units: InternalUnits): DeviceArrays | string {
    if (engine.adjusts !== true) return `the ${engine.info.name} engine does not adjust weights`;
    const kept = keptByHost(units);
    if (kept !== null) return kept;
    const parts = devicePartsOf(chip, layout, units);
    return (
      parts
        .map(({ refresh, owner }) => beyondFloat32(refresh, owner.synapse.name))
        .find((reason) => reason !== null) ?? new DeviceArrays(chip, engine, parts)
    );
  }

  /** Whether the engine has what the chip was last programmed to. */
  get current(): boolean {
    return this.version === this.chip.version;
  }

  /** Takes over what the chip's devices store, and what phases read of it, where that has changed. */
  async follow(): Promise<void> {
    if (this.current) return;
    const pushed = this.mirrors.filter(({ changes }) => changes);
    for (const mirror of pushed) push(this.executable, mirror);
    await this.executable.adjust?.();
    this.version = this.chip.version;
    // Only what float32 holds to the last bit may be given up on the host.
    if (pushed.every(({ host }) => isSingle(host()))) this.chip.shelve(() => this.bringHome());
  }

  /** Says that the engine has changed what devices store. @param also brings home what changed with them */
  changed(also: () => void): void {
    this.chip.lend(() => {
      this.bringHome();
      also();
    });
    this.version = this.chip.version;
  }

  /** Takes note that the chip's readout was programmed: its arrays are as they were. */
  acknowledge(): void {
    this.version = this.chip.version;
  }

  /** Brings the chip's arrays up to date on the host: whoever asks for one has them fetched. */
  comeHome(): void {
    if (this.current && this.parts.length > 0) this.chip.array(this.parts[0].owner.name);
  }

  /** Gives the arrays back to the chip, and their memory to the engine. */
  dispose(): void {
    this.comeHome();
    this.executable.dispose();
  }

  private bringHome(): void {
    for (const mirror of this.mirrors) if (mirror.changes) fetch(this.executable, mirror);
  }

  private get mirrors(): Mirror[] {
    return this.parts.flatMap((part) => part.mirrors);
  }
}
