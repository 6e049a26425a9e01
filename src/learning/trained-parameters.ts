/**
 * Parameters of neurons as training moves them: a direction for each, from an estimate (Scellier et al. 2018, Eq. 26
 * and 33), what the optimizer makes of it, and what they have become. Each is counted in its own unit of change, from
 * its nominal value on, so that one rate serves weights and parameters, and what decays comes back to the nominal.
 */
import type { Chip, Circuit } from "../circuit/chip-types";
import { trainablesOf, type TrainableParameter } from "../circuit/trainable";
import { OhmletError } from "../errors";
import type { Estimator } from "./estimators";
import type { Optimizer } from "./optimizers";
import { parameterUpdates } from "./references/parameter-gradients";
import type { Batch, Estimate } from "./types";

/** Of a parameter that training moves, SI: the least, the mean and the largest value of the units. */
export interface ParameterFigures {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

export class TrainedParameters {
  private constructor(
    private readonly chip: Chip,
    private readonly trainables: readonly TrainableParameter[],
  ) {}

  /**
   * Those of a chip, or null where none is trainable.
   * @throws OhmletError LEARN-PARAMETERS where they cannot be learned
   */
  static of(chip: Chip, estimator: Estimator): TrainedParameters | null {
    const trainables = trainablesOf(chip.circuit);
    if (trainables.length === 0) return null;
    expectLearnable(chip.circuit, trainables, estimator);
    return new TrainedParameters(chip, trainables);
  }

  /** What lowers the cost, by name; before weights are written, on which it depends. */
  directions({ samples, inputs, targets }: Batch, estimate: Estimate): ReadonlyMap<string, Float64Array> {
    const { chip, trainables } = this;
    const found = estimate.parameters ?? parameterUpdates(chip, samples, inputs, targets, estimate);
    return new Map(
      trainables.map(({ name, population, parameter, unit }) => [
        name,
        found[population][parameter].map((slope) => -slope * unit),
      ]),
    );
  }

  /** Moves them by what the optimizer makes of directions. */
  write(directions: ReadonlyMap<string, Float64Array>, optimizer: Optimizer, factor: number): void {
    for (const { name, population, parameter, unit, nominal } of this.trainables) {
      const weights = directions.get(name) as Float64Array;
      const away = (): Float64Array => this.valuesOf(population, parameter).map((x) => (x - nominal) / unit);
      const change = optimizer.step(
        name,
        { weights, biases: null },
        () => ({ weights: away(), biases: null }),
        factor,
      );
      this.chip.tune(name, change.weights);
    }
  }

  /** What they have become, by name. */
  report(): Readonly<Record<string, ParameterFigures>> {
    return Object.fromEntries(
      this.trainables.map(({ name, population, parameter }) => {
        const values = this.valuesOf(population, parameter);
        const [least, most] = values.reduce(
          ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
          [Infinity, -Infinity],
        );
        return [name, { least, mean: values.reduce((sum, x) => sum + x, 0) / values.length, most }];
      }),
    );
  }

  private valuesOf(population: string, parameter: string): Float64Array {
    return this.chip.parametersOf(population)[parameter] as Float64Array;
  }
}

/** @throws OhmletError LEARN-PARAMETERS */
function expectLearnable(
  circuit: Circuit,
  trainables: readonly TrainableParameter[],
  { name: estimator, walked }: Estimator,
): void {
  const refuse = (what: string, remedy: string): never => {
    throw new OhmletError({
      code: "LEARN-PARAMETERS",
      fact: `"${trainables[0].name}" is trainable, and ${what}`,
      place: { where: circuit.name },
      remedy,
    });
  };
  if (walked !== undefined)
    refuse(
      `${estimator} walks back to weights only`,
      "use another estimator, such as centred or recurrent-backpropagation, or take  trainable  out",
    );
  for (const { name, population } of trainables) {
    const { clamped } = circuit.population(population);
    if (clamped)
      refuse(
        `"${name}" is of an input, which is clamped: it does not learn`,
        "take  trainable  out of the neurons of inputs",
      );
  }
}
