/**
 * Training, epoch by epoch: the controller learns from shuffled batches, free phases on the test set tell the accuracy,
 * and a probe tells how well the estimates point along the true error vector. It yields a report an epoch and leaves
 * files, progress bars and stopping to the caller.
 */
import type { Chip } from "../circuit/chip-types";
import { planPhase } from "../dynamics/plan";
import { Simulator } from "../dynamics/simulator";
import { SOLVERS } from "../dynamics/solvers";
import type { Acceleration, Outcome, SolverName, UpdateOrder } from "../dynamics/types";
import type { Dataset } from "../data/dataset";
import type { Engine } from "../engines/engine";
import { createEngine } from "../engines/select";
import { checkFit, labelledBatches } from "./batches";
import { Controller, type BatchReport, type LearningPlace } from "./controller";
import type { Estimator } from "./estimators";
import { evaluateChip } from "./evaluate";
import { constantRate, type Optimizer, type Schedule } from "./optimizers";
import { PersistentStates } from "./persistent-states";
import { gradientCosine } from "./probe";
import { defaultRule, type Rule } from "./rules";
import { checkDurations } from "./durations";
import { warningsOf, type Warning } from "./warnings";

export interface TrainOptions {
  readonly estimator: Estimator;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  /** Default: vector-field, or energy-based where all feedback is tied and the cost is a function of the state. */
  readonly rule?: Rule;
  /** An engine, or its name. Default "auto". One that was made here is disposed of here. */
  readonly engine?: Engine | string;
  /** Factor on the learning rates over the training. Default: constant. */
  readonly schedule?: Schedule;
  /** Samples a batch. Default 20. */
  readonly batch?: number;
  readonly solver?: SolverName;
  /** Time step; see Simulator. */
  readonly dt?: number;
  /** Shortcuts to the fixed point, for estimators with a tolerance; see Simulator. */
  readonly order?: UpdateOrder;
  readonly acceleration?: Acceleration;
  /** Starts each sample's free phase where its last one ended, an epoch ago, for estimators with a free phase. Default false. */
  readonly persistent?: boolean;
  /** Keys shuffling, noise and signs. Default 0. */
  readonly seed?: number;
  /** Samples a batch of the test's free phases. Default 200. */
  readonly testBatch?: number;
  /** Test samples over which the gradient cosine is taken; 0: not at all. Default 20. */
  readonly probe?: number;
  /** Stops after the batch in progress; the epoch that it cuts short is not reported. */
  readonly signal?: { readonly aborted: boolean };
  /** Called after every batch. */
  readonly onBatch?: (progress: BatchProgress) => void;
}

export interface BatchProgress extends BatchReport {
  readonly epoch: number;
  /** Number of the batch within the epoch, from 1. */
  readonly batch: number;
  readonly batches: number;
}

export interface EpochReport {
  readonly epoch: number;
  /** Fraction of the test set classified right, 0…1. */
  readonly accuracy: number;
  readonly cost: number;
  /** Of the free phases during training, before each update. */
  readonly trainAccuracy: number;
  readonly trainCost: number;
  /** Mean cosine between the estimate and the true error vector, by population; empty without a probe. */
  readonly gradientCosine: Readonly<Record<string, number | null>>;
  /** Mean over batches; null where the estimator has no such measure. */
  readonly aliasing: number | null;
  /** Mean residual at the end of the free and of the nudged phases. */
  readonly residuals: readonly number[];
  /** Mean steps of the free and of the nudged phases. */
  readonly steps: readonly number[];
  readonly warnings: readonly Warning[];
  /** Where estimates were weighed and synapses updated. */
  readonly learned: LearningPlace;
  /** Wall-clock time of the training alone, and of test and probe. */
  readonly seconds: { readonly training: number; readonly testing: number };
}

/**
 * Checks that data, circuit and phases fit together, without running anything.
 * @throws OhmletError DATA-SHAPE, LEARN-SHORT, DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION, DYN-STEP, EQ-HOLOMORPHIC
 */
export function checkTraining(chip: Chip, data: { readonly train: Dataset; readonly test: Dataset }, engine: Engine, options: Pick<TrainOptions, "estimator" | "solver" | "dt" | "order" | "acceleration">): void {
  for (const set of [data.train, data.test]) checkFit(chip.circuit, set);
  const { estimator, solver, dt, order, acceleration } = options;
  const simulator = new Simulator(chip, engine, { solver, dt, order, acceleration });
  // The hardest phase to plan; whatever the solver, the order or complex nudges do not allow shows there.
  planPhase(chip, simulator.layout, SOLVERS[simulator.solver], 1, { order: simulator.order, rows: 1, groups: 1, complex: estimator.complex, nudged: true, average: false });
  checkDurations(simulator, estimator);
}

/** @throws OhmletError DYN-DIVERGED, LEARN-SHORT and those of the simulator and the engine */
export async function* train(chip: Chip, data: { readonly train: Dataset; readonly test: Dataset }, options: TrainOptions): AsyncGenerator<EpochReport, void, void> {
  const { estimator, optimizer, epochs, seed = 0, batch = 20, testBatch = 200, probe = 20, schedule = constantRate } = options;
  const rule = options.rule ?? defaultRule(chip.circuit);
  const engine = typeof options.engine === "object" ? options.engine : await createEngine(options.engine ?? "auto");
  const { solver, dt, order, acceleration } = options;
  const simulator = new Simulator(chip, engine, { seed, solver, dt, order, acceleration });
  const controller = new Controller(simulator, { estimator, rule, optimizer, seed, ...(options.persistent === true && { persistent: new PersistentStates(chip.circuit, data.train.samples) }) });
  try {
    checkTraining(chip, data, engine, options);
    const batches = Math.ceil(data.train.samples / batch);
    const [probed] = probe > 0 ? [...labelledBatches(chip.circuit, data.test, { size: probe, limit: probe })] : [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const started = performance.now();
      const reports: BatchReport[] = [];
      for (const samples of labelledBatches(chip.circuit, data.train, { size: batch, shuffle: { seed, epoch } })) {
        const report = await controller.learn(samples, schedule((epoch - 1 + reports.length / batches) / epochs));
        reports.push(report);
        options.onBatch?.({ ...report, epoch, batch: reports.length, batches });
        if (options.signal?.aborted) return;
      }
      const trained = performance.now();
      const test = await evaluateChip(simulator, labelledBatches(chip.circuit, data.test, { size: testBatch }), estimator.free);
      const cosines = probed === undefined ? {} : (await gradientCosine(simulator, estimator, rule, probed, epoch, seed)).layers;
      yield {
        epoch,
        accuracy: test.accuracy,
        cost: test.cost,
        trainAccuracy: reports.reduce((sum, r) => sum + (r.correct ?? 0), 0) / data.train.samples,
        trainCost: mean(reports.map((r) => r.cost)),
        gradientCosine: cosines,
        aliasing: reports[0].aliasing === null ? null : mean(reports.map((r) => r.aliasing ?? 0)),
        residuals: perPhase(reports, (o) => o.residual),
        steps: perPhase(reports, (o) => o.steps),
        warnings: warningsOf(reports, engine.info),
        learned: controller.place,
        seconds: { training: (trained - started) / 1000, testing: (performance.now() - trained) / 1000 },
      };
    }
  } finally {
    controller.dispose();
    simulator.dispose();
    if (typeof options.engine !== "object") engine.dispose();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function perPhase(reports: readonly BatchReport[], of: (outcome: Outcome) => number): number[] {
  return reports[0].outcomes.map((_, k) => mean(reports.map((r) => of(r.outcomes[k]))));
}
