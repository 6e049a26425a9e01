/**
 * Draws of one fuzz case, from numbers keyed by its seed: the same case comes again from the same numbers.
 */
import { streamOf, uniform } from "../../src/random";

export class Dice {
  private readonly stream: number;
  private drawn = 0;

  constructor(
    private readonly seed: number,
    target: string,
    private readonly number: number,
  ) {
    this.stream = streamOf(`fuzz ${target}`);
  }

  /** In 0…1, 1 excluded. */
  next(): number {
    return uniform(this.seed, this.stream, this.number, this.drawn++);
  }

  /** A whole number from 0, below `n`; 0 where nothing is below. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  /** A piece of something of this length: where it begins and ends. Mostly short. */
  piece(length: number): readonly [from: number, to: number] {
    const from = this.below(length);
    const longest = this.once(4) ? length - from : Math.min(length - from, 12);
    return [from, from + 1 + this.below(longest)];
  }
}
