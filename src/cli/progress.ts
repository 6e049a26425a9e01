/** A progress line with the time left, redrawn in place on stderr. */
import { cutTo, oneLine, widthOf } from "../printable";
import type { Progress } from "../runs/listener";

/** Shortest time between two drawings, ms. */
const INTERVAL = 100;
/** Columns of a terminal that does not know how many it has, as many do that a program opened. */
const USUAL = 80;
/** Longest text that is looked at: a name of a megabyte is not drawn ten times a second. */
const LONGEST = 1000;

/** To the start of the line, and what is there away. */
const CLEAR = "\r\x1b[K";

export class ProgressLine implements Progress {
  #started: number | null = null;
  #drawn = -Infinity;
  #shown = "";

  constructor(
    private readonly stream: { write(text: string): unknown; readonly columns?: number },
    private readonly enabled: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  update(fraction: number, text: string): void {
    if (!this.enabled) return;
    const time = this.now();
    this.#started ??= time;
    if (time - this.#drawn < INTERVAL) return;
    this.#drawn = time;
    const left = timeLeft((time - this.#started) / 1000, fraction);
    this.#draw([oneLine(text.slice(0, LONGEST)), left].filter(Boolean).join(", "));
  }

  end(): void {
    this.#started = null;
    this.#drawn = -Infinity;
    this.#clear();
    this.#shown = "";
  }

  /** Writes something else without tearing the line. */
  around(write: () => void): void {
    this.#clear();
    write();
    if (this.#shown !== "") this.#draw(this.#shown);
  }

  /**
   * The last column stays free, lest the terminal begin a new line; how wide it is may have changed since.
   */
  #draw(line: string): void {
    const { columns = USUAL } = this.stream;
    const cut = cutTo(line, (columns > 0 ? columns : USUAL) - 1);
    const before = this.#shown;
    this.#shown = widthOf(cut) === 0 ? "" : cut;
    if (this.#shown !== "" || before !== "") this.stream.write(`${CLEAR}${this.#shown}`);
  }

  #clear(): void {
    if (this.#shown !== "") this.stream.write(CLEAR);
  }
}

/** "about 40 s left"; nothing where there is nothing yet to go by. */
export function timeLeft(elapsed: number, fraction: number): string {
  if (!(fraction > 0.005) || elapsed < 0.5) return "";
  const left = Math.ceil((elapsed / Math.min(1, fraction)) * (1 - Math.min(1, fraction)));
  if (left < 90) return `about ${left} s left`;
  return left < 5400 ? `about ${Math.round(left / 60)} min left` : `about ${(left / 3600).toFixed(1)} h left`;
}
