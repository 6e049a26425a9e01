/**
 * The exact side of a holomorphic case: error vectors, gradients, Eq. 10 and 11, S and A, on the host in
 * float64.
 */
import type { Planes } from "../../../dynamics/types";
import { classScores, costGradient, readoutGradient } from "../../../learning/cost";
import {
  exactAnswers,
  gradientOf,
  linkingJacobian,
  predictFromAsymmetry,
  type ExactAnswers,
} from "../../../learning/references/exact";
import { perLayerCosine } from "../../../learning/references/cosine";
import { concatenate, jacobian, symmetry, type JacobianKind } from "../../../learning/references/jacobian";
import { factorise, norm, spectralRadius, splitSymmetric } from "../../../learning/references/linear";
import { recurrentBackpropagation } from "../../../learning/references/recurrent-backpropagation";
import { sideBySide } from "../../arrays";
import { fault, type CaseValue } from "../../case";
import { cosine, type Comparison } from "../../compare";
import { gradientParts, type Model } from "./model";

export interface Truth {
  readonly exact: ExactAnswers;
  /** The gradient that exact d_beta rho gives, as `gradientParts`. */
  readonly gradient: ReturnType<typeof gradientParts>;
}

/** The Jacobians whose symmetry cases measure, by the names that they have there. */
const JACOBIANS: ReadonlyMap<string, JacobianKind> = new Map<string, JacobianKind>([
  ["W_minus_I(code)", "weights"],
  ["Wsig'_minus_I(u-state)", "state"],
  ["W_minus_1/sig'(activity)", "activity"],
]);

/** Errors relative to |delta| are 0 for symmetric circuits: their roundings are measured against this. */
const ASYMMETRY_FLOOR = 1e-4;

export async function compareExact(
  given: CaseValue,
  model: Model,
  states: Planes,
  check: Comparison,
): Promise<Truth> {
  const {
    chip,
    batch: { samples, inputs, targets },
    layers,
    classes,
  } = model;
  const names = layers.map((l) => l.name);
  const { units } = chip.circuit;
  const exact = exactAnswers(chip, samples, inputs, states, targets);
  const { linearisation } = exact;
  const argument = linearisation.activities[chip.circuit.output.name];
  const all = (arrays: Readonly<Record<string, Float64Array>>): Float64Array =>
    sideBySide(arrays, names, samples);
  check.exact(given.at("logits"), [samples, classes], classScores(chip, argument));
  check.exactNumber(given.at("loss_xent_batch_mean"), exact.cost);
  check.exact(
    given.at("dLda_out"),
    [samples, chip.circuit.output.size],
    costGradient(chip, argument, targets),
  );
  check.exact(given.at("delta_rbp"), [samples, units], all(exact.delta));
  check.exact(
    given.at("delta_rbp"),
    [samples, units],
    all(
      (
        await recurrentBackpropagation(chip, samples, inputs, states, targets, {
          steps: 5000,
          tolerance: 1e-14,
        })
      ).delta,
    ),
  );
  check.exact(given.at("d_beta_a_exact"), [samples, units], all(exact.dActivity));
  check.exact(given.at("d_beta_u_exact"), [samples, units], all(exact.dState));

  const readout = readoutGradient(chip, argument, targets);
  const falling = gradientParts(model, gradientOf(linearisation, exact.delta), readout);
  const gradient = gradientParts(model, gradientOf(linearisation, exact.dActivity), readout);
  compareGradient(given.at("grad_rbp"), falling, (...x) => check.exact(...x));
  compareGradient(given.at("grad_hep_exact"), gradient, (...x) => check.exact(...x));
  check.exactNumber(
    given.at("cos_param_grad_noreadout"),
    cosine(withoutReadout(falling), withoutReadout(gradient)),
    { floor: 1e-3 },
  );

  const cosines = perLayerCosine(exact.delta, exact.dActivity, chip.circuit);
  const expected = given.at("cos_delta_vs_exact_dba");
  for (const { name, caseName } of layers)
    check.exactNumber(expected.at("per_layer_mean").at(caseName), cosines.layers[name] ?? NaN, {
      floor: 1e-3,
    });
  check.exactNumber(expected.at("total_mean"), cosines.total ?? NaN, { floor: 1e-3 });

  compareAsymmetry(given, model, exact, check);
  const radii = given.find("spectral_radius_Wsigp");
  if (radii)
    check.exact(
      radii,
      [samples],
      Array.from({ length: samples }, (_, s) => radiusWithoutLeak(jacobian(linearisation, s), 1)),
    );
  return { exact, gradient };
}

