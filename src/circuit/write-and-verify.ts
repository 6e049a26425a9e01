/**
 * Write and verify: a pulse, a look at what is missing, a pulse that goes by what the last one did. Nothing
 * is assumed of a device but that more of a pulse moves it further. It is approached from where it stands,
 * from one side: a pulse that goes too far is taken back and bounds those after it. So what a device can
 * reach it comes to, however far its gain is from 1, and of a few levels to the nearest.
 */

/**
 * Most pulses. A secant takes three where a pulse does in proportion; between levels every other one halves
 * what is left.
 */
const MOST_PULSES = 40;
/**
 * Pulses that show nothing new after which a device is left, where its weight jumps by `LEVEL` times more
 * than the pulses between differ by: it stands between two levels.
 */
const IDLE_PULSES = 3;
const LEVEL = 32;
/** By how much a pulse may grow at once. */
const MOST_GROWTH = 8;
/** Of the largest weight of a block: what is nearer is there. */
const NEAR_ENOUGH = 2 ** -40;

/** Devices that are written side by side. */
export interface Written {
  /** What they store; it changes with pulses, and is put back here. */
  readonly stored: readonly Float64Array[];
  pulse(asked: Float64Array): void;
  read(into: Float64Array): void;
}

/** Room for a block of devices and what is known of each. */
export class WriteAndVerify {
  private readonly rows: readonly Float64Array[];

  constructor(length: number, quantities: number) {
    this.rows = Array.from({ length: 8 + 2 * quantities }, () => new Float64Array(length));
  }

  /**
   * Writes weights, and leaves each device where it was nearest.
   * @param asked the wanted weights; then the pulses
   */
  write({ stored, pulse, read }: Written, asked: Float64Array): void {
    const [wanted, found, missing, least, reached, limit, beyond, idle, ...states] = this.rows.map((row) =>
      row.subarray(0, asked.length),
    );
    const [bases, bests] = [states.slice(0, stored.length), states.slice(stored.length)];
    const move = (from: readonly Float64Array[], to: readonly Float64Array[], k: number): void => {
      for (let s = 0; s < from.length; s++) to[s][k] = from[s][k];
    };
    wanted.set(asked);
    read(found);
    let enough = 0;
    for (let k = 0; k < asked.length; k++) {
      missing[k] = asked[k] = wanted[k] - found[k];
      least[k] = Math.abs(missing[k]);
      enough = Math.max(enough, NEAR_ENOUGH * Math.abs(wanted[k]));
      move(stored, bases, k);
      move(stored, bests, k);
    }
    reached.fill(0);
    limit.fill(Infinity);
    beyond.fill(Infinity);
    idle.fill(0);
    for (let pulses = 1, left = asked.some((a) => a !== 0); left && pulses <= MOST_PULSES; pulses++) {
      pulse(asked);
      read(found);
      left = false;
      for (let k = 0; k < asked.length; k++) {
        if (asked[k] === 0) continue;
        idle[k]++;
        const now = wanted[k] - found[k];
        const distance = Math.abs(now);
        if (distance < least[k]) {
          idle[k] = 0;
          least[k] = distance;
          move(stored, bests, k);
        }
        // What is missing still, of what was missing before the pulse; below 0 where it went too far.
        const rest = now / missing[k];
        if (distance <= enough || Number.isNaN(rest)) asked[k] = 0;
        else if (rest >= 0 && rest <= 1) {
          if (rest < 1) idle[k] = 0;
          missing[k] = now;
          if (limit[k] < Infinity) {
            reached[k] = Math.abs(asked[k]);
            move(bases, stored, k);
          } else {
            move(stored, bases, k);
            asked[k] *= rest === 1 ? 4 : Math.min(MOST_GROWTH, rest / (1 - rest));
          }
        } else {
          move(bases, stored, k);
          if (rest < 0) {
            if (distance < beyond[k]) idle[k] = 0;
            beyond[k] = distance;
            limit[k] = Math.abs(asked[k]);
          } else asked[k] *= Math.max(-MOST_GROWTH, 1 / (1 - rest));
        }
        const width = limit[k] - reached[k];
        const jump = Math.abs(missing[k]) + beyond[k];
        if (idle[k] >= IDLE_PULSES && (limit[k] === Infinity || jump > LEVEL * width)) asked[k] = 0;
        else if (limit[k] < Infinity && asked[k] !== 0) {
          const share = idle[k] > 0 || (pulses > 3 && pulses % 2 === 0) ? 0.5 : Math.abs(missing[k]) / jump;
          asked[k] = Math.sign(asked[k]) * (reached[k] + width * share);
        }
        if (asked[k] !== 0) left = true;
        else move(bests, stored, k);
      }
    }
    for (let s = 0; s < stored.length; s++) stored[s].set(bests[s]);
    // What is missing still is asked for once more: where devices stay at their level it adds up beside them.
    read(found);
    for (let k = 0; k < asked.length; k++) asked[k] = wanted[k] - found[k];
    pulse(asked);
    read(found);
    for (let k = 0; k < asked.length; k++)
      if (!(Math.abs(wanted[k] - found[k]) <= least[k])) move(bests, stored, k);
  }
}
