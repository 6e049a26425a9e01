/**
 * What lasts of readers: noise that lives on the chip's clock, one device a unit. It is moved from moment to moment,
 * exactly where it relaxes linearly, however far they are apart; draws are numbered by the moment, so that they are
 * the same however samples come in batches.
 */
import type { ReadoutDevice } from "../device/types";
import { EVENTS } from "../equations/qualifiers";
import { StateArray } from "./state-array";

const STEP = EVENTS.indexOf("step");

/** Values of states by name. */
export type LastingValues = Readonly<Record<string, Float64Array>>;

const parts = new WeakMap<ReadoutDevice, ReadoutDevice>();

/** The part of a reader that lasts, as a device; null where nothing does. */
export function lastingPart(device: ReadoutDevice): ReadoutDevice | null {
  const kept = Object.entries(device.stored).filter(([, { keeps }]) => keeps);
  if (kept.length === 0) return null;
  const part = parts.get(device) ?? { ...device, stored: Object.fromEntries(kept) };
  parts.set(device, part);
  return part;
}

export class LastingStates extends StateArray<ReadoutDevice> {
  /** @param at the moment at which they are first looked at: then they have been there for long */
  constructor(
    part: ReadoutDevice,
    units: number,
    key: string,
    seed: number,
    parameters: Readonly<Record<string, number | Float64Array>>,
    public at: number,
  ) {
    super(part, { rows: 1, columns: units, key }, seed, parameters);
    this.reset();
  }

  /** Lets time pass until a moment. @param number numbers its draws: no two moments have the same */
  moveTo(moment: number, number: number): void {
    const seconds = moment - this.at;
    if (!(seconds > 0)) return;
    this.happened[STEP] = number;
    this.age(seconds);
    this.at = moment;
  }
}
