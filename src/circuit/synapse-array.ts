/**
 * A physical array of synapses of one projection, [pre (+ 1 bias line), post]: what its devices store, their
 * mismatch, how they are programmed, read and leak. All in SI, float64; the rest of Ohmlet sees logical
 * weights only.
 */
import { OhmletError } from "../errors";
import { compiledFor, type CompiledSynapse } from "./compiled-synapse";
import { StateArray, type Fill } from "./state-array";
import { WriteAndVerify } from "./write-and-verify";
import type { DeviceArray, Projection } from "./chip-types";
import { ArrayWires, type Seen } from "./wires/array-wires";

export { LARGE, type Fill } from "./state-array";

/**
 * Devices that are written and verified at once: few enough for a cache, and that few wait for the slowest.
 */
const WRITE_BLOCK = 2 ** 12;

export class ArrayOfSynapses extends StateArray implements DeviceArray {
  readonly rows: number;
  readonly columns: number;
  /** What a device at its symmetric point shows, which is subtracted; null where nothing is. */
  reference: Float64Array | null = null;
  private readonly compiled: CompiledSynapse;
  private readonly wires: ArrayWires | null;
  /** What was last seen through the wires, and of which version of the chip. */
  private seen: (Seen & { readonly version: number }) | null = null;

  /** @param lender the array whose wires this one is */
  constructor(
    readonly projection: Projection,
    seed: number,
    private readonly lender: ArrayOfSynapses | null = null,
  ) {
    const rows = projection.array.pre + (projection.bias ? 1 : 0);
    const columns = projection.array.post;
    super(projection.synapse, { rows, columns, key: `projection/${projection.name}` }, seed);
    this.rows = rows;
    this.columns = columns;
    this.compiled = compiledFor(projection.synapse);
    this.wires =
      projection.wires &&
      new ArrayWires(
        projection.name,
        projection.synapse,
        projection.wires,
        rows,
        columns,
        projection.synapse.loads ? { rows: !projection.from.clamped, columns: true } : null,
      );
    this.reset();
  }

  /**
   * Weights as the circuit sees them, through the wires of the array, SI.
   * @param version of the chip: what was seen of one is not computed again
   */
  seenWeights(out: Float64Array, version: number): Float64Array {
    const { couples } = this.projection;
    const seen =
      couples === null
        ? this.throughWires(version)?.weights
        : this.lender?.throughWires(version)?.[couples.side];
    if (!seen) return this.weights(out);
    out.set(seen);
    return this.withoutReference(out);
  }

  /** Standard deviation of a read as the circuit sees it; null where reads are noiseless. */
  seenNoise(out: Float64Array, version: number): Float64Array | null {
    const noise = this.readNoise(out);
    const seen = noise && this.throughWires(version);
    if (noise !== null && seen !== null) for (let k = 0; k < noise.length; k++) noise[k] *= seen.left[k];
    return noise;
  }

  private throughWires(version: number): Seen | null {
    if (this.wires === null) return null;
    if (this.seen?.version !== version) this.seen = { ...this.wires.see(this.held()), version };
    return this.seen;
  }

  /** Weights dI/d rho_pre of the devices themselves, SI. */
  weights(out: Float64Array): Float64Array {
    this.compiled.readWeight(out, this.held());
    return this.withoutReference(out);
  }

  private withoutReference(out: Float64Array): Float64Array {
    const { reference } = this;
    if (reference !== null) for (let k = 0; k < out.length; k++) out[k] -= reference[k];
    return out;
  }

  /** The current of each column that flows whatever is put in, SI; null where there is none. */
  get offset(): Float64Array | null {
    const { readOffset } = this.compiled;
    if (readOffset === null) return null;
    return readOffset(new Float64Array(this.size), this.held()).slice(this.size - this.columns);
  }

  /** Standard deviation of a read, SI; null where reads are noiseless. */
  readNoise(out: Float64Array): Float64Array | null {
    return this.compiled.readSpread?.(out, this.held()) ?? null;
  }

  /** Asks for a change of dI/d rho_pre. */
  program(fill: Fill): void {
    if (this.stored.size > 0 && !this.knows("write"))
      throw new OhmletError({
        code: "DEVICE-EVENT",
        fact: `"${this.device.name}" is programmed by pulses, and by nothing else`,
        place: { where: this.projection.name },
        remedy: "program it by pulses: programming: { kind: pulses }",
      });
    this.happen("write", fill);
  }

  /** One pulse, up or down, for each device that is told 1 or -1. @throws OhmletError DEVICE-EVENT */
  pulse(fill: Fill): void {
    if (!this.knows("pulse")) throw noPulses(this.device.name, this.projection.name);
    this.happen("pulse", fill);
  }

  /** Makes room for a reference that is to be loaded. */
  expectReference(): Float64Array {
    return (this.reference ??= new Float64Array(this.size));
  }

  /**
   * Looks for the symmetric point of each device by pulses up and down in turn, from the device as it is, and
   * subtracts from now on what it shows there (Gokmen and Haensch 2020).
   */
  findReference(pairs: number): void {
    this.reference = null;
    for (let k = 0; k < 2 * pairs; k++) this.pulse((into) => into.fill(k % 2 === 0 ? 1 : -1));
    this.reference = this.weights(new Float64Array(this.size));
  }

  /**
   * Writes and verifies effective weights, from unprogrammed devices on.
   * @param gain by which what is read stands above the devices' own weight, where it does, at an index
   */
  write(fill: Fill, gain?: (index: number) => number): void {
    // One room for all blocks: what is made for each of them piles up.
    const room = new WriteAndVerify(Math.min(WRITE_BLOCK, this.size), this.stored.size);
    this.inBlocks((from, length) => {
      const asked = new Float64Array(length);
      this.begin(from, length);
      fill(asked, from);
      room.write(
        {
          stored: [...this.stored.values()].map((values) => values.subarray(from, from + length)),
          pulse: (change) => this.step(this.compiled.programs, from, length, [change]),
          read: (into) => {
            this.compiled.readWeight(into, this.held(from, into.length));
            const { reference } = this;
            if (reference !== null) for (let k = 0; k < into.length; k++) into[k] -= reference[from + k];
            if (gain !== undefined) for (let k = 0; k < into.length; k++) into[k] *= gain(from + k);
          },
        },
        asked,
      );
    }, WRITE_BLOCK);
  }
}

/** That a device has no pulses, where they are asked for. */
const noPulses = (device: string, where: string): OhmletError =>
  new OhmletError({
    code: "DEVICE-EVENT",
    fact: `nothing happens to "${device}" at pulse`,
    place: { where },
    remedy: "program it directly: programming: { kind: direct }; or add a line such as  w <- … at pulse",
  });
