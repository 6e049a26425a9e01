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

/** Rows of pre and post whose products, summed, are the derivative of rho_pre rho_post: all terms stacked, coefficients in post. */
interface Products {
  readonly rows: number;
  readonly pre: Float64Array;
  readonly post: Float64Array;
}

function products(estimate: Estimate, { from, to }: Projection, scale: number): Products {
  const { contrast, free, dActivity } = estimate;
  const rho = (p: Population): Float64Array => free.activities[p.name].re;
  if (contrast === undefined) {
    const forward = { pre: rho(from), post: scaled(dActivity[to.name], scale) };
    return stack(from.clamped ? [forward] : [forward, { pre: dActivity[from.name], post: scaled(rho(to), scale) }], from.size);
  }
  // A clamped presynaptic end is the same in all phases: one product of the difference serves.
  if (from.clamped) return stack([{ pre: rho(from), post: scaled(sum(contrast, to), scale) }], from.size);
  return stack(contrast.map(({ coefficient, activities }) => ({ pre: activities[from.name].re, post: scaled(activities[to.name].re, scale * coefficient) })), from.size);
}

function stack(terms: readonly { readonly pre: Float64Array; readonly post: Float64Array }[], preWidth: number): Products {
  const join = (parts: readonly Float64Array[]): Float64Array => {
    if (parts.length === 1) return parts[0];
    const out = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
    parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
    return out;
  };
  const pre = join(terms.map((t) => t.pre));
  return { rows: pre.length / preWidth, pre, post: join(terms.map((t) => t.post)) };
}

const scaled = (values: Float64Array, factor: number): Float64Array => values.map((x) => x * factor);

/** sum_k c_k rho_post^k. */
function sum(contrast: NonNullable<Estimate["contrast"]>, to: Population): Float64Array {
  const out = new Float64Array(contrast[0].activities[to.name].re.length);
  for (const { coefficient, activities } of contrast) activities[to.name].re.forEach((x, i) => (out[i] += coefficient * x));
  return out;
}

async function update(circuit: Circuit, estimate: Estimate, correlate: Correlate): Promise<Updates> {
  const samples = samplesOf(circuit, estimate);
  const scale = descentSign(circuit) / samples;
  const ones = new Float64Array(samples).fill(1);
  const out: Record<string, WeightArrays> = {};
  for (const projection of circuit.projections) {
    if (ownerOf(projection) !== projection.name) continue;
    const { name, from, to, bias } = projection;
    const { rows, pre, post } = products(estimate, projection, scale);
    const weights = await correlate(pre, post, rows, from.size, to.size);
    // The other end of a bias is always on.
    const biases = bias ? await correlate(ones, scaled(estimate.contrast ? sum(estimate.contrast, to) : estimate.dActivity[to.name], scale), samples, 1, to.size) : null;
    out[name] = { weights, biases };
  }
  return out;
}

/** Ernoult's and Scellier's contrast of phases, for circuits with tied weights. */
export const energyBased: Rule = { name: "energy-based", factor: () => "dActivity", update };
