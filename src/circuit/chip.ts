/** A fabricated chip: arrays of devices behind the logical view that controllers and simulators work with. */
import { pulseStepOf } from "./pulse-step";
import { printsItself } from "../display";
import { OhmletError } from "../errors";
import { describeChip } from "./describe";
import { nominalUnitDrive } from "../device/unit-drive";
import { check, optionsOf } from "../options";
import { parseIn } from "../units/parse";
import type { Dimension } from "../units/quantity";
import { LARGE, type ArrayOfSynapses, type Fill } from "./synapse-array";
import { ownerOf } from "./owner";
import { trainablesOf, type TrainableParameter } from "./trainable";
import type { Chip, Circuit, DeviceArray, Projection, Readout, WeightArrays } from "./chip-types";

type Saved = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>>;

const SECOND: Dimension = [0, 0, 1, 0, 0];

const readArrays = optionsOf<WeightArrays>("weights", {
  needs: { weights: check.numbers, biases: check.either(check.numbers, check.nothing) },
});
const readReadout = optionsOf<Readout>("readout", {
  needs: { weights: check.numbers, biases: check.numbers },
});

export class FabricatedChip implements Chip {
  version = 0;
  private fetch: (() => void) | null = null;
  private readonly drives = new Map<string, number>();
  private readonly trainables: readonly TrainableParameter[];

  constructor(
    readonly circuit: Circuit,
    readonly seed: number,
    private readonly parameters: ReadonlyMap<string, Readonly<Record<string, number | Float64Array>>>,
    private readonly arrays_: ReadonlyMap<string, ArrayOfSynapses>,
    private readonly gains_: ReadonlyMap<string, Float64Array>,
    readonly readout: Readout | null,
  ) {
    this.trainables = trainablesOf(circuit);
    for (const { name, neuron } of circuit.populations)
      if (neuron !== null) this.drives.set(name, nominalUnitDrive(neuron));
  }

  parametersOf(population: string): Readonly<Record<string, number | Float64Array>> {
    return this.parameters.get(this.circuit.population(population).name) ?? {};
  }

  tune(name: string, change: Float64Array): void {
    const found = this.trainables.find((one) => one.name === name);
    if (found === undefined)
      throw new OhmletError({
        code: "CIRCUIT-PORT",
        fact: `training moves no parameter "${name.slice(0, 80)}"`,
        place: { where: this.circuit.name },
        remedy:
          this.trainables.length === 0
            ? "write  trainable: true  beside the value of a parameter of a neuron"
            : `trainable are: ${this.trainables.map((one) => one.name).join(", ")}`,
      });
    const { unit, range } = found;
    const values = this.tunable(found);
    if (change.length !== values.length)
      throw new OhmletError({
        code: "CIRCUIT-SHAPE",
        fact: `${change.length} changes for the ${values.length} units of "${name}"`,
        place: { where: this.circuit.name },
        remedy: "give one number a unit",
      });
    change.forEach((by, i) => (values[i] = Math.max(range[0], Math.min(range[1], values[i] + unit * by))));
    this.version++;
  }

  private tunable({ population, parameter }: TrainableParameter): Float64Array {
    return this.parametersOf(population)[parameter] as Float64Array;
  }

  unitDriveOf(population: string): number {
    return this.drives.get(this.circuit.population(population).name) ?? 1;
  }

  array(name: string): DeviceArray {
    this.bringHome();
    return this.arrayOf(this.circuit.projection(name));
  }

  gains(name: string): Float64Array | null {
    return this.gains_.get(this.circuit.projection(name).name) ?? null;
  }

  lend(fetch: () => void): void {
    this.shelve(fetch);
    this.version++;
  }

  shelve(fetch: () => void): void {
    this.fetch = fetch;
    for (const array of this.arrays_.values()) if (array.rows * array.columns >= LARGE) array.release();
  }

  weights(name: string): WeightArrays {
    const { version } = this;
    const projection = this.circuit.projection(name);
    const read = this.read(projection, (array, out) => array.seenWeights(out, version)) as WeightArrays;
    const offset = this.offsetOf(projection);
    offset?.forEach((I, j) => read.biases !== null && (read.biases[j] += I));
    return read;
  }

  readNoise(name: string): WeightArrays | null {
    const { version } = this;
    return this.read(this.circuit.projection(name), (array, out) => array.seenNoise(out, version));
  }

  program(name: string, change: WeightArrays): void {
    this.bringHome();
    const projection = this.circuit.projection(name);
    const array = this.arrayOf(projection);
    const unit = this.unitDriveOf(array.projection.to.name);
    this.expectShape(projection, change);
    array.program((into, from) => this.pack(projection, change, unit, into, from));
    this.version++;
  }

  pulse(name: string, signs: WeightArrays): void {
    this.bringHome();
    const projection = this.circuit.projection(name);
    this.expectShape(projection, signs);
    this.arrayOf(projection).pulse((into, from) => this.pack(projection, signs, 1, into, from));
    this.version++;
  }

