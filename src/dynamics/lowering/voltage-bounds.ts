/**
 * How large voltages of a resistive network can be. Kirchhoff's law says that each node is a weighted mean of what it is
 * joined to, and of what currents add; so the largest voltage of a population is at most the largest, over its nodes, of
 * that mean with every neighbour at its own largest. The least numbers that satisfy all of these bound all voltages.
 */

/** The nodes of a population: node i is at most constant[i] + sum over populations q of by[q][i] times their largest. */
export interface Means {
  readonly constant: Float64Array;
  readonly by: readonly (Float64Array | null)[];
  /** Where nodes come to by themselves. */
  readonly floor: number;
}

/** More rounds than any network of a few populations takes: each picks the node that decides, for good. */
const ROUNDS = 100;

/** The largest voltage of each population; infinite where none bounds it. */
export function largestVoltages(populations: readonly Means[]): Float64Array {
  const free = unbounded(populations);
  let found = Float64Array.from(populations, ({ floor }, p) => (free[p] ? Infinity : floor));
  const beyond = new Float64Array(populations.length).fill(Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    // The node of each population that decides, given the others; -1 where none goes beyond the floor.
    const deciding = populations.map(({ constant, by, floor }, p) => {
      let [node, most] = [-1, free[p] ? Infinity : floor];
      for (let i = 0; i < (free[p] ? 0 : constant.length); i++) {
        let mean = constant[i];
        by.forEach((share, q) => (mean += share === null || share[i] === 0 ? 0 : share[i] * found[q]));
        if (mean > most) [node, most] = [i, mean];
      }
      return { node, most };
    });
    if (deciding.every(({ most }, p) => most <= found[p] * (1 + 1e-9))) return found;
    const next = solved(
      populations.map(({ constant, by, floor }, p) => {
        const { node } = deciding[p];
        const row = populations.map(
          (_, q) => Number(p === q) - (node < 0 || free[q] ? 0 : (by[q]?.[node] ?? 0)),
        );
        return [...row, free[p] ? 0 : node < 0 ? floor : constant[node]];
      }),
    );
    // A loop that gives back more than it takes bounds nothing.
    if (next === null || next.some((voltage, p) => !free[p] && !(voltage >= found[p] * (1 - 1e-9))))
      return beyond;
    found = next.map((voltage, p) => (free[p] ? Infinity : voltage));
  }
  return beyond;
}

/** Populations that nothing bounds, and those that they drive. */
function unbounded(populations: readonly Means[]): boolean[] {
  const free = populations.map(
    ({ constant, floor }) => !(floor < Infinity) || !constant.every(Number.isFinite),
  );
  for (let more = true; more;) {
    more = false;
    populations.forEach(({ by }, p) => {
      if (free[p] || !by.some((share, q) => free[q] && share?.some((of) => of !== 0))) return;
      [free[p], more] = [true, true];
    });
  }
  return free;
}

/** Solves rows [coefficients, right side] in place; null where they have no one solution. */
function solved(rows: number[][]): Float64Array | null {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (Math.abs(rows[pivot][k]) < 1e-12) return null;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const out = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    let sum = rows[k][n];
    for (let j = k + 1; j < n; j++) sum -= rows[k][j] * out[j];
    out[k] = sum / rows[k][k];
  }
  return out;
}
