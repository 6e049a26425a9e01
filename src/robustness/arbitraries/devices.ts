/**
 * Random devices as plain data: neurons of the catalogue, with any output that goes with them, and synapses
 * with any parameters in their ranges. They shrink to the linear leaky integrator and to the ideal synapse.
 */
import type { Arbitrary } from "fast-check";
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  OUTPUT_FUNCTIONS,
  prototypical,
  shiftedSigmoid,
  softNeuron,
  type OutputFunction,
} from "../../../devices";
import type { NeuronSpec, SynapseSpec } from "../../device/types";
import { check, optionsOf } from "../../options";
import { fc } from "./fast-check";

/** Whether devices are in volts and amperes. */
export interface DeviceChoices {
  readonly physical?: boolean;
}

const CHOICES = { takes: { physical: check.flag } };
const readNeurons = optionsOf<DeviceChoices>("neurons", CHOICES);
const readSynapses = optionsOf<DeviceChoices>("synapses", CHOICES);

/** Outputs from the plainest on; all are bounded but the first. */
const OUTPUTS: readonly OutputFunction[] = [
  "linear",
  ...OUTPUT_FUNCTIONS.filter((name) => name !== "linear"),
];

/** Neurons without noise. `physical`: in volts and amperes. Default: both kinds. */
export function neurons(choices: DeviceChoices = {}): Arbitrary<NeuronSpec> {
  const { physical } = readNeurons(choices);
  const rho = fc.constantFrom(...OUTPUTS);
  const plain = [
    rho.map((output) => leakyIntegrator({ rho: output })),
    rho.map((output) => energyBased({ rho: output })),
    rho.map((output) => prototypical({ rho: output })),
    fc.constant(shiftedSigmoid()),
  ];
  const real = fc
    .record({
      C: quantities("pF", 1, 10),
      g_leak: quantities("nS", 10, 100),
      u_slope: quantities("mV", 10, 200),
    })
    .map((parameters) => softNeuron({ ...parameters, T: "0 K" }));
  if (physical === undefined) return fc.oneof(...plain, real);
  return physical ? real : fc.oneof(...plain);
}

/**
 * Synapses. `physical`: conductances for neurons that integrate amperes; their mismatch, read noise and leak
 * shrink to none.
 */
export function synapses(choices: DeviceChoices = {}): Arbitrary<SynapseSpec> {
  const { physical = false } = readSynapses(choices);
  if (!physical) return fc.constant(ideal());
  const spread = fc.integer({ min: 0, max: 20 }).map((percent) => percent / 100);
  const crossbars = fc
    .record({
      mismatch: spread,
      readNoise: spread,
      retention: fc.option(quantities("s", 1, 1_000_000), { nil: null }),
      rest: fc.constantFrom("smallest" as const, "middle" as const),
    })
    .map((options) => crossbar(options));
  return fc.oneof(fc.constant(ideal({ unit: "A" })), crossbars);
}

const quantities = (unit: string, min: number, max: number): Arbitrary<string> =>
  fc.integer({ min, max }).map((n) => `${n} ${unit}`);
