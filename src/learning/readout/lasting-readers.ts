/** What lasts of the readers of chips, phase by phase of a batch and sample by sample of a test. */
import type { Chip } from "../../circuit/chip-types";
import type { Reads } from "../../circuit/reads";
import type { ReadoutDevice } from "../../device/types";
import type { Simulator } from "../../dynamics/simulator";
import { Lasting, type Moments, type Walked, type Walker } from "./lasting";
import type { ReadoutSettings } from "./options";
import type { ReadPhases } from "./read-phases";
import { fits } from "./readable";

/** What lasts of a chip's readers, and at which moments they sampled and read a phase. */
export interface Lasted {
  readonly walked: ReadonlyMap<string, Walked>;
  readonly sampled: number;
  readonly read: number;
}

export class LastingReaders {
  /**
   * @param holds whether what is read was sampled and held
   * @param readersOf the readers of a chip, by population
   */
  constructor(
    private readonly settings: ReadoutSettings,
    private readonly holds: boolean,
    private readonly readersOf: (chip: Chip) => ReadonlyMap<string, Reads>,
  ) {}

  /** How many states of a reader last. */
  get states(): number {
    const { device } = this.settings;
    return device?.read ? Object.values(device.stored).filter(({ keeps }) => keeps).length : 0;
  }

  /** What lasts of readers, from a beginning on; null where nothing does. @param what it is for: keys its draws */
  begin(what: string): Lasting | null {
    return this.states > 0 ? new Lasting(what) : null;
  }

  /** Over the samples of a batch: of a phase of a simulator, the free one or a nudge, chip by chip. */
  inPhases({ simulator, rest, pushed, durations, samples, phase, lasting }: ReadPhases) {
    if (this.states === 0) return () => ({});
    const benches = [...new Set([rest, ...pushed])];
    const chips = simulator.chips.length;
    const found = simulator.chips.map((_, c) => {
      const own = (chips === 1 ? lasting : undefined) ?? (this.begin(`phase ${phase}`) as Lasting);
      const moments = this.moments(durations[c]);
      const walked = own.walk(
        benches.map((bench) => this.walker(bench, c, phase, bench === simulator ? "chip" : "twin")),
        { samples: samples / chips, moments, before: this.settings.zero > 0 },
      );
      return { moments, walked };
    });
    return (bench: Simulator, p: number): { readonly lasting?: readonly Lasted[] } => ({
      lasting: found.map(({ moments: { sampled, read }, walked }) => ({
        walked: walked[benches.indexOf(bench)],
        sampled: sampled[p],
        read: read[p],
      })),
    });
  }

  /** Over samples of a test, each a free phase that takes so long, of one chip. */
  inTest(
    simulator: Simulator,
    c: number,
    lasting: Lasting,
    of: { readonly samples: number; readonly duration: number; readonly phase: number },
  ): Lasted {
    const moments = this.moments([of.duration]);
    const [walked] = lasting.walk([this.walker(simulator, c, of.phase, "chip")], {
      samples: of.samples,
      moments,
      before: this.settings.zero > 0,
    });
    return { walked, sampled: moments.sampled[0], read: moments.read[0] };
  }

  /** When readers look during a sample whose phases take so long. */
  private moments(durations: readonly number[]): Moments {
    const { load, sample, read } = this.settings.times;
    const times: number[] = [];
    const look = (): number => times.push(now) - 1;
    let now = load;
    const sampled = durations.map((duration) => {
      now += duration;
      const at = look();
      now += sample + (this.holds ? 0 : read);
      return at;
    });
    if (!this.holds) return { times, sampled, read: sampled, pitch: now };
    const reads = durations.map(() => {
      const at = look();
      now += read;
      return at;
    });
    return { times, sampled, read: reads, pitch: now };
  }

  /** The readers of a chip that have something that lasts. */
  private walker(simulator: Simulator, c: number, phase: number, label: string): Walker {
    const { device } = this.settings;
    const chip = simulator.chips[c];
    const readers = new Map<string, Reads>();
    for (const { name, clamped, neuron } of chip.circuit.populations) {
      const reads = this.readersOf(chip).get(name);
      if (clamped || neuron === null || reads?.lasts !== true) continue;
      const { u, rho } = neuron.dimensions;
      if ([u, rho].some((one) => fits(device as ReadoutDevice, one))) readers.set(name, reads);
    }
    return { label, seed: simulator.units.phaseKeys(phase)[c].seed, readers };
  }
}
