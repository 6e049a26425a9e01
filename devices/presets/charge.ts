/** Memories of charge: charge traps, floating gates, ferroelectric transistors. */
import type { SynapseSpec } from "../../src/index";
import { withDefaults, withPairs, type PairedOptions, type ParameterOptions } from "../generic";
import { within } from "./within";

/** Spread of a write and the current over which it grows, largest current. */
export type ChargeTrapOptions = PairedOptions<"A" | "B" | "I_max">;

const readTrap = withPairs("chargeTrap", "SONOS charge trap", {
  A: ["12.58 nA", "A"],
  B: ["215.4 nA", "A"],
  I_max: ["3.2 uA", "A"],
});

/**
 * A SONOS cell: a write errs by A (1 - e^(-I/B)), I being the current that it is written to (CrossSim).
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function chargeTrap(options: ChargeTrapOptions = {}): SynapseSpec {
  const { name, parameters, device } = readTrap(options);
  const spec: SynapseSpec = {
    kind: "synapse",
    name,
    summary: "A current set by trapped charge, whose writes err.",
    equations: [
      "I = I_cell*rho_pre : A",
      "asked = clip(I_cell + dw, 0, I_max)",
      "I_cell <- clip(asked + A*(1 - exp(-asked/B))*xi_p, 0, I_max) at write : A",
    ].join("\n"),
    parameters,
  };
  const preset = within(spec, "Sandia CrossSim 3 (2023), programming error of SONOS cells", {
    A: ["fitted", "0 nA", "50 nA"],
    B: ["fitted", "50 nA", "1 uA"],
    I_max: ["measured", "0.1 uA", "3.2 uA"],
  });
  return device(preset);
}

/** Current at no charge, coupling, capacitance, temperature, retention, most charge. */
export type FloatingGateOptions = PairedOptions<"I_0" | "kappa" | "C_T" | "T" | "retention" | "Q_max">;

const readGate = withPairs("floatingGate", "floating gate", {
  I_0: ["1 nA", "A"],
  kappa: [0.7, "1"],
  C_T: ["10 fF", "F"],
  T: ["300 K", "K"],
  retention: ["1e10 s", "s"],
  Q_max: ["2 fC", "C"],
});

/**
 * A transistor below threshold whose gate floats: I_0 e^(kappa Q/(C_T U_T)); its charge leaks, a few percent
 * in ten years.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function floatingGate(options: FloatingGateOptions = {}): SynapseSpec {
  const { name, parameters, device } = readGate(options);
  const spec: SynapseSpec = {
    kind: "synapse",
    name,
    summary: "A subthreshold current set by the charge of a floating gate.",
    equations: [
      "I = I_cell*rho_pre : A",
      "I_cell = I_0*exp(Q/Q_U) : A",
      "Q_U = C_T*k_B*T/(kappa*q_e) : C   # charge that makes e times the current",
      "Q <- clip(Q_U*log(max(I_cell + dw, 0.000001*I_0)/I_0), -Q_max, Q_max) at write : C",
      "dQ/dt = -Q/retention",
      "0 < retention",
      "0 < I_0",
    ].join("\n"),
    parameters,
  };
  const preset = within(spec, "subthreshold transistor with a floating gate, Mead 1989; retention assumed", {
    kappa: ["measured", 0.5, 0.9],
    T: ["assumed", "250 K", "400 K"],
    retention: ["assumed", "1e6 s", "1e12 s"],
  });
  return device(preset);
}

/** Range of conductances, how many pulses bend its curve up and down, and the spread of a pulse. */
export type FefetOptions = ParameterOptions<
  "G_min" | "G_max" | "n_up" | "n_down" | "A_up" | "A_down" | "sigma" | "V_read"
>;

const readFefet = withDefaults("fefet", "FeFET", {
  G_min: ["3.1 nS", "S"],
  G_max: ["38.5 nS", "S"],
  n_up: [97, "1"],
  n_down: [100, "1"],
  A_up: [40, "1"],
  A_down: [20, "1"],
  sigma: [0.035, "1"],
  V_read: ["0.1 V", "V"],
});

/**
 * NeuroSim's curve: after p pulses up G_min + B_up (1 - e^(-p/A_up)), after p down from the top the same
 * downwards; a pulse moves on from where the device is, which is its history. sigma is of the range, a pulse.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function fefet(options: FefetOptions = {}): SynapseSpec {
  const { name, parameters } = readFefet(options);
  const spec: SynapseSpec = {
    kind: "synapse",
    name,
    summary: "A conductance that pulses move along two bent curves.",
    equations: [
      "I = (G - (G_min + G_max)/2)*V_read*rho_pre : A   # against a reference in the middle",
      "B_up = (G_max - G_min)/(1 - exp(-n_up/A_up))",
      "B_down = (G_max - G_min)/(1 - exp(-n_down/A_down))",
      "rise = (G_min + B_up - G)*(1 - exp(-1/A_up))",
      "fall = (G - G_max + B_down)*(1 - exp(-1/A_down))",
      "step = where(0 < sign, rise, -fall)",
      "G <- clip(G + step + sigma*(G_max - G_min)*xi_c, G_min, G_max) at pulse : S",
      "0 <= G_min < G_max",
      "0 < A_up",
      "0 < A_down",
    ].join("\n"),
    parameters,
    initial: { G: "(G_min + G_max)/2" },
  };
  return within(
    spec,
    "NeuroSim (Chen 2018), FeFET: 3.1 to 38.5 nS, 97 and 100 pulses of 300 us; bends assumed",
    {
      n_up: ["measured", 10, 1000],
      n_down: ["measured", 10, 1000],
      A_up: ["assumed", 5, 1000],
      A_down: ["assumed", 5, 1000],
      sigma: ["measured", 0, 0.1],
    },
  );
}
