/** Devices that are their equations and parameters, and nothing else to choose: each parameter is an option. */
import { check, optionsOf, type OptionTable, type ParameterSpec } from "../src/index";
import { siUnit } from "./si-unit";

/** A name, and a value for any parameter: a number is in SI, and may have a spread. */
export type ParameterOptions<P extends string> = { readonly name?: string } & {
  readonly [K in P]?: ParameterSpec;
};

/**
 * How much longer at one temperature than at another what is activated by the energy q_e*E_a takes, as an
 * expression.
 */
export const arrhenius = (warm: string, cold: string): string => `exp(q_e*E_a/k_B*(1/${cold} - 1/${warm}))`;

/** A parameter's value unless another is given, and the unit of a number without one. */
export type Defaults<P extends string> = Readonly<Record<P, readonly [value: ParameterSpec, unit: string]>>;

/** What reads the options of such a device: its name and all of its parameters. */
export function withDefaults<P extends string>(called: string, label: string, defaults: Defaults<P>) {
  const names = Object.keys(defaults) as P[];
  const takes = Object.fromEntries([
    ["name", check.text],
    ...names.map((name) => [name, check.anything] as const),
  ]);
  const read = optionsOf(called, { takes } as unknown as OptionTable<ParameterOptions<P>>);
  return (options: ParameterOptions<P> = {}) => {
    const given: { readonly name?: string } & { readonly [K in P]?: ParameterSpec } = read(options);
    return {
      name: given.name ?? label,
      parameters: Object.fromEntries(
        names.map((name) => [name, siUnit(given[name] ?? defaults[name][0], defaults[name][1])]),
      ),
    };
  };
}
