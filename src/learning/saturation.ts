/**
 * How many units of a layer are saturated: held by a bound, or where their output hardly follows what they
 * receive. Such units pass no error on and do not learn (Ernoult et al. 2019, appendix C.7).
 */
import { percent } from "../display";
import type { Simulator } from "../dynamics/simulator";
import type { FreeLengths } from "./estimators";
import { freeStepsOf } from "./lengths";
import { slopesAt, type Linearisation } from "./references/linearisation";
import type { Batch } from "./types";

/** Of units and samples, 0…1, by population. */
type Shares = Readonly<Record<string, number>>;

/** Slopes below this share of the steepest, here and at the start of a phase, are flat. */
const FLAT = 0.01;
/** Shares that are worth a word. */
const MANY = 0.05;

/** After a free phase on a batch. @param phase numbers its noise */
export async function saturationOf(
  simulator: Simulator,
  { samples, inputs, start: from }: Batch,
  free: FreeLengths,
  phase: number,
): Promise<Shares> {
  const { chip } = simulator;
  const { tolerance, average } = free;
  const steps = freeStepsOf(simulator, free);
  const { states } = await simulator.phase({ samples, inputs, from, steps, tolerance, average, phase });
  const zeros = Object.entries(states).map(([name, { re }]) => [name, { re: new Float64Array(re.length) }]);
  const [at, start] = [states, Object.fromEntries(zeros)].map((s) => slopesAt(chip, samples, inputs, s));
  const shares = Object.entries(at.active).map(([name, active]): [string, number] => {
    const flat = (["rhoPrime", "gain"] as const).map((slope) => flatIn(at, start, slope, name));
    const held = active.reduce((sum, one, i) => sum + Number(one === 0 || flat.some((is) => is(i))), 0);
    return [name, held / active.length];
  });
  return Object.fromEntries(shares);
}

function flatIn(
  at: Linearisation,
  start: Linearisation,
  slope: "rhoPrime" | "gain",
  name: string,
): (unit: number) => boolean {
  const values = at[slope][name];
  const largest = (all: Float64Array): number => all.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const least = FLAT * Math.max(largest(values), largest(start[slope][name]));
  return (i) => Math.abs(values[i]) <= least;
}

/** "l1 31 %, l2 12.5 %", of layers of which many are; "" where none is. */
export const saturationInWords = (saturated: Shares): string =>
  Object.entries(saturated)
    .filter(([, share]) => share > MANY)
    .map(([name, share]) => `${name} ${percent(share)}`)
    .join(", ");
