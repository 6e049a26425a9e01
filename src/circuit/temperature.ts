/**
 * The temperature of a chip: the parameter T of each of its devices that is in kelvins. What depends on it is
 * in their equations: thermal noise by k_B*T, the thermal voltage k_B*T/q_e, leaks that are activated by
 * exp(E_a/k_B*(1/T_0 - 1/T)).
 */
import type { DeviceSpec, ParameterSpec } from "../device/types";
import { OhmletError } from "../errors";
import { equalDimensions } from "../units/dimension";
import { parseIn, parseQuantity } from "../units/parse";
import type { Dimension } from "../units/quantity";
import type { CircuitSpec } from "./types";

/** The parameter that is the temperature. */
const NAME = "T";
const KELVIN: Dimension = [0, 0, 0, 0, 1];

/**
 * A circuit whose devices have the temperature that it gives.
 * @throws OhmletError CIRCUIT-TEMPERATURE for one that no chip can have, and where nothing depends on it
 */
export function atTemperature(spec: CircuitSpec): CircuitSpec {
  if (spec.temperature === undefined) return spec;
  const place = { where: `${spec.name}, temperature` };
  const kelvins = parseIn(spec.temperature, KELVIN, place.where);
  if (!(kelvins > 0 && kelvins < Infinity))
    throw new OhmletError({
      code: "CIRCUIT-TEMPERATURE",
      fact: `a chip cannot be at ${kelvins} K`,
      place,
      remedy: "give kelvins above 0: 300 K is 27 degrees Celsius",
    });
  const devices = [
    ...spec.populations.flatMap(({ neuron }) => neuron ?? []),
    ...spec.projections.map(({ synapse }) => synapse),
  ];
  if (!devices.some(hasTemperature))
    throw new OhmletError({
      code: "CIRCUIT-TEMPERATURE",
      fact: "no device of this circuit depends on the temperature",
      place,
      remedy: `use devices with a parameter ${NAME} in kelvins, such as soft-neuron; or leave the temperature out`,
    });
  return {
    ...spec,
    populations: spec.populations.map(({ neuron, ...p }) =>
      neuron === undefined ? p : { ...p, neuron: at(neuron, kelvins) },
    ),
    projections: spec.projections.map((p) => ({ ...p, synapse: at(p.synapse, kelvins) })),
  };
}

const temperatureOf = ({ parameters = {} }: DeviceSpec): ParameterSpec | undefined =>
  Object.hasOwn(parameters, NAME) ? parameters[NAME] : undefined;

function hasTemperature(spec: DeviceSpec): boolean {
  const given = temperatureOf(spec);
  const value = typeof given === "object" ? ("value" in given ? given.value : undefined) : given;
  if (value === undefined) return false;
  return equalDimensions(parseQuantity(value, `${spec.name}, parameter "${NAME}"`).dimension, KELVIN);
}

/** A device at the temperature of a circuit, where that has one and the device depends on it. */
export const atThatOf = <S extends DeviceSpec>(device: S, { temperature, name }: CircuitSpec): S =>
  temperature === undefined ? device : at(device, parseIn(temperature, KELVIN, `${name}, temperature`));

/** The same device at a temperature; a spread of it stays. */
function at<S extends DeviceSpec>(spec: S, kelvins: number): S {
  if (!hasTemperature(spec)) return spec;
  const given = temperatureOf(spec);
  const value = `${kelvins} K`;
  return {
    ...spec,
    parameters: { ...spec.parameters, [NAME]: typeof given === "object" ? { ...given, value } : value },
  };
}
