/**
 * How far feedback weights are from the transpose of the forward weights that they stand for: the angle
 * between the two, taken as vectors. 0 degrees: the transpose; 90: independent (Laborieux and Zenke 2023,
 * section 4).
 */
import type { Chip } from "../circuit/chip-types";

/**
 * Degrees, by the name of each projection that is the feedback of another and has an array of its own; null
 * where a norm is 0.
 */
export function feedbackAngles(chip: Chip): Record<string, number | null> {
  const angled = chip.circuit.projections.flatMap((p) =>
    p.spec.feedback?.kind === "angled" ? [[p, p.spec.feedback.to] as const] : [],
  );
  return Object.fromEntries(
    angled.map(([p, to]) => [
      p.name,
      // What is wired has its array in the order of the forward one.
      angleBetween(
        chip.weights(p.name).weights,
        chip.weights(to).weights,
        ...(p.wiring === null
          ? ([p.array.pre, p.array.post] as const)
          : ([p.array.pre * p.array.post, 1] as const)),
      ),
    ]),
  );
}

/** @param back [pre, post]; @param forward [post, pre] */
function angleBetween(back: Float64Array, forward: Float64Array, pre: number, post: number): number | null {
  let [product, ofBack, ofForward] = [0, 0, 0];
  for (let i = 0; i < pre; i++) {
    for (let j = 0; j < post; j++) {
      const [b, f] = [back[i * post + j], forward[j * pre + i]];
      product += b * f;
      ofBack += b * b;
      ofForward += f * f;
    }
  }
  const cosine = product / Math.sqrt(ofBack * ofForward);
  return Number.isFinite(cosine) ? (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI : null;
}
