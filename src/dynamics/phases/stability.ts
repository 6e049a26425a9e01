/**
 * Whether the points that shortcuts lead to are points where the circuit by itself would stay: a limit cycle
 * turns around such a point, a saddle is left along a line, and mixed or alternating steps settle at either.
 * Pushed a little, a row is followed through plain, synchronous steps: power iteration on differences of the
 * step at that point, all rows side by side.
 */
import type { Executable } from "../../engines/engine";
import { streamOf, uniform } from "../../random";
import type { Layout } from "../lowering/layout";

export interface StabilityTarget {
  /** The phase's program with plain steps, everything but states in it. Its states are changed. */
  readonly exe: Executable;
  readonly layout: Layout;
  readonly rows: number;
  readonly complex: boolean;
  /** Size of a push, internal units: 1e-7 in float64, 1e-3 in float32. */
  readonly push: number;
  /** Most steps that a push is followed for, and by how much the program's are shorter. */
  readonly steps: number;
  readonly finer?: number;
}

/** A push that has shrunk, or grown, by as much tells enough. */
const SHRUNK = Math.log(1e-4);
const GROWN = Math.log(1e3);
/** Steps in which a push may grow although it dies out afterwards, as it passes from layer to layer. */
const PASSING = 20;
/** Growth a step above which a point is unstable. */
const UNSTABLE = 1e-3;

/** The states of a program, by the names of their buffers: all populations, both planes. */
export async function readStates(
  exe: Executable,
  layout: Layout,
  complex: boolean,
): Promise<Map<string, Float64Array>> {
  const states = new Map<string, Float64Array>();
  for (const p of layout.populations)
    for (const plane of complex ? ["", "i"] : [""])
      states.set(`u${p.index}${plane}`, await exe.read(`u${p.index}${plane}`));
  return states;
}

/** Rows, of those asked for, that plain steps lead away from given states. */
export async function unstableRows(
  { exe, layout, rows, complex, push, steps: followed, finer = 1 }: StabilityTarget,
  states: ReadonlyMap<string, Float64Array>,
  asked: readonly number[],
): Promise<number[]> {
  /** Where a step leads from the states with so much of `by` added. */
  const after = async (by: ReadonlyMap<string, Float64Array> | null): Promise<Map<string, Float64Array>> => {
    for (const [name, values] of states) {
      const added = by?.get(name);
      exe.write(name, added === undefined ? values : values.map((v, i) => v + push * added[i]));
    }
    await exe.run(1, 0);
    return readStates(exe, layout, complex);
  };
  const [steps, passing, growing] = [followed * finer, PASSING * finer, UNSTABLE / finer];
  const plain = await after(null);
  // The same for every row, so that none depends on those beside it.
  let direction = new Map(
    [...states].map(([name, values]) => {
      const stream = streamOf(`push of ${name}`);
      return [name, values.map((_, i) => uniform(0, stream, 0, i % (values.length / rows)) - 0.5)];
    }),
  );
  normalise(direction, rows);
  // Logarithms of how much the push of each row has grown, after each step.
  const growth = asked.map(() => [0]);
  const open = new Set(asked.keys());
  const unstable: number[] = [];
  for (let k = 1; k <= steps && open.size > 0; k++) {
    const pushed = await after(direction);
    direction = new Map(
      [...pushed].map(([name, values]) => {
        const base = plain.get(name) as Float64Array;
        return [name, values.map((v, i) => (v - base[i]) / push)];
      }),
    );
    const sizes = normalise(direction, rows);
    for (const at of open) {
      const known = growth[at];
      const size = sizes[asked[at]];
      known.push((known.at(-1) as number) + Math.log(size));
      const [now, lately] = [known[k], (known[k] - known[k >> 1]) / (k - (k >> 1))];
      if (now < SHRUNK || size === 0) open.delete(at);
      else if (
        !Number.isFinite(now) ||
        (k >= passing && now > GROWN && lately > 0) ||
        (k === steps && lately > growing)
      ) {
        open.delete(at);
        unstable.push(asked[at]);
      }
    }
  }
  return unstable.sort((a, b) => a - b);
}

/** Scales each row of the whole state to length 1; returns the lengths. A row of zeros stays. */
function normalise(planes: ReadonlyMap<string, Float64Array>, rows: number): Float64Array {
  const squares = new Float64Array(rows);
  const each = (visit: (values: Float64Array, i: number, row: number) => void): void => {
    for (const values of planes.values()) {
      const width = values.length / rows;
      for (let i = 0; i < values.length; i++) visit(values, i, Math.floor(i / width));
    }
  };
  each((values, i, row) => (squares[row] += values[i] * values[i]));
  const sizes = squares.map(Math.sqrt);
  each((values, i, row) => sizes[row] > 0 && (values[i] /= sizes[row]));
  return sizes;
}
