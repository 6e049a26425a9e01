/**
 * What lies between a chip and its controller: every phase is read through a device, and the controller knows nothing
 * but what it read. Where a chip has a twin, nudged phases run there. Devices are drawn with their chip, draws are keyed
 * by the seed of its noise and the number of the phase: the same in every order and after every resume.
 */
import type { Chip, Circuit } from "../../circuit/chip-types";
import { Reads } from "../../circuit/reads";
import { atThatOf } from "../../circuit/temperature";
import { tile } from "../../dynamics/lowering/arrays";
import { planesOfChip, rowsOfChip } from "../../dynamics/phases/by-chip";
import type { Simulator } from "../../dynamics/simulator";
import type { Plane, Planes } from "../../dynamics/types";
import { nominalValues } from "../../device/conditions";
import { readReadout } from "../../device/readout";
import { isDraw } from "../../equations/draws";
import { evaluate } from "../../equations/evaluate";
import { symbolsOf } from "../../equations/expression";
import type { PhaseKey } from "../../random";
import type { Multiplication, ReadoutDevice } from "../../device/types";
import type { Multiplier } from "./products";
import type { Rule } from "../rules";
import type { Walked } from "./lasting";
import { LastingReaders, type Lasted } from "./lasting-readers";
import { Multipliers, multiplierOf } from "./multiplier";
import { readoutFault, readoutOf, type ReadoutOptions, type ReadoutSettings } from "./options";
import type { ReadPhases, Shown } from "./read-phases";
import { expectReadable, fits } from "./readable";
import { twinOf } from "./twin";

/** A phase to be read: what it is called, and how long its states are held until they are read. */
interface Readable {
  readonly what: string;
  readonly shown: Shown;
  /** In the circuit's time. */
  readonly held: number;
  /** What lasts of the readers of each chip, and when they sampled and read this phase. */
  readonly lasting?: readonly Lasted[];
}

interface OfChip {
  readonly reads: ReadonlyMap<string, Reads>;
  readonly multipliers: Multipliers | null;
}

/** A readout at work: it reads the phases of chips, and makes the products of what was read. */
export class Reading {
  readonly settings: ReadoutSettings;
  private readonly known = new WeakMap<Chip, OfChip>();
  private readonly drives = new WeakMap<Chip, Reads>();
  /** What lasts of its readers. */
  readonly lasting: LastingReaders;

  /** @throws OhmletError OPTION-…, LEARN-READOUT, UNIT-…, and those of the device */
  constructor(options: ReadoutOptions) {
    this.settings = readoutOf(options);
    this.lasting = new LastingReaders(this.settings, this.holds, (chip) => this.of(chip).reads);
  }

  /** Everything that defines it, as plain data. */
  toJSON(): object {
    const { device, drive, ...rest } = this.settings;
    return { device: device && device.spec, drive: drive && drive.spec, ...rest };
  }

  /** Holds the device against what a rule reads of a circuit. @throws OhmletError LEARN-READOUT */
  expectReadable(circuit: Circuit, rule: Rule): void {
    const { device, twin } = this.settings;
    if (device !== null) expectReadable(circuit, device, rule);
    const resists = circuit.projections.find(({ wires }) => wires !== null);
    if (twin !== null && resists !== undefined)
      throw readoutFault(
        `a twin is written to what is seen of "${resists.name}", through wires that its own would take from again`,
        "leave the twin out, or the wires",
      );
  }

  /** That no feedforward net stands beside the chip where it has a twin. @throws OhmletError LEARN-READOUT */
  expectNoNet({ name }: Circuit): void {
    if (this.settings.twin === null) return;
    throw readoutFault(
      "a feedforward net predicts where one chip settles, and there is a twin",
      "leave one of them out",
      name,
    );
  }

  /** Whether what is read was sampled and held. */
  get holds(): boolean {
    const { device, twin } = this.settings;
    return twin === null && Object.values(device?.stored ?? {}).some(({ keeps }) => !keeps);
  }

  /** Whether two reads of the same may differ, or two batches be read by others. */
  get varies(): boolean {
    const { device, drive, chop } = this.settings;
    const draws = (one: ReadoutDevice | null): boolean =>
      one !== null &&
      (one.draws.length > 0 ||
        Object.values(one.stored).some(
          ({ events, noise }) =>
            Object.keys(noise).length > 0 ||
            Object.values(events).some((e) => [...symbolsOf(e)].some(isDraw)),
        ));
    return draws(device) || draws(drive) || chop !== "none";
  }

