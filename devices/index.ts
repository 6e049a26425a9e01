/**
 * The catalogue of devices. Each is plain data: pass it to `defineNeuron` or `defineSynapse`, or put it into
 * a circuit.
 */
import type { DeviceSpec } from "../src/index";
import { diodeNode, plainNode } from "./neurons/diode-node";
import { energyBased } from "./neurons/energy-based";
import { leakyIntegrator } from "./neurons/leaky-integrator";
import { prototypical } from "./neurons/prototypical";
import { shiftedSigmoid } from "./neurons/shifted-sigmoid";
import { softNeuron } from "./neurons/soft-neuron";
import { flicker } from "./noise/flicker";
import { telegraph } from "./noise/telegraph";
import { chargeTrap, fefet, floatingGate } from "./presets/charge";
import { liEcram, moEcram } from "./presets/ecram";
import { opAmp } from "./presets/op-amp";
import { cmoHfox, reramExpStep, reramSoftBounds } from "./presets/resistive-memory";
import { transconductor } from "./presets/transconductor";
import { comparator, inverter, multiplier, sampleAndHold } from "./readouts/circuits";
import { readout } from "./readouts/readout";
import { capacitorCell } from "./synapses/capacitor-cell";
import { crossbar } from "./synapses/crossbar";
import { expStep } from "./synapses/exp-step";
import { ideal } from "./synapses/ideal";
import { linearStep } from "./synapses/linear-step";
import { pcm } from "./synapses/pcm";
import { phaseChange } from "./synapses/phase-change";
import { resistor } from "./synapses/resistor";
import { softBounds } from "./synapses/soft-bounds";

export { OUTPUT_FUNCTIONS, type OutputFunction } from "./neurons/outputs";
export type { DiodeNodeOptions, PlainNodeOptions } from "./neurons/diode-node";
export type { ContinuousOptions } from "./neurons/options";
export type { PrototypicalOptions } from "./neurons/prototypical";
export type { ShiftedSigmoidOptions } from "./neurons/shifted-sigmoid";
export type { SoftNeuronOptions } from "./neurons/soft-neuron";
export type { PairedOptions, ParameterOptions } from "./generic";
export type { PairOptions } from "./pair";
export type { FlickerOptions } from "./noise/flicker";
export type { TelegraphOptions } from "./noise/telegraph";
export type { ChargeTrapOptions, FefetOptions, FloatingGateOptions } from "./presets/charge";
export type { OpAmpOptions } from "./presets/op-amp";
export type { CmoOptions } from "./presets/resistive-memory";
export type { TransconductorOptions } from "./presets/transconductor";
export type {
  ComparatorOptions,
  InverterOptions,
  MultiplierDeviceOptions,
  SampleAndHoldOptions,
} from "./readouts/circuits";
export type { HoldOptions, MultiplierOptions, ReadoutDeviceOptions } from "./readouts/readout";
export type { CapacitorCellOptions } from "./synapses/capacitor-cell";
export type { CrossbarOptions } from "./synapses/crossbar";
export type { ExpStepOptions } from "./synapses/exp-step";
export type { IdealOptions } from "./synapses/ideal";
export type { LinearStepOptions } from "./synapses/linear-step";
export type { PcmOptions } from "./synapses/pcm";
export type { PhaseChangeOptions } from "./synapses/phase-change";
export type { ResistorOptions } from "./synapses/resistor";
export type { SoftBoundsOptions } from "./synapses/soft-bounds";
export {
  capacitorCell,
  chargeTrap,
  cmoHfox,
  comparator,
  crossbar,
  diodeNode,
  energyBased,
  expStep,
  fefet,
  flicker,
  floatingGate,
  ideal,
  inverter,
  leakyIntegrator,
  liEcram,
  linearStep,
  moEcram,
  multiplier,
  opAmp,
  pcm,
  phaseChange,
  plainNode,
  prototypical,
  readout,
  reramExpStep,
  reramSoftBounds,
  resistor,
  sampleAndHold,
  shiftedSigmoid,
  softBounds,
  softNeuron,
  telegraph,
  transconductor,
};

/** Every device by the name that the command line knows it by, with its defaults. */
export const DEVICES: ReadonlyMap<string, () => DeviceSpec> = new Map<string, () => DeviceSpec>([
  ["leaky-integrator", () => leakyIntegrator()],
  ["energy-based", () => energyBased()],
  ["prototypical", () => prototypical()],
  ["shifted-sigmoid", () => shiftedSigmoid()],
  ["soft-neuron", () => softNeuron()],
  ["diode-node", () => diodeNode()],
  ["plain-node", () => plainNode()],
  ["ideal", () => ideal()],
  ["crossbar", () => crossbar()],
  ["resistor", () => resistor()],
  ["soft-bounds", () => softBounds()],
  ["linear-step", () => linearStep()],
  ["exp-step", () => expStep()],
  ["pcm", () => pcm()],
  ["phase-change", () => phaseChange()],
  ["capacitor-cell", () => capacitorCell()],
  ["reram-soft-bounds", () => reramSoftBounds()],
  ["reram-exp-step", () => reramExpStep()],
  ["cmo-hfox", () => cmoHfox()],
  ["li-ecram", () => liEcram()],
  ["mo-ecram", () => moEcram()],
  ["charge-trap", () => chargeTrap()],
  ["floating-gate", () => floatingGate()],
  ["fefet", () => fefet()],
  ["transconductor", () => transconductor()],
  ["op-amp", () => opAmp()],
  ["telegraph", () => telegraph()],
  ["flicker", () => flicker()],
  ["readout", () => readout()],
  ["adc", () => readout({ name: "adc", bits: 8 })],
  ["sample-and-hold", () => sampleAndHold()],
  ["inverter", () => inverter()],
  ["comparator", () => comparator()],
  ["multiplier", () => multiplier()],
]);
