/** Builds a run at the values that its knobs are turned to, so that a fault shows before anything is made. */
import { atKnob } from "../../config";
import type { NamedValue } from "../../config/asked-run";
import { triedOf } from "../../config/study";
import type { Values } from "../../study";
import { experimentOf } from "./experiment";
import type { StudyWork } from "./folder";

/** Most values of a list that are all built; of longer ones, the first and the last. */
const MOST_BUILT = 100;

/**
 * @param check builds the run at a point
 * @param tried knobs with their values
 * @throws OhmletError of the run: at the value that is to blame, where it is one
 */
export async function checkKnobs(
  check: (values: Values) => Promise<void>,
  tried: readonly (readonly [knob: string, values: readonly NamedValue[]])[],
): Promise<void> {
  const first = Object.fromEntries(tried.map(([knob, [{ value }]]) => [knob, value]));
  const checkAt = (knob: string, { value, node }: NamedValue, others: Values): Promise<void> =>
    atKnob(knob, node, () => check({ ...others, [knob]: value }));
  try {
    await check(first);
  } catch (error) {
    const sound = await check({}).then(
      () => true,
      () => false,
    );
    if (sound) for (const [knob, [value]] of tried) await checkAt(knob, value, {});
    throw error;
  }
  for (const [knob, [, ...others]] of tried) {
    // Data are read anew for each of theirs.
    const some = others.length < MOST_BUILT && !knob.startsWith("data.") ? others : others.slice(-1);
    for (const value of some) await checkAt(knob, value, first);
  }
}

/** Every value of a study's knobs, and its last point. @throws OhmletError as `checkKnobs` */
export async function checkWork({ asked, named, data }: StudyWork): Promise<void> {
  const { run, plan, study, config } = asked;
  const { check } = experimentOf(run, { measures: study.measures, train: config.train, data, threads: 1 });
  await checkKnobs(check, triedOf(named ?? asked));
  await check(plan.points[plan.points.length - 1].values);
}
