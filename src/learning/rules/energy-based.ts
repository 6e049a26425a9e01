/**
 * The energy-based rule: the derivative with respect to beta of the product of both activities, as the contrast of the
 * phases: sum_k c_k rho_pre^k rho_post^k (Scellier and Bengio 2017; Ernoult et al. 2019). The two directions of a
 * tied pair share one array, and the product already has the share of each (Laborieux and Zenke 2023, appendix B), so
 * it is counted once.
 *
 * Complex estimators have no contrast of real phases; for them the product rule gives the same derivative,
 * rho_pre d_beta rho_post + d_beta rho_pre rho_post.
 */
import type { Circuit, Population, Projection, WeightArrays } from "../../circuit/chip-types";
import type { Estimate } from "../types";
import { descentSign, ownerOf, samplesOf, type Correlate, type Rule, type Updates } from "./rule";

interface Term {
  readonly coefficient: number;
  readonly pre: ArrayLike<number>;
  readonly post: ArrayLike<number>;
}

/** The products whose weighted sum is the derivative of rho_pre rho_post. */
function terms(estimate: Estimate, { from, to }: Projection): Term[] {
  if (estimate.contrast) {
    return estimate.contrast.map(({ coefficient, activities }) => ({ coefficient, pre: activities[from.name].re, post: activities[to.name].re }));
  }
  const rho = (p: Population): Float64Array => estimate.free.activities[p.name].re;
  const forward = { coefficient: 1, pre: rho(from), post: estimate.dActivity[to.name] };
  return from.clamped ? [forward] : [forward, { coefficient: 1, pre: estimate.dActivity[from.name], post: rho(to) }];
}

async function update(circuit: Circuit, estimate: Estimate, correlate: Correlate): Promise<Updates> {
  const samples = samplesOf(circuit, estimate);
  const scale = descentSign(circuit) / samples;
  const ones = new Float64Array(samples).fill(1);
  const out: Record<string, WeightArrays> = {};
  for (const projection of circuit.projections) {
    if (ownerOf(projection) !== projection.name) continue;
    const { name, from, to, bias } = projection;
    const weights = new Float64Array(from.size * to.size);
    for (const { coefficient, pre, post } of terms(estimate, projection)) {
      (await correlate(pre, post, samples, from.size, to.size)).forEach((x, i) => (weights[i] += scale * coefficient * x));
    }
    const biases = bias ? (await correlate(ones, biasFactor(estimate, to), samples, 1, to.size)).map((x) => x * scale) : null;
    out[name] = { weights, biases };
  }
  return out;
}

/** The derivative of rho_post alone: the other end of a bias is always on. */
function biasFactor(estimate: Estimate, to: Population): Float64Array {
  if (!estimate.contrast) return estimate.dActivity[to.name];
  const out = new Float64Array(estimate.contrast[0].activities[to.name].re.length);
  for (const { coefficient, activities } of estimate.contrast) activities[to.name].re.forEach((x, i) => (out[i] += coefficient * x));
  return out;
}

/** Ernoult's and Scellier's contrast of phases, for circuits with tied weights. */
export const energyBased: Rule = { name: "energy-based", factor: () => "dActivity", update };
