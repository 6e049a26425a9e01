/**
 * Measured pulse curves: what devices store after each pulse, some up and then some down. A row a pulse; a
 * column of numbers of pulses, where there is one, then a column for each device.
 */
import { OhmletError } from "../../errors";

/** Steps of a branch: where each began, and how far it went; of all devices, and of each. */
export interface Branch {
  readonly from: Float64Array;
  readonly step: Float64Array;
  readonly byDevice: readonly { readonly from: Float64Array; readonly step: Float64Array }[];
}

/** A curve as its steps. */
export interface PulseCurve {
  readonly devices: number;
  readonly least: number;
  readonly most: number;
  readonly up: Branch;
  readonly down: Branch;
}

const MOST_ROWS = 1_000_000;
/** Share of the way that steps may go back in all, of the mean of the devices. */
const BACK = 0.1;
/** Fewest steps of a branch by which a line is told. */
const LEAST_STEPS = 3;

/**
 * @param up pulses up, from the first row on; default: to the largest mean
 * @throws OhmletError FIT-CSV, FIT-POINTS, FIT-MONOTONIC
 */
export function readPulseCurve(text: string, where: string, up?: number): PulseCurve {
  const fault = (code: string, fact: string, remedy: string, line?: number): OhmletError =>
    new OhmletError({ code, fact, place: { where, line }, remedy });
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const rows: number[][] = [];
  let counted = false;
  for (const [k, line] of lines.entries()) {
    if (line === "") continue;
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
    const values = cells.map((cell) => (cell === "" ? NaN : Number(cell)));
    if (rows.length === 0 && values.every(Number.isNaN)) {
      counted = /pulse|^n$|number/i.test(cells[0]);
      continue;
    }
    if (!values.every(Number.isFinite) || (rows.length > 0 && values.length !== rows[0].length))
      throw fault(
        "FIT-CSV",
        "this row is not numbers, as many as in the first",
        "write a row a pulse: its number, and a value for each device",
        k + 1,
      );
    rows.push(values);
    if (rows.length > MOST_ROWS) throw fault("FIT-CSV", `it has more than ${MOST_ROWS} rows`, "give fewer");
  }
  if (rows.length === 0)
    throw fault(
      "FIT-POINTS",
      "it holds no points",
      "give a row a pulse: its number, and a value for each device",
    );
  counted ||= rows[0].length > 1 && rows.every((row, k) => row[0] === rows[0][0] + k);
  const values = rows.map((row) => (counted ? row.slice(1) : row));
  const devices = values[0].length;
  if (devices === 0)
    throw fault("FIT-CSV", "it holds numbers of pulses and nothing else", "add a column for each device");
  const mean = values.map((row) => row.reduce((sum, v) => sum + v, 0) / devices);
  const top = up ?? mean.indexOf(Math.max(...mean));
  if (top < LEAST_STEPS || values.length - 1 - top < LEAST_STEPS)
    throw fault(
      "FIT-POINTS",
      `it has ${Math.max(0, Math.min(top, values.length - 1))} steps up and ${Math.max(0, values.length - 1 - top)} down`,
      `give ${LEAST_STEPS} or more each, the first row before the first pulse; --up N says how many go up`,
    );
  for (const [from, to, sign] of [
    [0, top, 1],
    [top, mean.length - 1, -1],
  ] as const) {
    let [forth, back] = [0, 0];
    for (let k = from; k < to; k++) {
      const step = sign * (mean[k + 1] - mean[k]);
      if (step > 0) forth += step;
      else back -= step;
    }
    if (!(back <= BACK * forth))
      throw fault(
        "FIT-MONOTONIC",
        `its way ${sign > 0 ? "up" : "down"} goes back by ${Number((100 * (forth > 0 ? back / forth : 1)).toPrecision(3))} % of what it goes forth`,
        "give pulses up and then pulses down, --up N of them up; average more devices where steps are noisy",
      );
  }
  const ends = Array.from({ length: devices }, (_, d) => hardEnds(values.map((row) => row[d])));
  const branch = (from: number, to: number): Branch => {
    const byDevice = ends.map((hard, d) => {
      const steps = Array.from({ length: to - from }, (_, k) => [
        values[from + k][d],
        values[from + k + 1][d],
      ]);
      // A step that a hard end cuts off tells nothing of steps.
      const free = steps.filter(([, after]) => !hard.has(after));
      return {
        from: Float64Array.from(free, ([before]) => before),
        step: Float64Array.from(free, ([before, after]) => after - before),
      };
    });
    const all = (of: "from" | "step"): Float64Array =>
      Float64Array.from(byDevice.flatMap((each) => [...each[of]]));
    return { from: all("from"), step: all("step"), byDevice };
  };
  const [rise, fall] = [branch(0, top), branch(top, values.length - 1)];
  const short = [...rise.byDevice, ...fall.byDevice].find(({ from }) => from.length < LEAST_STEPS);
  if (short !== undefined)
    throw fault(
      "FIT-POINTS",
      `a device has ${short.from.length} steps between the ends of its range`,
      `give ${LEAST_STEPS} or more each way, with smaller steps`,
    );
  const flat = values.flat();
  const [least, most] = flat.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  return { devices, least, most, up: rise, down: fall };
}

/** How often a device stands at an end of its way until that is a hard one. */
const OFTEN = 3;

/** The least and the largest value of a device, where it stands there again and again. */
function hardEnds(values: readonly number[]): ReadonlySet<number> {
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  return new Set([least, most].filter((end) => values.filter((v) => v === end).length >= OFTEN));
}