  pulseStep(name: string): number | null {
    const { projection } = this.arrayOf(this.circuit.projection(name));
    const step = pulseStepOf(projection.synapse);
    return step === null ? null : step / this.unitDriveOf(projection.to.name);
  }

  findReference(name: string, pairs: number): void {
    this.bringHome();
    const projection = this.circuit.projection(name);
    // What devices are set back to is their own, without what wires take of it.
    const before = this.read(projection, (array, out) => array.weights(out)) as WeightArrays;
    this.arrayOf(projection).findReference(pairs);
    this.setWeights(name, before);
  }

  setWeights(name: string, values: WeightArrays): void {
    const projection = this.circuit.projection(name);
    this.expectShape(projection, values);
    const unit = this.unitDriveOf(this.arrayOf(projection).projection.to.name);
    const offset = this.offsetOf(projection);
    // Verified are biases with the offset of their column, which what is written makes up for.
    const asked =
      offset === null || values.biases === null
        ? values
        : { ...values, biases: values.biases.map((b, j) => b - offset[j]) };
    const gains = this.gains_.get(name);
    const { pre, post } = projection.array;
    const own = this.arrayOf(projection).projection === projection || projection.wiring !== null;
    // Through a tied projection the array is seen transposed, unless it is wired; its line of biases not at all.
    const gain =
      gains &&
      ((k: number): number =>
        own ? (gains[k] ?? 1) : k < pre * post ? gains[(k % pre) * post + Math.floor(k / pre)] : 1);
    this.write(name, (into, from) => this.pack(projection, asked, unit, into, from), gain);
  }

  /**
   * Writes and verifies the array that a projection reads: weights, SI, in the layout of that array.
   * @param gain with which they are read back, where the projection's own are to be made up for
   */
  write(name: string, fill: Fill, gain?: (index: number) => number): void {
    this.bringHome();
    this.arrayOf(this.circuit.projection(name)).write(fill, gain);
    this.version++;
  }

  programReadout(change: Readout): void {
    const { weights, biases } = readReadout(change);
    const { readout } = this;
    if (
      readout === null ||
      weights.length !== readout.weights.length ||
      biases.length !== readout.biases.length
    ) {
      throw new OhmletError({
        code: "CIRCUIT-SHAPE",
        fact: readout === null ? "this chip has no readout" : "the change does not have the readout's shape",
        place: { where: this.circuit.name },
        remedy:
          "give [output, classes] weights and [classes] biases to a circuit with the cross-entropy cost",
      });
    }
    weights.forEach((w, i) => (readout.weights[i] += w));
    biases.forEach((b, i) => (readout.biases[i] += b));
    this.version++;
  }

  age(time: number | string): void {
    const seconds = parseIn(time, SECOND, `${this.circuit.name}, age`);
    if (!(typeof seconds === "number" && seconds >= 0 && seconds < Infinity))
      throw new OhmletError({
        code: "CHIP-AGE",
        fact: `a chip cannot age by ${seconds} s`,
        place: { where: this.circuit.name },
        remedy: "give a time of 0 s or more",
      });
    // What does not leak is not touched: an engine may go on with what it holds.
    const leaking = [...this.arrays_.values()].filter((array) => array.leaks);
    if (leaking.length === 0 || seconds === 0) return;
    this.bringHome();
    for (const array of leaking) array.age(seconds);
    this.version++;
  }

  arrays(): Saved {
    this.bringHome();
    const saved: Record<string, { shape: readonly number[]; values: Float64Array }> = Object.create(null);
    for (const [name, array] of this.arrays_) {
      for (const [stored, values] of array.stored)
        saved[`${name}.${stored}`] = { shape: [array.rows, array.columns], values: values.slice() };
      if (!array.isPlain)
        saved[`${name}@events`] = { shape: [array.happened.length], values: array.happened.slice() };
      if (array.reference !== null)
        saved[`${name}@reference`] = { shape: [array.rows, array.columns], values: array.reference.slice() };
    }
    for (const trainable of this.trainables)
      saved[trainable.name] = { shape: [trainable.size], values: this.tunable(trainable).slice() };
    if (this.readout !== null) {
      saved["readout.weights"] = {
        shape: [this.circuit.output.size, this.readout.biases.length],
        values: this.readout.weights.slice(),
      };
      saved["readout.biases"] = { shape: [this.readout.biases.length], values: this.readout.biases.slice() };
    }
    return saved;
  }

  load(saved: Saved): void {
    this.bringHome();
    for (const [name, array] of this.arrays_) if (`${name}@reference` in saved) array.expectReference();
    const own = this.targets();
    for (const [name, target] of own) {
      const found = Object.hasOwn(saved, name) ? saved[name] : undefined;
      if (found === undefined || found.values.length !== target.length) {
        throw new OhmletError({
          code: "CHIP-LOAD",
          fact:
            found === undefined
              ? `the saved arrays lack "${name}"`
              : `"${name}" has ${found.values.length} values, the chip needs ${target.length}`,
          place: { where: `arrays of ${this.circuit.name}` },
          remedy: "load arrays that were saved from a chip of the same circuit",
        });
      }
      const bad = found.values.findIndex((v) => !Number.isFinite(v));
      if (bad >= 0)
        throw new OhmletError({
          code: "CHIP-LOAD",
          fact: `value ${bad} of "${name}" is ${found.values[bad]}`,
          place: { where: `arrays of ${this.circuit.name}` },
          remedy: "load finite numbers",
        });
    }
    for (const [name, target] of own) target.set(saved[name].values);
    this.version++;
  }

