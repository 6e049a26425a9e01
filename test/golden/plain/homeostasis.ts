/**
 * A case of Jacobian homeostasis on a multilayer perceptron (Laborieux and Zenke 2023, Eq. 12), by dense matrices:
 * the model and its free state are those of a holomorphic case.
 */
import { holomorphicCase } from "./holomorphic-mlp";
import {
  dot,
  draws,
  drawVector,
  mean,
  norm,
  range,
  sigmaPrime,
  symmetricPart,
  times,
  transposed,
  zeros,
  type Matrix,
  type Vector,
} from "./math";

export interface HomeostasisCaseOptions {
  readonly seed: number;
  /** Input, hidden layers, output. */
  readonly sizes: readonly number[];
  readonly classes: number;
  readonly samples: number;
  readonly draws: number;
  readonly loop?: boolean;
  readonly symmetric?: boolean;
}

interface Model {
  readonly kernels: Readonly<Record<string, Matrix>>;
  readonly u_free: Matrix;
  readonly sizes: Readonly<Record<string, number>>;
}

export function homeostasisCase({ draws: count, ...options }: HomeostasisCaseOptions): object {
  const model = holomorphicCase({ ...options, betas: [0.1], points: [1] }) as Model & Record<string, unknown>;
  const { kernels, u_free: u, sizes } = model;
  const layers = Object.keys(sizes).filter((key) => !["x", "classes", "batch"].includes(key));
  const start = (layer: string): number =>
    layers.slice(0, layers.indexOf(layer)).reduce((sum, key) => sum + sizes[key], 0);
  const n = u[0].length;
  const wires = Object.entries(kernels).flatMap(([name, kernel]) => {
    const [from, to] = name.split("-");
    return from === "in" ? [] : [{ name, kernel, from: start(from), to: start(to) }];
  });
  const W = zeros(n, n); // [post][pre]
  for (const { kernel, from, to } of wires)
    kernel.forEach((row, i) => row.forEach((w, j) => (W[to + j][from + i] += w)));
  const next = draws(options.seed + 100);
  const eps = range(count).map(() => u.map(() => drawVector(next, n, 1).map((x) => 1.7 * x * (1 + x * x))));

  /** J = W diag(pre) + diag(own), at a sample. */
  const variant = (pre: (s: number, j: number) => number, own: (s: number, i: number) => number): object => {
    const jacobians = u.map((_, s) =>
      W.map((row, i) => row.map((w, j) => w * pre(s, j) + (i === j ? own(s, i) : 0))),
    );
    /** From dL/dJ of each sample to dL/dW, the mean over samples, by kernel. */
    const byKernel = (slopes: readonly Matrix[]): Record<string, Matrix> => {
      const slope = W.map((row, i) => row.map((_, j) => mean(slopes.map((g, s) => g[i][j] * pre(s, j)))));
      return Object.fromEntries(
        wires.map(({ name, kernel, from, to }) => [
          name,
          kernel.map((row, i) => row.map((_, j) => slope[to + j][from + i])),
        ]),
      );
    };
    const skew = jacobians.map((J) => symmetricPart(J, -1));
    const parts = jacobians.map((J) => [1, -1].map((sign) => norm(symmetricPart(J, sign as 1 | -1).flat())));
    const trace = (J: Matrix): number => mean(range(n).map((i) => dot(J[i], transposed(J)[i]))) * n;
    const loss = mean(jacobians.map((J) => dot(J.flat(), J.flat()) - trace(J)));
    const kicks = eps.flatMap((draw) =>
      draw.map((e, s) => ({ s, e, v: times(jacobians[s], e), w: times(transposed(jacobians[s]), e) })),
    );
    const outer = ({ e, v, w }: { readonly e: Vector; readonly v: Vector; readonly w: Vector }): Matrix =>
      e.map((_, i) => e.map((_x, j) => (2 * v[i] - w[i]) * e[j] - e[i] * v[j]));
    const found = u.map((_, s) => {
      const own_ = kicks.filter((kick) => kick.s === s).map(outer);
      return W.map((row, i) => row.map((_x, j) => mean(own_.map((g) => g[i][j]))));
    });
    return {
      S_A_sym: parts.map(([S, A]) => [S, A, S / (S + A)]),
      L_exact: loss,
      L_exact_over_n: loss / n,
      L_check_2A2: mean(parts.map(([, A]) => 2 * A * A)),
      grad_exact: byKernel(skew.map((A) => A.map((row) => row.map((x) => 4 * x)))),
      L_hutchinson: mean(kicks.map(({ s, e, v }) => dot(v, v) - dot(e, times(jacobians[s], v)))),
      grad_hutchinson: byKernel(found),
    };
  };
  const slopes = u.map((row) => row.map(sigmaPrime));
  return {
    kind: "homeostasis",
    model: options.loop === true ? "loop" : "mlp",
    sizes: {
      ...Object.fromEntries(Object.entries(sizes).filter(([key]) => key !== "classes")),
      n,
    },
    ...Object.fromEntries(
      ["kernels", "biases", "readout", "x", "y", "u_free"].map((key) => [key, model[key]]),
    ),
    eps,
    variants: {
      code_W_minus_I: variant(
        () => 1,
        () => -1,
      ),
      ustate_Wsigp_minus_I: variant(
        (s, j) => slopes[s][j],
        () => -1,
      ),
      activity_W_minus_1_over_sigp: variant(
        () => 1,
        (s, i) => -1 / slopes[s][i],
      ),
    },
  };
}
