/**
 * A twin: a second chip of the same design, fabricated for itself. Before a batch it is written, and verified, to the
 * weights of the chip, each with an error of its own that stays. What else differs is what fabrication draws: the
 * parameters of its neurons, its gains, what reads it.
 */
import type { Chip, WeightArrays } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { stackChips } from "../../circuit/stack";
import type { Simulator } from "../../dynamics/simulator";
import { normal, streamOf, uniform } from "../../random";
import { holdAlike } from "../hold-alike";

interface Twin {
  readonly chip: Chip;
  /** The chip's version when the twin was written. */
  version: number;
}

const twins = new WeakMap<Chip, Map<number, Twin>>();

/** A seed that follows from another. */
const seedOf = (seed: number): number => Math.floor(uniform(seed, streamOf("twin"), 0, 0) * 2 ** 32);

/** The twin of a simulator, its chips as the simulator's now are. @param mismatch of weights, relative */
export function twinOf(simulator: Simulator, mismatch: number): Simulator {
  const pairs = simulator.chips.map((chip) => {
    const own = twins.get(chip) ?? new Map<number, Twin>();
    twins.set(chip, own);
    const twin = own.get(mismatch) ?? {
      chip: chip.circuit.fabricate({ seed: seedOf(chip.seed) }),
      version: Number.NaN,
    };
    own.set(mismatch, twin);
    return { chip, twin };
  });
  for (const { chip, twin } of pairs) {
    if (twin.version === chip.version) continue;
    copy(chip, twin.chip, mismatch);
    twin.version = chip.version;
  }
  const stack = (): ReturnType<typeof stackChips> => stackChips(pairs.map(({ twin }) => twin.chip));
  return simulator.companion(`twin ${mismatch}`, stack, seedOf);
}

function copy(chip: Chip, twin: Chip, mismatch: number): void {
  for (const projection of chip.circuit.projections) {
    const { name } = projection;
    if (ownerOf(projection) !== name) continue;
    const stream = streamOf(`twin/${name}`);
    let index = 0;
    const off = (values: Float64Array): Float64Array =>
      values.map((w) => w * (1 + mismatch * normal(chip.seed, stream, 0, index++)));
    const { weights, biases } = chip.weights(name);
    const written: WeightArrays = { weights: off(weights), biases: biases && off(biases) };
    twin.setWeights(name, written);
  }
  holdAlike(twin, chip);
}
