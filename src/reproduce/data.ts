/** The data of an experiment: the folder that the user names, or generated digits where these may stand in. */
import { strokeDigits } from "../data/strokes";
import { OhmletError } from "../errors";
import { fingerprintOf, type DataFingerprint } from "../io/datasets/fingerprint";
import { loadDataset } from "../io/datasets/load";
import type { BenchData, Experiment } from "./experiment";

/** What was found, and how it is told. */
export interface FoundData {
  readonly sets: BenchData;
  /** For the report. */
  readonly told: string;
  readonly fingerprint: DataFingerprint | null;
}

/** Generated digits: fewer than an experiment that takes some of them looks at there are never. */
const GENERATED = { train: 200, test: 100 };

/**
 * @param folder that the user names
 * @throws OhmletError REPRODUCE-DATA where one is needed and none named, or where it holds other pictures; those
 *   of the files
 */
export function dataOf({ name, data }: Experiment, folder: string | undefined): FoundData {
  const { set, shape, generated } = data;
  if (folder === undefined) {
    if (!generated) throw unnamed(name, set);
    const drawn = (split: "train" | "test") =>
      strokeDigits({ size: shape[0], samples: GENERATED[split], seed: 1, split });
    return {
      sets: { train: drawn("train"), test: drawn("test") },
      told: `generated digits in the place of ${set}: no folder was named  (--data FOLDER)`,
      fingerprint: null,
    };
  }
  const sets = loadDataset(folder);
  const { train } = sets;
  const found = [...train.shape, train.channels];
  if (shape.some((side, k) => side !== found[k]))
    throw new OhmletError({
      code: "REPRODUCE-DATA",
      fact: `pictures are ${found.join(" x ")}, and ${name} is about ${shape.join(" x ")} of ${set}`,
      place: { where: train.name },
      remedy: `name the folder of ${set}:  --data FOLDER;  ohmlet data fetch ${set}  brings it`,
    });
  return {
    sets,
    told: `${train.name}: ${train.samples} training and ${sets.test.samples} test samples`,
    fingerprint: fingerprintOf(sets),
  };
}

const unnamed = (experiment: string, set: string): OhmletError =>
  new OhmletError({
    code: "REPRODUCE-DATA",
    fact: `${experiment} is about ${set}, and where that is is yours to say`,
    place: { where: "reproduce" },
    remedy: [`name its folder:  --data FOLDER`, `ohmlet data fetch ${set}  brings it into  data/${set}`],
  });
