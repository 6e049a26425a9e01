/**
 * A checkpoint: everything that training changes, between two batches. A training that is resumed from it
 * goes on to the same numbers, to the bit, as one that was never stopped. How it is kept is the business of
 * src/io.
 */
import type { Chip } from "../../circuit/chip-types";
import { statesOf } from "../../circuit/states";
import { trainablesOf } from "../../circuit/trainable";
import { OhmletError } from "../../errors";
import type { ClockReading } from "../clock";
import type { Best } from "../early-stop";
import { ErrorFigures } from "../error-figures";
import { EpochFigures, MOST_COLUMNS } from "../epoch-figures";
import type { ForwardNet } from "../initialized";
import type { Optimizer } from "../optimizers";
import type { Programmer } from "../programming/programmer";
import type { PersistentStates } from "../persistent-states";
import type { Lasting } from "../readout/lasting";
import { mostLooks } from "../phases";
import { checkFinite, unfit, type SavedArrays } from "./arrays";
import { expectSame, type Identity } from "./identity";

/** How far a training is. */
export interface Position {
  /** The epoch that the next batch belongs to, from 1. */
  readonly epoch: number;
  /** Batches of it that are learned: all of them, where the test that follows was stopped. */
  readonly batch: number;
  /** Wall-clock seconds spent on them. */
  readonly seconds: number;
  /** Nothing is left to do. */
  readonly done: boolean;
  readonly best: Best | null;
  /** What the chip's clock shows; null where its time has no unit. */
  readonly clock: ClockReading | null;
}

/** All that a training needs to go on as if it had never stopped: what it is, where it is, and its arrays. */
export interface Checkpoint {
  readonly identity: Identity;
  readonly position: Position;
  /**
   * Names begin with "chip/", "optimizer/", "states/", "forward/", "forward optimizer/", "programming/", "readout/"; and "batches", "errors": the figures of this epoch's
   * batches so far.
   */
  readonly arrays: SavedArrays;
}

/** What a checkpoint is taken of, and put back into. */
export interface Parts {
  readonly chip: Chip;
  readonly optimizer: Optimizer;
  readonly persistent?: PersistentStates;
  readonly errors?: ErrorFigures;
  readonly forward?: ForwardNet;
  readonly programmer?: Programmer | null;
  readonly lasting?: Lasting | null;
}

/** Copies everything. */
export function takeCheckpoint(
  { chip, optimizer, persistent, errors, forward, programmer, lasting }: Parts,
  identity: Identity,
  position: Position,
  figures: EpochFigures,
): Checkpoint {
  const arrays: Record<string, SavedArrays[string]> = Object.create(null);
  // The chip's first: arrays that live in an engine come home, those of the optimizer with them.
  const add = (prefix: string, saved: SavedArrays): void => {
    for (const [name, array] of Object.entries(saved)) arrays[`${prefix}/${name}`] = array;
  };
  add("chip", chip.arrays());
  add("optimizer", optimizer.save());
  if (persistent !== undefined) add("states", persistent.save());
  if (forward !== undefined) {
    add("forward", forward.chip.arrays());
    add("forward optimizer", forward.optimizer.save());
  }
  if (programmer) add("programming", programmer.save());
  if (lasting) add("readout", lasting.save());
  if (errors !== undefined) arrays.errors = errors.save();
  if (figures.batches > 0) arrays.batches = figures.save();
  return { identity, position, arrays };
}

/**
 * Puts everything back; before the first batch.
 * @param shape how long a training is: positions outside are refused
 * @returns the figures of the epoch's batches so far
 * @throws OhmletError CHECKPOINT-OTHER, CHECKPOINT-ARRAYS, CHECKPOINT-POSITION, CHIP-LOAD; nothing is changed
 *   then
 */
