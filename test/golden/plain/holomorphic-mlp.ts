/**
 * A case of holomorphic EP on a multilayer perceptron (Laborieux and Zenke 2023), computed from its
 * definitions.
 */
import {
  cosine,
  dot,
  drawMatrix,
  draws,
  drawVector,
  mean,
  meanOuter,
  meanRows,
  norm,
  range,
  sigma,
  sigmaPrime,
  solve,
  symmetricPart,
  times,
  transposed,
  zeros,
  type Matrix,
  type Vector,
} from "./math";

export interface HolomorphicOptions {
  readonly seed: number;
  /** Input, hidden layers, output. */
  readonly sizes: readonly number[];
  readonly classes: number;
  readonly samples: number;
  /** The output feeds the first hidden layer only. */
  readonly loop?: boolean;
  /** Feedback is the transpose of what leads there. */
  readonly symmetric?: boolean;
  readonly betas: readonly number[];
  readonly points: readonly number[];
}

/** Real and imaginary parts. */
type C = readonly [number, number];
const plus = (a: C, b: C): C => [a[0] + b[0], a[1] + b[1]];
const product = (a: C, b: C): C => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
const inverse = (a: C): C => [a[0] / (a[0] ** 2 + a[1] ** 2), -a[1] / (a[0] ** 2 + a[1] ** 2)];
const exponential = (a: C): C => [Math.exp(a[0]) * Math.cos(a[1]), Math.exp(a[0]) * Math.sin(a[1])];
const sum = (list: readonly C[]): C => list.reduce(plus, [0, 0]);
const logistic = (u: C): C => inverse(plus([1, 0], exponential([-4 * u[0] + 2, -4 * u[1]])));
const real = (list: readonly C[]): Vector => list.map((c) => c[0]);

