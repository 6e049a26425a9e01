/** Test samples that the trained chip gets wrong, kept so that a report can be rebuilt without the data. */
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { evaluateChip } from "../../learning/evaluate";
import { Initializer } from "../../learning/initialized";
import type { ImageGrid } from "../../plot/report-types";
import { isCount, isRecord } from "./checks";
import type { RunContext } from "./context";

/** Test samples that are looked through for mistakes, and mistakes that are shown. */
const LOOKED_THROUGH = 500;
const MOST_SHOWN = 24;
/** Pixels of the largest image that a report draws. */
const LARGEST_IMAGE = 2 ** 16;

export interface Mistakes {
  /** Test samples that were looked through. */
  readonly among: number;
  /** [rows, columns] of an image. */
  readonly shape: readonly [number, number];
  /** By label, where the set names its classes. */
  readonly classNames?: readonly string[];
  /** Pixels are shares of full ink, to three digits; or of light, in three planes of red, green and blue. */
  readonly samples: readonly {
    readonly index: number;
    readonly label: number;
    readonly predicted: number;
    readonly pixels: readonly number[];
  }[];
}

/** Null where samples are no images that could be shown. */
export async function mistakesOf({
  chip,
  data: { test },
  run: { config },
  estimator,
  engine,
  dt,
  solver,
  initialized,
}: RunContext): Promise<Mistakes | null> {
  if (test.features > LARGEST_IMAGE || test.targets !== undefined) return null;
  const simulator = new Simulator(initialized?.bench(chip) ?? chip, engine, {
    dt,
    solver,
    order: config.order,
    acceleration: config.acceleration,
    reads: config.reads,
    seed: config.seed,
  });
  const initializer = initialized && new Initializer(initialized, chip.circuit, engine);
  const limit = Math.min(LOOKED_THROUGH, test.samples);
  const batches = labelledBatches(chip.circuit, test, { size: 200, limit });
  const { predicted } = await evaluateChip(simulator, initializer?.each(batches) ?? batches, estimator.free);
  initializer?.dispose();
  simulator.dispose();
  const wrong = [...predicted]
    .flatMap((class_, i) => (class_ === test.labels[i] ? [] : [i]))
    .slice(0, MOST_SHOWN);
  const pixels = new Float64Array(test.features);
  return {
    among: predicted.length,
    shape: test.shape,
    classNames: test.classNames,
    samples: wrong.map((index) => {
      test.pixels(index, pixels, 0);
      return {
        index,
        label: test.labels[index],
        predicted: predicted[index],
        pixels: Array.from(pixels, (ink) => Math.round(1000 * ink) / 1000),
      };
    }),
  };
}

export function gridOf({ among, shape, classNames, samples }: Mistakes): ImageGrid[] {
  if (samples.length === 0) return [];
  const nameOf = (label: number): string => classNames?.[label] ?? String(label);
  const images = samples.map(({ label, predicted, pixels }) => ({
    pixels,
    caption: `${nameOf(label)} read as ${nameOf(predicted)}`,
    wrong: true,
  }));
  return [
    {
      title: "What the chip gets wrong",
      caption: `Mistakes among the first ${among} test samples.`,
      size: shape,
      images,
    },
  ];
}

/** Reads what `mistakesOf` gave; null for anything else: a report can do without. */
export function readMistakes(value: unknown): Mistakes | null {
  if (!isRecord(value)) return null;
  const { among, shape, classNames = [], samples } = value;
  if (!isCount(among) || !isShape(shape)) return null;
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === "string")) return null;
  if (!Array.isArray(samples) || samples.length > MOST_SHOWN) return null;
  const size = shape[0] * shape[1];
  const fits = size <= LARGEST_IMAGE && samples.every((sample) => isSample(sample, size));
  return fits ? (value as unknown as Mistakes) : null;
}

const isShape = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((n) => isCount(n) && n > 0);

/** @param size pixels of an image, of which there are three planes where it has colours */
function isSample(value: unknown, size: number): boolean {
  if (!isRecord(value)) return false;
  const { index, label, predicted, pixels } = value;
  if (!isCount(index) || !isCount(label) || !isCount(predicted) || !Array.isArray(pixels)) return false;
  const planes = pixels.length === size || pixels.length === 3 * size;
  return planes && pixels.every((ink) => typeof ink === "number");
}
