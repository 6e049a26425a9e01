/**
 * What one sample costs a chip in time: it runs one phase after another, one nudge after another, and is
 * written after a batch or after each sample. What takes no time in this model stands there with 0, since
 * that is an assumption.
 */
import type { Chip } from "../circuit/chip-types";
import { fastestLeak } from "../circuit/leak";
import { learns } from "../circuit/owner";
import type { Simulator } from "../dynamics/simulator";
import { timeOf } from "../dynamics/time-steps/time-step";
import { keepsSeconds } from "./clock";
import { slowestTimeConstant } from "../dynamics/time-steps/rest-properties";
import { short } from "../display";
import type { Estimator } from "./estimators";
import { freeStepsOf, nudgedStepsOf } from "./lengths";
import { mostRounds, refreshed, type Programming } from "./programming/options";

/** A stretch of a sample's time. */
export interface ScheduleItem {
  readonly what: string;
  /** Null where the circuit's time has no unit. */
  readonly seconds: number | null;
}

/** The time of one sample, at a batch of so many. */
export interface SampleSchedule {
  readonly sample: readonly ScheduleItem[];
  /** Their sum; null where the circuit's time has no unit. */
  readonly seconds: number | null;
  /** What is off about it, each with the number that is wrong. */
  readonly notes: readonly { readonly code: string; readonly text: string }[];
}

/** @throws OhmletError LEARN-LENGTH, UNIT-… */
export function sampleSchedule(
  simulator: Simulator,
  estimator: Estimator,
  { programming, batch }: { readonly programming: Programming | null; readonly batch: number },
): SampleSchedule {
  const { dt, chip } = simulator;
  const inSeconds = keepsSeconds(simulator);
  const time = (seconds: number): number | null => (inSeconds ? seconds : null);
  const phases = phasesOf(simulator, estimator);
  const write = writeOf(chip, programming, batch);
  const { settings, holds = false } = estimator.reading ?? {};
  const times = settings?.times ?? { load: 0, sample: 0, read: 0 };
  const said = (what: string, ideally: string, seconds: number) => ({
    what: seconds > 0 ? what : ideally,
    seconds: time(seconds),
  });
  const sample: ScheduleItem[] = [
    said("load: inputs are set", "load: inputs are clamped at once", times.load),
    ...phases.flatMap(({ what, steps }) => [
      { what: `${what}, ${count(steps)}`, seconds: time(steps * dt) },
      ...(holds || times.sample > 0 ? [{ what: "hold: it is sampled", seconds: time(times.sample) }] : []),
    ]),
    said(
      `read: ${phases.length} phase${phases.length === 1 ? "" : "s"}, one after another`,
      "read: states are read at once",
      times.read * phases.length,
    ),
    { what: write.what, seconds: time(write.seconds) },
  ];
  const busy = sample.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
  const refresh = programming && refreshOf(chip, programming, busy);
  if (refresh) sample.push({ what: refresh.what, seconds: time(refresh.seconds) });
  const total = busy + (refresh?.seconds ?? 0);
  const written = { seconds: total * batch, words: "from write to write" };
  const every = programming?.refresh ?? Infinity;
  const between = every < written.seconds ? { seconds: every, words: "from refresh to refresh" } : written;
  const notes = [
    ...notesOf(simulator, estimator, phases, between),
    ...droopNotes(estimator, phases, dt),
    ...poleNotes(simulator, estimator),
  ];
  return { sample, seconds: time(total), notes };
}

/** What is held while other phases run. */
function droopNotes(
  { reading, settings }: Estimator,
  phases: readonly SchedulePhase[],
  dt: number,
): SampleSchedule["notes"] {
  const amplitude = typeof settings.amplitude === "number" ? Math.abs(settings.amplitude) : 0;
  if (reading === undefined || reading.settings.twin !== null || amplitude === 0) return [];
  const held = phases.slice(1).reduce((sum, { steps }) => sum + steps, 0) * dt;
  const lost = reading.droop * held;
  if (!(lost > amplitude / 10)) return [];
  return [
    {
      code: "SCHEDULE-DROOP",
      text:
        `what is held loses ${short(lost)} of 1 in the ${short(held)} s until it is read, more than a tenth of the ` +
        `teaching amplitude ${amplitude}`,
    },
  ];
}

