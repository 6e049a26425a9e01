/**
 * A minibatch of equilibrium propagation with tied weights (Ernoult 2019), computed from its definitions.
 * Layers count from the output.
 */
import {
  dot,
  drawMatrix,
  draws,
  drawVector,
  meanOuter,
  meanRows,
  range,
  sigma,
  sigmaPrime,
  transposed,
  zeroVector,
  type Matrix,
  type Vector,
} from "./math";

export type TrainStepModel = `${"EB" | "P"}-${number}h${"" | "_code" | "_paper"}`;

export function trainStepCase(
  seed: number,
  models: Readonly<Record<TrainStepModel, readonly number[]>>,
): object {
  const cases = Object.entries(models).map(([name, sizes], i) => [name, trainStep(seed + i, name, sizes)]);
  return { kind: "ep-train-step", model: "layered", cases: Object.fromEntries(cases) };
}

/** @param n sizes from the output to the input */
function trainStep(seed: number, name: string, n: readonly number[]): object {
  const next = draws(seed);
  const [energy, code] = [name.startsWith("EB"), name.endsWith("_code")];
  const [T, K, beta, eps, samples] = [60, 7, 0.4, energy ? 0.3 : 1, 2];
  const layers = n.length - 1;
  const W = range(layers).map((k) => drawMatrix(next, n[k], n[k + 1], 0.3));
  const b = range(layers).map((k) => drawVector(next, n[k], 0.3));
  const x = range(samples).map(() => drawVector(next, n[layers], 0.5).map((v) => v + 0.5));
  const y = range(samples).map((s) => range(n[0]).map((j) => (j === s % n[0] ? 1 : 0)));
  const lr = range(layers).map((k) => 0.02 * (k + 1));
  const out = energy ? sigma : (v: number): number => v;

  const run = (from: Matrix, sample: number, steps: number, nudge: number): Matrix => {
    let s = from;
    for (let t = 0; t < steps; t++) {
      const r = [...s, x[sample]].map((layer) => layer.map(out));
      s = s.map((layer, k) =>
        layer.map((u, i) => {
          let drive = dot(W[k][i], r[k + 1]) + b[k][i];
          if (k > 0) drive += dot(transposed(W[k - 1])[i], r[k - 1]);
          const force = k === 0 ? nudge * (y[sample][i] - u) : 0;
          if (!energy) return sigma(drive) + force;
          const slope = code && k === 0 ? 1 : sigmaPrime(u);
          return Math.min(1, Math.max(0, u + eps * (slope * drive - u + force)));
        }),
      );
    }
    return s;
  };
  const free = range(samples).map((s) =>
    run(
      range(layers).map((k) => zeroVector(n[k])),
      s,
      T,
      0,
    ),
  );
  const nudged = free.map((s, i) => run(s, i, K, beta));
  const rates = (states: Matrix[], k: number): Matrix =>
    states.map((s, i) => (k === layers ? x[i] : s[k]).map(out));
  const params: Record<string, Matrix | Vector> = {};
  const after: Record<string, Matrix | Vector> = {};
  for (let k = 0; k < layers; k++) {
    const [high, low] = [nudged, free].map((states) => ({
      w: meanOuter(rates(states, k), rates(states, k + 1)),
      b: meanRows(rates(states, k)),
    }));
    params[`W${k}`] = W[k];
    params[`b${k}`] = b[k];
    after[`W${k}`] = W[k].map((row, i) =>
      row.map((w, j) => w + (lr[k] / beta) * (high.w[i][j] - low.w[i][j])),
    );
    after[`b${k}`] = b[k].map((v, i) => v + (lr[k] / beta) * (high.b[i] - low.b[i]));
  }
  const errors = free.map((s, i) => s[0].reduce((sum, u, j) => sum + (u - y[i][j]) ** 2 / 2, 0));
  const byLayer = (states: Matrix[]): Matrix[] => range(layers).map((k) => states.map((s) => s[k]));
  return {
    hyper: { T, K, beta, eps, lr },
    sizes_from_output: n,
    params,
    x,
    y,
    s_free: byLayer(free),
    s_nudged: byLayer(nudged),
    params_new: after,
    loss_free: errors.reduce((a, e) => a + e, 0) / samples,
  };
}
