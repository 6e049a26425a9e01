/** The states of a circuit: one plane for each state of a population's neurons. */
import type { InternalState, Neuron } from "../device/types";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import type { Circuit, Population } from "./chip-types";

/** A state of the neurons of a population. */
export interface PopulationState {
  /** What its plane is called among states: "hidden" for u, "hidden.v" for an internal state v. */
  readonly name: string;
  readonly population: Population;
  /** Its name in the neuron's text; "u" for the one that the population shows. */
  readonly state: string;
  readonly size: number;
  readonly dimension: Dimension;
}

/** The name of the plane of a state. */
export const planeOf = (population: string, state: string): string =>
  state === "u" ? population : `${population}.${state}`;

/** A neuron's states beside u. */
export const internalStates = (neuron: Neuron | null): readonly (readonly [string, InternalState])[] =>
  neuron === null ? [] : Object.entries(neuron.internal);

/** Whether some neuron has states beside u. */
export const hasInternalStates = ({ populations }: Pick<Circuit, "populations">): boolean =>
  populations.some(({ neuron }) => internalStates(neuron).length > 0);

/** All states of the unclamped populations: u of each, in their order, then the internal ones. */
export function statesOf({ populations }: Pick<Circuit, "populations">): readonly PopulationState[] {
  const unclamped = populations.filter(({ clamped }) => !clamped);
  return [
    ...unclamped.map((population) => stateOf(population)),
    ...unclamped.flatMap((population) =>
      internalStates(population.neuron).map(([name, { dimension }]) => stateOf(population, name, dimension)),
    ),
  ];
}

/** The state whose plane has a name. @throws OhmletError CIRCUIT-PORT where there is none */
export const stateNamed = (circuit: Circuit, name: string): PopulationState =>
  statesOf(circuit).find((state) => state.name === name) ?? stateOf(circuit.population(name));

const stateOf = (
  population: Population,
  state = "u",
  dimension = population.neuron?.dimensions.u ?? DIMENSIONLESS,
): PopulationState => ({
  name: planeOf(population.name, state),
  population,
  state,
  size: population.size,
  dimension,
});
