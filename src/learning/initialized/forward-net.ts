/**
 * A feedforward net that learns to predict where a chip settles, without backpropagation: it starts the chip's
 * free phases, so that they may be short, and is a digital copy of the chip in the end (O'Connor et al. 2019,
 * Initialized Equilibrium Propagation). Its parameters, phi, live beside those of the chip, theta.
 */
import type { Chip, Circuit } from "../../circuit/chip-types";
import { count, printsItself } from "../../display";
import type { Engine } from "../../engines/engine";
import { OhmletError } from "../../errors";
import { Simulator } from "../../dynamics/simulator";
import { check, optionsOf } from "../../options";
import { checkSeed } from "../../random";
import { optimizerText } from "../checkpoint/identity";
import type { ByPopulation } from "../drives";
import { OPTIMIZER } from "../made";
import type { Estimator } from "../estimators/estimator";
import { singleNudge } from "../estimators/single-nudge";
import { checkRates, type Optimizer } from "../optimizers";
import { forwardCircuit } from "./forward-circuit";
import { depthOf, forwardGradient, type ForwardLoss, type Prediction } from "./losses";
import { pulledChip } from "./pulled-chip";

/** How a feedforward net is made, how it learns, and how strongly it pulls the chip. */
export interface ForwardOptions {
  /** Makes changes of its weights of its gradients: another than the chip's, since it remembers. */
  readonly optimizer: Optimizer;
  /** Pulls the chip's units towards their predictions. Default 0: not at all. */
  readonly lambda?: number;
  /**
   * What lambda is a factor of, in the energy: "paper", lambda (s_f - s)^2 (Eq. 10); "code", half of that, as
   * the authors' code has it. Default "paper".
   */
  readonly factor?: "paper" | "code";
  /** Slope added to the outputs, so that units that are saturated still learn. Default 0.01. */
  readonly leak?: number;
  /** "local": each layer from what it missed itself. "global": by backpropagation. Default "local". */
  readonly loss?: ForwardLoss;
  /**
   * What it learns to show: where the free phase ended, or where the nudged one did, s+, of estimators of one real nudge.
   * The authors found s+ to work slightly worse. Default "free".
   */
  readonly target?: "free" | "nudged";
  /** First weights: drawn like those of the chip, but its own, or those of the chip. Default "own". */
  readonly initial?: "own" | "tied";
  /** Keys the draws of its first weights. Default 0. */
  readonly seed?: number;
}

const readOptions = optionsOf<ForwardOptions>("forwardNet", {
  needs: { optimizer: OPTIMIZER },
  takes: {
    lambda: check.numeric,
    factor: check.oneOf("paper", "code"),
    leak: check.numeric,
    loss: check.oneOf("local", "global"),
    target: check.oneOf("free", "nudged"),
    initial: check.oneOf("own", "tied"),
    seed: check.anything,
  },
});

/** Sets the draws of a net apart from those of a chip with the same seed. */
const OWN = 2 ** 52;

/**
 * A feedforward net for a chip; give it to `train` as `initialized`.
 * @param chip whose units it is to predict; with `initial: "tied"` it begins with the chip's weights
 * @throws OhmletError OPTION-…, INIT-OPTION, INIT-FORWARD, INIT-UNITS, ENGINE-SEED, OPTIMIZER-RATE
 */
export function forwardNet(chip: Chip, options: ForwardOptions): ForwardNet {
  const { optimizer, seed = 0, lambda = 0, leak = 0.01, initial = "own", ...rest } = readOptions(options);
  checkOption("lambda", lambda, 1e6);
  checkOption("leak", leak, 1);
  checkSeed(seed, "forwardNet, seed");
  const circuit = forwardCircuit(chip.circuit, leak);
  checkRates(optimizer, chip.circuit);
  const own = circuit.fabricate({ seed: seed < OWN ? seed + OWN : seed - OWN });
  if (initial === "tied")
    for (const { name } of circuit.projections) own.setWeights(name, chip.weights(name));
  return new ForwardNet(own, optimizer, {
    lambda,
    leak,
    initial,
    seed,
    factor: "paper",
    loss: "local",
    target: "free",
    ...rest,
  });
}

function checkOption(name: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new OhmletError({
    code: "INIT-OPTION",
    fact: `${name} is ${value}`,
    place: { where: "forwardNet" },
    remedy: `give a number from 0 to ${most}`,
  });
}

/** What defines a net, with what was left out filled in. */
export type ForwardSettings = Required<Omit<ForwardOptions, "optimizer">>;

/** A feedforward net beside a chip. `predict` needs an engine, learning does not. */
export class ForwardNet {
  static {
    printsItself<ForwardNet>(({ chip, settings: { lambda, factor, leak, loss }, optimizer }) => [
      `${chip.circuit.name}: ${count(depthOf(chip), "layer")}, leak ${leak}, ${loss} losses, ` +
        (lambda === 0 ? "does not pull" : `pulls with lambda ${lambda} (${factor})`),
      `  ${optimizer}`,
    ])(ForwardNet.prototype);
  }

