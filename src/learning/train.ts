/**
 * Training, epoch by epoch: the controller learns from shuffled batches, free phases on the test set tell the
 * accuracy, and a probe tells how well the estimates point along the true error vector. It yields a report an
 * epoch and leaves files, progress bars and stopping to the caller.
 */
import type * as Checkpointing from "./checkpoint";
import { heldAgainst, ForwardAnswers, Initializer } from "./initialized";
import type { Chip } from "../circuit/chip-types";
import { checkSeed } from "../random";
import { Simulator } from "../dynamics/simulator";
import { timeStepIn } from "../dynamics/time-steps/time-step";
import { Stopped } from "../errors";
import { createEngine } from "../engines/select";
import { labelledBatches } from "./batches";
import { checkPlan, checkTraining } from "./check-training";
import type { Position } from "./checkpoint/checkpoint";
import { Controller } from "./controller";
import { crossingsOf, lessonsOf } from "./lessons";
import { checkEarlyStop, judge } from "./early-stop";
import { EpochFigures } from "./epoch-figures";
import { ErrorFigures } from "./error-figures";
import { asEpochReport, type EpochReport } from "./epoch-report";
import { evaluateChip } from "./evaluate";
import { feedbackAngles } from "./feedback-angle";
import { homeostasisOf } from "./homeostasis/options";
import { checkRates, constantRate } from "./optimizers";
import { PersistentStates } from "./persistent-states";
import { saturationOf } from "./saturation";
import { looksAtEnd, probeRound, saturationPhase, stepPhase, testPhase } from "./phases";
import { gradientCosine } from "./probe";
import type { Batch } from "./types";
import { defaultRule } from "./rules";
import { trainingStep } from "./training-step";
import { targetWarnings } from "./target-warnings";
import { stepWarnings, warningsOf } from "./warnings";
import { workOf } from "./work";
import { readTrainingData, readTrainOptions, type TrainingData, type TrainOptions } from "./train-options";

export type { EpochReport } from "./epoch-report";
export type { BatchProgress, TrainingData, TrainOptions } from "./train-options";

/**
 * Trains a chip, epoch by epoch: batches in a shuffled order, then a test and a look at the gradient. The
 * chip is changed in place.
 * @returns reports, one after every epoch; leaving the loop ends the training
 * @throws OhmletError DYN-DIVERGED, LEARN-SHORT, LEARN-STOP, CHECKPOINT-… and those of the simulator and the
 *   engine
 */
