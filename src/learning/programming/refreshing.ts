/** Refreshes what leaks when that comes due on the chip's clock; it takes time of its own, within which more may. */
import { short } from "../../display";
import { OhmletError } from "../../errors";
import type { ChipClock, WhilePassing } from "../clock";

/** Most refreshes within one stretch of time, such as a batch: more are a slip, and would take for ever. */
const MOST_REFRESHES = 10_000;

export class Refreshing implements WhilePassing {
  /**
   * @param every seconds from refresh to refresh
   * @param act refreshes, and tells how many seconds that took
   * @throws OhmletError LEARN-PROGRAMMING where the clock keeps no seconds
   */
  constructor(
    private readonly clock: ChipClock,
    private readonly every: number,
    private readonly act: () => number,
    private readonly circuit: string,
  ) {
    const { reading } = clock;
    if (reading === null)
      throw this.fault(
        "the solver keeps no seconds, after which devices could be refreshed",
        "leave  refresh  out, or settle by a solver that keeps time",
      );
    clock.set({ sinceRefresh: 0, ...reading });
  }

  within(kind: "training" | "testing", seconds: number): number {
    const { clock, every } = this;
    if (this.since + seconds > every * MOST_REFRESHES)
      throw this.fault(
        `more than ${MOST_REFRESHES} refreshes come due within one batch, test or write of ${short(seconds)} s`,
        `refresh less often than every ${short(every)} s`,
      );
    let left = seconds;
    while (this.since + left >= every) {
      const until = Math.max(0, every - this.since);
      left -= until;
      clock.advance(kind, until);
      clock.ageNow();
      const { reading } = clock;
      if (reading !== null) clock.set({ ...reading, sinceRefresh: 0 });
      clock.advance(kind, this.act());
    }
    return left;
  }

  private get since(): number {
    return this.clock.reading?.sinceRefresh ?? 0;
  }

  private fault(fact: string, remedy: string): OhmletError {
    const place = { where: `${this.circuit}, programming.refresh` };
    return new OhmletError({ code: "LEARN-PROGRAMMING", fact, place, remedy });
  }
}
