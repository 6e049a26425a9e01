/** A case of vector-field EP (Scellier 2018), computed from its definitions. Layers count from the output. */
import {
  cosine,
  degrees,
  dot,
  drawMatrix,
  draws,
  drawVector,
  meanOuter,
  meanRows,
  range,
  sigma,
  sigmaPrime,
  solve,
  symmetricPart,
  norm,
  transposed,
  zeroVector,
  type Matrix,
  type Vector,
} from "./math";

export interface VectorFieldOptions {
  readonly seed: number;
  /** From the input to the output. */
  readonly sizes: readonly number[];
  readonly rho: "hard_sigmoid_clip" | "sigmoid";
  readonly samples: number;
  readonly betas: readonly number[];
}

export function vectorFieldCase({ seed, sizes, rho: kind, samples, betas }: VectorFieldOptions): object {
  const next = draws(seed);
  const [eps, T] = [0.4, 1500];
  const clip = kind === "hard_sigmoid_clip";
  const rho = clip ? (x: number): number => Math.min(1, Math.max(0, x)) : sigma;
  const slope = clip ? (): number => 1 : sigmaPrime;
  const n = [...sizes].reverse();
  const layers = n.length - 1;
  const params: Record<string, Matrix | Vector> = {};
  for (let k = 0; k < layers; k++) {
    params[`W${k}${k + 1}`] = drawMatrix(next, n[k], n[k + 1], 0.5);
    if (k + 1 < layers) params[`W${k + 1}${k}`] = drawMatrix(next, n[k + 1], n[k], 0.5);
    params[`b${k}`] = drawVector(next, n[k], 0.2).map((b) => b + 0.25);
  }
  const W = (a: number, b: number): Matrix => params[`W${a}${b}`] as Matrix;
  const x = range(samples).map(() => drawVector(next, n[layers], 0.5).map((v) => v + 0.5));
  const y = range(samples).map((s) => range(n[0]).map((j) => (j === s % n[0] ? 1 : 0)));

  const run = (from: Matrix, sample: number, beta: number): Matrix => {
    let h = from;
    for (let t = 0; t < T; t++) {
      const out = [...h, x[sample]].map((layer) => layer.map(rho));
      h = h.map((layer, k) =>
        layer.map((u, i) => {
          let mu = dot(W(k, k + 1)[i], out[k + 1]) + (params[`b${k}`] as Vector)[i] - u;
          if (k > 0) mu += dot(W(k, k - 1)[i], out[k - 1]);
          if (k === 0) mu += beta * (y[sample][i] - u);
          const moved = u + eps * mu;
          return clip ? Math.min(1, Math.max(0, moved)) : moved;
        }),
      );
    }
    return h;
  };
  const zero = range(layers).map((k) => zeroVector(n[k]));
  const free = range(samples).map((s) => run(zero, s, 0));
  const units = n.slice(0, layers).reduce((a, b) => a + b, 0);
  const start = range(layers).map((k) => n.slice(0, k).reduce((a, b) => a + b, 0));
  const split = (flat: Vector): Matrix => range(layers).map((k) => flat.slice(start[k], start[k] + n[k]));

  const exact = free.map((h, s) => {
    const J = range(units).map((i) => range(units).map((j) => (i === j ? -1 : 0)));
    for (let k = 0; k < layers; k++)
      for (const m of [k - 1, k + 1]) {
        if (m < 0 || m >= layers) continue;
        W(k, m).forEach((row, i) =>
          row.forEach((w, j) => (J[start[k] + i][start[m] + j] += w * slope(h[m][j]))),
        );
      }
    const flat = h.flat();
    const inside = range(units).filter((i) => !clip || (flat[i] > 0 && flat[i] < 1));
    const Jr = inside.map((i) => inside.map((j) => J[i][j]));
    const error = flat.map((u, i) => (i < n[0] ? u - y[s][i] : 0));
    const spread = (v: Vector): Vector => {
      const out = zeroVector(units);
      inside.forEach((i, k) => (out[i] = v[k]));
      return out;
    };
    const e = inside.map((i) => error[i]);
    const [S, A] = [symmetricPart(Jr, 1), symmetricPart(Jr, -1)].map((m) => norm(m.flat()));
    return {
      forward: spread(solve(Jr, e)),
      adjoint: spread(solve(transposed(Jr), e).map((v) => -v)),
      ratio: S / (S + A),
    };
  });
  // dh/dbeta = J^-1 dC/dh, and the total derivative of the cost is (d mu/d theta)^T (-J^-T dC/dh).
  const products = (post: Matrix[]): Record<string, Matrix | Vector> =>
    Object.fromEntries(
      Object.keys(params).map((name) => {
        const [k, m] = name.slice(1).split("").map(Number);
        const rows = post.map((p) => p[k]);
        if (name.startsWith("b")) return [name, meanRows(rows)];
        return [
          name,
          meanOuter(
            rows,
            free.map((h, s) => (m === layers ? x[s] : h[m]).map(rho)),
          ),
        ];
      }),
    );
  const nu = products(exact.map((e) => split(e.forward)));
  const dJ = products(exact.map((e) => split(e.adjoint)));
  const flat = (v: Matrix | Vector): Vector => (v as Vector[]).flat() as Vector;
  const minus = (v: Vector): Vector => v.map((a) => -a);
  const whole = (v: Record<string, Matrix | Vector>): Vector => Object.values(v).flatMap(flat);
  const total = cosine(whole(nu), minus(whole(dJ)));
  const pairs = range(layers - 1).map((k) => [k, k + 1]);
  return {
    kind: "vector-field",
    model: "layered-directed",
    hyper: { rho: kind, clip, eps, T, sizes },
    params,
    x,
    y,
    free_fixed_point: range(layers).map((k) => free.map((h) => h[k])),
    dh_dbeta_exact: exact.map((e) => e.forward),
    // Its name promises the other sign; the reference cases hold J^-T dC/dh, which stands beside dh/dbeta =
    // J^-1 dC/dh.
    minus_JinvT_dC: exact.map((e) => e.adjoint.map((v) => -v)),
    symmetry_S_over_SplusA: exact.map((e) => e.ratio),
    nu_exact: nu,
    dJ_dtheta_exact: dJ,
    cos_nu_vs_minus_dJ: Object.fromEntries(
      Object.keys(params).map((name) => [name, cosine(flat(nu[name]), minus(flat(dJ[name])))]),
    ),
    cos_total: total,
    angle_total_deg: degrees(total),
    nudged: Object.fromEntries(
      betas.map((beta) => {
        const nudged = free.map((h, s) => run(h, s, beta));
        const difference = nudged.map((h, s) =>
          h.map((layer, k) => layer.map((u, i) => (u - free[s][k][i]) / beta)),
        );
        const update = products(difference);
        return [
          String(beta),
          {
            nudged_fixed_point: range(layers).map((k) => nudged.map((h) => h[k])),
            fd_dh_dbeta: difference.map((d) => d.flat()),
            update_onesided: update,
            cos_total_vs_minus_dJ: cosine(whole(update), minus(whole(dJ))),
          },
        ];
      }),
    ),
    alignment_trace: Object.fromEntries(
      pairs.map(([a, b]) => [
        `W${a}${b}W${b}${a}`,
        W(a, b).reduce((sum, row, i) => sum + row.reduce((t, w, j) => t + w * W(b, a)[j][i], 0), 0),
      ]),
    ),
    weight_angle_deg: Object.fromEntries(
      pairs.map(([a, b]) => [
        `W${a}${b},W${b}${a}^T`,
        degrees(cosine(W(a, b).flat(), transposed(W(b, a)).flat())),
      ]),
    ),
    residual: 0,
  };
}
