/** What the parts of a training run share: its config made into a chip, data and a way of learning. */
import type { Chip } from "../../circuit/chip-types";
import {
  circuitOf,
  estimatorOf,
  homeostasisOf,
  remedyOf,
  initializedOf,
  located,
  nodeAt,
  optimizerOf,
  ruleOf,
  timeStepOf,
  type Run,
} from "../../config";
import { chipSeedOf } from "../../config/chip-seed";
import type { SolverName } from "../../dynamics/types";
import { Simulator } from "../../dynamics/simulator";
import type { Engine, EngineOptions } from "../../engines/engine";
import { createEngine } from "../../engines/select";
import { outputsOf } from "../../data/dataset";
import { OhmletError } from "../../errors";
import type { Estimator } from "../../learning/estimators";
import { checkProgramming, checkReadout, ledgerTermsIn } from "../../config/run";
import { expectHeard } from "../../config/unheard";
import type { HomeostasisOptions } from "../../learning/homeostasis/options";
import type { RemedyOptions } from "../../learning/remedies";
import type { ForwardNet } from "../../learning/initialized";
import type { Optimizer } from "../../learning/optimizers";
import type { Rule } from "../../learning/rules";
import { checkFit } from "../../learning/batches";
import { workOf } from "../../learning/work";
import { checkTraining } from "../../learning/check-training";
import { trainingStep } from "../../learning/training-step";
import type { TrainingData } from "./data";

export interface RunContext {
  readonly run: Run;
  readonly chip: Chip;
  readonly data: TrainingData;
  readonly estimator: Estimator;
  readonly optimizer: Optimizer;
  readonly rule: Rule;
  readonly homeostasis: HomeostasisOptions | undefined;
  readonly remedy: RemedyOptions | undefined;
  /** The feedforward net beside the chip, where the run has one. */
  readonly initialized: ForwardNet | undefined;
  readonly engine: Engine;
  /** SI, or dimensionless; nothing where the circuit needs none. */
  readonly dt: number | undefined;
  readonly solver: SolverName;
}

/**
 * @param options of the engine that is made
 * @throws OhmletError of the config, the circuit, the engine, or where they do not fit together
 */
export async function prepare(
  run: Run,
  data: TrainingData,
  options: EngineOptions = {},
): Promise<RunContext> {
  const { config } = run;
  const circuit = circuitOf(run, [data.train.features, 32, outputsOf(data.train)]);
  const chip = circuit.fabricate({ seed: chipSeedOf(config) });
  const [estimator, optimizer, rule, homeostasis, wanted] = [
    estimatorOf(run),
    optimizerOf(run, circuit),
    ruleOf(run, circuit),
    homeostasisOf(run, circuit),
    timeStepOf(run, circuit),
  ];
  checkProgramming(run, chip, optimizer);
  checkReadout(run, estimator, circuit, rule);
  const remedy = remedyOf(run, chip);
  ledgerTermsIn(run);
  expectHeard(run, circuit, data.train.targets !== undefined);
  const initialized = initializedOf(run, chip);
  pointing(run, () => initialized?.expectFit(chip, optimizer, { persistent: config.persistent, estimator }));
  const engine = await engineOf(run, { work: workOf(circuit, config.batch), ...options });
  const { order, acceleration, reads } = config;
  const dt = wanted === "auto" ? await chosenStep(run, chip, data, engine, estimator) : wanted;
  const solver = pointing(run, () => {
    checkTraining(chip, data, engine, {
      estimator,
      solver: config.solver,
      dt,
      order,
      acceleration,
      reads,
      initialized,
    });
    return new Simulator(chip, engine, { solver: config.solver, dt, order, acceleration }).solver;
  });
  return {
    run,
    chip,
    data,
    estimator,
    optimizer,
    rule,
    homeostasis,
    remedy,
    initialized,
    engine,
    dt,
    solver,
  };
}

async function engineOf({ config, context }: Run, options: EngineOptions): Promise<Engine> {
  const { fused } = config;
  const asked = fused === undefined ? options : { ...options, fused };
  const engine = await createEngine(config.engine, asked).catch((error: unknown) =>
    Promise.reject(located(error, nodeAt(context, config, "engine"))),
  );
  if (fused !== true || engine.info.name === "simd") return engine;
  engine.dispose();
  throw located(
    new OhmletError({
      code: "ENGINE-BACKEND",
      fact: `products are fused by the simd engine only, and this run computes on ${engine.info.name}`,
      place: { where: "run, fused" },
      remedy: "set engine: simd, or leave  fused  out",
    }),
    nodeAt(context, config, "fused"),
  );
}

/**
 * The step that suits the chip as fabricated: the run's record says it as a number, so that it is chosen
 * once.
 */
export async function chosenStep(
  run: Run,
  chip: Chip,
  data: TrainingData,
  engine: Engine,
  estimator: Estimator,
): Promise<number> {
  const { config, context } = run;
  pointing(run, () => [data.train, data.test].forEach((set) => checkFit(chip.circuit, set)));
  return trainingStep(chip, data.train, engine, { ...config, estimator }).catch((error: unknown) =>
    Promise.reject(located(error, nodeAt(context, config, "dt"))),
  );
}

/** The keys of a config that the codes of what does not fit together speak of. */
const KEYS: Readonly<Record<string, keyof Run["config"]>> = {
  "DYN-SOLVER": "solver",
  "DYN-STEP": "dt",
  "DYN-ORDER": "order",
  "DYN-ACCELERATION": "acceleration",
  "DYN-READS": "reads",
  "LEARN-SHORT": "estimator",
  "LEARN-LENGTH": "estimator",
  "UNIT-DIMENSION": "estimator",
  "UNIT-RANGE": "estimator",
  "UNIT-SCALED": "estimator",
  "UNIT-SYNTAX": "estimator",
  "UNIT-UNKNOWN": "estimator",
  "DATA-SHAPE": "circuit",
  "EQ-HOLOMORPHIC": "estimator",
  "INIT-OPTION": "initialized",
};

function pointing<T>({ config, context }: Run, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const key =
      error instanceof OhmletError && Object.hasOwn(KEYS, error.code) ? KEYS[error.code] : undefined;
    throw key === undefined ? error : located(error, nodeAt(context, config, key));
  }
}
