/** A device as a preset: each value with where it comes from and between which values it is known to hold. */
import type { ParameterSpec, SynapseSpec } from "../../src/index";

type End = number | string;

/** @param values origin, least and largest value of a parameter */
export function within<S extends { readonly parameters?: Readonly<Record<string, ParameterSpec>> }>(
  spec: S,
  source: string,
  values: Readonly<Record<string, readonly ["measured" | "fitted" | "assumed", End, End]>>,
): S & Pick<SynapseSpec, "preset" | "source"> {
  const preset = Object.fromEntries(
    Object.entries(values).map(([name, [origin, least, largest]]) => [
      name,
      { origin, valid: [least, largest] },
    ]),
  );
  return { ...spec, source, preset };
}
