/**
 * What the engine's phases give in a holomorphic case: free states, Cauchy estimates converged and truncated,
 * the continuous-time run.
 */
import type { Simulator } from "../../../dynamics/simulator";
import { circle, continuousBlocks, holomorphic, type Estimator } from "../../../learning/estimators";
import { readoutGradient } from "../../../learning/cost";
import { perLayerCosine } from "../../../learning/references/cosine";
import { vectorField } from "../../../learning/rules";
import type { Estimate } from "../../../learning/types";
import { negated, realParts, sideBySide } from "../../arrays";
import { fault, type CaseValue } from "../../case";
import { cosine, largestOf, type Quotient } from "../../compare";
import { checkWork, MOST_STEPS, type Bench } from "../../kind";
import { allOf, compareGradient, type Truth } from "./exact";
import { converged, gradientParts, MOST_POINTS, type Model } from "./model";

export interface Run {
  readonly given: CaseValue;
  readonly model: Model;
  readonly simulator: Simulator;
  readonly truth: Truth;
  readonly bench: Bench;
}

/** Steps after which a phase that converges usually has. */
export const USUAL_STEPS = 400;

const namesOf = ({ layers }: Model): string[] => layers.map((l) => l.name);
const measure = (estimator: Estimator, { simulator, model }: Run): Promise<Estimate> =>
  estimator.estimate(simulator, model.batch, { round: 0, seed: 0 });

/** Free state and converged estimates for each amplitude and number of points. */
export async function compareEstimates(run: Run): Promise<void> {
  const {
    given,
    model,
    simulator,
    truth,
    bench: { check, engine },
  } = run;
  const { samples, inputs, targets } = model.batch;
  const { steps, tolerance } = converged(engine);
  const names = namesOf(model);
  const shape = [samples, model.chip.circuit.units];
  const free = await simulator.phase({ samples, inputs, steps, tolerance });
  check.states(given.at("u_free"), shape, sideBySide(realParts(free.states), names, samples));
  check.states(given.at("a_free"), shape, sideBySide(realParts(free.activities), names, samples));
  for (const [key, expected] of given.at("estimates").named()) {
    const { amplitude, points } = readKey(key, expected.path);
    checkWork(model.chip, samples * points, USUAL_STEPS);
    const estimate = await measure(
      holomorphic({ amplitude, points, freeSteps: steps, nudgedSteps: steps, tolerance }),
      run,
    );
    const quotient = quotientOf(estimate, amplitude);
    check.quotients(expected.at("d_beta_a"), shape, sideBySide(estimate.dActivity, names, samples), quotient);
    check.quotients(expected.at("d_beta_u"), shape, sideBySide(estimate.dState, names, samples), quotient);
    for (const [name, against] of [
      ["cos_vs_exact", truth.exact.dActivity],
      ["cos_vs_delta", truth.exact.delta],
    ] as const) {
      const { total } = perLayerCosine(estimate.dActivity, against, model.chip.circuit);
      const wanted = expected.find(name);
      if (wanted)
        check.quotients(
          wanted,
          [],
          [total ?? NaN],
          { ...quotient, size: quotient.size / largestOf(Object.values(truth.exact.dActivity)) },
          { floor: 0.1 },
        );
    }
    const fixedPoints = expected.find("fixed_points_u_k");
    if (fixedPoints === null) continue;
    const nudged = await simulator.phase({
      samples,
      inputs,
      targets,
      nudges: circle(amplitude, points),
      complex: true,
      from: free.states,
      steps,
      tolerance,
    });
    fixedPoints.items(points).forEach((point, k) => {
      for (const part of ["re", "im"] as const) {
        const found = Object.fromEntries(
          names.map((name) => {
            const plane = nudged.states[name][part] ?? fault(expected.path, "the phase has no such plane");
            return [name, plane.subarray((k * plane.length) / points, ((k + 1) * plane.length) / points)];
          }),
        );
        // Either part is relative to the whole: at real nudges the imaginary one is 0.
        check.states(point.at(part), shape, sideBySide(found, names, samples), { floor: quotient.size });
      }
    });
  }
}

/** "code_like_T150_T20": phases of these lengths, converged or not. */
export async function compareTruncated(run: Run): Promise<void> {
  const {
    given,
    model,
    bench: { check },
  } = run;
  const { samples } = model.batch;
  const names = namesOf(model);
  const keys = given.keys().filter((key) => key.startsWith("code_like"));
  if (keys.length === 0) fault("", 'the truncated run, "code_like_T…_T…", is missing');
  for (const key of keys) {
    const [, free, nudged] =
      /^code_like_T(\d+)_T(\d+)$/.exec(key) ?? fault(key, "it does not name its phases: code_like_T150_T20");
    const [freeSteps, nudgedSteps] = [free, nudged].map((digits) => stepsOf(Number(digits), key));
    for (const [point, expected] of given.at(key).named()) {
      const { amplitude, points } = readKey(point, expected.path);
      checkWork(model.chip, samples * points, freeSteps + nudgedSteps);
      const estimate = await measure(holomorphic({ amplitude, points, freeSteps, nudgedSteps }), run);
      check.quotients(
        expected.at("d_beta_a"),
        [samples, model.chip.circuit.units],
        sideBySide(estimate.dActivity, names, samples),
        quotientOf(estimate, amplitude),
      );
    }
  }
}

