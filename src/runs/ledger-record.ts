/** What the folder of a run keeps of energy and area, in ledger.json, and how it is read back. */
import { isRecord } from "./training/checks";

const PARTS = ["devices", "nodes", "charging", "converters", "writes", "refreshes"] as const;

/** What a training came to: joules of all its samples; phases with a tolerance for as long as they took. */
export interface RunEnergy {
  readonly energyJoules: number;
  readonly energy: Readonly<Record<(typeof PARTS)[number], number>>;
  readonly areaSquareMetres: number | null;
  readonly assumptions: readonly string[];
}

/** Most lines, and characters of each. */
const [MOST_LINES, LONGEST] = [20, 1000];

/** What stands there; null where it is no such thing. */
export function energyIn(kept: unknown): RunEnergy | null {
  if (!isRecord(kept)) return null;
  const { energyJoules, areaSquareMetres = null, assumptions } = kept;
  // Folders of before anything was refreshed do not tell of it.
  const energy: Record<string, unknown> | null = isRecord(kept.energy)
    ? { refreshes: 0, ...kept.energy }
    : null;
  const isAmount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  if (!isAmount(energyJoules) || energy === null || !PARTS.every((part) => isAmount(energy[part])))
    return null;
  if (areaSquareMetres !== null && !isAmount(areaSquareMetres)) return null;
  if (!Array.isArray(assumptions) || assumptions.length > MOST_LINES) return null;
  const lines = assumptions.filter(
    (line): line is string => typeof line === "string" && line.length <= LONGEST,
  );
  const parts = Object.fromEntries(PARTS.map((part) => [part, energy[part]])) as RunEnergy["energy"];
  return { energyJoules, energy: parts, areaSquareMetres, assumptions: lines };
}
