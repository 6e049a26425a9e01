/** The memory that the programs of one engine take together, counted before it is asked for. */
import { OhmletError } from "../errors";
import { gigabytes, memoryLimit } from "../memory";
import type { Operation, Program } from "../program/program";

/** Bytes of any engine: what addresses of 32 bits reach. Beyond, no step is quick enough to be of use. */
const MOST = 2 ** 32;

/**
 * @throws OhmletError ENGINE-MEMORY where an engine would come to have more than that, or than half of the
 *   machine
 */
export function expectRoom(engine: string, bytes: number): void {
  const most = Math.min(MOST, memoryLimit());
  if (bytes > most)
    throw noRoom(engine, `${gigabytes(bytes)} are wanted, and an engine has at most ${gigabytes(most)} here`);
}

/** No other engine would do with much less. */
export const noRoom = (engine: string, fact: string): OhmletError =>
  new OhmletError({
    code: "ENGINE-MEMORY",
    fact,
    place: { where: engine },
    remedy:
      "let fewer rows settle at a time (a smaller batch, fewer nudge points or starts), or make the " +
      "circuit smaller",
  });

export class Room {
  private taken = 0;

  constructor(
    private readonly engine: string,
    private readonly bytesOf: (program: Program) => number,
  ) {}

  /** @throws OhmletError ENGINE-MEMORY */
  take(program: Program): void {
    const bytes = this.bytesOf(program);
    expectRoom(this.engine, this.taken + bytes);
    this.taken += bytes;
  }

  give(program: Program): void {
    this.taken -= this.bytesOf(program);
  }
}

/** Numbers that a program keeps: its arrays, the watched buffers once more, and draws. */
export function valuesOf({
  rows,
  groups,
  buffers,
  weights,
  vectors,
  rowValues,
  scalars,
  watched,
  step,
}: Program): number {
  const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
  const drawn = (operation: Operation): number =>
    operation.op === "map"
      ? rows *
        buffers[operation.out] *
        Object.values(operation.sources).filter(({ from }) => from === "noise").length
      : 0;
  return (
    rows * (sum(Object.values(buffers)) + sum(watched.map((name) => buffers[name])) + rowValues.length) +
    groups * (sum(Object.values(weights).map(({ pre, post }) => pre * post)) + sum(Object.values(vectors))) +
    scalars.length +
    sum(step.map(drawn))
  );
}