/** The continuous-time run: "beta=0.05" with its note, or 4 points, 5 periods, 60 steps. */
export async function compareContinuous(run: Run): Promise<void> {
  const {
    given,
    model,
    truth,
    bench: { check, engine },
  } = run;
  const { samples, targets } = model.batch;
  const names = namesOf(model);
  const shape = [samples, model.chip.circuit.units];
  for (const [key, expected] of given.at("continuous").named()) {
    const amplitude = amplitudeOf(/^beta=(.+)$/.exec(key)?.[1], expected.path);
    const [points, periods, stepsPerPoint] = blocksOf(expected.find("note")?.text() ?? "", expected.path);
    checkWork(model.chip, samples, points * periods * stepsPerPoint);
    const gradients: Float64Array[][] = [];
    for (const presynaptic of ["activity-of-mean", "mean-activity"] as const) {
      const estimate = await measure(
        continuousBlocks({ amplitude, points, periods, stepsPerPoint, presynaptic }),
        run,
      );
      const quotient = quotientOf(estimate, amplitude);
      const update = await vectorField.update(
        model.chip.circuit,
        estimate,
        (...product) => engine.correlate(...product),
        model.chip,
      );
      // The readout is read at rho of the mean state by the authors' code, at the mean of rho by Eq. 9.
      const argument = estimate.free.activities[model.chip.circuit.output.name].re;
      const readout = readoutGradient(model.chip, argument, targets);
      const gradient = Object.fromEntries(
        Object.entries(update).map(([name, { weights, biases }]) => [
          name,
          { weights: negated(weights), biases: biases && negated(biases) },
        ]),
      );
      const parts = gradientParts(model, gradient, readout);
      gradients.push(allOf(parts));
      if (presynaptic === "mean-activity") {
        check.states(
          expected.at("avg_u"),
          shape,
          sideBySide(realParts(estimate.free.states), names, samples),
        );
        check.states(
          expected.at("mean_a"),
          shape,
          sideBySide(realParts(estimate.free.activities), names, samples),
        );
        check.quotients(
          expected.at("amp_a"),
          shape,
          sideBySide(estimate.dActivity, names, samples),
          quotient,
        );
      } else {
        compareGradient(expected.at("grad_code"), parts, (...x) => check.quotients(...x, quotient));
      }
      const cos = expected.find(
        presynaptic === "mean-activity" ? "cos_grad_eq9_vs_hep_exact" : "cos_grad_code_vs_hep_exact",
      );
      const found = cosine(gradients[gradients.length - 1], allOf(truth.gradient));
      if (cos) check.quotients(cos, [], [found], quotient, { floor: 0.1 });
    }
  }
}

export function readKey(key: string, path: string): { amplitude: number; points: number } {
  const [, beta, count] =
    /^beta=([^,]+),N=(\d+)$/.exec(key) ?? fault(path, "estimates are named  beta=0.05,N=4");
  const points = Number(count);
  if (points < 1 || points > MOST_POINTS) fault(path, `${points} points, 1 to ${MOST_POINTS} are possible`);
  return { amplitude: amplitudeOf(beta, path), points };
}

function amplitudeOf(text: string | undefined, path: string): number {
  const amplitude = Number(text);
  return amplitude > 0 && Number.isFinite(amplitude)
    ? amplitude
    : fault(path, `"${String(text).slice(0, 20)}" is not a positive amplitude`);
}

function blocksOf(note: string, path: string): number[] {
  const found = /N=(\d+) points\/period, *(\d+) periods, *(\d+) steps/.exec(note);
  return found === null ? [4, 5, 60] : found.slice(1).map((digits) => stepsOf(Number(digits), path));
}

const stepsOf = (steps: number, path: string): number =>
  steps >= 1 && steps <= MOST_STEPS ? steps : fault(path, `${steps} steps, 1 to ${MOST_STEPS} are possible`);

export function quotientOf({ free, dState }: Estimate, beta: number): Quotient {
  return {
    beta,
    dt: 1,
    size: largestOf([
      ...Object.keys(dState).map((name) => free.states[name].re),
      ...Object.values(dState).map((d) => d.map((x) => x * beta)),
    ]),
  };
}
