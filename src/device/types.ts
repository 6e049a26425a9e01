/**
 * What a device is: the plain data that a user writes (`NeuronSpec`, `SynapseSpec`: JSON, no code) and what
 * reading it yields (`Neuron`, `Synapse`: resolved expressions, dimensions, parameters).
 */
import type { Expression } from "../equations/expression";
import type { DeviceEvent, Extent } from "../equations/qualifiers";
import type { Dimension, Quantity } from "../units/quantity";

/**
 * A parameter: a number (dimensionless), a text with a unit ("50 nS", "5 %"), or either with a
 * device-to-device spread that is drawn at fabrication. `mismatch` is the relative standard deviation, `sd`
 * an absolute one in the unit of the value. Normal draws are cut at four standard deviations; a normal
 * mismatch of 25 % or more is refused (its sign could flip): use "lognormal". `matching` over the root of `area`
 * is either (Pelgrom 1989): "0.01 um" of a value, or "5 mV*um" in its unit, at "4 um^2". `share`: 1 in this share of
 * the devices and 0 in the others, for cells that are stuck. `values`: what was measured; each device takes
 * one of them, with equal chances. In a config `values` may name a CSV file beside it. `trainable`: each unit
 * has a value of its own, which training moves as it moves weights; within `range`, where one is given. Of
 * neurons.
 */
export type ParameterSpec =
  | number
  | string
  | {
      readonly value: number | string;
      readonly mismatch?: number | string;
      readonly sd?: number | string;
      readonly distribution?: "normal" | "lognormal";
      readonly trainable?: boolean;
      readonly range?: readonly (number | string)[];
      readonly matching?: number | string;
      readonly area?: number | string;
    }
  | { readonly share: number | string }
  | { readonly values: readonly (number | string)[] | string };

/** A parameter that was read: its nominal value and how much it differs from device to device. */
export interface Parameter {
  readonly name: string;
  /** Nominal value, SI. */
  readonly value: Quantity;
  /** Relative standard deviation from device to device, 0 where there is none. */
  readonly mismatch: number;
  /** Absolute standard deviation from device to device, SI; 0 where there is none, or a relative one. */
  readonly sd: number;
  readonly distribution: "normal" | "lognormal";
  /** What shares one draw of it: each device has its own, or those of a column, a row, an array, all. */
  readonly extent: Extent;
  /** Chance of 1 against 0, where it is a share; null otherwise. */
  readonly share: number | null;
  /** What was measured, SI, where it is drawn from that; null otherwise. */
  readonly values: readonly number[] | null;
  /** How training moves it; null where it does not. */
  readonly trainable: Trainable | null;
  /** What it takes of a chip, square metres, where it is told; null otherwise. */
  readonly area: number | null;
}

/** How training moves a parameter of a neuron. */
export interface Trainable {
  /** What a change of 1 is, SI: the nominal value's size, or, where that is 0, half of its range. */
  readonly unit: number;
  /** Least and largest value, SI. */
  readonly range: readonly [number, number];
}

interface CommonSpec {
  readonly name: string;
  /** The equations, a line each, as in a datasheet; see docs/devices.md. */
  readonly equations: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** Where the model comes from (paper and equation, datasheet). */
  readonly source?: string;
  /** One sentence for catalogues. */
  readonly summary?: string;
  /** Of a preset: where each value comes from, and between which values the model is known to hold. */
  readonly preset?: Readonly<Record<string, Provenance>>;
}

/** Where a value of a preset comes from. */
export interface Provenance {
  readonly origin: "measured" | "fitted" | "assumed";
  /** Where it is said. Default: the source of the device. */
  readonly source?: string;
  /** Least and largest value for which the model is known to hold; outside it is refused. */
  readonly valid: readonly (number | string)[];
}

/**
 * A neuron. Its text may use `u` (the state), `I` (the current of its synapses), `I_nudge` (the nudging
 * force), `xi` and `xi_NAME` (independent white noises of unit density), its parameters, the constants of src/units
 * and names that it defines itself:
 *
 *     C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak)*xi : V    continuous: solved for du/dt
 *     u <- sigma(I) + I_nudge                                          discrete map
 *     rho = tanh(u/u_slope) : 1                                        what synapses see (required)
 *     0 <= u <= 1                                                      bounds, enforced after every step (optional)
 *     sigma(x) = 1/(1 + exp(-4*x + 2))                                 a function of its own
 *     tau_2*dv/dt = I - v : A                                          a state beside u, which reaches u (optional)
 *
 * `rho'(u)` is the derivative of rho with respect to u, found symbolically. The annotation of the first line
 * is the unit of u; I and I_nudge share the unit that the equation implies. Time is in seconds, or
 * dimensionless where u and all parameters are. xi has the unit s^-0.5 in continuous time and none in a map.
 */