/** A nudge that oscillates faster than the slowest neuron follows. */
function poleNotes(
  { layout, units, circuit, dt }: Simulator,
  { settings }: Estimator,
): SampleSchedule["notes"] {
  if (typeof settings.period !== "number") return [];
  const tau = slowestTimeConstant(layout) * units.scaling.scale(timeOf(circuit));
  const turn = (2 * Math.PI * tau) / (settings.period * dt);
  if (!(turn > 1)) return [];
  return [
    {
      code: "SCHEDULE-POLE",
      text:
        `the nudge oscillates at ${short(turn)} times the pole of the slowest neuron, whose gain is ` +
        `${short(1 / Math.hypot(1, turn))} and whose lag ${short((Math.atan(turn) * 180) / Math.PI)} degrees there`,
    },
  ];
}

/** A phase of a sample. */
export interface SchedulePhase {
  readonly what: string;
  readonly steps: number;
}

const count = (steps: number): string => `${steps} step${steps === 1 ? "" : "s"}`;

/** Phases in their order; with a tolerance they may be shorter. */
export function phasesOf(simulator: Simulator, estimator: Estimator): SchedulePhase[] {
  const { settings, blocks, free, nudged, nudgeless } = estimator;
  const most = settings.tolerance === undefined ? "" : ", at most";
  if (typeof settings.period === "number") {
    const { period, periods, warmup } = settings;
    return [
      { what: "nudge, warming up", steps: period * Number(warmup) },
      { what: "nudge, oscillating", steps: period * Number(periods) },
    ];
  }
  if (blocks !== undefined)
    return blocks.nudges.map((_, k) => ({
      what: `nudge ${k + 1} of ${blocks.nudges.length}, ${blocks.periods} times`,
      steps: blocks.steps * blocks.periods,
    }));
  const first = { what: `free phase${most}`, steps: freeStepsOf(simulator, free) };
  if (nudgeless === true || estimator.plan === undefined) return [first];
  const { nudges } = estimator.plan({ round: 0, seed: 0 });
  const steps = nudgedStepsOf(simulator, nudged);
  return [
    first,
    ...nudges.map((_, k) => ({
      what: `nudged phase${nudges.length === 1 ? "" : ` ${k + 1} of ${nudges.length}`}${most}`,
      steps,
    })),
  ];
}

/** What a sample has of the writes of its batch. */
function writeOf(chip: Chip, programming: Programming | null, batch: number) {
  const arrays = chip.circuit.projections.filter((p) => p.spec.feedback?.kind !== "tied" && learns(p)).length;
  if (programming === null || programming.kind === "direct") {
    const width = programming?.width ?? 0;
    const each = programming?.per === "sample" ? 1 : batch;
    return {
      what: `write: ${arrays} arrays directly${each > 1 ? `, once for ${batch} samples` : ""}`,
      seconds: (arrays * width) / each,
    };
  }
  const { per, width } = programming;
  const rounds = arrays * mostRounds(programming);
  return {
    what: `write: at most ${rounds} pulses, one after another, in ${arrays} arrays${per === "batch" ? `, once for ${batch} samples` : ""}`,
    seconds: (rounds * width) / (per === "batch" ? batch : 1),
  };
}

/** What refreshing takes beside a sample of so many seconds: a share of all time, its own included. */
function refreshOf(chip: Chip, programming: Programming, busy: number) {
  const { refresh: every } = programming;
  if (every === undefined) return null;
  const arrays = refreshed(chip.circuit).length;
  const rounds = arrays * mostRounds(programming);
  const share = (rounds * programming.width) / every;
  return {
    what:
      `refresh: ${arrays} array${arrays === 1 ? "" : "s"} rewritten every ${short(every)} s` +
      (programming.kind === "pulses" ? `, by at most ${rounds} pulses` : ""),
    seconds: (busy * share) / (1 - share),
  };
}

/** @param between how long devices leak before they are written, or refreshed before that */
function notesOf(
  simulator: Simulator,
  { settings }: Estimator,
  phases: readonly SchedulePhase[],
  between: { readonly seconds: number; readonly words: string },
): SampleSchedule["notes"] {
  const { circuit, shortestPhase } = simulator;
  const notes = phases
    .filter(({ steps }) => steps < shortestPhase)
    .map(({ what, steps }) => ({
      code: "SCHEDULE-SHORT",
      text: `${what} of ${count(steps)} is too short: signals need ${shortestPhase} to cross this circuit once`,
    }));
  const rate = fastestLeak(circuit);
  const amplitude = typeof settings.amplitude === "number" ? Math.abs(settings.amplitude) : 0;
  if (Number.isFinite(rate) && amplitude > 0 && between.seconds * rate > amplitude / 10)
    notes.push({
      code: "SCHEDULE-LEAK",
      text:
        `what is stored leaks by T/tau = ${Number((between.seconds * rate).toPrecision(3))} ${between.words}, more ` +
        `than a tenth of the teaching amplitude ${amplitude}`,
    });
  return notes;
}
