/**
 * The data of a study on files, told by their fingerprint: whoever goes on with a study, joins its shards or
 * works for it elsewhere must have the same. What a study draws itself needs none of this.
 */
import type { Run } from "../../config";
import { OhmletError } from "../../errors";
import {
  expectSameData,
  fingerprintOf,
  isDataFingerprint,
  type DataFingerprint,
} from "../../io/datasets/fingerprint";
import type { Limits } from "../../data/split";
import { settingsOf } from "../../config/choices";
import type { KnobValue, Plan, Task, Values } from "../../study";
import { makeData } from "../training/data";
import { isRecord } from "../training/checks";

interface Asked {
  readonly asked: { readonly run: Run; readonly plan: Plan };
  readonly data?: string;
}

/** What a task says of its data. */
export interface ExpectedData {
  readonly limits: Limits;
  readonly fingerprint: DataFingerprint;
}

/** Whether any point of a study reads its data from files. */
export const studyReadsFiles = ({ run, plan }: Asked["asked"]): boolean =>
  plan.points.some(({ values }) => (setIn(values, run, "data.kind") ?? run.config.data.kind) === "folder");

/** What a point sets a setting to; undefined where it leaves the run's. */
const setIn = (values: Values, { choices }: Run, setting: string): KnobValue | undefined =>
  settingsOf(values, choices).find(([path]) => path === setting)?.[1];

/**
 * Of as many samples as any point takes; nothing where no point reads files. @throws OhmletError CONFIG-DATA,
 * DATA-…
 */
export async function fingerprintOfStudy({
  asked,
  data: folder,
}: Asked): Promise<DataFingerprint | undefined> {
  const { run, plan } = asked;
  return studyReadsFiles(asked) ? fingerprintOf(await read(run, limitsOf(run, plan), folder)) : undefined;
}

/** What workers are told. */
export const expectedOf = ({ asked: { run, plan } }: Asked, fingerprint: DataFingerprint): ExpectedData => ({
  limits: limitsOf(run, plan),
  fingerprint,
});

/**
 * Reads the data of a task and holds them against what it expects. @throws OhmletError DATA-CHANGED,
 * CONFIG-DATA, DATA-…
 */
export async function checkDataOf({ expected, data }: Task, run: Run): Promise<void> {
  if (expected === undefined) return;
  if (!isExpected(expected))
    throw new OhmletError({
      code: "STUDY-FOLDER",
      fact: "what the study says of its data is not as Ohmlet writes it",
      place: { where: "data" },
      remedy: "begin the study anew",
    });
  expectSameData(
    expected.fingerprint,
    fingerprintOf(await read(run, expected.limits, data)),
    data ?? "data",
    "study",
  );
}

const read = (run: Run, limits: Limits, folder: string | undefined): ReturnType<typeof makeData> =>
  makeData(
    {
      ...run,
      config: {
        ...run.config,
        data: { ...(run.config.data.kind === "folder" && run.config.data), kind: "folder", ...limits },
      },
    },
    folder,
  );

/** The most that a point takes: numbers of samples may be knobs. */
function limitsOf(run: Run, { points }: Plan): Limits {
  const { data } = run.config;
  const most = (set: "train" | "test"): object => {
    const asked = points.map(({ values }) => setIn(values, run, `data.${set}`) ?? data[set]);
    return asked.every((count) => typeof count === "number")
      ? { [set]: asked.reduce((a, b) => Math.max(a, b), 1) }
      : {};
  };
  return { ...most("train"), ...most("test") };
}

function isExpected(value: object): value is ExpectedData {
  const { limits, fingerprint } = value as Record<string, unknown>;
  const count = (one: unknown): boolean =>
    one === undefined || (Number.isSafeInteger(one) && (one as number) >= 1);
  return isRecord(limits) && count(limits.train) && count(limits.test) && isDataFingerprint(fingerprint);
}