/** Eq. 10 and 11 of the paper, and the norms of the symmetric and the skew part of three Jacobians. */
function compareAsymmetry(
  given: CaseValue,
  { chip, batch: { samples } }: Model,
  exact: ExactAnswers,
  check: Comparison,
): void {
  const predictions = Array.from({ length: samples }, (_, s) => predictFromAsymmetry(exact, s, "dActivity"));
  // Eq. 10 gives d_beta rho from delta: held against what the case expects of d_beta rho.
  check.exact(
    given.at("d_beta_a_exact"),
    [samples, chip.circuit.units],
    predictions.flatMap((p) => [...p.exact]),
  );
  const measures: Readonly<Record<string, (sample: number) => number>> = {
    "|da-delta|/|delta|": (s) =>
      distance(concatenate(chip, exact.dActivity, s), predictions[s].delta) / norm(predictions[s].delta),
    "|da-(delta-2S^-1A delta)|/|delta|": (s) =>
      distance(concatenate(chip, exact.dActivity, s), predictions[s].firstOrder) / norm(predictions[s].delta),
    "|S^-1A|_F": (s) => normOfRatio(linkingJacobian(exact.linearisation, s, "dActivity")),
  };
  compareRows(given.at("eq11"), samples, measures, check);
  for (const [name, table] of given.at("jac_S_A_sym").named()) {
    const kind = JACOBIANS.get(name) ?? fault("jac_S_A_sym", `"${name.slice(0, 40)}" is no known Jacobian`);
    const of = (s: number): ReturnType<typeof symmetry> => symmetry(jacobian(exact.linearisation, s, kind));
    compareRows(
      table,
      samples,
      { "|S|": (s) => of(s).S, "|A|": (s) => of(s).A, "S/(S+A)": (s) => of(s).ratio },
      check,
    );
  }
}

/** A table of the case: `columns` says which measures, `rows` hold them a sample. */
function compareRows(
  table: CaseValue,
  samples: number,
  measures: Readonly<Record<string, (sample: number) => number>>,
  check: Comparison,
): void {
  const columns = table
    .at("columns")
    .items()
    .map((column) => column.text());
  const strange = columns.find((column) => !Object.hasOwn(measures, column));
  if (strange !== undefined) fault(table.path, `"${strange.slice(0, 40)}" is no known column`);
  const found = Array.from({ length: samples }, (_, s) =>
    columns.map((column) => measures[column](s)),
  ).flat();
  check.exact(table.at("rows"), [samples, columns.length], found, { floor: ASYMMETRY_FLOOR });
}

export function compareGradient(
  expected: CaseValue,
  parts: ReturnType<typeof gradientParts>,
  compare: (expected: CaseValue, shape: readonly number[], found: Float64Array) => void,
): void {
  for (const { name, shape, values } of parts) compare(expected.at(name), shape, values);
}

const withoutReadout = (parts: ReturnType<typeof gradientParts>): Float64Array[] =>
  parts.filter((p) => !p.name.startsWith("readout.")).map((p) => p.values);
export const allOf = (parts: ReturnType<typeof gradientParts>): Float64Array[] => parts.map((p) => p.values);

function distance(a: Float64Array, b: Float64Array): number {
  return norm(a.map((x, i) => x - b[i]));
}

/** Frobenius norm of S^-1 A. */
function normOfRatio({ matrix, n }: { readonly matrix: Float64Array; readonly n: number }): number {
  const { symmetric, skew } = splitSymmetric(matrix, n);
  // A^T = -A: the rows of A are the columns of A^T, and a sign does not change a norm.
  return norm(factorise(symmetric, n).solve(skew));
}

/** Spectral radius of one step of the map: of J with the leak put back. */
export function radiusWithoutLeak(
  { matrix, n }: { readonly matrix: Float64Array; readonly n: number },
  leak: number,
): number {
  return spectralRadius(
    matrix.map((x, k) => (k % (n + 1) === 0 ? x + leak : x)),
    n,
  );
}
