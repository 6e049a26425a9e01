/**
 * A minibatch of initialized equilibrium propagation (O'Connor et al. 2019, Algorithm 1, with the factors of the
 * authors' code), computed from its definitions. Layers count from the input.
 */
import { draws, drawMatrix, drawVector, range, transposed, type Matrix, type Vector } from "./math";

interface Options {
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly samples: number;
  readonly leak: number;
  /** Pairs of lambda and beta. */
  readonly factors: readonly (readonly [lambda: number, beta: number])[];
}

interface Layer {
  readonly W: Matrix;
  readonly b: Vector;
}

const clip = (x: number): number => Math.min(1, Math.max(0, x));
const inside = (x: number): number => (x >= 0 && x <= 1 ? 1 : 0);
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => range(b[0].length).map((j) => row.reduce((sum, x, i) => sum + x * b[i][j], 0)));
const zip = (f: (...x: number[]) => number, ...of: Matrix[]): Matrix =>
  of[0].map((row, s) => row.map((_, i) => f(...of.map((m) => m[s][i]))));
const columns = (m: Matrix): Vector => m[0].map((_, i) => m.reduce((sum, row) => sum + row[i], 0));
const flat = (m: Matrix): Vector => m.flat();

export function initializedEpCase({ seed, sizes, samples: B, leak, factors }: Options): object {
  const next = draws(seed);
  const L = sizes.length - 1;
  const [eps, T, K] = [0.4, 9, 5];
  const draw = (): Layer[] =>
    range(L).map((k) => ({
      W: drawMatrix(next, sizes[k], sizes[k + 1], 0.7),
      b: drawVector(next, sizes[k + 1], 0.3).map((v) => v + 0.15),
    }));
  const [theta, phi] = [draw(), draw()];
  const x = range(B).map(() => drawVector(next, sizes[0], 0.6).map((v) => v + 0.5));
  const y = range(B).map((s) => range(sizes[L]).map((j) => (j === s % sizes[L] ? 1 : 0)));
  const lr = range(L).map((k) => 0.1 / (k + 1));

  const z: Matrix[] = [];
  const sf: Matrix[] = [];
  phi.forEach(({ W, b }, k) => {
    z.push(product(k === 0 ? x : sf[k - 1], W).map((row) => row.map((v, i) => v + b[i])));
    sf.push(z[k].map((row) => row.map((v) => clip(v) + leak * v)));
  });
  const slope = z.map((m) => m.map((row) => row.map((v) => inside(v) + leak)));

  const rho = (s: readonly Matrix[]): Matrix[] => [x, ...s].map((m) => m.map((row) => row.map(clip)));
  const one = ([lambda, beta]: readonly [number, number]): object => {
    const step = (s: Matrix[], nudge: number): Matrix[] => {
      const r = rho(s);
      return s.map((m, k) => {
        let drive = product(r[k], theta[k].W).map((row) => row.map((v, i) => v + theta[k].b[i]));
        if (k + 1 < L) drive = zip((a, b) => a + b, drive, product(r[k + 2], transposed(theta[k + 1].W)));
        return zip(
          (u, d, f, target) => {
            const dE = u + lambda * (u - f) - inside(u) * d + (k + 1 === L ? 2 * nudge * (u - target) : 0);
            return clip(u - eps * dE);
          },
          m,
          drive,
          sf[k],
          k + 1 === L ? y : m,
        );
      });
    };
    const run = (from: Matrix[], steps: number, nudge: number): Matrix[][] => {
      const path = [from];
      for (let t = 0; t < steps; t++) path.push(step(path[t], nudge));
      return path.slice(1);
    };
    const negative = run(sf, T, 0);
    const minus = negative[T - 1];
    const positive = run(minus, K, beta);
    const plus = positive[K - 1];
    const energy = (s: Matrix[]): number => {
      const r = rho(s);
      let E = 0;
      s.forEach((m, k) => {
        const drive = product(r[k], theta[k].W).map((row) => row.map((v, i) => v + theta[k].b[i]));
        flat(
          zip((u, f, a, d) => u ** 2 / 2 + (lambda / 2) * (u - f) ** 2 - a * d, m, sf[k], r[k + 1], drive),
        ).forEach((v) => (E += v));
      });
      return E / B;
    };
    const [rp, rm] = [rho(plus), rho(minus)];
    const thetaNew = theta.map(({ W, b }, k) => {
      const [p, m] = [product(transposed(rp[k]), rp[k + 1]), product(transposed(rm[k]), rm[k + 1])];
      const rate = lr[k] / beta / B;
      return {
        W: zip((w, a, c) => w + rate * (a - c), W, p, m),
        b: b.map((v, i) => v + rate * (columns(rp[k + 1])[i] - columns(rm[k + 1])[i])),
      };
    });
    const missed = sf.map((f, k) => zip((a, s) => a - s, f, minus[k]));
    const back: Matrix[] = [...missed];
    for (let k = L - 2; k >= 0; k--) {
      const later = product(
        zip((a, d) => a * d, back[k + 1], slope[k + 1]),
        transposed(phi[k + 1].W),
      );
      back[k] = zip((a, c) => a + c, missed[k], later);
    }
    const gradient = (errors: Matrix[]): Layer[] =>
      errors.map((e, k) => {
        const delta = zip((a, d) => (a * d) / B, e, slope[k]);
        return { W: product(transposed(k === 0 ? x : sf[k - 1]), delta), b: columns(delta) };
      });
    const [local, global] = [gradient(missed), gradient(back)];
    const cosine = (a: Vector, b: Vector): number => {
      const dot = (p: Vector, q: Vector): number => p.reduce((sum, v, i) => sum + v * q[i], 0);
      return dot(a, b) / Math.sqrt(dot(a, a)) / Math.sqrt(dot(b, b));
    };
    return {
      s_minus: minus,
      s_plus: plus,
      output_traj_neg: negative.map((s) => s[L - 1]),
      output_traj_pos: positive.map((s) => s[L - 1]),
      E_minus_mean: energy(minus),
      E_plus_mean: energy(plus),
      theta_new: thetaNew,
      phi_new: phi.map(({ W, b }, k) => ({
        W: zip((w, g) => w - lr[k] * g, W, local[k].W),
        b: b.map((v, i) => v - lr[k] * local[k].b[i]),
      })),
      local_loss: missed.reduce((sum, e) => sum + flat(e).reduce((all, v) => all + v * v, 0), 0) / 2 / B,
      phi_grad_local: local,
      phi_grad_global_W: global.map(({ W }) => W),
      alignment_cos_local_vs_distant_per_layer: range(L - 1).map((k) =>
        cosine(flat(local[k].W), flat(zip((g, l) => g - l, global[k].W, local[k].W))),
      ),
      n_at_boundary: minus.flat(2).filter((v) => v === 0 || v === 1).length,
    };
  };
  return {
    kind: "initialized-ep",
    model: "layered",
    hyper: { sizes, batch: B, eps, T_neg: T, T_pos: K, lr, leak },
    theta,
    phi,
    x,
    y,
    s_f: sf,
    cases: Object.fromEntries(factors.map((f) => [`lambda=${f[0]},beta=${f[1]}`, one(f)])),
  };
}
