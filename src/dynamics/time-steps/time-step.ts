/**
 * A time step as it is written: "10 us", or a number, which is in seconds where the circuit's time has a
 * unit.
 */
import type { Circuit } from "../../circuit/chip-types";
import { parseIn } from "../../units/parse";
import { DIMENSIONLESS } from "../../units/quantity";

/** A time step: a number, in seconds or dimensionless as the circuit is, or a text with a unit ("10 us"). */
export type TimeStep = number | string;

/** SI, or dimensionless. @throws OhmletError UNIT-… */
export const timeStepIn = ({ output }: Circuit, dt: TimeStep, name = "dt"): number =>
  parseIn(dt, output.neuron?.dimensions.time ?? DIMENSIONLESS, name);
