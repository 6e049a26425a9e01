/** What the training cost the chip: a table, and what it takes for granted. */
import type { Table } from "../../../plot/report-types";
import { formatQuantity } from "../../../units/format";
import type { Dimension } from "../../../units/quantity";
import type { ReportParts } from "./parts";

const JOULE: Dimension = [1, 2, -2, 0, 0];

const WHAT = {
  devices: "conductances of arrays",
  nodes: "leaks of nodes",
  charging: "charging of nodes",
  converters: "converters",
  writes: "writes and pulses",
  refreshes: "refreshes of what leaks",
} as const;

export function energyTable({ energy, about: { data } }: ReportParts): Table[] {
  if (energy === null) return [];
  const { energyJoules, energy: parts, areaSquareMetres, assumptions } = energy;
  const told = (joules: number): string => formatQuantity({ value: rounded(joules), dimension: JOULE });
  const rows = (Object.keys(WHAT) as (keyof typeof WHAT)[])
    .filter((part) => part !== "refreshes" || parts[part] > 0)
    .map((part) => [
      WHAT[part],
      told(parts[part]),
      energyJoules === 0 ? "" : `${((100 * parts[part]) / energyJoules).toFixed(1)} %`,
    ]);
  const area = areaSquareMetres === null ? [] : [["area", `${rounded(1e12 * areaSquareMetres)} um^2`, ""]];
  return [
    {
      title: "What did learning cost?",
      caption:
        `Energy of the chip over the whole training, ${data.train.samples} samples an epoch. ` +
        assumptions.map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`).join(" "),
      columns: ["what", "energy", "share"],
      rows: [...rows, ["together", told(energyJoules), ""], ...area],
      last: true,
    },
  ];
}

const rounded = (value: number): number => Number(value.toPrecision(4));