export interface NeuronSpec extends CommonSpec {
  readonly kind: "neuron";
  /**
   * The current that one unit of logical weight times one unit of output drives, as an expression of
   * parameters: "g_leak*u_slope". Weights, biases and nudges are counted in it. Default: 1 (dimensionless).
   */
  readonly unitDrive?: string;
}

/**
 * A synapse. Its text may use `rho_pre` (the output of the presynaptic neuron), `xi` (one standard normal
 * draw a synapse and read), `dw` (a requested change of its weight dI/d rho_pre), its parameters and what it
 * stores; a conductance also `u_post`, the state of the neuron that it ends at, which it then loads. Events
 * give more: `dw` at write, `sign` (1 or -1) at pulse, `dt` at step. `xi_NAME` are normal draws and
 * `eta_NAME` uniform ones, independent by name, one an occurrence. Lines without an event program at write.
 *
 *     I = g*(rho_pre - u_post) : A                                                  linear in both, by the same factor
 *
 *     I = (k_plus*G_plus - k_minus*G_minus)*V_read*rho_pre*(1 + sigma_read*xi) : A    linear in rho_pre (required)
 *     G_plus <- clip(G_plus + dw/(2*V_read), G_min, G_max) : S                      how programming changes what is stored
 *     dG_plus/dt = -(G_plus - G_rest)/retention                                    how it leaks (optional)
 *     w <- clip(w + sign*dw_min*(1 + sigma*xi_c), -1, 1) at pulse                  what a pulse does
 *     age <- 0 at write : s                                                        and dage/dt = 1: time since
 *     i_n = flicker(S_1Hz, 1 Hz, 1 MHz) : A keeps                                  noise, in states of its own
 *     V_os per column : V                                                          one draw for each column
 */
export interface SynapseSpec extends CommonSpec {
  readonly kind: "synapse";
  /**
   * Value of each stored quantity before it is first programmed, as an expression of parameters. Default: 0.
   */
  readonly initial?: Readonly<Record<string, string>>;
}

/** How a state moves. Continuous: dx/dt = drift + diffusion * xi. Discrete: x <- next + diffusion * xi. */
export type StateDynamics =
  | { readonly kind: "continuous"; readonly drift: Expression; readonly diffusion: Expression | null }
  | { readonly kind: "discrete"; readonly next: Expression; readonly diffusion: Expression | null };
/** Constant ends of a state, in its dimension. */
export type StateBounds = { readonly lower: Expression | null; readonly upper: Expression | null };

/** A state of a neuron beside u. */
export interface InternalState {
  readonly dynamics: StateDynamics;
  readonly bounds: StateBounds | null;
  readonly dimension: Dimension;
}

/**
 * A neuron that was read: resolved expressions, dimensions and parameters. It prints itself as a datasheet.
 */
export interface Neuron {
  readonly kind: "neuron";
  readonly name: string;
  readonly spec: NeuronSpec;
  /**
   * How u moves. All expressions are in the symbols u, I, I_nudge, the names of internal states, the parameters and
   * the constants; definitions are already put in.
   */
  readonly dynamics: StateDynamics;
  /** States beside u, by name, in the order of the text. All move as u does, in time or as maps. */
  readonly internal: Readonly<Record<string, InternalState>>;
  /** rho(u). */
  readonly rho: Expression;
  /** d rho / d u. */
  readonly rhoPrime: Expression;
  readonly bounds: StateBounds | null;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly dimensions: {
    readonly u: Dimension;
    readonly I: Dimension;
    readonly rho: Dimension;
    readonly time: Dimension;
  };
  /** In the dimension of I. */
  readonly unitDrive: Expression;
  /** The device as a datasheet: equations, units, parameters, source. */
  toString(): string;
}

/** A device of any kind as plain data. */
export type DeviceSpec = NeuronSpec | SynapseSpec | NoiseSpec | ReadoutSpec;

/** Wherever a device is asked for: its spec, or what `defineNeuron` made of it. The result is the same. */
export type NeuronLike = NeuronSpec | Neuron;
/** Wherever a synapse is asked for: its spec, or what `defineSynapse` made of it. The result is the same. */
export type SynapseLike = SynapseSpec | Synapse;

/** What a device holds besides its parameters: how it changes at events and in time. */
export interface DeviceState {
  /** What a write makes of it, in all that the device holds, `dw` and parameters. */
  readonly program: Expression;
  /** d/dt without noise, in all that the device holds; null where it stays. */
  readonly leak: Expression | null;
  readonly initial: Expression;
  readonly dimension: Dimension;
  /** What it becomes at each event that changes it, from the values before. */
  readonly events: Readonly<Partial<Record<DeviceEvent, Expression>>>;
  /** Amplitudes of white noise of unit density in its rate, by the name of the draw. */
  readonly noise: Readonly<Record<string, Expression>>;
  /** Whether it lives on the chip's clock, and outlives a phase. */
  readonly keeps: boolean;
}

/**
 * A source of noise, or anything else that makes a current by itself: states, events and `I`. It prints itself
 * as a datasheet.
 */
