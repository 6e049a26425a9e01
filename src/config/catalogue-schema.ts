/** Devices of the catalogue with their options, as a config gives them, and what makes a device of those. */
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  OUTPUT_FUNCTIONS,
  prototypical,
  shiftedSigmoid,
  diodeNode,
  plainNode,
  capacitorCell,
  chargeTrap,
  cmoHfox,
  comparator,
  expStep,
  fefet,
  flicker,
  floatingGate,
  liEcram,
  inverter,
  linearStep,
  moEcram,
  multiplier,
  opAmp,
  pcm,
  phaseChange,
  readout as readoutOfNumbers,
  reramExpStep,
  reramSoftBounds,
  resistor,
  sampleAndHold,
  softBounds,
  softNeuron,
  telegraph,
  transconductor,
} from "../../devices";
import type { DeviceSpec } from "../device/types";
import { object, optional, required, type Field, type Values } from "./composites";
import { quantity, parameter, described, parameters } from "./equations-schema";
import { oneOf } from "./one-of";
import { choice, flag, integer, list, number, type Schema, text } from "./schema";

/** As code gives one. */
export interface GivenForm {
  readonly device: string;
  readonly [option: string]: unknown;
}

/** An entry of the catalogue with options, and what makes the device of them. */
export interface CatalogueForm {
  readonly schema: Schema<{ readonly device: string }, GivenForm>;
  readonly make: (options: object) => DeviceSpec;
}

function form<const F extends Readonly<Record<string, Field<unknown>>>, const N extends string>(
  name: N,
  fields: F,
  make: (options: Values<F>) => DeviceSpec,
): CatalogueForm {
  const schema = object(
    { device: required("the catalogue's name of it", choice([name])), ...fields },
    { key: "device", value: name },
  );
  return {
    schema: schema as unknown as CatalogueForm["schema"],
    make: make as CatalogueForm["make"],
  };
}

const rho = {
  rho: optional(
    "output function",
    oneOf([
      choice(OUTPUT_FUNCTIONS),
      object({
        text: required(
          "an output function of your own, in the state u",
          text("an expression", { longest: 1000 }),
        ),
      }),
    ]),
  ),
};
const clip = {
  clip: optional("bounds of u, or false for none", oneOf([list(number(), { least: 2, most: 2 }), flag])),
};
const shared = { ...described, parameters };
const value = (about: string) => optional(about, parameter);

/** `clip: [0, 1]`, `clip: false`; nothing: what the output function suggests. */
function clipped<O extends { readonly clip?: boolean | readonly number[] }>({ clip: bounds, ...rest }: O) {
  if (bounds === undefined || bounds === true) return rest;
  return { ...rest, clip: bounds === false ? null : ([bounds[0], bounds[1]] as const) };
}

const name = { name: described.name };

export const NEURONS: Readonly<Record<string, CatalogueForm>> = {
  "leaky-integrator": form("leaky-integrator", { ...rho, ...clip, ...shared }, (o) =>
    leakyIntegrator(clipped(o)),
  ),
  "energy-based": form("energy-based", { ...rho, ...clip, ...shared }, (o) => energyBased(clipped(o))),
  prototypical: form("prototypical", { ...rho, ...shared }, prototypical),
  "shifted-sigmoid": form("shifted-sigmoid", { ...rho, ...shared }, shiftedSigmoid),
  "soft-neuron": form(
    "soft-neuron",
    {
      C: value("capacitance"),
      g_leak: value("leak conductance"),
      u_slope: value("voltage over which the output saturates"),
      T: value('temperature; "0 K" is without thermal noise'),
      ...shared,
    },
    softNeuron,
  ),
  "diode-node": form(
    "diode-node",
    {
      C: value("capacitance"),
      I_S: value("saturation current of the diodes"),
      V_T: value("thermal voltage times the emission coefficient"),
      g_min: value("conductance beside each diode"),
      V_up: value("rail above"),
      V_down: value("rail below"),
      A: value("voltage gain of an amplifier behind the node"),
      k: value("its current gain backwards (A unless said)"),
      rails: optional("which of them have a diode (both unless said)", choice(["both", "up", "down"])),
      I_unit: value("what one unit of weight times one volt drives"),
      ...shared,
    },
    diodeNode,
  ),
  "plain-node": form(
    "plain-node",
    { C: value("capacitance"), I_unit: value("what one unit of weight times one volt drives"), ...shared },
    plainNode,
  ),
  transconductor: plain("transconductor", transconductor),
  "op-amp": plain("op-amp", opAmp),
};

/** Of devices that can only add. */
const paired = {
  pair: optional(
    "two devices a weight, whose currents are subtracted; each carries out half of a change",
    flag,
  ),
};
/** Of normalised weights. */
const conducting = {
  G_unit: value("conductance of 1 of the weight, against a reference of what 0 is (a number unless said)"),
  V_read: value("voltage of a presynaptic output of 1, beside G_unit (0.1 V unless said)"),
};

/** A device of which each parameter is an option. */
function plain<const N extends string>(
  key: N,
  make: (options?: object) => DeviceSpec,
  others: Readonly<Record<string, Field<unknown>>> = {},
): CatalogueForm {
  const { parameters: all = {} } = make();
  const fields = Object.keys(all).map((each) => [each, value(`${each} of its equations`)] as const);
  return form(key, { ...name, ...others, ...Object.fromEntries(fields) }, make);
}

