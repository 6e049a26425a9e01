/**
 * The vector-field rule: the presynaptic activity at the free fixed point times the postsynaptic derivative of the fixed
 * point with respect to beta. Scellier et al. 2018, Eq. 16; with d_beta rho(u), Laborieux and Zenke 2023, Eq. 6. No
 * symmetry is asked of the weights; every direction of a loop is trained by its own product.
 */
import type { Circuit, WeightArrays } from "../../circuit/chip-types";
import type { Estimate } from "../types";
import { descentSign, foldTied, samplesOf, type Correlate, type Rule, type Updates } from "./rule";

/** d_beta u for a cost on the state, d_beta rho(u) for a cost on the activity. */
const factor = (circuit: Circuit): "dState" | "dActivity" => (circuit.spec.cost.argument === "state" ? "dState" : "dActivity");

async function update(circuit: Circuit, estimate: Estimate, correlate: Correlate): Promise<Updates> {
  const samples = samplesOf(circuit, estimate);
  const scale = descentSign(circuit) / samples;
  const ones = new Float64Array(samples).fill(1);
  const contributions: Record<string, WeightArrays> = {};
  for (const { name, from, to, bias } of circuit.projections) {
    const post = estimate[factor(circuit)][to.name];
    const products = async (pre: Float64Array, size: number): Promise<Float64Array> =>
      (await correlate(pre, post, samples, size, to.size)).map((x) => x * scale);
    const weights = await products(estimate.free.activities[from.name].re, from.size);
    contributions[name] = { weights, biases: bias ? await products(ones, 1) : null };
  }
  return foldTied(circuit, contributions);
}

/** Scellier's rule for any vector field. */
export const vectorField: Rule = { name: "vector-field", factor, update };