export interface NoiseSource {
  readonly kind: "noise";
  readonly name: string;
  readonly spec: NoiseSpec;
  /** The current, in what it holds, parameters and constants. */
  readonly output: Expression;
  /** Coefficients of the draws of a read in I, by name. */
  readonly reads: Readonly<Record<string, Expression>>;
  readonly stored: Readonly<Record<string, DeviceState>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly dimensions: { readonly I: Dimension; readonly time: Dimension };
  /** The device as a datasheet: equations, units, parameters, source. */
  toString(): string;
}

/**
 * A source of noise: a text that defines `I` by what the device holds, which moves by rates and `at step`.
 *
 *     I = dI*trap : A
 *     trap <- where(eta < p*(1 - exp(-dt/tau)), 1 - trap, trap) at step keeps : 1
 */
export interface NoiseSpec extends CommonSpec {
  readonly kind: "noise";
  /** Value of each state at first, as an expression of parameters. Default: 0. */
  readonly initial?: Readonly<Record<string, string>>;
}

/**
 * A readout: what a controller sees of a chip, one device for each unit that it reads. Its text defines `read`, by
 * `x`, what the chip shows at the end of a phase; and `product`, what a multiplier makes of the two ends of a synapse,
 * one device for each synapse. Without a line for one of them that one is ideal. `xi`, `xi_NAME`, `eta_NAME` are drawn
 * once a read, or once a product. What is held is taken in `at sample`, as a phase ends, and moves by its rate until
 * the last phase of the sample has ended, when all are read.
 *
 *     read = lsb*round((gain*s + V_os + sigma*xi)/lsb) : V    what the controller gets; in the unit of x
 *     s <- x at sample : V                                     sampled and held
 *     ds/dt = -s/tau                                           droops
 *     dn/dt = -n/tau + sd*sqrt(2/tau)*xi_n : V keeps           noise that lasts from read to read, on the chip's clock
 *     product = (1 + eps)*x*y + b                              linear in x and in y; draws with constant amplitudes
 */
export interface ReadoutSpec extends CommonSpec {
  readonly kind: "readout";
  /** Value of each state before it is first sampled, as an expression of parameters. Default: 0. */
  readonly initial?: Readonly<Record<string, string>>;
}

/** What a multiplier makes of x and y: xy*x*y + x*x + y*y + one, all in parameters and constants. */
export interface Multiplication {
  readonly xy: Expression;
  readonly x: Expression;
  readonly y: Expression;
  readonly one: Expression;
  /** Amplitude of a normal draw a product; null without noise. */
  readonly noise: Expression | null;
}

/** A readout that was read: resolved expressions, dimensions and parameters. It prints itself as a datasheet. */
export interface ReadoutDevice {
  readonly kind: "readout";
  readonly name: string;
  readonly spec: ReadoutSpec;
  /** In x, what it holds, draws, parameters and constants; null where reads are ideal. */
  readonly read: Expression | null;
  /** Draws of a read, by name. */
  readonly draws: readonly string[];
  /** Null where products are ideal. */
  readonly product: Multiplication | null;
  readonly stored: Readonly<Record<string, DeviceState>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Of what it reads; x is null where its equations do in any unit. */
  readonly dimensions: { readonly x: Dimension | null; readonly time: Dimension };
  /** The device as a datasheet: equations, units, parameters, source. */
  toString(): string;
}

/** Wherever a readout is asked for: its spec, or what `defineReadout` made of it. The result is the same. */
export type ReadoutLike = ReadoutSpec | ReadoutDevice;

/**
 * A synapse that was read: its weight, its noise, and how what it stores is programmed and leaks. It prints
 * itself as a datasheet.
 */
export interface Synapse {
  readonly kind: "synapse";
  readonly name: string;
  readonly spec: SynapseSpec;
  /** dI / d rho_pre without noise, in the stored quantities, parameters and constants. */
  readonly weight: Expression;
  /** Whether it is a conductance, I = weight*(rho_pre - u_post), which loads the neuron that it ends at. */
  readonly loads: boolean;
  /** Coefficient of xi in dI / d rho_pre; null where reads are noiseless. */
  readonly readNoise: Expression | null;
  /** Coefficients of the draws of a read in dI / d rho_pre, by name: "xi", "xi_r". */
  readonly reads: Readonly<Record<string, Expression>>;
  /** A current that flows whatever rho_pre is, shared by each column: an offset. Null where there is none. */
  readonly offset: Expression | null;
  /** What it stores, in order. */
  readonly stored: Readonly<Record<string, DeviceState>>;
  /** Whether what it stores is only written and leaks, each by itself and without draws. */
  readonly plain: boolean;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Dimension of the weight: current per presynaptic output. Of a conductance the state that it loads has that of rho. */
  readonly dimensions: {
    readonly weight: Dimension;
    readonly I: Dimension;
    readonly rho: Dimension;
    readonly time: Dimension;
  };
  /** The device as a datasheet: equations, units, parameters, source. */
  toString(): string;
}