  private bringHome(): void {
    const { fetch } = this;
    if (fetch === null) return;
    this.fetch = null;
    for (const array of this.arrays_.values()) array.restore();
    fetch();
  }

  private targets(): Map<string, Float64Array> {
    const own = new Map<string, Float64Array>();
    for (const [name, array] of this.arrays_) {
      for (const [stored, values] of array.stored) own.set(`${name}.${stored}`, values);
      if (!array.isPlain) own.set(`${name}@events`, array.happened);
      if (array.reference !== null) own.set(`${name}@reference`, array.reference);
    }
    for (const trainable of this.trainables) own.set(trainable.name, this.tunable(trainable));
    if (this.readout !== null)
      own.set("readout.weights", this.readout.weights).set("readout.biases", this.readout.biases);
    return own;
  }

  /** The offset of each column of a projection's own array, logical; it flows into the units beside the biases. */
  private offsetOf(p: Projection): Float64Array | null {
    const array = this.arrayOf(p);
    if (p.synapse.offset === null || array.projection !== p) return null;
    const unit = this.unitDriveOf(p.to.name);
    return array.offset?.map((I) => I / unit) ?? null;
  }

  /** The array that a projection reads: its own, or the one that it is tied to. */
  private arrayOf(p: Projection): ArrayOfSynapses {
    return this.arrays_.get(ownerOf(p)) as ArrayOfSynapses;
  }

  private read(
    p: Projection,
    values: (array: ArrayOfSynapses, out: Float64Array) => Float64Array | null,
  ): WeightArrays | null {
    this.bringHome();
    const array = this.arrayOf(p);
    const all = values(array, new Float64Array(array.rows * array.columns));
    if (all === null) return null;
    const unit = this.unitDriveOf(array.projection.to.name);
    const { pre, post } = p.array;
    const gain = this.gains_.get(p.name);
    const tied = p.spec.feedback?.kind === "tied" && p.wiring === null;
    const weights = new Float64Array(pre * post);
    if (tied)
      for (let i = 0; i < pre; i++)
        for (let j = 0; j < post; j++) weights[i * post + j] = all[j * pre + i] / unit;
    else for (let k = 0; k < weights.length; k++) weights[k] = all[k] / unit;
    if (gain !== undefined) for (let k = 0; k < weights.length; k++) weights[k] *= gain[k];
    const biases = p.bias
      ? Float64Array.from(
          { length: post },
          (_, j) => (all[pre * post + j] / unit) * (gain?.[pre * post + j] ?? 1),
        )
      : null;
    return { weights, biases };
  }

  /**
   * A stretch, from an index on, of logical values times a unit in the layout of the physical array:
   * transposed where tied, with its bias line (or a line of zeros).
   */
  private pack(
    p: Projection,
    { weights, biases }: WeightArrays,
    unit: number,
    into: Float64Array,
    from: number,
  ): void {
    const { pre, post } = p.array;
    const own = this.arrayOf(p).projection === p || p.wiring !== null;
    const end = Math.min(into.length, weights.length - from);
    if (own) for (let k = 0; k < end; k++) into[k] = unit * weights[from + k];
    else
      for (let k = 0; k < end; k++)
        into[k] = unit * weights[((from + k) % pre) * post + Math.floor((from + k) / pre)];
    for (let k = Math.max(0, end); k < into.length; k++)
      into[k] = biases === null ? 0 : unit * biases[from + k - weights.length];
  }

  private expectShape(p: Projection, arrays: WeightArrays): void {
    if (p.couples !== null)
      throw new OhmletError({
        code: "CIRCUIT-PORT",
        fact: `"${p.name}" is what the ${p.couples.side} of "${p.couples.owner}" join through their wires, and holds nothing`,
        place: { where: this.circuit.name },
        remedy: `set the devices of "${p.couples.owner}"`,
      });
    const { weights, biases } = readArrays(arrays);
    const { pre, post } = p.array;
    if (weights.length !== pre * post || (biases !== null && (!p.bias || biases.length !== post))) {
      throw new OhmletError({
        code: "CIRCUIT-SHAPE",
        fact:
          `projection "${p.name}" has ${pre} × ${post} weights and ` +
          `${p.bias ? post : "no"} biases, not ${weights.length} and ${biases?.length ?? "none"}`,
        place: { where: this.circuit.name },
        remedy: "give arrays of the projection's shape, [pre, post] row-major",
      });
    }
  }
}

printsItself(describeChip)(FabricatedChip.prototype);
