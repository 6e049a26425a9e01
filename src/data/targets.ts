/** Sets whose samples ask for numbers: their own columns, or the values of the sample itself. */
import { check, optionsOf } from "../options";
import { asDataset, type Dataset, type Targets } from "./dataset";
import { checkFinite } from "./finite";
import { refuse } from "./refuse";

/** Numbers for every sample of a set, [samples, width]. */
export interface TargetValues {
  readonly width: number;
  readonly values: ArrayLike<number>;
  /** [width]. */
  readonly names?: readonly string[];
  /** What there is to explain, where another set says so: a test is held against the training. */
  readonly variance?: number;
}

const readValues = optionsOf<TargetValues>("withTargets", {
  needs: { width: check.whole(1), values: check.numbers },
  takes: { names: check.list(check.text), variance: check.positive },
});

/** Samples over which the spread of a sample's own values is taken. */
const MOST_SAMPLES = 2000;

/**
 * The set with numbers to learn in the place of classes: given ones, or each sample's own values ("inputs"), which
 * the output then is to reconstruct.
 * @throws OhmletError DATA-SHAPE, DATA-NAN
 */
export function withTargets(set: Dataset, targets: TargetValues | "inputs"): Dataset {
  if (targets === "inputs") {
    const samples = Math.min(set.samples, MOST_SAMPLES);
    const variance = varianceOf(samples, set.features, set.pixels);
    return asDataset({ ...set, targets: { width: set.features, variance, read: set.pixels } });
  }
  const { width, values, names, variance } = readValues(targets);
  if (values.length !== width * set.samples || (names !== undefined && names.length !== width))
    refuse(
      set.name,
      "DATA-SHAPE",
      `${values.length} values do not make ${width} targets of each of ${set.samples} samples`,
      "give [samples, width] values, and a name for each",
    );
  checkFinite(values, width, `targets of ${set.name}`);
  const read = (i: number, out: Float64Array, offset: number): void => {
    for (let j = 0; j < width; j++) out[offset + j] = values[i * width + j];
  };
  return asDataset({
    ...set,
    targets: {
      width,
      variance: variance ?? varianceOf(set.samples, width, read),
      ...(names !== undefined && { names }),
      read,
    },
  });
}

/** Mean over samples of the squared distance from the mean; 1 where all are alike: nothing is to be explained. */
function varianceOf(samples: number, width: number, read: Targets["read"]): number {
  const [row, mean, largest] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  const each = (visit: (j: number) => void): void => {
    for (let i = 0; i < samples; i++) {
      read(i, row, 0);
      for (let j = 0; j < width; j++) visit(j);
    }
  };
  each((j) => {
    mean[j] += row[j] / samples;
    largest[j] = Math.max(largest[j], Math.abs(row[j]));
  });
  let found = 0;
  each((j) => void (found += (row[j] - mean[j]) ** 2 / samples));
  // What rounding of the mean alone leaves is no variance.
  const rounding = largest.reduce((sum, of) => sum + (1e-13 * of) ** 2, 0);
  return found > rounding ? found : 1;
}
