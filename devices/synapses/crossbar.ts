/** A pair of crossbar conductances, read as a difference: range, mismatch, read noise and leakage. */
import { arrhenius } from "../generic";
import { siUnit, type Value } from "../si-unit";
import { check, OhmletError, optionsOf, type SynapseSpec } from "../../src/index";

/** Range, read-out and imperfections of a pair of conductances. */
export interface CrossbarOptions {
  readonly name?: string;
  /** Smallest and largest conductance of a device. Default ["1 nS", "200 nS"]. */
  readonly range?: readonly [smallest: number | string, largest: number | string];
  /** Voltage of a presynaptic output of 1. Default "0.1 V". */
  readonly V_read?: Value;
  /** Relative spread of each device's gain, fixed at fabrication: 0.05 or "5 %". Default 0. */
  readonly mismatch?: number | string;
  readonly distribution?: "normal" | "lognormal";
  /** Relative standard deviation of each device's conductance from read to read. Default 0: noiseless. */
  readonly readNoise?: number | string;
  /**
   * How many conductances, evenly over the range, a device can have: 16 for four bits, which give a pair 31
   * weights. What training asks for in between adds up beside the devices, which step in turn. Default 0:
   * any.
   */
  readonly levels?: number;
  /** Time constant with which conductances leak ("1e5 s"). Default: they do not. */
  readonly retention?: Value | null;
  /**
   * What conductances leak to: the smallest, the middle of the range, or a conductance of your own within it.
   * Default "smallest".
   */
  readonly rest?: "smallest" | "middle" | (string & {});
  /**
   * Activation energy of the leak over the elementary charge: "0.6 V" are 0.6 eV. `retention` is then that at 300
   * K, and the device has a temperature T, 300 K unless its chip has another. Default: leaks do not depend on it.
   */
  readonly activation?: Value | null;
}

const readOptions = optionsOf<CrossbarOptions>("crossbar", {
  takes: {
    name: check.text,
    range: check.anything,
    V_read: check.anything,
    mismatch: check.quantity,
    distribution: check.oneOf("normal", "lognormal"),
    readNoise: check.quantity,
    levels: check.anything,
    retention: check.anything,
    rest: check.text,
    activation: check.anything,
  },
});

/** Both devices start in the middle of their range, so that the weight starts at 0 and can go either way. */
export function crossbar(options: CrossbarOptions = {}): SynapseSpec {
  const {
    name = "crossbar pair",
    range = ["1 nS", "200 nS"],
    V_read = "0.1 V",
    mismatch = 0,
    distribution = "normal",
    readNoise = 0,
    levels = 0,
    retention = null,
    rest = "smallest",
    activation = null,
  } = readOptions(options);
  if (levels !== 0 && !(Number.isInteger(levels) && levels >= 2)) {
    throw new OhmletError({
      code: "DEVICE-LEVELS",
      fact: `a device cannot have ${levels} conductance levels`,
      place: { where: name },
      remedy: "give a whole number from 2 on, or 0 for any conductance",
    });
  }
  const noisy = Number.parseFloat(String(readNoise)) !== 0;
  const gain = { value: 1, mismatch, distribution };
  const [plus, minus] = levels === 0 ? ["G_plus", "G_minus"] : ["plus", "minus"];
  const ownRest = rest !== "smallest" && rest !== "middle";
  const warms = retention !== null && activation !== null;
  const leak = (G: string): string => `d${G}/dt = -(${G} - G_rest)/${warms ? "lasts" : "retention"}`;
  // A device errs by a share of its own conductance, whatever the other of its pair does.
  const noise = ` + sigma_read*sqrt((k_plus*${plus})^2 + (k_minus*${minus})^2)*xi`;
  const equations = [
    `I = (k_plus*${plus} - k_minus*${minus}${noisy ? noise : ""})*V_read*rho_pre : A   # two columns, ` +
      "subtracted",
    ...(levels === 0
      ? []
      : [
          "plus = minus + G_step*steps   # both are at a level of theirs",
          "minus = G_min + G_step*floor((G_plus + G_minus - 2*G_min)/(2*G_step) - steps/2 + 0.7)   # " +
            "pairs in the middle of their range come to 0 or 0.5: a step of the pair moves one device",
          "steps = round((G_plus - G_minus)/G_step)   # the difference that is nearest to what was asked for",
          "G_step = (G_max - G_min)/(levels - 1)",
        ]),
    "G_plus <- clip(G_plus + dw/(2*V_read), G_min, G_max) : S   # half of a change each",
    "G_minus <- clip(G_minus - dw/(2*V_read), G_min, G_max) : S",
    ...(retention === null
      ? []
      : [
          ...(ownRest ? [] : [`G_rest = ${rest === "middle" ? "(G_min + G_max)/2" : "G_min"}`]),
          ...(warms ? [`lasts = retention*${arrhenius("T_0", "T")}   # Arrhenius`] : []),
          leak("G_plus"),
          leak("G_minus"),
        ]),
    "0 <= G_min < G_max",
    "0 < V_read",
    ...(noisy ? ["0 <= sigma_read <= 1"] : []),
    ...(retention === null ? [] : ["0 < retention"]),
    ...(ownRest ? ["G_min <= G_rest <= G_max"] : []),
    ...(warms ? ["0 < T"] : []),
  ];
  return {
    kind: "synapse",
    name,
    summary: "Two programmable conductances whose currents are subtracted.",
    equations: equations.join("\n"),
    parameters: {
      G_min: siUnit(range[0], "S"),
      G_max: siUnit(range[1], "S"),
      V_read: siUnit(V_read, "V"),
      k_plus: gain,
      k_minus: gain,
      ...(levels !== 0 && { levels }),
      ...(noisy && { sigma_read: readNoise }),
      ...(retention !== null && { retention: siUnit(retention, "s") }),
      ...(ownRest && { G_rest: siUnit(rest, "S") }),
      ...(warms && { E_a: siUnit(activation, "V"), T: "300 K", T_0: "300 K" }),
    },
    initial: { G_plus: "(G_min + G_max)/2", G_minus: "(G_min + G_max)/2" },
  };
}
