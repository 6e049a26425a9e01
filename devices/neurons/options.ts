/** What every neuron of the catalogue lets a user change. */
import { check, optionsOf, type NeuronSpec } from "../../src/index";
import { outputText, type OutputFunction } from "./outputs";

export type Parameters = NonNullable<NeuronSpec["parameters"]>;

/** Changes of a spec's words and parameters, and parameters of an output function of one's own. */
export interface Overrides {
  readonly name?: string;
  readonly summary?: string;
  readonly source?: string;
  readonly parameters?: Parameters;
}

export const OVERRIDES = {
  name: check.text,
  summary: check.text,
  source: check.text,
  parameters: check.anything,
};

/** Options of the dimensionless neurons. */
export interface ContinuousOptions extends Overrides {
  /** Default "hard-sigmoid". */
  readonly rho?: OutputFunction;
  /**
   * Bounds enforced on u after every step; null for none. Default: [0, 1] for the hard sigmoid, none for
   * others.
   */
  readonly clip?: readonly [lower: number, upper: number] | null;
}

/** @throws OhmletError OPTION-… */
export const continuousOptions = (where: string, options: ContinuousOptions): ContinuousOptions =>
  optionsOf<ContinuousOptions>(where, {
    takes: { ...OVERRIDES, rho: check.anything, clip: check.either(check.numbers, check.nothing) },
  })(options);

/** A spec from its lines, those that are null left out. */
export function neuron(
  base: { readonly name: string; readonly summary: string; readonly source: string },
  lines: readonly (string | null)[],
  overrides: Overrides,
  parameters?: Parameters,
): NeuronSpec {
  const all = { ...parameters, ...overrides.parameters };
  return {
    kind: "neuron",
    name: overrides.name ?? base.name,
    summary: overrides.summary ?? base.summary,
    source: overrides.source ?? base.source,
    equations: lines.filter((line) => line !== null).join("\n"),
    ...(Object.keys(all).length > 0 && { parameters: all }),
  };
}

export const rhoLine = (rho: OutputFunction): string => `rho = ${outputText(rho)}`;
export const clipLine = (clip: ContinuousOptions["clip"]): string | null =>
  clip ? `${clip[0]} <= u <= ${clip[1]}` : null;
