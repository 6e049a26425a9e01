/**
 * A time step as it is written: "10 us", or a number, which is in seconds where the circuit's time has a
 * unit.
 */
import type { Circuit, Population } from "../../circuit/chip-types";
import { parseIn } from "../../units/parse";
import { DIMENSIONLESS, type Dimension } from "../../units/quantity";

/** A time step: a number, in seconds or dimensionless as the circuit is, or a text with a unit ("10 us"). */
export type TimeStep = number | string;

/** The first population whose neurons move in time: the output, if it does; null in a circuit of maps. */
function inTime({ output, populations }: Circuit): Population | null {
  const moves = ({ clamped, neuron }: Population): boolean =>
    !clamped && neuron?.dynamics.kind === "continuous";
  return [output, ...populations].find(moves) ?? null;
}

/** Whether all neurons of a circuit are maps. */
export const isDiscrete = (circuit: Circuit): boolean => inTime(circuit) === null;

/** The dimension of a circuit's time. */
export const timeOf = (circuit: Circuit): Dimension =>
  (inTime(circuit) ?? circuit.output).neuron?.dimensions.time ?? DIMENSIONLESS;

/** SI, or dimensionless. @throws OhmletError UNIT-… */
export const timeStepIn = (circuit: Circuit, dt: TimeStep, name = "dt"): number =>
  parseIn(dt, timeOf(circuit), name);
