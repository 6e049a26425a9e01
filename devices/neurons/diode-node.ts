/** A node of a resistive network: a capacitor, and diodes to rails that keep its voltage between them. */
import { check, optionsOf, type NeuronSpec } from "../../src/index";
import { siUnit, type Value } from "../si-unit";
import { neuron, OVERRIDES, type Overrides } from "./options";

/** Parameters of a node: each a text with a unit, a number in SI, or a `spread` of one. */
export interface DiodeNodeOptions extends Overrides {
  /** Capacitance. Default "1 pF". */
  readonly C?: Value;
  /** Saturation current of the diodes. Default "1 nA". */
  readonly I_S?: Value;
  /** Thermal voltage times the emission coefficient. Default "38.8 mV": N = 1.5 at 27 C. */
  readonly V_T?: Value;
  /** Conductance beside each diode. Default "1 pS". */
  readonly g_min?: Value;
  /** Rail above, to which a diode conducts. Default "300 mV". */
  readonly V_up?: Value;
  /** Rail below, from which a diode conducts. Default "-300 mV". */
  readonly V_down?: Value;
  /** Which of the rails have a diode. Default "both". */
  readonly rails?: "both" | "up" | "down";
  /**
   * Voltage gain of an amplifier that synapses see the node through. Default 1; where both gains are left out, they see
   * the node itself.
   */
  readonly A?: Value;
  /**
   * Its current gain backwards: how much of the current at its output it draws at the node. Default A, an ideal
   * transformer, which is reciprocal; at 0 layers before it learn nothing.
   */
  readonly k?: Value;
  /** What one unit of weight times one volt drives. Default "1 mA": weights are then in millisiemens. */
  readonly I_unit?: Value;
}

/** A node without diodes. */
export interface PlainNodeOptions extends Pick<DiodeNodeOptions, "C" | "I_unit" | keyof Overrides> {}

const TAKES = { ...OVERRIDES, C: check.anything, I_unit: check.anything };
const readDiodeNode = optionsOf<DiodeNodeOptions>("diodeNode", {
  takes: {
    ...TAKES,
    I_S: check.anything,
    V_T: check.anything,
    g_min: check.anything,
    V_up: check.anything,
    V_down: check.anything,
    rails: check.oneOf("both", "up", "down"),
    A: check.anything,
    k: check.anything,
  },
});
const readPlainNode = optionsOf<PlainNodeOptions>("plainNode", { takes: TAKES });

const SOURCE = "Kendall et al. 2020, Training end-to-end analog neural networks, Sec. 3";

/**
 * A node between two diodes, as SPICE's model has them: exponential forward (straight beyond 80 V_T, where no current
 * of this world is), a cube in reverse. Synapses see its voltage; conductances (`resistor`) load it.
 * @throws OhmletError OPTION-…, UNIT-…
 */
export function diodeNode(options: DiodeNodeOptions = {}): NeuronSpec {
  const {
    C = "1 pF",
    I_S = "1 nA",
    V_T = "38.8 mV",
    g_min = "1 pS",
    V_up = "300 mV",
    V_down = "-300 mV",
    rails = "both",
    A,
    k = A,
    I_unit = "1 mA",
    ...overrides
  } = readDiodeNode(options);
  const [up, down] = [rails !== "down", rails !== "up"];
  const base = {
    name: "diode node",
    summary:
      up && down
        ? "A capacitor between two diodes to rails: a voltage that bends at both."
        : "A capacitor and a diode to a rail: a voltage that bends there.",
    source: `${SOURCE}; diodes of SPICE3 (Quarles 1989)`,
  };
  const diodes = `${up ? " - diode((u - V_up)/V_T)" : ""}${down ? " + diode((V_down - u)/V_T)" : ""}`;
  const amplifies = A !== undefined || k !== undefined;
  const lines = [
    `C*du/dt = I${amplifies ? " + k*I_back" : ""} + I_nudge${diodes} : V   # Kirchhoff's current law`,
    amplifies
      ? "rho = A*u : V   # what synapses see, whatever they draw"
      : "rho = u : V   # what synapses see",
    "diode(x) = I_S*where(x < -3, -1 - (3*exp(-1)/x)^3, bent(x) - 1) + g_min*V_T*x   # x: volts over V_T",
    "bent(x) = where(x < 80, exp(x), exp(80)*(x - 79))",
    "0 < C",
    "0 < V_T",
  ];
  return {
    ...neuron(base, lines, overrides, {
      C: siUnit(C, "F"),
      I_S: siUnit(I_S, "A"),
      V_T: siUnit(V_T, "V"),
      g_min: siUnit(g_min, "S"),
      ...(up && { V_up: siUnit(V_up, "V") }),
      ...(down && { V_down: siUnit(V_down, "V") }),
      I_unit: siUnit(I_unit, "A"),
      ...(amplifies && { A: siUnit(A ?? 1, "1"), k: siUnit(k ?? 1, "1") }),
    }),
    unitDrive: "I_unit",
  };
}

/**
 * A node with nothing but its capacitor: outputs of resistive networks. What it does not leak, the conductances at
 * it take.
 * @throws OhmletError OPTION-…, UNIT-…
 */
export function plainNode(options: PlainNodeOptions = {}): NeuronSpec {
  const { C = "1 pF", I_unit = "1 mA", ...overrides } = readPlainNode(options);
  const base = {
    name: "plain node",
    summary: "A capacitor; the conductances at it say where it goes.",
    source: SOURCE,
  };
  const lines = [
    "C*du/dt = I + I_nudge : V   # Kirchhoff's current law",
    "rho = u : V   # what synapses see",
    "0 < C",
  ];
  return {
    ...neuron(base, lines, overrides, { C: siUnit(C, "F"), I_unit: siUnit(I_unit, "A") }),
    unitDrive: "I_unit",
  };
}
