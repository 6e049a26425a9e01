/** Output functions that several neurons share, each as text in the dimensionless state u. */

const TEXTS = {
  /** Scellier 2018, Ernoult 2019; its slope is 1 on the closed interval. */
  "hard-sigmoid": "clip(u, 0, 1)",
  /** Ernoult 2019. */
  sigmoid: "1/(1 + exp(-4*(u - 0.5)))",
  /** Laborieux and Zenke 2023: the same curve, as its authors write it. */
  "shifted-sigmoid": "1/(1 + exp(-4*u + 2))",
  logistic: "1/(1 + exp(-u))",
  tanh: "tanh(u)",
  linear: "u",
} as const;

/** An output function by name, or one of your own: `{ text: "log(1 + exp(u))" }`, in the state u. */
export type OutputFunction = (typeof OUTPUT_FUNCTIONS)[number] | { readonly text: string };

/** Names of the output functions that the neurons of the catalogue take as `rho`. */
export const OUTPUT_FUNCTIONS = Object.keys(TEXTS) as readonly (keyof typeof TEXTS)[];

export function outputText(rho: OutputFunction): string {
  if (typeof rho === "object") return rho.text;
  // A name that is not in the list can come from untyped data; reading the device refuses it as an unknown
  // symbol.
  return Object.hasOwn(TEXTS, rho) ? TEXTS[rho] : rho;
}
