/** What trainings take: how a chip is trained, what it learns from, and what is told after each batch. */
import type { Reads } from "../dynamics/chip-arrays/reads";
import { ENGINE } from "../dynamics/simulator-options";
import type { TimeStep } from "../dynamics/time-steps/time-step";
import type { Acceleration, SolverName, UpdateOrder } from "../dynamics/types";
import type { Dataset } from "../data/dataset";
import type { Engine } from "../engines/engine";
import type { AnyEngineName } from "../engines/select";
import type { Checkpoint } from "./checkpoint/checkpoint";
import type { BatchReport } from "./batch-report";
import type { EarlyStop } from "./early-stop";
import type { Estimator } from "./estimators";
import type { HomeostasisOptions } from "./homeostasis/options";
import type { Optimizer, Schedule } from "./optimizers";
import type { ForwardNet } from "./initialized";
import { ESTIMATOR, FORWARD, OPTIMIZER, RULE } from "./made";
import type { RemedyOptions } from "./remedies";
import type { ProgrammingOptions } from "./programming/options";
import type { Rule } from "./rules";
import { check, optionsOf } from "../options";

/** How a chip is trained: what learns, on which engine, for how long, and who is told. */
export interface TrainOptions extends EarlyStop {
  readonly estimator: Estimator;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  /**
   * Default: vector-field, or energy-based where all feedback is tied and the cost is a function of the
   * state.
   */
  readonly rule?: Rule;
  /** An engine, or its name. Default "auto". One that was made here is disposed of here. */
  readonly engine?: Engine | AnyEngineName;
  /** Factor on the learning rates over the training. Default: constant. */
  readonly schedule?: Schedule;
  /** Samples a batch. Default 20. */
  readonly batch?: number;
  readonly solver?: SolverName;
  /**
   * Time step; see Simulator. "auto": chooseStep on the first batch, for a chip as it came from fabrication.
   */
  readonly dt?: TimeStep | "auto";
  /** Shortcuts to the fixed point, for estimators with a tolerance; see Simulator. */
  readonly order?: UpdateOrder;
  readonly acceleration?: Acceleration;
  /** How noisy reads are drawn; see Simulator. */
  readonly reads?: Reads;
  /**
   * Starts each sample's free phase where its last one ended, an epoch ago, for estimators with a free phase.
   * Default false.
   */
  readonly persistent?: boolean;
  /**
   * A feedforward net that predicts where free phases end, starts them there, and learns from where they ended
   * (O'Connor et al. 2019); in the place of `persistent`.
   */
  readonly initialized?: ForwardNet;
  /** A loss that makes the Jacobian symmetric, learned beside the cost. Default: none. */
  readonly homeostasis?: HomeostasisOptions;
  /** How changes are written. Default: directly, once a batch, in no time. */
  readonly programming?: ProgrammingOptions;
  /** What feedback learns in the place of what its own rule says: `kolen-pollack`, `weight-mirror`. Default: nothing else. */
  readonly remedy?: RemedyOptions;
  /** Keys shuffling, noise, signs and kicks. Default 0. */
  readonly seed?: number;
  /** Samples a batch of the test's free phases. Default 200. */
  readonly testBatch?: number;
  /** Test samples over which the gradient cosine is taken; 0: not at all. Default 20. */
  readonly probe?: number;
  /**
   * Stops after the batch in progress, with a checkpoint; the epoch that it cuts short is not reported. An
   * engine that was given the same as `stop` ends the phase in progress, too: its batch is then learned anew.
   */
  readonly signal?: { readonly aborted: boolean };
  /** Goes on where a checkpoint of this very training was taken. */
  readonly resume?: Checkpoint;
  /** Called once everything fits together and a checkpoint is restored, before the first batch. */
  readonly onStart?: () => void;
  /**
   * Called with a checkpoint after every epoch, once its report has been taken, and when `signal` stops the
   * training.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Takes a checkpoint after every so many batches of an epoch, too. */
  readonly checkpointEvery?: number;
  /**
   * Called after every batch, and waited for: engines that compute at once leave no other moment for timers
   * and signals.
   */
  readonly onBatch?: (progress: BatchProgress) => void | Promise<void>;
}

export const readTrainOptions = optionsOf<TrainOptions>("train", {
  needs: { estimator: ESTIMATOR, optimizer: OPTIMIZER, epochs: check.whole(1) },
  takes: {
    rule: RULE,
    engine: check.either(check.text, ENGINE),
    schedule: check.callback,
    batch: check.whole(1),
    solver: check.anything,
    dt: check.anything,
    order: check.anything,
    acceleration: check.anything,
    reads: check.anything,
    persistent: check.flag,
    initialized: FORWARD,
    homeostasis: check.anything,
    remedy: check.anything,
    programming: check.anything,
    seed: check.anything,
    testBatch: check.whole(1),
    probe: check.whole(),
    signal: check.signal,
    resume: check.anything,
    onStart: check.callback,
    onCheckpoint: check.callback,
    checkpointEvery: check.whole(1),
    onBatch: check.callback,
    patience: check.anything,
    minDelta: check.anything,
    target: check.anything,
  },
});

/**
 * What a chip learns from, and what it is tested on; whatever else comes with them is nobody's business here.
 */
export interface TrainingData {
  readonly train: Dataset;
  readonly test: Dataset;
}

export const readTrainingData = optionsOf<TrainingData>("train, data", {
  needs: { train: check.anything, test: check.anything },
});

/** What learning from one batch showed, and which batch it was. */
export interface BatchProgress extends BatchReport {
  readonly epoch: number;
  /** Number of the batch within the epoch, from 1. */
  readonly batch: number;
  readonly batches: number;
}
