/**
 * The default chip: a physical layered circuit with the imperfections of real hardware. Soft neurons with
 * thermal noise, crossbars of conductance pairs that leak, mismatch on every device parameter, and feedback
 * at an angle to the forward weights. What `ohmlet train` trains.
 */
import { crossbar, softNeuron } from "../devices";
import { check, optionsOf, spread, type Circuit } from "../src/index";
import type { LayeredProjection, LayerName } from "./layer-names";
import { layered } from "./layered";

/** How large the default chip is, and how far from ideal. */
export interface NonidealOptions<Sizes extends readonly number[] = readonly number[]> {
  /** Units of each layer, from the input to the output. Default 64, 32, 10. */
  readonly sizes?: Sizes;
  /** Relative standard deviation of every device parameter. Default "5 %". */
  readonly mismatch?: number | string;
  /** Angle between feedback and transposed forward weights, degrees. Default 20. */
  readonly angle?: number;
  /** Of the thermal noise: a text, or a number of kelvins. Default "300 K"; 0 for none. */
  readonly temperature?: number | string;
  /** Time constant with which conductances leak. Default "1e5 s". */
  readonly retention?: number | string;
  /** Relative standard deviation of every read of a conductance. Default 0. */
  readonly readNoise?: number | string;
  /** Conductances that a device can have: 16 for four bits. Default 0: any. */
  readonly levels?: number;
}

const readOptions = optionsOf<NonidealOptions>("nonideal", {
  takes: {
    sizes: check.list(check.whole(1)),
    mismatch: check.quantity,
    angle: check.numeric,
    temperature: check.quantity,
    retention: check.quantity,
    readNoise: check.quantity,
    levels: check.anything,
  },
});

/**
 * Targets for the wrong and the right class: within the reach of tanh, so that nudges die out as the chip
 * learns.
 */
const LEVELS = [-0.6, 0.6] as const;

/**
 * The circuit of the default chip, which `ohmlet train` trains: layers of soft neurons with thermal noise,
 * crossbars of conductance pairs that leak, mismatch on every device parameter, and feedback at an angle to
 * the forward weights.
 * @throws OhmletError OPTION-… for an option that it does not take; CIRCUIT-…, DEVICE-… and UNIT-… for values
 *   that no chip can have
 */
export function nonideal<const Sizes extends readonly number[] = readonly [64, 32, 10]>(
  options: NonidealOptions<Sizes> = {},
): Circuit<LayerName<Sizes>, LayeredProjection<Sizes>> {
  const {
    sizes = [64, 32, 10],
    mismatch = "5 %",
    angle = 20,
    temperature = "300 K",
    retention = "1e5 s",
    readNoise = 0,
    levels = 0,
  } = readOptions(options);
  const varied = (value: string) => spread(value, { mismatch });
  return layered(sizes as Sizes, {
    name: `nonideal-${sizes.join("-")}`,
    neuron: softNeuron({
      C: varied("1 pF"),
      g_leak: varied("50 nS"),
      u_slope: varied("100 mV"),
      T: temperature,
    }),
    synapse: crossbar({ mismatch, retention, readNoise, levels }),
    feedback: { angle },
    initial: { distribution: "glorot", scale: 0.3 },
    cost: { kind: "squared-error", argument: "activity", levels: LEVELS },
  });
}
