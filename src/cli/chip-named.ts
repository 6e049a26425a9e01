/** The chip that a word means: that of a run's folder, or one fabricated of a config or of the catalogue. */
import { statSync } from "node:fs";
import type { Chip } from "../circuit/chip-types";
import { chipSeedOf } from "../config/chip-seed";

/** Keys what is drawn where nothing says otherwise. */
const SEED = 1;

export interface NamedChip {
  readonly chip: Chip;
  /** Keys what is drawn besides: that which was typed, else that of the config. */
  readonly seed: number;
}

/**
 * @param typed a seed that wins over those of a config; a run's folder has its chip already
 * @throws OhmletError CLI-NAME and those of configs and runs
 */
export async function chipNamed(name: string, typed: number | undefined): Promise<NamedChip> {
  const seed = typed ?? SEED;
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === true)
    return { chip: (await (await import("../runs")).openRun(name)).chip, seed };
  const { loadCircuit, looksLikeFile } = await import("./load-config");
  if (looksLikeFile(name)) {
    const { circuit, run } = await loadCircuit(name);
    const own = run === null || typed !== undefined ? null : run.config;
    return {
      chip: circuit.fabricate({ seed: own === null ? seed : chipSeedOf(own) }),
      seed: own === null ? seed : own.seed,
    };
  }
  const { catalogue } = await import("../../circuits");
  const { choose } = await import("./look-up");
  const entry = choose(name, "circuit", new Map(catalogue.map((each) => [each.name, each])));
  return { chip: entry.build().fabricate({ seed }), seed };
}
