/** A physical neuron: charge on a capacitor, a leak, thermal noise, and a soft output stage. */
import { check, optionsOf, type NeuronSpec } from "../../src/index";
import { siUnit, type Value } from "../si-unit";
import { neuron, OVERRIDES, type Overrides } from "./options";

/** Parameters of the soft neuron: each a text with a unit, a number in SI, or a `spread` of one. */
export interface SoftNeuronOptions extends Overrides {
  /** Capacitance. Default "1 pF". */
  readonly C?: Value;
  /** Leak conductance. Default "50 nS". */
  readonly g_leak?: Value;
  /** Voltage over which the output saturates. Default "100 mV". */
  readonly u_slope?: Value;
  /** Temperature. Default "300 K"; "0 K" is without thermal noise. */
  readonly T?: Value;
}

const readOptions = optionsOf<SoftNeuronOptions>("softNeuron", {
  takes: {
    ...OVERRIDES,
    C: check.anything,
    g_leak: check.anything,
    u_slope: check.anything,
    T: check.anything,
  },
});

/**
 * In isolation its voltage has the variance kT/C. One unit of weight times one unit of output drives
 * g_leak*u_slope, the current that holds the state at u_slope. `g_leak: spread("50 nS", { mismatch: "5 %" })`
 * gives it mismatch.
 */
export function softNeuron(options: SoftNeuronOptions = {}): NeuronSpec {
  const {
    C = "1 pF",
    g_leak = "50 nS",
    u_slope = "100 mV",
    T = "300 K",
    ...overrides
  } = readOptions(options);
  const base = {
    name: "soft neuron",
    summary: "A leaky capacitor with thermal noise; its output is a hyperbolic tangent of the voltage.",
    source:
      "Kirchhoff's current law; Johnson-Nyquist noise of the leak, current density 2*k_B*T*g_leak " +
      "(two-sided)",
  };
  const lines = [
    "C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak)*xi : V   # charge balance with thermal noise",
    "rho = tanh(u/u_slope) : 1   # what the synapses see",
    "0 < g_leak",
    "0 < u_slope",
  ];
  return {
    ...neuron(base, lines, overrides, {
      C: siUnit(C, "F"),
      g_leak: siUnit(g_leak, "S"),
      u_slope: siUnit(u_slope, "V"),
      T: siUnit(T, "K"),
    }),
    unitDrive: "g_leak*u_slope",
  };
}