  /** What a held 1 loses at first, in a unit of time; of the nominal device. */
  get droop(): number {
    const { device } = this.settings;
    if (device === null) return 0;
    const values = nominalValues(device.parameters);
    for (const name of Object.keys(device.stored)) values[name] = 1;
    return Math.max(
      0,
      ...Object.values(device.stored).map(({ leak }) =>
        leak === null ? 0 : Math.abs(evaluate(leak, values)),
      ),
    );
  }

  /** What a sample takes beside its phases: inputs are set, and each phase is taken in and read. */
  seconds(nudges: number): number {
    const { load, sample, read } = this.settings.times;
    return load + (1 + nudges) * (sample + read);
  }

  /** Where the free phase and where the nudges of a batch run. */
  benches(
    simulator: Simulator,
    round: number,
    nudges: number,
  ): { rest: Simulator; pushed: readonly Simulator[] } {
    const { twin, chop } = this.settings;
    if (twin === null) return { rest: simulator, pushed: Array.from({ length: nudges }, () => simulator) };
    const pair = [simulator, twinOf(simulator, twin)];
    if (chop === "batch" && round % 2 === 1) pair.reverse();
    const [rest, other] = pair;
    // Of two nudges one runs on each.
    return { rest, pushed: Array.from({ length: nudges }, (_, k) => (k === 0 ? other : rest)) };
  }

  /** The inputs of a batch as they are set. @param phase numbers their draws */
  inputs(simulator: Simulator, inputs: Float64Array, phase: number): Float64Array {
    const { drive } = this.settings;
    if (drive === null) return inputs;
    const { chips, circuit } = simulator;
    const keys = simulator.units.phaseKeys(phase);
    return joined(
      chips.map((chip, c) => {
        const set = this.drives.get(chip) ?? new Reads(drive, circuit.inputSize, "drive", chip.seed);
        this.drives.set(chip, set);
        const own = rowsOfChip(inputs, c, chips.length);
        return set.read(own, { seed: keys[c].seed, what: "inputs", number: phase, held: 0 });
      }),
    );
  }

  /**
   * What is read of the phases of a batch. What is held is held until the last of them has ended; beside a twin only
   * while the same chip goes on.
   */
  readAll(phases: ReadPhases): { free: Shown; ended: Shown[] } {
    const { rest, pushed, free, left, steps, phase } = phases;
    const lastingOf = this.lasting.inPhases(phases);
    const after = (k: number, simulator: Simulator): number =>
      steps.reduce((sum, many, j) => sum + (j > k && pushed[j] === simulator ? many * simulator.dt : 0), 0);
    return {
      free: this.read(
        {
          simulator: rest,
          what: "free",
          shown: free,
          held: after(-1, rest),
          ...lastingOf(rest, 0),
        },
        phase,
      ),
      ended: left.map((shown, k) =>
        this.read(
          {
            simulator: pushed[k],
            what: `nudge ${k}`,
            shown,
            held: after(k, pushed[k]),
            ...lastingOf(pushed[k], k + 1),
          },
          phase,
        ),
      ),
    };
  }

  /** What is read of one chip of a test. @param phase numbers its draws */
  readOf(simulator: Simulator, c: number, shown: Shown, phase: number, lasted?: Lasted): Shown {
    return this.readChip(
      simulator.chips[c],
      { what: "test", shown, held: 0 },
      simulator.units.phaseKeys(phase)[c],
      lasted,
    );
  }

  /** What is read of a phase, chip by chip. @param phase numbers its draws */
  private read(
    { simulator, ...readable }: Readable & { readonly simulator: Simulator },
    phase: number,
  ): Shown {
    const { chips } = simulator;
    const keys = simulator.units.phaseKeys(phase);
    if (chips.length === 1) return this.readChip(chips[0], readable, keys[0], readable.lasting?.[0]);
    const parts = chips.map((chip, c) => {
      const own = (of: Planes): Planes => planesOfChip(of, c, chips.length);
      const { states, activities } = readable.shown;
      return this.readChip(
        chip,
        { ...readable, shown: { states: own(states), activities: own(activities) } },
        keys[c],
        readable.lasting?.[c],
      );
    });
    const together = (of: keyof Shown): Planes =>
      mapPlanes(readable.shown[of], (name, _, plane) =>
        joined(parts.map((part) => part[of][name][plane] ?? NOTHING)),
      );
    return { states: together("states"), activities: together("activities") };
  }

