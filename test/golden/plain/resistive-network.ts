/**
 * Resistive networks by hand: Newton's method over all nodes at once, and Runge-Kutta steps, in plain loops. It shares
 * no code with the product.
 */

export interface ResistiveCase {
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly vbias: number;
  readonly times: readonly number[];
  readonly stop: number;
  /** Of every node, F. Default 1 pF. */
  readonly C?: number;
}

/** Numbers between 0 and 1 (mulberry32). */
function draws(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const [IS, N, VT, GMIN] = [1e-9, 1.5, 0.025864917007157463, 1e-12];

const zeros = (n: number): number[] => Array.from({ length: n }, () => 0);

function diode(v: number): [current: number, slope: number] {
  const vte = N * VT;
  if (v >= -3 * vte) return [IS * (Math.exp(v / vte) - 1) + GMIN * v, (IS / vte) * Math.exp(v / vte) + GMIN];
  const cube = ((3 * vte) / (v * Math.E)) ** 3;
  return [-IS * (1 + cube) + GMIN * v, (3 * IS * cube) / v + GMIN];
}

export function resistiveCase({ seed, sizes, vbias, times, stop, C = 1e-12 }: ResistiveCase): object {
  const draw = draws(seed);
  const conductances = sizes
    .slice(1)
    .map((size, k) =>
      Array.from({ length: sizes[k] }, () => Array.from({ length: size }, () => 10 ** (-5 + 2 * draw()))),
    );
  const vin = Array.from({ length: sizes[0] }, () => 4 * draw() - 2);
  const iout = Array.from({ length: sizes[sizes.length - 1] }, () => 4e-4 * draw() - 2e-4);
  const starts = sizes.map((_, k) => sizes.slice(1, k).reduce((a, b) => a + b, 0));
  const count = sizes.slice(1).reduce((a, b) => a + b, 0);
  /** Currents into every free node, and their slopes. */
  const currents = (v: readonly number[]): { i: number[]; j: number[][] } => {
    const i = zeros(count);
    const j = i.map(() => zeros(count));
    conductances.forEach((array, k) =>
      array.forEach((row, a) =>
        row.forEach((g, b) => {
          const [to, from] = [starts[k + 1] + b, k === 0 ? -1 : starts[k] + a];
          const flow = g * ((from < 0 ? vin[a] : v[from]) - v[to]);
          i[to] += flow;
          j[to][to] -= g;
          if (from < 0) return;
          i[from] -= flow;
          j[from][from] -= g;
          j[from][to] += g;
          j[to][from] += g;
        }),
      ),
    );
    for (let n = 0; n < starts[sizes.length - 1]; n++) {
      const [up, upSlope] = diode(v[n] - vbias);
      const [down, downSlope] = diode(-vbias - v[n]);
      i[n] += down - up;
      j[n][n] -= upSlope + downSlope;
    }
    iout.forEach((amperes, k) => (i[starts[sizes.length - 1] + k] += amperes));
    return { i, j };
  };
  const layers = (v: readonly number[], first: number): number[][] =>
    sizes
      .slice(first)
      .map((size, n) => (n + first === 0 ? vin : v.slice(starts[n + first], starts[n + first] + size)));

  let v = zeros(count);
  for (let n = 0; n < 500; n++) {
    const { i, j } = currents(v);
    const step = solve(
      j,
      i.map((x) => -x),
    );
    // Not farther than a few thermal voltages at once.
    const most = Math.max(...step.map(Math.abs));
    const share = Math.min(1, 0.1 / most);
    v = v.map((x, k) => x + share * step[k]);
  }
  const rest = v;
  const h = 1e-12;
  const rate = (at: readonly number[]): number[] => currents(at).i.map((x) => x / C);
  const advance = (from: readonly number[], dt: number): number[] => {
    const push = (k: readonly number[], s: number): number[] => from.map((x, n) => x + s * k[n]);
    const k1 = rate(from);
    const k2 = rate(push(k1, dt / 2));
    const k3 = rate(push(k2, dt / 2));
    const k4 = rate(push(k3, dt));
    return from.map((x, n) => x + (dt / 6) * (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]));
  };
  let [now, at] = [0, zeros(count)];
  const until = (t: number): number[] => {
    const steps = Math.ceil((t - now) / h);
    for (let n = 0; n < steps; n++) at = advance(at, (t - now) / steps);
    now = t;
    return at;
  };
  const samples = times.map((time) => ({ time, v: layers(until(time), 1) }));
  return {
    kind: "resistive-network",
    model: "layered-diode",
    sizes,
    seed,
    vbias,
    diode: { IS, N, temp_c: 27, vt: VT, gmin: GMIN },
    cap_F: C,
    conductances_S: conductances,
    vin,
    iout_A_into_output_nodes: iout,
    op_voltages: layers(rest, 0),
    tran: {
      spec: `.tran 1p ${stop * 1e9}n uic, caps IC=0`,
      end_voltages: layers(until(stop), 0),
      samples_at_accepted_timepoints: samples,
    },
  };
}

/** Elimination with the largest pivot of each column. */
function solve(matrix: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = matrix.map((row, k) => [...row, b[k]]);
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let r = k + 1; r < n; r++) if (Math.abs(rows[r][k]) > Math.abs(rows[best][k])) best = r;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let r = k + 1; r < n; r++) {
      const factor = rows[r][k] / rows[k][k];
      for (let c = k; c <= n; c++) rows[r][c] -= factor * rows[k][c];
    }
  }
  const x = zeros(n);
  for (let k = n - 1; k >= 0; k--) {
    let sum = rows[k][n];
    for (let c = k + 1; c < n; c++) sum -= rows[k][c] * x[c];
    x[k] = sum / rows[k][k];
  }
  return x;
}
