/**
 * One trial of a study again: the same chip with the same seed, to see that it does the same, or to look into
 * it as a run.
 */
import { withKnobs, writeConfig } from "../../config";
import { OhmletError } from "../../errors";
import { writeAtomically } from "../../io/atomic";
import { trialsOf, type Trial } from "../../study";
import type { Io } from "../io";
import { dataUnnamed } from "../training/data";
import { columns } from "../../printable";
import { taskOf } from "./conduct";
import { studyReadsFiles } from "./data";
import type { StudyWork } from "./folder";
import { experimentOfTask } from "./experiment-of-task";

/**
 * @param asked "12/3": point 12, chip 3
 * @param file where the chip goes as a run of its own; then nothing is measured
 * @param command the same command with the data of a folder
 * @returns the exit code; @throws OhmletError STUDY-TRIAL, and those of the run
 */
export async function repeatTrial(
  work: StudyWork,
  asked: string,
  file: string | undefined,
  command: (data: string) => string,
  io: Io,
): Promise<number> {
  const { study, plan, run, config } = work.asked;
  const trial = trialNamed(asked, trialsOf(study, plan), plan.points.length, study.chips);
  const { key, point, chip, seed, values } = trial;
  if (file !== undefined) {
    const { config: alone } = withKnobs(run, values, seed);
    writeAtomically(
      file,
      writeConfig(alone, [
        `Point ${point}, chip ${chip} of the study ${study.name}: ${key}`,
        ...(studyReadsFiles(work.asked) ? ["Its data lay in a folder; name it with --data."] : []),
        ...(config.train ? [] : ["The study measured it as fabricated; here it learns."]),
      ]),
    );
    io.print(`${file}: to train it and report on it:  ${io.program} train ${file}`);
    io.emit({ file, point, chip, seed, values });
    return 0;
  }
  if (work.data === undefined && studyReadsFiles(work.asked))
    throw dataUnnamed("study, --trial", "study", command(""));
  const [result] = await experimentOfTask(taskOf(work))([trial]);
  const rows = [
    ["point", String(point)],
    ["chip", String(chip)],
    ["seed", String(seed)],
    ...Object.entries(values).map(([knob, value]) => [knob, String(value)]),
  ];
  const came =
    result.fault !== undefined
      ? [["failed with", result.fault]]
      : Object.entries(result.measures).map(([name, value]) => [
          name,
          value === null ? "none" : String(value),
        ]);
  const warned = result.warnings === undefined ? [] : [["warned of", result.warnings.join(" ")]];
  io.print(...columns([...rows, ...came, ...warned]));
  io.emit({ ...result, point, chip, seed, values });
  return 0;
}

function trialNamed(asked: string, trials: readonly Trial[], points: number, chips: number): Trial {
  const [, point, chip] = /^(\d{1,6})\/(\d{1,6})$/.exec(asked)?.map(Number) ?? [0, -1, -1];
  const found = trials.find((trial) => trial.point === point && trial.chip === chip);
  if (found !== undefined) return found;
  throw new OhmletError({
    code: "STUDY-TRIAL",
    fact: `"${asked.slice(0, 60)}" is no chip of this study`,
    place: { where: "study, --trial" },
    remedy: `write POINT/CHIP: a point from 0 to ${points - 1}, a chip from 1 to ${chips}`,
  });
}
