/** Devices that are their equations and parameters, and nothing else to choose: each parameter is an option. */
import { check, optionsOf, type OptionTable, type ParameterSpec, type SynapseSpec } from "../src/index";
import { paired, type PairOptions } from "./pair";
import { siUnit } from "./si-unit";

/** A name, and a value for any parameter: a number is in SI, and may have a spread. */
export type ParameterOptions<P extends string> = { readonly name?: string } & {
  readonly [K in P]?: ParameterSpec;
};

/** The same of a device that may stand in pairs. */
export type PairedOptions<P extends string> = ParameterOptions<P> & PairOptions;

/**
 * How much longer at one temperature than at another what is activated by the energy q_e*E_a takes, as an
 * expression.
 */
export const arrhenius = (warm: string, cold: string): string => `exp(q_e*E_a/k_B*(1/${cold} - 1/${warm}))`;

/** A parameter's value unless another is given (undefined: there is none), and the unit of a number without one. */
export type Defaults<P extends string> = Readonly<
  Record<P, readonly [value: ParameterSpec | undefined, unit: string]>
>;

/**
 * What a normalised weight w is of, where that is a conductance: G_unit for each 1 of it, from its lower bound on,
 * against a reference of what w = 0 is. Without G_unit the weight is a number.
 */
export const NORMALISED = {
  G_unit: [undefined, "S"],
  V_read: [undefined, "V"],
} as const satisfies Defaults<"G_unit" | "V_read">;

/** Lines and parameters of a current for a normalised weight. */
export function currentOf({ G_unit, V_read = "0.1 V", ...others }: Readonly<Record<string, ParameterSpec>>): {
  readonly lines: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
} {
  if (G_unit === undefined) return { lines: ["I = w*rho_pre"], parameters: others };
  const lines = [
    "I = (G - G_ref)*V_read*rho_pre : A   # against a reference in a column of its own",
    "G = G_unit*(w + w_ref)",
    "G_ref = G_unit*w_ref",
    "w_ref = max(-b_down, 0)",
    "0 < G_unit",
    "0 < V_read",
  ];
  return { lines, parameters: { ...others, G_unit, V_read } };
}

/** What reads the options of such a device: its name and all of its parameters. */
export function withDefaults<P extends string>(called: string, label: string, defaults: Defaults<P>) {
  const read = reader<P, ParameterOptions<P>>(called, defaults, {});
  return (options: ParameterOptions<P> = {}) => valuesOf(read(options), label, defaults);
}

/** The same of a device that may stand in pairs: `device` is the pair of what it is given, where one is asked for. */
export function withPairs<P extends string>(called: string, label: string, defaults: Defaults<P>) {
  const read = reader<P, PairedOptions<P>>(called, defaults, { pair: check.flag });
  return (options: PairedOptions<P> = {}) => {
    const given = read(options);
    const device = (spec: SynapseSpec): SynapseSpec => (given.pair === true ? paired(spec) : spec);
    return { ...valuesOf(given, label, defaults), device };
  };
}

function reader<P extends string, O extends ParameterOptions<P>>(
  called: string,
  defaults: Defaults<P>,
  others: Readonly<Record<string, typeof check.flag>>,
): (options: O) => O {
  const parameters = Object.fromEntries(Object.keys(defaults).map((name) => [name, check.anything] as const));
  const takes = { name: check.text, ...others, ...parameters };
  return optionsOf(called, { takes } as unknown as OptionTable<O>);
}

function valuesOf<P extends string>(
  given: ParameterOptions<P>,
  label: string,
  defaults: Defaults<P>,
): { readonly name: string; readonly parameters: Record<string, ParameterSpec> } {
  const named: { readonly name?: string } & { readonly [K in P]?: ParameterSpec } = given;
  const parameters = (Object.keys(defaults) as P[]).flatMap((name): [string, ParameterSpec][] => {
    const value = named[name] ?? defaults[name][0];
    return value === undefined ? [] : [[name, siUnit(value, defaults[name][1])]];
  });
  return { name: named.name ?? label, parameters: Object.fromEntries(parameters) };
}
