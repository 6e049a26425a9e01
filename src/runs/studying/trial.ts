/**
 * One trial of a study again: the same chip with the same seed, to see that it does the same, or to look into
 * it as a run.
 */
import { withKnobs, writeConfig } from "../../config";
import { OhmletError } from "../../errors";
import { writeAtomically } from "../../io/atomic";
import { trialsOf, type Trial, type TrialResult } from "../../study";
import { dataUnnamed } from "../training/data";
import { taskOf } from "./conduct";
import { studyReadsFiles } from "./data";
import type { StudyWork } from "./folder";
import { experimentOfTask } from "./experiment-of-task";

/** The trial that a text names: "12/3" is chip 3 of point 12. @throws OhmletError STUDY-TRIAL */
export function trialOf({ asked: { study, plan } }: StudyWork, asked: string): Trial {
  return trialNamed(asked, trialsOf(study, plan), plan.points.length, study.chips);
}

/** Writes the chip of a trial as a run of its own. @throws OhmletError IO-…, CONFIG-… */
export function writeTrial(work: StudyWork, { key, point, chip, seed, values }: Trial, file: string): void {
  const { study, run, config } = work.asked;
  const { config: alone } = withKnobs(run, values, seed);
  writeAtomically(
    file,
    writeConfig(alone, [
      `Point ${point}, chip ${chip} of the study ${study.name}: ${key}`,
      ...(studyReadsFiles(work.asked) ? ["Its data lay in a folder; name it with --data."] : []),
      ...(config.train ? [] : ["The study measured it as fabricated; here it learns."]),
    ]),
  );
}

/**
 * Measures the chip of a trial once more.
 * @param command the same command with the data of a folder
 * @throws OhmletError CONFIG-DATA where nobody named the data, and those of the run
 */
export async function repeatTrial(
  work: StudyWork,
  trial: Trial,
  command: (data: string) => string,
): Promise<TrialResult> {
  if (work.data === undefined && studyReadsFiles(work.asked))
    throw dataUnnamed("study, --trial", "study", command(""));
  const [result] = await experimentOfTask(taskOf(work))([trial]);
  return result;
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
