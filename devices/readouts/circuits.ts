/** Circuits that read: an inverting amplifier of finite gain, a sample-and-hold, a comparator, a multiplier. */
import type { ReadoutSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";

/** Gain of the op-amp, ratio of the resistors, offset at the input. */
export type InverterOptions = ParameterOptions<"A_0" | "G" | "V_os">;
/** Capacitance, leak, temperature, and the step that the switch leaves. */
export type SampleAndHoldOptions = ParameterOptions<"C" | "I_leak" | "T" | "V_step">;
/** Offset and noise at the input. */
export type ComparatorOptions = ParameterOptions<"V_os" | "sigma">;
/** Error of gain, offsets of both inputs and of the output. */
export type MultiplierDeviceOptions = ParameterOptions<"eps" | "x_os" | "y_os" | "b">;

const readInverter = withDefaults("inverter", "inverter", {
  A_0: [1e4, "1"],
  G: [1, "1"],
  V_os: [{ value: "0 mV", sd: "1 mV" }, "V"],
});

/**
 * An inverting amplifier of an op-amp of finite gain, with its offset at the input: two resistors of the ratio G.
 * @throws OhmletError OPTION-…
 */
export function inverter(options: InverterOptions = {}): ReadoutSpec {
  return {
    kind: "readout",
    ...readInverter(options),
    summary: "An inverting amplifier: an op-amp of finite gain and two resistors.",
    source: "Sedra and Smith, Microelectronic Circuits: finite open-loop gain; offset 1 mV assumed",
    equations: ["read = (V_os*(1 + G) - G*x)/(1 + (1 + G)/A_0) : V", "0 < A_0", "0 < G"].join("\n"),
  };
}

const readHold = withDefaults("sampleAndHold", "sample-and-hold", {
  C: ["20 fF", "F"],
  I_leak: ["10 fA", "A"],
  T: ["300 K", "K"],
  V_step: [{ value: "0 mV", sd: "0.1 mV" }, "V"],
});

/**
 * A capacitor behind a switch: the switch leaves kT/C and a step of its charge, and its leak discharges the hold.
 * @throws OhmletError OPTION-…
 */
export function sampleAndHold(options: SampleAndHoldOptions = {}): ReadoutSpec {
  return {
    kind: "readout",
    ...readHold(options),
    summary: "A capacitor behind a switch: kT/C, a step of charge, and droop.",
    source: "Razavi, Design of Analog CMOS Integrated Circuits: sampling switches; leak and step assumed",
    equations: [
      "read = s",
      "s <- x + V_step + sqrt(k_B*T/C)*xi_s at sample : V",
      "C*ds/dt = -I_leak",
      "0 <= T",
    ].join("\n"),
  };
}

const readComparator = withDefaults("comparator", "comparator", {
  V_os: [{ value: "0 mV", sd: "5 mV" }, "V"],
  sigma: ["0.5 mV", "V"],
});

/**
 * One bit: the sign, with an offset and noise at the input. It says 1 V above, -1 V below.
 * @throws OhmletError OPTION-…
 */
export function comparator(options: ComparatorOptions = {}): ReadoutSpec {
  const { name, parameters } = readComparator(options);
  return {
    kind: "readout",
    name,
    summary: "The sign of what it reads, with offset and noise.",
    source: "offset and noise assumed, of small latches",
    equations: ["read = where(0 < x + V_os + sigma*xi, V_high, -V_high) : V", "0 <= sigma"].join("\n"),
    parameters: { ...parameters, V_high: "1 V" },
  };
}

const readMultiplier = withDefaults("multiplier", "multiplier", {
  eps: [{ value: 0, sd: 0.02 }, "1"],
  x_os: [{ value: 0, sd: 0.01 }, "1"],
  y_os: [{ value: 0, sd: 0.01 }, "1"],
  b: [{ value: 0, sd: 0.001 }, "1"],
});

/**
 * A four-quadrant multiplier at each synapse, with errors of gain and offsets of both inputs and of the output: the
 * deterministic bias of learning (Dillavou 2025).
 * @throws OhmletError OPTION-…
 */
export function multiplier(options: MultiplierDeviceOptions = {}): ReadoutSpec {
  return {
    kind: "readout",
    ...readMultiplier(options),
    summary: "A multiplier at each synapse, with an error of gain and three offsets.",
    source:
      "Gilbert 1968, doi:10.1109/JSSC.1968.1049925; the bias of learning: Dillavou 2025; spreads assumed",
    equations: "product = (1 + eps)*(x + x_os)*(y + y_os) + b",
  };
}