  /** What is read of a chip's phase; what the device cannot read is told as it is. */
  private readChip(
    chip: Chip,
    { what, shown, held }: Pick<Readable, "what" | "shown" | "held">,
    { seed, phase }: PhaseKey,
    lasted?: Lasted,
  ): Shown {
    const { device, zero } = this.settings;
    if (device === null || device.read === null) return shown;
    const { reads } = this.of(chip);
    const planes = (of: keyof Shown): Planes =>
      mapPlanes(shown[of], (name, values, plane) => {
        const { neuron = null, clamped = true } = chip.circuit.populations.find((p) => p.name === name) ?? {};
        const own = reads.get(name);
        if (own === undefined || clamped || neuron === null) return values;
        if (!fits(device, of === "states" ? neuron.dimensions.u : neuron.dimensions.rho)) return values;
        const walked = lasted?.walked.get(name);
        const key = {
          seed,
          number: phase,
          held,
          what: `${what}/${of}/${plane}`,
          ...(lasted &&
            walked && { lasting: { sampled: walked.at[lasted.sampled], read: walked.at[lasted.read] } }),
        };
        const read = own.read(values, key);
        // Read once for all phases of a batch: what is subtracted of each cancels in their differences.
        return zero === 0
          ? read
          : this.lessZero(read, own, { ...key, held: 0, what: `zero/${of}/${plane}` }, walked?.begin);
      });
    return { states: planes("states"), activities: planes("activities") };
  }

  /** Reads less the mean of some reads of 0. */
  private lessZero(
    read: Float64Array,
    reads: Reads,
    key: Parameters<Reads["read"]>[1],
    begin: Walked["begin"] | undefined,
  ): Float64Array {
    const { zero } = this.settings;
    const { units } = reads;
    const before =
      begin && Object.fromEntries(Object.entries(begin).map(([name, v]) => [name, tile(v, zero)]));
    const zeros = reads.read(new Float64Array(zero * units), {
      ...key,
      ...(before && { lasting: { sampled: before, read: before } }),
    });
    const mean = new Float64Array(units);
    zeros.forEach((v, k) => (mean[k % units] += v / zero));
    const all = tile(mean, read.length / units);
    return read.map((v, k) => v - all[k]);
  }

  /** What makes the products of a batch; null where they are ideal. */
  multiplier(simulator: Simulator, round: number, samples: number): Multiplier | null {
    const { device, chop } = this.settings;
    if (device === null || device.product === null) return null;
    const keys = simulator.units.phaseKeys(0);
    return multiplierOf({
      chips: simulator.chips.map((chip, c) => ({
        chip,
        devices: this.of(chip).multipliers as Multipliers,
        seed: keys[c].seed,
      })),
      chop: this.settings.twin === null ? chop : "none",
      round,
      samples: samples / simulator.chips.length,
      first: 0,
    });
  }

  /** The devices of a chip. */
  private of(chip: Chip): OfChip {
    const found = this.known.get(chip);
    if (found !== undefined) return found;
    const device = readReadout(
      atThatOf((this.settings.device as ReadoutDevice).spec, chip.circuit.spec),
    ) as ReadoutDevice;
    const made: OfChip = {
      reads: new Map(
        chip.circuit.populations.map(({ name, size }) => [
          name,
          new Reads(device, size, `readout/${name}`, chip.seed),
        ]),
      ),
      multipliers: multiplies(device) ? new Multipliers(device, chip.seed) : null,
    };
    this.known.set(chip, made);
    return made;
  }
}

const multiplies = (device: ReadoutDevice): device is ReadoutDevice & { readonly product: Multiplication } =>
  device.product !== null;

function mapPlanes(
  planes: Planes,
  change: (name: string, values: Float64Array, plane: keyof Plane) => Float64Array,
): Planes {
  return Object.fromEntries(
    Object.entries(planes).map(([name, { re, im }]): [string, Plane] => {
      const read = change(name, re, "re");
      return [name, im === undefined ? { re: read } : { re: read, im: change(name, im, "im") }];
    }),
  );
}

const NOTHING = new Float64Array(0);

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const out = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}