export function restore(
  parts: Parts,
  { identity, position, arrays }: Checkpoint,
  now: Identity,
  shape: { readonly epochs: number; readonly batches: number },
): EpochFigures {
  expectSame(identity, now);
  const { epoch, batch, done } = position;
  const within = done
    ? epoch <= shape.epochs + 1 && batch === 0
    : epoch <= shape.epochs &&
      (batch < shape.batches || (batch === shape.batches && arrays.batches?.shape[0] === batch));
  if (!within)
    throw new OhmletError({
      code: "CHECKPOINT-POSITION",
      fact: `there is no batch ${batch + 1} of epoch ${epoch} in this training`,
      place: { where: "checkpoint" },
      remedy: "resume from a file that was written by this run",
    });
  const part = (name: string): SavedArrays =>
    Object.fromEntries(
      Object.entries(arrays).flatMap(([key, array]) =>
        key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), array] as const] : [],
      ),
    );
  const { chip, optimizer, persistent, errors, forward, programmer, lasting } = parts;
  const [devices, memory, states] = [part("chip"), part("optimizer"), part("states")];
  const [digital, remembered] = [part("forward"), part("forward optimizer")];
  checkOptimizer(parts, memory);
  if (forward !== undefined) {
    checkOptimizer(forward, remembered);
    checkLengths(forward.chip.arrays(), digital);
  }
  if (persistent !== undefined) checkLengths(persistent.save(), states);
  const figures = batch === 0 ? new EpochFigures() : EpochFigures.load(arrays.batches, batch);
  const putErrors = errors?.prepare(arrays.errors);
  programmer?.load(part("programming"));
  lasting?.load(part("readout"));
  chip.load(inDoubles(devices));
  optimizer.load(inDoubles(memory));
  persistent?.load(states);
  forward?.chip.load(inDoubles(digital));
  forward?.optimizer.load(inDoubles(remembered));
  putErrors?.();
  return figures;
}

/**
 * Values in each array of the largest checkpoint that a training can take.
 * @param training samples whose states persist, 0 where none do; batches of an epoch; states of a reader that last
 */
export function checkpointLengths(
  { chip, optimizer, forward }: Pick<Parts, "chip" | "optimizer" | "forward">,
  training: { readonly persistent: number; readonly batches: number; readonly lasting: number },
): number[] {
  return [
    ...[{ chip, optimizer }, ...(forward === undefined ? [] : [forward])].flatMap((learner) => [
      ...Object.values(learner.chip.arrays()).map(({ values }) => values.length),
      ...optimizerLengths(learner).values(),
    ]),
    ...statesOf(chip.circuit).map(({ size }) => training.persistent * size),
    // A reference, what is remembered and counts of each array, where programming keeps some.
    ...chip.circuit.projections.flatMap(({ array, bias }) => {
      const devices = (array.pre + (bias ? 1 : 0)) * array.post;
      return [devices, devices, MOST_COUNTS];
    }),
    // Of readers of the chip and of its twin, and since when they are so.
    ...chip.circuit.populations.flatMap(({ size }) =>
      Array.from({ length: training.lasting === 0 ? 0 : 2 * (training.lasting + 1) }, () => size),
    ),
    training.batches * MOST_COLUMNS,
    ErrorFigures.mostValues(chip.circuit.populations.length, mostLooks(training.batches)),
  ];
}

const MOST_COUNTS = 8;

/** What an optimizer of this chip can remember: values by name. */
function optimizerLengths({
  chip: { circuit, readout },
  optimizer,
}: Pick<Parts, "chip" | "optimizer">): Map<string, number> {
  const lengths = new Map<string, number>();
  const names = Object.keys(optimizer.law.memory);
  const add = (projection: string, weights: number, biases: number): void => {
    if (names.length > 0) lengths.set(`${projection}.batches`, 1);
    for (const name of names)
      lengths.set(`${projection}.weights.${name}`, weights).set(`${projection}.biases.${name}`, biases);
  };
  for (const { name, array } of circuit.projections) add(name, array.pre * array.post, array.post);
  for (const { name, size } of trainablesOf(circuit)) add(name, size, 0);
  if (readout !== null) add("readout", readout.weights.length, readout.biases.length);
  return lengths;
}

/** No other names, no other lengths, counts that are counts. */
function checkOptimizer(parts: Pick<Parts, "chip" | "optimizer">, saved: SavedArrays): void {
  const lengths = optimizerLengths(parts);
  for (const [name, { values }] of Object.entries(saved)) {
    if (lengths.get(name) !== values.length)
      unfit(name, `${values.length} values where ${lengths.get(name) ?? "none"} belong`);
    checkFinite(name, values);
    if (name.endsWith(".batches") && !(Number.isSafeInteger(values[0]) && values[0] >= 0))
      unfit(name, `${values[0]} is not a number of batches`);
  }
}

function checkLengths(own: SavedArrays, saved: SavedArrays): void {
  for (const [name, { values }] of Object.entries(own)) {
    const found = Object.hasOwn(saved, name) ? saved[name] : undefined;
    if (found?.values.length !== values.length)
      unfit(name, `${found?.values.length ?? "no"} values where ${values.length} belong`);
    else checkFinite(name, found.values);
  }
}

const inDoubles = (arrays: SavedArrays): Record<string, { shape: readonly number[]; values: Float64Array }> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      { shape, values: Float64Array.from(values) },
    ]),
  );
