/** A progress line with the time left, redrawn in place on stderr. */

export interface Progress {
  /**
   * @param fraction how much is done, 0…1; what it counts is the caller's affair
   * @param text what is shown before the time left: "epoch 2 of 6, accuracy 91.2 %"
   */
  update(fraction: number, text: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Shortest time between two drawings, ms. */
const INTERVAL = 100;

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
    const line = [text, timeLeft((time - this.#started) / 1000, fraction)].filter(Boolean).join(", ");
    this.#shown = [...line].slice(0, (this.stream.columns ?? 80) - 1).join("");
    this.stream.write(`\r\x1b[K${this.#shown}`);
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
    if (this.#shown !== "") this.stream.write(this.#shown);
  }

  #clear(): void {
    if (this.#shown !== "") this.stream.write("\r\x1b[K");
  }
}

/** "about 40 s left"; nothing where there is nothing yet to go by. */
export function timeLeft(elapsed: number, fraction: number): string {
  if (!(fraction > 0.005) || elapsed < 0.5) return "";
  const left = Math.ceil((elapsed / Math.min(1, fraction)) * (1 - Math.min(1, fraction)));
  if (left < 90) return `about ${left} s left`;
  return left < 5400 ? `about ${Math.round(left / 60)} min left` : `about ${(left / 3600).toFixed(1)} h left`;
}