export const SYNAPSES: Readonly<Record<string, CatalogueForm>> = {
  ideal: form(
    "ideal",
    { ...name, unit: optional("unit of the weight", text("a unit such as A", { longest: 40 })) },
    ideal,
  ),
  crossbar: form(
    "crossbar",
    {
      ...name,
      range: optional("smallest and largest conductance", list(quantity, { least: 2, most: 2 })),
      V_read: value("voltage of a presynaptic output of 1"),
      mismatch: optional("relative spread of each device's gain", quantity),
      distribution: optional("of the mismatch", choice(["normal", "lognormal"])),
      readNoise: optional("relative standard deviation from read to read", quantity),
      levels: optional(
        "conductances that a device can have, 16 for four bits; 0: any",
        integer({ min: 0, max: 1_048_576 }),
      ),
      retention: value("time constant with which conductances leak"),
      rest: optional(
        'what conductances leak to: "smallest", "middle" or a conductance',
        text('"smallest", "middle" or a conductance such as "20 nS"', { longest: 60 }),
      ),
      activation: value("activation energy of the leak over the elementary charge: 0.6 V are 0.6 eV"),
    },
    ({ range, ...o }) => crossbar({ ...o, ...(range !== undefined && { range: [range[0], range[1]] }) }),
  ),
  resistor: form(
    "resistor",
    {
      ...name,
      range: optional(
        "least and largest conductance (0 and any unless said)",
        list(quantity, { least: 2, most: 2 }),
      ),
      mismatch: optional('from device to device: "5 %"', quantity),
      levels: optional("conductances that a device can have", integer({ min: 2, max: 1_048_576 })),
    },
    ({ range, ...o }) => resistor({ ...o, ...(range !== undefined && { range: [range[0], range[1]] }) }),
  ),
  "soft-bounds": plain("soft-bounds", softBounds, conducting),
  "linear-step": plain("linear-step", linearStep, conducting),
  "exp-step": plain("exp-step", expStep, conducting),
  pcm: plain("pcm", pcm, paired),
  "phase-change": plain("phase-change", phaseChange, paired),
  "capacitor-cell": plain("capacitor-cell", capacitorCell),
  "reram-soft-bounds": plain("reram-soft-bounds", reramSoftBounds, conducting),
  "reram-exp-step": plain("reram-exp-step", reramExpStep, conducting),
  "cmo-hfox": plain("cmo-hfox", cmoHfox, paired),
  "li-ecram": plain("li-ecram", liEcram, conducting),
  "mo-ecram": plain("mo-ecram", moEcram, conducting),
  "charge-trap": plain("charge-trap", chargeTrap, paired),
  "floating-gate": plain("floating-gate", floatingGate, paired),
  fefet: plain("fefet", fefet),
};

export const NOISE: Readonly<Record<string, CatalogueForm>> = {
  telegraph: plain("telegraph", telegraph),
  flicker: plain("flicker", flicker),
};

/** Numbers of a generic readout; what is left out is ideal. */
export const readoutNumbers = {
  unit: optional(
    "unit of what is read (none unless said: activities)",
    text("a unit such as V", { longest: 40 }),
  ),
  gain: value("gain (1 unless said)"),
  offset: value("what a read of 0 gives"),
  noise: value("standard deviation from read to read"),
  lasting: optional(
    "an offset that wanders, and lasts from read to read on the chip's clock",
    object({
      sd: required("standard deviation, over long times", parameter),
      tau: required("for how long it lasts", parameter),
    }),
  ),
  flicker: optional(
    "flicker noise, which lasts from read to read as well",
    object({
      S_1Hz: required('density at 1 Hz: "1e-10 V^2/Hz"', parameter),
      f_low: required("lowest corner", quantity),
      f_high: required("highest corner", quantity),
    }),
  ),
  bits: optional("of a converter: 2^bits codes over the clip", integer({ min: 1, max: 24 })),
  clip: optional(
    "what can be read: to both sides of 0, or from the first to the second value (1 with bits unless said)",
    oneOf([number({ above: 0 }), quantity, list(quantity, { least: 2, most: 2 })]),
  ),
  hold: optional(
    "samples each phase as it ends, and holds it until the last has ended",
    object({
      droop: value('what it loses in a second: "0.5 V/s"'),
      tau: value("time constant with which it loses what it holds"),
      noise: value("standard deviation of what a sample adds"),
    }),
  ),
  multiplier: optional(
    "product = (1 + eps)*x*y + b of the two ends of each synapse",
    object({
      eps: value("error of its gain"),
      b: value("what it adds to each product"),
      noise: value("standard deviation from product to product"),
    }),
  ),
};

export const READOUTS: Readonly<Record<string, CatalogueForm>> = {
  readout: form("readout", { ...name, ...readoutNumbers }, readoutOfNumbers),
  adc: form("adc", { ...name, ...readoutNumbers }, (o) => readoutOfNumbers({ name: "adc", bits: 8, ...o })),
  "sample-and-hold": plain("sample-and-hold", sampleAndHold),
  inverter: plain("inverter", inverter),
  comparator: plain("comparator", comparator),
  multiplier: plain("multiplier", multiplier),
};