  /** @param chip its weights, phi, as a chip of ideal synapses whose circuit has only what leads forward */
  constructor(
    readonly chip: Chip,
    readonly optimizer: Optimizer,
    readonly settings: ForwardSettings,
  ) {}

  /** Strength of the synapses that pull a unit to its prediction, in units of logical weight. */
  get pull(): number {
    const { lambda, factor } = this.settings;
    return factor === "paper" ? 2 * lambda : lambda;
  }

  /** What is simulated where the chip learns: the chip, its units pulled to what the net predicts. */
  bench(chip: Chip): Chip {
    return this.pull === 0 ? chip : pulledChip(chip, this.pull);
  }

  /**
   * What decides how it learns, for the identity of a checkpoint.
   * @internal
   */
  get identity(): { readonly initialized: object } {
    const { settings, optimizer, chip } = this;
    const { target, ...others } = settings;
    const aim = target === "nudged" && { target };
    return { initialized: { ...others, ...aim, optimizer: optimizerText(optimizer, chip.circuit) } };
  }

  /**
   * Checks that it can stand beside a training.
   * @throws OhmletError INIT-OPTION
   * @internal
   */
  expectFit(
    chip: Chip,
    optimizer: Optimizer,
    { persistent = false, estimator }: { readonly persistent?: boolean; readonly estimator: Estimator },
  ): void {
    const fail = (fact: string, remedy: string): never => {
      throw new OhmletError({ code: "INIT-OPTION", fact, place: { where: chip.circuit.name }, remedy });
    };
    if (persistent)
      fail(
        "free phases cannot start both where they ended before and where a net expects them to end",
        "leave out one of persistent and initialized",
      );
    if (optimizer === this.optimizer && Object.keys(optimizer.law.memory).length > 0)
      fail(
        "the feedforward net has the optimizer of the chip, which remembers each by the same names",
        "make another for it:  forwardNet(chip, { optimizer: sgd({ rate: 0.05 }) })",
      );
    if (this.settings.target === "nudged" && singleNudge(estimator, { round: 0, seed: 0 }) === null)
      fail(
        `the feedforward net is to learn where the nudged phase ends, and ${estimator.name} has not one of those, of a real nudge`,
        "use the estimator one-sided or random-sign, or give it the target  free",
      );
    const { circuit } = this.chip;
    const other = circuit.populations.find(
      ({ name, size }) => !chip.circuit.populations.some((p) => p.name === name && p.size === size),
    );
    if (other !== undefined || circuit.populations.length !== chip.circuit.populations.length)
      fail(
        `the feedforward net was made for another circuit than this chip's`,
        "make it of this chip:  forwardNet(chip, { optimizer: sgd({ rate: 0.05 }) })",
      );
  }

  /** Runs the net on an engine. Dispose of it before the engine. */
  on(engine: Engine): ForwardPass {
    return new ForwardPass(this.chip, engine);
  }

  /**
   * Learns from where the chip settled.
   * @param targets what its units showed, [samples, size] by population
   * @param factor on the learning rates, from a schedule
   * @returns the loss before
   */
  learn(prediction: Prediction, targets: ByPopulation, factor = 1): number {
    const { chip, optimizer, settings } = this;
    const { loss, gradient } = forwardGradient(chip, prediction, targets, settings.loss);
    for (const [name, { weights, biases }] of Object.entries(gradient)) {
      const falling = { weights: weights.map((g) => -g), biases: biases?.map((g) => -g) ?? null };
      chip.program(
        name,
        optimizer.step(name, falling, () => chip.weights(name), factor),
      );
    }
    return loss;
  }
}

/** A feedforward net on an engine. */
export class ForwardPass {
  private readonly simulator: Simulator;
  private readonly depth: number;
  private readonly circuit: Circuit;

  constructor(chip: Chip, engine: Engine) {
    this.simulator = new Simulator(chip, engine);
    this.circuit = chip.circuit;
    this.depth = depthOf(chip);
  }

  /** The forward pass (Algorithm 2). @param inputs [samples, input size] */
  async predict(samples: number, inputs: ArrayLike<number>): Promise<Prediction> {
    // Each step of the maps computes one more layer.
    const { states, activities } = await this.simulator.phase({
      samples,
      inputs,
      steps: this.depth,
      check: false,
    });
    const real = (planes: typeof states, names: readonly string[]): ByPopulation =>
      Object.fromEntries(names.map((name) => [name, planes[name].re]));
    const all = this.circuit.populations.map(({ name }) => name);
    return { samples, states: real(states, Object.keys(states)), activities: real(activities, all) };
  }

  /** Gives back what its programs hold. */
  dispose(): void {
    this.simulator.dispose();
  }
}
