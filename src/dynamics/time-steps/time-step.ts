/**
 * A time step as it is written: "10 us", or a number, which is in seconds where the circuit's time has a
 * unit.
 */
import type { Circuit } from "../../circuit/chip-types";
import { parseIn } from "../../units/parse";
import { DIMENSIONLESS } from "../../units/quantity";

export type TimeStep = number | string;

/** SI, or dimensionless. @throws OhmletError UNIT-… */
export const timeStepIn = ({ output }: Circuit, dt: TimeStep, name = "dt"): number =>
  parseIn(dt, output.neuron?.dimensions.time ?? DIMENSIONLESS, name);
