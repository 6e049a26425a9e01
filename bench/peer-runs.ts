/** Runs both sides of a row in turn, round after round, and makes a ratio of their best. */
import { join } from "node:path";
import type { Row, Variant } from "./peer-rows";
import { figure, runOwn, runProcess, type Finished, type Line } from "./processes";
import { rounded, spreadOf } from "./timing";

/**
 * Ours may lie this much above theirs, in percent, and still be the same test error; means over the rounds.
 */
const SAME_ERROR = 0.2;

export interface Setup {
  readonly peers: string;
  readonly python: string;
  readonly engine: string;
  readonly rounds: number;
  readonly seed: number;
}

interface Runs {
  readonly variant: Variant;
  /** Time of each round; NaN where it failed. */
  readonly times: number[];
  readonly errors: number[];
  complaint: string;
  last: Line | undefined;
}

export interface Compared {
  readonly row: string;
  readonly what: string;
  readonly [field: string]: unknown;
}

/** Runs a row. What fails is said, not thrown. */
export async function compare(row: Row, setup: Setup, said: (text: string) => void): Promise<Compared> {
  const [theirs, ours] = [row.theirs.map(started), row.ours.map(started)];
  for (let round = 0; round < setup.rounds; round++) {
    const seeded = row.learns === true ? ["--seed", String(setup.seed + round)] : [];
    for (let k = 0; k < Math.max(theirs.length, ours.length); k++) {
      for (const [side, all] of [
        ["theirs", theirs],
        ["ours", ours],
      ] as const) {
        const runs = all[k];
        if (runs === undefined || runs.complaint !== "") continue;
        said(`${row.name}, round ${round + 1} of ${setup.rounds}, ${side}: ${runs.variant.name}`);
        const args = [...runs.variant.args, ...seeded];
        const done = await (side === "theirs"
          ? runProcess(setup.python, [join(setup.peers, row.script), ...args])
          : runOwn([...args, "--engine", setup.engine]));
        keep(runs, done, row.time[side === "theirs" ? 0 : 1]);
        if (side === "ours" && runs.last?.threads_followed === false) dropOtherWays(all, runs);
      }
    }
  }
  return result(row, theirs, ours);
}

const started = (variant: Variant): Runs => ({
  variant,
  times: [],
  errors: [],
  complaint: "",
  last: undefined,
});

function keep(
  runs: Runs,
  { code, lines, complaint }: Finished,
  time: (lines: readonly Line[]) => number,
): void {
  const value = code === 0 ? time(lines) : Number.NaN;
  if (!(value > 0)) {
    const error = lines.at(-1)?.error as { readonly fact?: string } | undefined;
    runs.complaint = error?.fact ?? (complaint || `ended with code ${code}`);
    return;
  }
  runs.times.push(value);
  runs.errors.push(figure(lines.at(-1), "test_error"));
  runs.last = lines.at(-1);
}

/** An engine that follows neither --threads nor --fused need not run again with others. */
function dropOtherWays(all: Runs[], { variant }: Runs): void {
  for (let k = all.length - 1; k >= 0; k--)
    if (all[k].times.length === 0 && ownWay(all[k].variant) === ownWay(variant)) all.splice(k, 1);
}

const ownWay = ({ name }: Variant): string =>
  name.replace(/(^|, )fused\b/, "").replace(/(^|, )\d+ threads?$/, "") || "its own threads";

function result(
  { name, what, wanted, learns }: Row,
  theirs: readonly Runs[],
  ours: readonly Runs[],
): Compared {
  const head = { row: name, what };
  const their = best(theirs);
  if (their === undefined) return { ...head, missing: `the peer: ${complaints(theirs)}` };
  const target = mean(their.errors);
  const same = learns === true ? ours.filter((runs) => mean(runs.errors) <= target + SAME_ERROR) : ours;
  const our = best(same) ?? best(ours);
  if (our === undefined) return { ...head, missing: `ours: ${complaints(ours)}` };
  const each = their.times.slice(0, our.times.length).map((time, round) => time / our.times[round]);
  const [a, b] = [spreadOf(their.times), spreadOf(our.times)];
  const ratio = a.median / b.median;
  return {
    ...head,
    ratio: rounded(ratio, 3),
    ratios: each.map((r) => rounded(r, 3)),
    wanted,
    reached: ratio >= wanted && same.includes(our),
    theirs: rounded(a.median, 2),
    theirs_variant: their.variant.name,
    peer: their.last?.peer,
    ours: rounded(b.median, 2),
    ours_variant: our.last?.threads_followed === false ? ownWay(our.variant) : our.variant.name,
    engine: our.last?.engine,
    ...(learns === true && {
      same_error: same.includes(our),
      theirs_test_error: rounded(target, 2),
      ours_test_error: rounded(mean(our.errors), 2),
    }),
    variants: [...theirs.map((runs) => of("theirs", runs)), ...ours.map((runs) => of("ours", runs))],
  };
}

function of(side: string, { variant, times, errors, complaint }: Runs): object {
  return {
    side,
    name: variant.name,
    times: times.map((t) => rounded(t, 2)),
    ...(errors.some((e) => e >= 0) && { test_errors: errors }),
    ...(complaint !== "" && { complaint }),
  };
}

function best(all: readonly Runs[]): Runs | undefined {
  return all
    .filter((runs) => runs.times.length > 0)
    .sort((a, b) => spreadOf(a.times).median - spreadOf(b.times).median)[0];
}

const complaints = (all: readonly Runs[]): string =>
  [...new Set(all.map((runs) => runs.complaint).filter(Boolean))].join("; ");
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
