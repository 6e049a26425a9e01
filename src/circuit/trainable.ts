/** The parameters of a circuit's neurons that training moves, beside its weights: one value a unit. */
import type { Trainable } from "../device/types";
import type { Circuit } from "./chip-types";

/** A parameter of the neurons of a population that training moves. */
export interface TrainableParameter extends Trainable {
  /** What rates, checkpoints and reports call it: "hidden/u_slope", which no projection can be called. */
  readonly name: string;
  readonly population: string;
  readonly parameter: string;
  readonly size: number;
  /** Nominal value, SI. */
  readonly nominal: number;
}

/** All trainable parameters of the populations, in their order. */
export function trainablesOf({ populations }: Pick<Circuit, "populations">): readonly TrainableParameter[] {
  return populations.flatMap(({ name: population, size, neuron }) =>
    Object.values(neuron?.parameters ?? {}).flatMap(({ name: parameter, value, trainable }) =>
      trainable === null
        ? []
        : [
            {
              ...trainable,
              name: `${population}/${parameter}`,
              population,
              parameter,
              size,
              nominal: value.value,
            },
          ],
    ),
  );
}
