/**
 * Times batches of a training one by one, and apart the phases in which the output is nudged, on a chip of its
 * own: a training beside it stays as it is.
 */
import {
  Controller,
  defaultRule,
  labelledBatches,
  Simulator,
  type Engine,
  type PhaseRequest,
} from "../src/index";
import { spreadOf, type Spread } from "./timing";
import { optimizerOf, type Digits, type TrainingSettings } from "./training";

/** Milliseconds, by the clock, and of processor time of all threads. */
export interface BatchTimes {
  readonly whole: Spread;
  readonly nudged: Spread;
  readonly cpuWhole: Spread;
  readonly cpuNudged: Spread;
  /** Where it learned: "engine", or "host" and why. */
  readonly place: string;
}

interface Lap {
  readonly clock: number;
  readonly cpu: number;
}

const now = (): Lap => {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), cpu: (user + system) / 1000 };
};
const since = (start: Lap): Lap => {
  const end = now();
  return { clock: end.clock - start.clock, cpu: end.cpu - start.cpu };
};
const sum = (laps: readonly Lap[]): Lap => ({
  clock: laps.reduce((all, { clock }) => all + clock, 0),
  cpu: laps.reduce((all, { cpu }) => all + cpu, 0),
});

/** Keeps how long its nudged phases took. */
class TimedSimulator extends Simulator {
  laps: Lap[] = [];

  override phase(request: PhaseRequest, ...rest: unknown[]): ReturnType<Simulator["phase"]> {
    return this.timed(request, () => super.phase(request, ...(rest as [])));
  }

  override hold(request: PhaseRequest, ...rest: unknown[]): ReturnType<Simulator["hold"]> {
    return this.timed(request, () => super.hold(request, ...(rest as [])));
  }

  private async timed<T>({ nudges }: PhaseRequest, run: () => Promise<T>): Promise<T> {
    const start = now();
    const result = await run();
    if (nudges !== undefined) this.laps.push(since(start));
    return result;
  }
}

/** A round from which no batch is looked at more closely for long. */
const FIRST_ROUND = 100;
/** Batches beforehand, in which programs are compiled and threads start. */
const WARM_UP = 2;

export async function timeBatches(
  engine: Engine,
  { train }: Digits,
  settings: TrainingSettings,
  batches: number,
): Promise<BatchTimes> {
  const { model, estimator, batch, seed, order, acceleration } = settings;
  const chip = model.build().fabricate({ seed });
  const simulator = new TimedSimulator(chip, engine, { ...model.options, seed, order, acceleration });
  const controller = new Controller(simulator, {
    estimator,
    rule: model.rule ?? defaultRule(chip.circuit),
    optimizer: optimizerOf(model, chip),
    seed,
    round: FIRST_ROUND,
  });
  const all = [...labelledBatches(chip.circuit, train, { size: batch, limit: batch * (batches + WARM_UP) })];
  const [whole, nudged]: [Lap[], Lap[]] = [[], []];
  for (let k = 0; k < batches + WARM_UP; k++) {
    simulator.laps = [];
    const start = now();
    await controller.learn(all[k % all.length]);
    if (k < WARM_UP) continue;
    whole.push(since(start));
    nudged.push(sum(simulator.laps));
  }
  const { place } = controller;
  controller.dispose();
  simulator.dispose();
  return {
    whole: spreadOf(whole.map(({ clock }) => clock)),
    nudged: spreadOf(nudged.map(({ clock }) => clock)),
    cpuWhole: spreadOf(whole.map(({ cpu }) => cpu)),
    cpuNudged: spreadOf(nudged.map(({ cpu }) => cpu)),
    place: place.place === "engine" ? "engine" : `host: ${place.reason}`,
  };
}
