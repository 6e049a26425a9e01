/** Which chip of a design a run is about. */

/** What keys its fabrication: a seed of its own, or the run's. */
export const chipSeedOf = (config: {
  readonly seed: number;
  readonly chip?: { readonly seed?: number };
}): number => config.chip?.seed ?? config.seed;