export async function* train(
  chip: Chip,
  data: TrainingData,
  options: TrainOptions,
): AsyncGenerator<EpochReport, void, void> {
  const {
    estimator,
    optimizer,
    epochs,
    seed = 0,
    batch = 20,
    testBatch = 200,
    probe = 20,
    schedule = constantRate,
    initialized,
    resume,
    onCheckpoint,
  } = readTrainOptions(options);
  readTrainingData({ train: data.train, test: data.test });
  checkEarlyStop(options);
  checkSeed(seed, "training, seed");
  checkRates(optimizer, chip.circuit);
  const homeostasis = options.homeostasis && homeostasisOf(chip.circuit, options.homeostasis, batch);
  const rule = options.rule ?? defaultRule(chip.circuit);
  const engine =
    typeof options.engine === "object"
      ? options.engine
      : await createEngine(options.engine ?? "auto", { work: workOf(chip.circuit, batch) });
  const { solver, order, acceleration, reads } = options;
  const dt =
    options.dt === "auto"
      ? await trainingStep(chip, data.train, engine, { solver, batch, estimator })
      : options.dt === undefined
        ? undefined
        : timeStepIn(chip.circuit, options.dt);
  initialized?.expectFit(chip, optimizer, { persistent: options.persistent, estimator });
  if (initialized !== undefined) estimator.reading?.expectNoNet(chip.circuit);
  const bench = initialized?.bench(chip) ?? chip;
  const simulator = new Simulator(bench, engine, { seed, solver, dt, order, acceleration, reads });
  const initializer = initialized && new Initializer(initialized, chip.circuit, engine);
  const persistent =
    options.persistent === true ? new PersistentStates(chip.circuit, data.train.samples) : undefined;
  const batches = Math.ceil(data.train.samples / batch);
  const start = resume?.position ?? START;
  const controller = new Controller(simulator, {
    estimator,
    rule,
    optimizer,
    seed,
    persistent,
    initialized: initializer,
    homeostasis: options.homeostasis,
    ...(options.remedy !== undefined && { remedy: options.remedy }),
    ...(options.programming !== undefined && { programming: options.programming }),
    round: (start.epoch - 1) * batches + start.batch,
    ...(start.clock && { clock: start.clock }),
  });
  try {
    await controller.ready();
    checkTraining(chip, data, engine, { ...options, dt });
    if (bench !== chip) checkPlan(simulator, estimator);
    const errors = new ErrorFigures(
      chip.circuit.populations.filter((p) => !p.clamped).map(({ name }) => name),
    );
    const { programmer, lasting, remedy } = controller;
    const parts = { chip, optimizer, persistent, errors, forward: initialized, programmer, lasting };
    const { patience, minDelta, target } = options;
    const settings = {
      epochs,
      batch,
      seed,
      solver,
      dt,
      order,
      acceleration,
      reads,
      persistent: persistent !== undefined,
      ...initialized?.identity,
      homeostasis,
      ...(estimator.reading !== undefined && { readout: estimator.reading }),
      ...(remedy !== null && { remedy: remedy.settings }),
      ...(programmer !== null && { programming: { ...programmer.programming } }),
      "test batch": testBatch,
      probe,
      patience,
      minDelta,
      target,
    };
    // Loaded by whoever takes checkpoints or goes on from one.
    const kept = resume === undefined && onCheckpoint === undefined ? null : await import("./checkpoint");
    const identity =
      kept?.identityOf({ chip, data, engine, estimator, optimizer, rule, schedule, settings }) ?? {};
    let figures =
      resume === undefined
        ? new EpochFigures()
        : (kept as Checkpoints).restore(parts, resume, identity, { epochs, batches });
    options.onStart?.();
    let { best, seconds } = start;
    const { clock } = controller;
    const asked = targetWarnings(chip, data.train);
    const checkpoint = async (position: Omit<Position, "best" | "clock">): Promise<void> =>
      onCheckpoint?.(
        (kept as Checkpoints).takeCheckpoint(
          parts,
          identity,
          { ...position, best, clock: clock.reading },
          figures,
        ),
      );
    const begin = (samples: Batch): Batch | Promise<Batch> => initializer?.begin(samples) ?? samples;
    const [looked] = labelledBatches(chip.circuit, data.train, { size: LOOKED, limit: LOOKED });
    const [counted] = labelledBatches(chip.circuit, data.test, { size: COUNTED, limit: COUNTED });
    const [probed] =
      probe > 0 ? [...labelledBatches(chip.circuit, data.test, { size: probe, limit: probe })] : [];
    let done = start.done;
    for (let { epoch } = start; !done; epoch++) {
      let since = performance.now();
      const crossed = controller.crossings;
      const elapsed = (): number => seconds + (performance.now() - since) / 1000;
      const here = (): Promise<void> =>
        checkpoint({ epoch, batch: figures.batches, seconds: elapsed(), done: false });
      let report: EpochReport;
      let tested: number;
      try {
        const lessons = lessonsOf(
          labelledBatches(chip.circuit, data.train, {
            size: batch,
            shuffle: { seed, epoch },
            skip: figures.batches,
          }),
          figures.batches,
          (done) => ({
            factor: schedule((epoch - 1 + done / batches) / epochs),
            look: done === batches - 1 && looksAtEnd(epoch, { epochs, batches }),
            pause: (done + 1) % (options.checkpointEvery ?? Infinity) === 0,
          }),
        );
        for await (const { report: learned, ahead } of controller.learnAll(lessons)) {
          figures.add(learned);
          if (learned.estimateError !== undefined) errors.add(learned.estimateError);
          await options.onBatch?.({ ...learned, epoch, batch: figures.batches, batches });
          const stop = options.signal?.aborted === true;
          // After the last batch the epoch's own checkpoint is near.
          if (figures.batches === batches) break;
          if (ahead > 0) continue;
          if (stop || figures.batches % (options.checkpointEvery ?? Infinity) === 0) await here();
          if (stop) return;
        }
        [seconds, since] = [elapsed(), performance.now()];
        clock.ageNow();
        const tests = labelledBatches(chip.circuit, data.test, { size: testBatch });
        const answers = initializer && new ForwardAnswers(initializer, chip);
        const test = await evaluateChip(
          simulator,
          initializer?.each(tests, (begun) => answers?.add(begun)) ?? tests,
          estimator.free,
          testPhase(epoch),
        );
        tested = test.rowSteps;
        // The probe is a yardstick beside the chip: its clock stands still.
        const cosines =
          probed === undefined
            ? {}
            : (await gradientCosine(simulator, estimator, rule, await begin(probed), probeRound(epoch), seed))
                .layers;
        const coarse = await stepWarnings(simulator, await begin(looked), estimator.free, stepPhase(epoch));
        const begun = await begin(counted);
        const saturated = await saturationOf(simulator, begun, estimator.free, saturationPhase(epoch));
        const forward = initializer && {
          accuracy: answers?.accuracy ?? 0,
          ...(await heldAgainst(simulator, initializer, begun, estimator.free, saturationPhase(epoch))),
        };
        const judged = judge(options, best, epoch, test.accuracy);
        best = judged.best;
        done = judged.stop !== null || epoch === epochs;
        report = asEpochReport({
          epoch,
          accuracy: test.accuracy,
          cost: test.cost,
          ends: test.ends,
          trainAccuracy: figures.correct / data.train.samples,
          trainCost: figures.cost,
          gradientCosine: cosines,
          aliasing: figures.aliasing,
          estimateError: errors.current,
          residuals: figures.perPhase("residual"),
          steps: figures.perPhase("steps"),
          feedbackAngle: feedbackAngles(chip),
          saturated,
          ...(forward !== undefined && { forward }),
          ...(programmer !== null && { programming: programmer.report() }),
          ...(controller.parameters !== null && { parameters: controller.parameters.report() }),
          ...(homeostasis &&
            (await (
              await import("./homeostasis/symmetry-after")
            ).symmetryAfter(simulator, counted, estimator.free, homeostasis, { seed, epoch }))),
          warnings: [
            ...asked,
            ...coarse,
            ...warningsOf(
              {
                reports: figures.reports,
                error: errors.current,
                estimator,
                engine: engine.info,
                heldDraws: simulator.readsAreNoisy,
              },
              { found: test, noisy: simulator.noisy },
            ),
          ],
          ...(judged.stop !== null && epoch < epochs && { stopped: judged.stop }),
          learned: controller.place,
          ...crossingsOf(crossed, controller.crossings),
          chipSeconds:
            clock.reading === null
              ? null
              : {
                  training: clock.reading.training,
                  testing: clock.reading.testing + (test.chipSeconds ?? 0),
                },
          seconds: { training: seconds, testing: (performance.now() - since) / 1000 },
        });
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
        // Amid a phase: of its batch, or of the test, nothing has been learned.
        await here();
        return;
      }
      yield report;
      clock.run("testing", tested);
      clock.ageNow();
      [figures, seconds] = [new EpochFigures(), 0];
      errors.nextEpoch();
      programmer?.nextEpoch();
      await checkpoint({ epoch: epoch + 1, batch: 0, seconds, done });
      if (options.signal?.aborted) return;
    }
  } finally {
    controller.dispose();
    initializer?.dispose();
    simulator.dispose();
    if (typeof options.engine !== "object") engine.dispose();
  }
}

type Checkpoints = typeof Checkpointing;

/** Samples on which the time step is looked at. */
const LOOKED = 4;
/** Samples on which saturated units are counted. */
const COUNTED = 20;

/** Where a training begins that is not resumed. */
const START: Position = { epoch: 1, batch: 0, seconds: 0, done: false, best: null, clock: null };
