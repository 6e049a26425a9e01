/** The chip that a word means: that of a run's folder, or one fabricated of a config or of the catalogue. */
import { statSync } from "node:fs";
import type { Chip } from "../circuit/chip-types";

/** @throws OhmletError CLI-NAME and those of configs and runs */
export async function chipNamed(name: string, seed: number): Promise<Chip> {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === true)
    return (await (await import("../runs")).openRun(name)).chip;
  const { loadCircuit, looksLikeFile } = await import("./load-config");
  if (looksLikeFile(name)) return (await loadCircuit(name)).circuit.fabricate({ seed });
  const { catalogue } = await import("../../circuits");
  const { choose } = await import("./look-up");
  return choose(name, "circuit", new Map(catalogue.map((entry) => [entry.name, entry])))
    .build()
    .fabricate({ seed });
}
