/** How well an estimate points along the true error vector, layer by layer. */
import type { ByPopulation } from "../drives";
import { printsItself, short } from "../../display";
import type { Circuit } from "../../circuit/chip-types";

/** Cosines, averaged over samples; null where no sample has one (the true error is 0 in all of them). */
export interface LayerCosines {
  readonly layers: Readonly<Record<string, number | null>>;
  /** Of all unclamped units together. */
  readonly total: number | null;
}

const cosine = (value: number | null): string => (value === null ? "none" : short(value));
const asCosines = printsItself<LayerCosines>(({ layers, total }) => [
  `cosine with the true error ${cosine(total)}: ` +
    Object.entries(layers)
      .map(([name, value]) => `${name} ${cosine(value)}`)
      .join(", "),
]);

/**
 * Mean over samples of each sample's cosine between `estimate` and `truth`, for each unclamped population and
 * for all of them together. A sample whose truth is 0 is left out; one whose estimate alone is 0 counts as 0.
 * @param estimate [samples, size] by population
 * @param truth [samples, size] by population
 */
export function perLayerCosine(estimate: ByPopulation, truth: ByPopulation, circuit: Circuit): LayerCosines {
  const populations = circuit.populations.filter((p) => !p.clamped);
  const samples = truth[populations[0].name].length / populations[0].size;
  const over = (names: readonly { readonly name: string; readonly size: number }[]): number | null => {
    let [sum, count] = [0, 0];
    for (let s = 0; s < samples; s++) {
      let [dot, ee, tt] = [0, 0, 0];
      for (const { name, size } of names) {
        for (let k = s * size; k < (s + 1) * size; k++) {
          const [e, t] = [estimate[name][k], truth[name][k]];
          dot += e * t;
          ee += e * e;
          tt += t * t;
        }
      }
      if (tt === 0) continue;
      sum += ee === 0 ? 0 : dot / Math.sqrt(ee) / Math.sqrt(tt);
      count++;
    }
    return count === 0 ? null : sum / count;
  };
  return asCosines({
    layers: Object.fromEntries(populations.map((p) => [p.name, over([p])])),
    total: over(populations),
  });
}