export function holomorphicCase({
  seed,
  sizes,
  classes,
  samples,
  loop = false,
  symmetric = false,
  betas,
  points,
}: HolomorphicOptions): object {
  const next = draws(seed);
  const last = sizes.length - 1;
  const labels = range(sizes.length).map((k) => (k === 0 ? "in" : k === last ? "out" : `l${k}`));
  const wires = [
    ...range(last).map((k) => [k, k + 1]),
    ...(loop ? [[last, 1]] : range(last - 1).map((k) => [k + 2, k + 1])),
  ].map(([from, to]) => {
    const kernel = drawMatrix(next, sizes[from], sizes[to], 0.35);
    return {
      from,
      to,
      name: `${labels[from]}-${labels[to]}`,
      kernel,
      bias: from < to ? drawVector(next, sizes[to], 0.2) : null,
    };
  });
  if (symmetric)
    for (const wire of wires) {
      const forth = wires.find(({ from, to }) => from === wire.to && to === wire.from);
      if (wire.from > wire.to && forth) wire.kernel.splice(0, Infinity, ...transposed(forth.kernel));
    }
  const R = drawMatrix(next, sizes[last], classes, 0.5);
  const r = drawVector(next, classes, 0.2);
  const x = range(samples).map(() => drawVector(next, sizes[0], 0.5).map((v) => v + 0.5));
  const y = range(samples).map((s) => range(classes).map((c) => (c === (s + 1) % classes ? 1 : 0)));
  const start = range(sizes.length).map((k) => sizes.slice(1, k).reduce((a, b) => a + b, 0));
  const units = sizes.slice(1).reduce((a, b) => a + b, 0);
  const layer = <T>(all: readonly T[], k: number): T[] => all.slice(start[k], start[k] + sizes[k]);

  const softmax = (a: readonly C[]): C[] => {
    const e = range(classes).map((c) =>
      exponential(plus([r[c], 0], sum(a.map((v, j) => product(v, [R[j][c], 0]))))),
    );
    const total = inverse(sum(e));
    return e.map((v) => product(v, total));
  };
  /** dL/da of the output. */
  const costSlope = (a: readonly C[], s: number): C[] => {
    const p = softmax(a).map((v, c): C => [v[0] - y[s][c], v[1]]);
    return R.map((row) => sum(p.map((v, c) => product(v, [row[c], 0]))));
  };
  const run = (from: readonly C[], s: number, steps: number, beta: C): C[] => {
    let u = [...from];
    for (let t = 0; t < steps; t++) {
      const a = u.map(logistic);
      const drive = range(units).map((): C => [0, 0]);
      for (const { from: pre, to, kernel, bias } of wires) {
        const given = pre === 0 ? x[s].map((v): C => [v, 0]) : layer(a, pre);
        for (let j = 0; j < sizes[to]; j++) {
          const into = sum(given.map((v, i): C => [v[0] * kernel[i][j], v[1] * kernel[i][j]]));
          drive[start[to] + j] = plus(drive[start[to] + j], plus(into, [bias?.[j] ?? 0, 0]));
        }
      }
      if (beta[0] !== 0 || beta[1] !== 0)
        costSlope(layer(a, last), s).forEach(
          (g, j) => (drive[start[last] + j] = plus(drive[start[last] + j], product(beta, g))),
        );
      u = drive;
    }
    return u;
  };
  const rest = range(units).map((): C => [0, 0]);
  const circle = (beta: number, N: number): C[] =>
    range(N).map((k) => [beta * Math.cos((2 * Math.PI * k) / N), beta * Math.sin((2 * Math.PI * k) / N)]);

  const W = zeros(units, units); // [post][pre]
  for (const { from, to, kernel } of wires)
    if (from > 0) kernel.forEach((row, i) => row.forEach((w, j) => (W[start[to] + j][start[from] + i] += w)));
  const free = range(samples).map((s) => run(rest, s, 300, [0, 0]));
  const u = free.map(real);
  const a = u.map((row) => row.map(sigma));
  const probabilities = a.map((row) => real(softmax(layer(row, last).map((v): C => [v, 0]))));
  const exact = a.map((row, s) => {
    const D = u[s].map(sigmaPrime);
    const slope = real(
      costSlope(
        layer(row, last).map((v): C => [v, 0]),
        s,
      ),
    );
    const e = range(units).map((i) => (i < start[last] ? 0 : slope[i - start[last]]));
    const M = W.map((w, i) => w.map((v, j) => (i === j ? v - 1 / D[i] : v)));
    const minus = (m: Matrix): Matrix => m.map((w) => w.map((v) => -v));
    const [S, A] = [symmetricPart(M, 1), symmetricPart(M, -1)];
    const da = solve(minus(M), e);
    const delta = solve(transposed(minus(M)), e);
    const bias = solve(S, times(A, delta));
    const ratio = transposed(A).map((column) => solve(S, column));
    const off = (v: Vector): number => norm(da.map((d, i) => d - v[i])) / norm(delta);
    const jacobians = {
      "W_minus_I(code)": W.map((w, i) => w.map((v, j) => v - (i === j ? 1 : 0))),
      "Wsig'_minus_I(u-state)": W.map((w, i) => w.map((v, j) => v * D[j] - (i === j ? 1 : 0))),
      "W_minus_1/sig'(activity)": M,
    };
    return {
      slope,
      da,
      du: da.map((d, i) => d / D[i]),
      delta,
      eq11: [off(delta), off(delta.map((d, i) => d - 2 * bias[i])), norm(ratio.flat())],
      jacobians,
    };
  });

  const gradients = (pre: Matrix, error: Matrix): Record<string, Matrix | Vector> =>
    Object.fromEntries([
      ...wires.map(({ from, to, name }) => [
        `${name}.kernel`,
        meanOuter(
          from === 0 ? x : pre.map((row) => layer(row, from)),
          error.map((row) => layer(row, to)),
        ),
      ]),
      ...wires
        .filter((w) => w.bias !== null)
        .map(({ to, name }) => [`${name}.bias`, meanRows(error.map((row) => layer(row, to)))]),
      ...readout(pre.map((row) => layer(row, last))),
    ]);
  const readout = (out: Matrix): [string, Matrix | Vector][] => {
    const wrong = out.map((row, s) => real(softmax(row.map((v): C => [v, 0]))).map((p, c) => p - y[s][c]));
    return [
      ["readout.kernel", meanOuter(out, wrong)],
      ["readout.bias", meanRows(wrong)],
    ];
  };
  const rbp = gradients(
    a,
    exact.map((e) => e.delta),
  );
  const hep = gradients(
    a,
    exact.map((e) => e.da),
  );
  const whole = (g: Record<string, Matrix | Vector>, all: boolean): Vector =>
    Object.entries(g)
      .filter(([name]) => all || !name.startsWith("readout"))
      .flatMap(([, v]) => (v as Vector[]).flat() as Vector);
  const meanCosine = (p: Matrix, q: Matrix): number => mean(p.map((row, s) => cosine(row, q[s])));
  const [deltas, das] = [exact.map((e) => e.delta), exact.map((e) => e.da)];

  /** The estimate from given free states: one-sided for N = 1, else the Cauchy sum. */
  const estimate = (
    from: readonly C[][],
    beta: number,
    N: number,
    steps: number,
  ): { d_beta_a: Matrix; d_beta_u: Matrix; points: C[][][] } => {
    const reached = circle(beta, N).map((b) => from.map((v, s) => run(v, s, steps, b)));
    const derivative = (of: (c: C) => C): Matrix =>
      from.map((v, s) =>
        v.map((c, i) => {
          if (N === 1) return (of(reached[0][s][i])[0] - of(c)[0]) / beta;
          return (
            circle(beta, N).reduce((total, b, k) => total + product(of(reached[k][s][i]), inverse(b))[0], 0) /
            N
          );
        }),
      );
    return { d_beta_a: derivative(logistic), d_beta_u: derivative((c) => c), points: reached };
  };
  const each = <T>(make: (beta: number, N: number) => T): Record<string, T> =>
    Object.fromEntries(betas.flatMap((beta) => points.map((N) => [`beta=${beta},N=${N}`, make(beta, N)])));
  const truncated = range(samples).map((s) => run(rest, s, 20, [0, 0]));
  const continuous = (beta: number): object => {
    const [N, periods, hold] = [4, 3, 12];
    const state = range(samples).map(() => rest as C[]);
    const [avg, meanA, amp] = [zeros(samples, units), zeros(samples, units), zeros(samples, units)];
    for (let k = 0; k < N * periods; k++)
      for (let s = 0; s < samples; s++) {
        const b = circle(beta, N)[k % N];
        state[s] = run(state[s], s, hold, b);
        state[s].forEach((c, i) => {
          avg[s][i] += c[0] / (N * periods);
          meanA[s][i] += logistic(c)[0] / (N * periods);
          amp[s][i] += product(logistic(c), inverse(b))[0] / (N * periods);
        });
      }
    const code = gradients(
      avg.map((row) => row.map(sigma)),
      amp,
    );
    return {
      note: `N=${N} points/period,${periods} periods,${hold} steps each`,
      avg_u: avg,
      mean_a: meanA,
      amp_a: amp,
      grad_code: code,
      cos_grad_code_vs_hep_exact: cosine(whole(code, true), whole(hep, true)),
      cos_grad_eq9_vs_hep_exact: cosine(whole(gradients(meanA, amp), true), whole(hep, true)),
    };
  };
  return {
    kind: "holomorphic-mlp",
    model: loop ? "loop-readout" : "mlp-readout",
    sizes: {
      ...Object.fromEntries(sizes.map((n, k) => [k === 0 ? "x" : labels[k], n])),
      classes,
      batch: samples,
    },
    kernels: Object.fromEntries(wires.map((w) => [w.name, w.kernel])),
    biases: Object.fromEntries(wires.filter((w) => w.bias !== null).map((w) => [w.name, w.bias])),
    readout: { kernel: R, bias: r },
    x,
    y,
    u_free: u,
    a_free: a,
    logits: a.map((row) =>
      r.map(
        (v, c) =>
          v +
          dot(
            layer(row, last),
            R.map((w) => w[c]),
          ),
      ),
    ),
    loss_xent_batch_mean: mean(probabilities.map((p, s) => -Math.log(dot(p, y[s])))),
    dLda_out: exact.map((e) => e.slope),
    delta_rbp: deltas,
    d_beta_a_exact: das,
    d_beta_u_exact: exact.map((e) => e.du),
    eq11: {
      columns: ["|da-delta|/|delta|", "|da-(delta-2S^-1A delta)|/|delta|", "|S^-1A|_F"],
      rows: exact.map((e) => e.eq11),
    },
    jac_S_A_sym: Object.fromEntries(
      (["W_minus_I(code)", "Wsig'_minus_I(u-state)", "W_minus_1/sig'(activity)"] as const).map((name) => [
        name,
        {
          columns: ["|S|", "|A|", "S/(S+A)"],
          rows: exact.map((e) => {
            const [S, A] = [1, -1].map((sign) =>
              norm(symmetricPart(e.jacobians[name], sign as 1 | -1).flat()),
            );
            return [S, A, S / (S + A)];
          }),
        },
      ]),
    ),
    cos_delta_vs_exact_dba: {
      per_layer_mean: Object.fromEntries(
        range(last).map((k) => [
          labels[k + 1],
          meanCosine(
            deltas.map((d) => layer(d, k + 1)),
            das.map((d) => layer(d, k + 1)),
          ),
        ]),
      ),
      total_mean: meanCosine(deltas, das),
    },
    grad_rbp: rbp,
    grad_hep_exact: hep,
    cos_param_grad_noreadout: cosine(whole(rbp, false), whole(hep, false)),
    estimates: each((beta, N) => {
      const { d_beta_a, d_beta_u, points: reached } = estimate(free, beta, N, 300);
      return {
        d_beta_a,
        d_beta_u,
        cos_vs_exact: meanCosine(d_beta_a, das),
        cos_vs_delta: meanCosine(d_beta_a, deltas),
        ...(N === 4 && {
          fixed_points_u_k: reached.map((p) => ({
            re: p.map(real),
            im: p.map((row) => row.map((c) => c[1])),
          })),
        }),
      };
    }),
    code_like_T20_T6: each((beta, N) => ({ d_beta_a: estimate(truncated, beta, N, 6).d_beta_a })),
    continuous: Object.fromEntries(betas.map((beta) => [`beta=${beta}`, continuous(beta)])),
  };
}
