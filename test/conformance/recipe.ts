/**
 * Random programs that look like circuits the dynamics lower: populations that see each other through
 * weights, driven by a clamped input or by a buffer of the host, with noise, a softmax readout that nudges,
 * running means, weight groups, real or on two planes. A recipe is small plain data, so that fast-check can
 * shrink it; its numbers come from a seed.
 */
import fc from "fast-check";
import { streamOf, uniform } from "../../src/random";
import type { Executable } from "../../src/engines/engine";
import type { Program } from "../../src/program/program";
import { lower, type Activation } from "./lower";

export interface Recipe {
  readonly seed: number;
  readonly groups: number;
  readonly rowsPerGroup: number;
  /** Widths of the populations. */
  readonly widths: readonly number[];
  readonly activation: Activation;
  readonly complex: boolean;
  readonly noisy: boolean;
  /** Width of the softmax readout of the last population; 0: none. */
  readonly readout: number;
  /** Width of the clamped input; 0: the host sets the drive. */
  readonly input: number;
}

const REAL: readonly Activation[] = ["tanh", "logistic", "hard", "atan", "leaky"];
const HOLOMORPHIC: readonly Activation[] = ["tanh", "logistic", "sin"];

export function recipes(fixed: Partial<Recipe> = {}): fc.Arbitrary<Recipe> {
  return fc
    .record({
      seed: fc.maxSafeNat(),
      groups: fc.integer({ min: 1, max: 3 }),
      rowsPerGroup: fc.integer({ min: 1, max: 5 }),
      widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      activation: fc.constantFrom(...(fixed.complex === true ? HOLOMORPHIC : REAL)),
      complex: fc.constant(false),
      noisy: fc.boolean(),
      readout: fc.constantFrom(0, 1, 4),
      input: fc.constantFrom(0, 1, 7),
    })
    .map((recipe) => ({ ...recipe, ...fixed }));
}

/**
 * Values in (-1, 1) keyed by the recipe's seed and a name, so that two programs can be given the same ones.
 */
export function values(seed: number, name: string, length: number): Float64Array {
  // float32 values, so that what engines differ by is their arithmetic and not their input.
  return Float64Array.from({ length }, (_, i) => Math.fround(2 * uniform(seed, streamOf(name), 0, i) - 1));
}

/** What a program starts a buffer of the host with, [rows * width]. */
export function startOf({ rows, buffers }: Program, seed: number, name: string): Float64Array {
  return values(seed, name, rows * buffers[name]).map((v) => Math.fround(0.5 * v));
}

/** Sets everything a program reads from outside. Weights are scaled so that the circuit contracts. */
export function load(exe: Executable, program: Program, seed: number): void {
  loadSlice(exe, program, seed, (all) => all);
  exe.setSeed(seed);
}

/** Gives `exe`, of one group, the share of group `g` in what `load` gives `whole`. */
export function loadPart(exe: Executable, whole: Program, seed: number, g: number): void {
  loadSlice(exe, whole, seed, (all) =>
    all.subarray((g * all.length) / whole.groups, ((g + 1) * all.length) / whole.groups),
  );
}

function loadSlice(
  exe: Executable,
  program: Program,
  seed: number,
  slice: (all: Float64Array) => Float64Array,
): void {
  const { rows, groups } = program;
  for (const [name, { pre, post }] of Object.entries(program.weights)) {
    // The readout is no part of a loop but through `back`.
    const scale = name === "c" ? 0.4 : name === "o" ? 2 : 0.4 / pre;
    exe.setWeights(name, slice(values(seed, name, groups * pre * post).map((v) => Math.fround(scale * v))));
  }
  for (const [name, width] of Object.entries(program.vectors)) {
    // Decay factors in (0.3, 0.9), amplitudes of noise and biases up to 0.1.
    const scale = (v: number): number => (name.startsWith("e") ? 0.6 + 0.3 * v : 0.1 * v);
    exe.setVector(name, slice(values(seed, name, groups * width).map((v) => Math.fround(scale(v)))));
  }
  for (const name of program.rowValues)
    exe.setRowValues(name, slice(values(seed, name, rows).map((v) => Math.fround(0.5 * v))));
  for (const name of program.scalars) exe.setScalar(name, 0.125);
  for (const name of hostBuffers(program)) exe.write(name, slice(startOf(program, seed, name)));
}

/** State, and the buffers that nothing computes. */
function hostBuffers({ state, buffers }: Program): string[] {
  return [...state, ...Object.keys(buffers).filter((name) => name === "x" || name.endsWith("_in"))];
}

export const programOf = (recipe: Recipe): Program => lower(recipe);
