/** The ledger of a run: what a sample costs its chip, and what the whole training did. */
import { ledgerTermsIn } from "../config/run";
import type { Chip } from "../circuit/chip-types";
import { Simulator } from "../dynamics/simulator";
import { keepsSeconds } from "../learning/clock";
import { ledgerOf, type Counted, type Ledger } from "../ledger/ledger";
import { labelledBatches } from "../learning/batches";
import { programmingOf } from "../learning/programming/options";
import type { EpochReport } from "../learning/train";
import type { RunEnergy } from "./ledger-record";
import type { RunContext } from "./training/context";

/** Test samples whose free phases are settled, and the number of that phase: beyond any of a training. */
const SAMPLES = 20;
const PHASE = 2 ** 52;

/**
 * @param counted writes or pulses a sample, by projection
 * @throws OhmletError LEDGER-TERM
 */
export async function ledgerOfRun(
  {
    run,
    data,
    estimator,
    optimizer,
    engine,
    dt,
    solver,
    seed = run.config.seed,
  }: Pick<RunContext, "run" | "data" | "estimator" | "optimizer" | "engine" | "dt" | "solver"> & {
    /** Keys the noise of the chip; that of the run unless said. */
    readonly seed?: number;
  },
  chip: Chip,
  counted?: Counted,
): Promise<Ledger | null> {
  const { order, acceleration, reads, programming, batch } = run.config;
  const simulator = new Simulator(chip, engine, { solver, dt, order, acceleration, reads, seed });
  try {
    if (!keepsSeconds(simulator)) return null;
    const [{ samples, inputs }] = labelledBatches(chip.circuit, data.test, { size: SAMPLES, limit: SAMPLES });
    return await ledgerOf(simulator, {
      estimator,
      terms: ledgerTermsIn(run),
      batch,
      programming: programming === undefined ? null : programmingOf(programming, chip, optimizer),
      inputs,
      samples,
      phase: PHASE,
      ...(counted !== undefined && { counted }),
    });
  } finally {
    simulator.dispose();
  }
}

/** Writes or pulses a sample, where a programming stage counted them. */
export function countedIn(
  { programming }: Pick<EpochReport, "programming">,
  samples: number,
): Counted | undefined {
  if (programming === undefined) return undefined;
  const { pulses, refreshed = {} } = programming;
  const each = (count: (name: string) => number): Record<string, number> =>
    Object.fromEntries(Object.keys(pulses).map((name) => [name, count(name) / samples]));
  return {
    writes: each((name) => pulses[name] - (refreshed[name] ?? 0)),
    refreshes: each((name) => refreshed[name] ?? 0),
  };
}

/** What a training came to. */
export function energyOfRun(ledger: Ledger, epochs: readonly EpochReport[], samples: number): RunEnergy {
  const all = epochs.length * samples;
  const { sample, watts, area, assumptions } = ledger;
  const scheduled = sample.devices.joules + sample.nodes.joules;
  const ran = watts * (epochs.at(-1)?.chipSeconds?.training ?? Infinity);
  const lasted = scheduled === 0 ? 1 : Math.min(1, ran / (scheduled * all));
  const energy = {
    devices: all * sample.devices.joules * lasted,
    nodes: all * sample.nodes.joules * lasted,
    charging: all * sample.charging.joules,
    converters: all * sample.converters.joules,
    writes: all * sample.writes.joules,
    refreshes: all * sample.refreshes.joules,
  };
  return {
    energyJoules: Object.values(energy).reduce((sum, joules) => sum + joules, 0),
    energy,
    areaSquareMetres: area,
    assumptions,
  };
}
