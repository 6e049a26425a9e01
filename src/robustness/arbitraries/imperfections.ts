/**
 * What keeps a chip from its design, as ranges from the ideal to the worst. One table serves random points
 * (`imperfections`, which shrink towards the ideal) and the search for the weakest point (`weakestPoint`,
 * which takes the same ranges).
 */
import type { Arbitrary } from "fast-check";
import { layered } from "../../../circuits";
import { crossbar, softNeuron } from "../../../devices";
import type { Chip } from "../../circuit/chip-types";
import { spread } from "../../device/parameter";
import { centred, type Estimator } from "../../learning/estimators";
import { check, optionsOf } from "../../options";
import type { Point, Ranges } from "../weakest/grid";
import { points } from "./points";

/** Knobs of a layered chip of soft neurons and crossbars, ideal first. */
export const IMPERFECTIONS = {
  /** Degrees between feedback and transposed forward weights. */
  angle: { from: 0, to: 90, steps: 90 },
  /** Relative standard deviation of a fixed gain on every feedback synapse. */
  asymmetry: { from: 0, to: 0.5, steps: 50 },
  /** Of the thermal noise, kelvin. */
  temperature: { from: 0, to: 400, steps: 40 },
  /** Relative standard deviation of every read of a conductance. */
  readNoise: { from: 0, to: 0.2, steps: 20 },
  /** Relative standard deviation of every device parameter. */
  mismatch: { from: 0, to: 0.2, steps: 20 },
  /** Time that the conductances leak before the chip is used, in their time constants (1/retention). */
  leakage: { from: 0, to: 2, steps: 40 },
  /** Conductances that a device can have; 0 for any. */
  levels: [0, 256, 128, 64, 32, 16, 8, 4, 2],
  /** Teaching amplitude: the derivative is that at 0. */
  amplitude: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  /** Length of a phase in time constants: a fixed point takes for ever. */
  duration: [40, 30, 20, 15, 10, 7, 5, 3, 2, 1],
} as const satisfies Ranges;

/** Names of the imperfections that `imperfect` knows. */
export type Imperfection = keyof typeof IMPERFECTIONS;

/** Settings of some imperfections; those that are left out are ideal. */
export type Imperfections = Partial<Readonly<Record<Imperfection, number>>>;

/** Random settings of the named imperfections (default: all), which shrink towards the ideal. */
export function imperfections(
  names: readonly Imperfection[] = Object.keys(IMPERFECTIONS) as Imperfection[],
): Arbitrary<Imperfections> {
  return points(
    Object.fromEntries(names.map((name) => [name, IMPERFECTIONS[name]])),
  ) as Arbitrary<Imperfections>;
}

/** Ranges of some imperfections, for `weakestPoint`. */
export const rangesOf = (...names: readonly Imperfection[]): Ranges =>
  Object.fromEntries(names.map((name) => [name, IMPERFECTIONS[name]]));

/** The chip that has them. */
export interface ImperfectOptions {
  /** Units of each layer. Default 4, 3, 2. */
  readonly sizes?: readonly number[];
  /** Default 1. */
  readonly seed?: number;
}

const readOptions = optionsOf<ImperfectOptions>("imperfect", {
  takes: { sizes: check.list(check.whole(1)), seed: check.anything },
});
const readSettings = optionsOf<Imperfections>("imperfect, imperfections", {
  takes: {
    angle: check.anything,
    asymmetry: check.anything,
    temperature: check.anything,
    readNoise: check.anything,
    mismatch: check.anything,
    leakage: check.anything,
    levels: check.anything,
    amplitude: check.anything,
    duration: check.anything,
  },
});

/** Time constant of the soft neuron, seconds. */
const TAU = 20e-6;
/** Time constant with which its crossbar leaks, seconds; any will do, since `leakage` is counted in it. */
const RETENTION = 1e5;

/** A chip with imperfections, and how it is nudged and stepped. */
export interface ImperfectChip {
  readonly chip: Chip;
  /** As long and as strong as `duration` and `amplitude` say. */
  readonly estimator: Estimator;
  /** Seconds. */
  readonly dt: number;
}

/** A layered chip with these imperfections, and how it is nudged. */
export function imperfect(point: Imperfections | Point, options: ImperfectOptions = {}): ImperfectChip {
  const { sizes = [4, 3, 2], seed = 1 } = readOptions(options);
  readSettings(point as Imperfections);
  const of = (name: Imperfection): number => Number((point as Point)[name] ?? ideally(name));
  const [mismatch, asymmetry, readNoise] = [of("mismatch"), of("asymmetry"), of("readNoise")];
  const varied = (value: string) => (mismatch === 0 ? value : spread(value, { mismatch }));
  const chip = layered(sizes, {
    name: `imperfect-${sizes.join("-")}`,
    neuron: softNeuron({
      C: varied("1 pF"),
      g_leak: varied("50 nS"),
      u_slope: varied("100 mV"),
      T: `${of("temperature")} K`,
    }),
    synapse: crossbar({ mismatch, readNoise, levels: of("levels"), retention: `${RETENTION} s` }),
    feedback: { ...(of("angle") > 0 && { angle: of("angle") }), ...(asymmetry > 0 && { asymmetry }) },
    initial: { distribution: "glorot", scale: 0.3 },
  }).fabricate({ seed });
  if (of("leakage") > 0) chip.age(of("leakage") * RETENTION);
  const dt = TAU / 2;
  const steps = Math.round(of("duration") / 0.5);
  return {
    chip,
    dt,
    estimator: centred({ amplitude: of("amplitude"), freeSteps: steps, nudgedSteps: steps }),
  };
}

function ideally(name: Imperfection): number {
  const range = IMPERFECTIONS[name];
  return "from" in range ? range.from : range[0];
}
