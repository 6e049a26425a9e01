/** One chip of a study, told. */
import { columns } from "../../printable";
import type { Trial, TrialResult } from "../../study";
import type { Io } from "../io";

/** What was measured on it. */
export function tellTrial({ point, chip, seed, values }: Trial, result: TrialResult, io: Io): void {
  const rows = [
    ["point", String(point)],
    ["chip", String(chip)],
    ["seed", String(seed)],
    ...Object.entries(values).map(([knob, value]) => [knob, String(value)]),
  ];
  const came =
    result.fault === undefined
      ? Object.entries(result.measures).map(([name, value]) => [
          name,
          value === null ? "none" : String(value),
        ])
      : [["failed with", result.fault]];
  const warned = result.warnings === undefined ? [] : [["warned of", result.warnings.join(" ")]];
  io.print(...columns([...rows, ...came, ...warned]));
  io.emit({ ...result, point, chip, seed, values });
}

/** Where it lies as a run of its own. */
export function tellWritten({ point, chip, seed, values }: Trial, file: string, io: Io): void {
  io.print(`${file}: to train it and report on it:  ${io.program} train ${file}`);
  io.emit({ file, point, chip, seed, values });
}
