/** Times at which the steps of a transient end: those that are asked for, and corners of waveforms. */
import type { Circuit, TransientCard } from "./circuit";
import { cornersOf } from "./waveform";

export interface Stop {
  readonly t: number;
  /** Whether a waveform bends there. */
  readonly corner: boolean;
}

export function stopsOf(circuit: Circuit, card: TransientCard): Stop[] {
  const { step, stop, start } = card;
  const stops: Stop[] = [];
  for (let n = 1; n * step < stop; n++) stops.push({ t: n * step, corner: false });
  for (const t of [start, stop]) if (t > 0) stops.push({ t, corner: false });
  for (const element of circuit.elements)
    if ((element.kind === "voltage" || element.kind === "current") && element.drive.wave !== null)
      for (const t of cornersOf(element.drive.wave, card)) stops.push({ t, corner: true });
  stops.sort((one, other) => one.t - other.t);
  // What lies closer together than times are told apart is one.
  const kept: Stop[] = [];
  for (const each of stops) {
    const last = kept[kept.length - 1];
    if (last === undefined || each.t - last.t > 1e-12 * stop) kept.push(each);
    else kept[kept.length - 1] = { t: last.t, corner: last.corner || each.corner };
  }
  kept[kept.length - 1] = { ...kept[kept.length - 1], t: stop };
  return kept;
}
