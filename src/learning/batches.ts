/**
 * Data as batches that a circuit understands: inputs in the order of its input's units, labels as targets
 * of its cost, or the numbers that samples ask for.
 */
import { levelsOf, targetsOf } from "../circuit/targets";
import type { Circuit } from "../circuit/chip-types";
import type { Dataset } from "../data/dataset";
import { batches, BATCH_SIZES, type BatchSizes } from "../data/dataset";
import { OhmletError } from "../errors";
import type { Batch } from "./types";
import { optionsOf } from "../options";

const readOptions = optionsOf<BatchSizes>("labelledBatches", BATCH_SIZES);

/**
 * A set in batches that a circuit learns from: inputs as they are, but where the input has a shape the channels of
 * a pixel side by side; labels as targets of its cost, or targets as they are.
 * @returns batches of `size` samples, the last one smaller where it does not divide the set
 * @throws OhmletError DATA-SHAPE where the data do not fit the circuit, DATA-COUNT
 */
export function* labelledBatches(
  circuit: Circuit,
  data: Dataset,
  options: BatchSizes,
): Generator<Batch, void, void> {
  readOptions(options);
  checkFit(circuit, data);
  const asked = data.targets;
  if (asked !== undefined) {
    for (const { inputs, samples, indices } of batches(data, options)) {
      const targets = new Float64Array(samples * asked.width);
      indices.forEach((index, s) => asked.read(index, targets, s * asked.width));
      yield { samples, inputs: bySite(circuit, data, inputs), targets, variance: asked.variance, indices };
    }
    return;
  }
  const [low, high] = levelsOf(circuit);
  const width = targetsOf(circuit);
  for (const { inputs, labels, samples, indices } of batches(data, options)) {
    const targets = new Float64Array(samples * width).fill(low);
    labels.forEach((label, s) => (targets[s * width + label] = high));
    yield { samples, inputs: bySite(circuit, data, inputs), targets, labels, indices };
  }
}

/** Planes, one a channel, as positions with their channels side by side, where the input has a shape. */
function bySite({ input }: Circuit, { channels, features }: Dataset, inputs: Float64Array): Float64Array {
  if (channels === 1 || input.spec.shape === undefined) return inputs;
  const sites = features / channels;
  return inputs.map((_, i, planes) => {
    const [sample, at] = [Math.floor(i / features), i % features];
    return planes[sample * features + (at % channels) * sites + Math.floor(at / channels)];
  });
}

/** @throws OhmletError DATA-SHAPE */
export function checkFit(circuit: Circuit, data: Dataset): void {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({
      code: "DATA-SHAPE",
      fact,
      place: { where: `${data.name} on ${circuit.name}` },
      remedy,
    });
  };
  const { inputs, inputSize } = circuit;
  if (data.features !== inputSize) {
    const one = inputs.length === 1;
    const encoded = inputs.some(({ spec }) => spec.encoding !== undefined);
    fail(
      `samples have ${data.features} values, ` +
        `${one ? "the input has" : "all inputs together have"} ${inputSize} ${encoded ? "values" : "units"}`,
      `make ${one ? "the input" : "the inputs"} of the circuit ${data.features} ${encoded ? "values" : "units"} large`,
    );
  }
  const { shape } = circuit.input.spec;
  const stored = [...data.shape, data.channels];
  if (data.channels > 1 && shape !== undefined && shape.some((side, k) => side !== stored[k]))
    fail(
      `pictures are ${stored.join(" x ")}, the input is ${shape.join(" x ")}`,
      `give the input of the circuit the shape [${stored.join(", ")}]`,
    );
  const { targets } = data;
  if (targets !== undefined) {
    const { cost, output } = circuit;
    if (cost === null)
      fail(
        "samples ask for numbers, and a readout with a cross-entropy tells classes",
        'use a cost of kind "squared-error", or an equation',
      );
    if (targets.width !== output.size)
      fail(
        `samples ask for ${targets.width} numbers, the output has ${output.size} units`,
        `make the output of the circuit ${targets.width} units large`,
      );
    return;
  }
  const width = targetsOf(circuit);
  if (data.classes > width)
    fail(
      `there are ${data.classes} classes, the cost tells ${width} apart`,
      `make the output (or the readout) ${data.classes} wide`,
    );
}
