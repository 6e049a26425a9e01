/**
 * What a feedforward net learns from: by how much each unit missed what the chip showed. Its local loss is that
 * of its own units alone, L_i = 1/2 (s_f - s)^2; the global one is the sum of all, whose derivative by a weight
 * also has what later layers missed because of it, the distant part, and needs backpropagation (O'Connor et al.
 * 2019, Eq. 8 and 9). On the host in float64.
 */
import type { Chip } from "../../circuit/chip-types";
import { vectorize } from "../../equations/vectorize";
import { drivesThrough, type ByPopulation, type ByProjection } from "../drives";
import { predicted } from "./pulled-chip";

/** Which loss a net descends. */
export type ForwardLoss = "local" | "global";

/** What a net made of a batch, [samples, size] by population; activities also of what is clamped. */
export interface Prediction {
  readonly samples: number;
  readonly states: ByPopulation;
  readonly activities: ByPopulation;
}

/** Gradients of the batch's mean loss by every forward weight, and the loss itself. */
export interface ForwardGradient {
  /** Mean over samples of the sum over units of 1/2 (s_f - s)^2. */
  readonly loss: number;
  readonly gradient: ByProjection;
}

/**
 * The loss of a prediction and its gradient.
 * @param chip the net's
 * @param targets what the units of the chip showed, [samples, size] by population
 */
export function forwardGradient(
  chip: Chip,
  prediction: Prediction,
  targets: ByPopulation,
  of: ForwardLoss,
): ForwardGradient {
  const { samples, activities } = prediction;
  const missed = missedBy(chip, prediction, targets);
  const byDrive = of === "local" ? throughSlopes(chip, prediction, missed) : walked(chip, prediction, missed);
  const sums = drivesThrough(chip, samples).byWeight(activities, byDrive);
  const mean = (values: Float64Array): Float64Array => values.map((x) => x / samples);
  return {
    loss: Object.values(missed).reduce((sum, e) => e.reduce((all, x) => all + x * x, sum), 0) / 2 / samples,
    gradient: Object.fromEntries(
      Object.entries(sums).map(([name, { weights, biases }]) => [
        name,
        { weights: mean(weights), biases: biases && mean(biases) },
      ]),
    ),
  };
}

/**
 * Cosine between the local gradient of the weights to each population and the distant one, by population: those
 * from which nothing leads on have no distant one, and are left out. Null where one of the two is 0.
 */
export function alignment(
  chip: Chip,
  prediction: Prediction,
  targets: ByPopulation,
): Readonly<Record<string, number | null>> {
  const [local, global] = (["local", "global"] as const).map(
    (of) => forwardGradient(chip, prediction, targets, of).gradient,
  );
  const { projections } = chip.circuit;
  return Object.fromEntries(
    predicted(chip.circuit)
      .filter((p) => projections.some(({ from }) => from === p))
      .map((p) => {
        let [dot, own, far] = [0, 0, 0];
        for (const { name, to } of projections)
          if (to === p)
            local[name].weights.forEach((x, i) => {
              const distant = global[name].weights[i] - x;
              dot += x * distant;
              own += x * x;
              far += distant * distant;
            });
        return [p.name, own === 0 || far === 0 ? null : dot / Math.sqrt(own) / Math.sqrt(far)];
      }),
  );
}

function missedBy(chip: Chip, { activities }: Prediction, targets: ByPopulation): ByPopulation {
  return Object.fromEntries(
    predicted(chip.circuit).map(({ name }) => [
      name,
      activities[name].map((shown, i) => shown - targets[name][i]),
    ]),
  );
}

/** From what units show to what they receive. */
function throughSlopes(chip: Chip, { states }: Prediction, byShown: ByPopulation): ByPopulation {
  return Object.fromEntries(
    predicted(chip.circuit).map(({ name, neuron }) => {
      const slopes = vectorize(neuron.rhoPrime, ["u"])(new Float64Array(states[name].length), [states[name]]);
      return [name, byShown[name].map((x, i) => x * slopes[i])];
    }),
  );
}

/** The same with what each unit makes later ones miss: from the last population back to the first. */
function walked(chip: Chip, prediction: Prediction, missed: ByPopulation): ByPopulation {
  const drives = drivesThrough(chip, prediction.samples);
  let byDrive = throughSlopes(chip, prediction, missed);
  // Once for each population on the longest way: then nothing changes any more.
  for (let layer = depthOf(chip); layer > 1; layer--) {
    const behind = drives.byActivity(prediction.activities, byDrive);
    const all = Object.entries(missed).map(([name, e]) => [name, e.map((x, i) => x + behind[name][i])]);
    byDrive = throughSlopes(chip, prediction, Object.fromEntries(all));
  }
  return byDrive;
}

/** Populations on the longest way through a feedforward net, clamped ones not counted. */
export function depthOf({ circuit: { populations, projections } }: Pick<Chip, "circuit">): number {
  const depth = new Map<string, number>();
  for (const population of populations) {
    const before = projections
      .filter(({ to }) => to === population)
      .map(({ from }) => depth.get(from.name) ?? 0);
    depth.set(population.name, population.clamped ? 0 : 1 + Math.max(0, ...before));
  }
  return Math.max(...depth.values());
}
