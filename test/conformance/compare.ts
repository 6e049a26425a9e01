/** Runs one program on two engines and measures by how much they differ. */
import { LONG } from "../long";
import type { Engine, Executable } from "../../src/engines/engine";
import type { Program } from "../../src/program/program";
import { createEngine, ENGINE_NAMES } from "../../src/engines/select";
import { load, programOf, type Recipe } from "./recipe";

/** What engines must agree to, on states of order one after tens of contracting steps. */
export const TOLERANCE = 5e-5;
export const STEPS = 30;

/** Each kind of program that is compared, and how many a test draws. */
export const KINDS: readonly {
  readonly kind: string;
  readonly fixed: Partial<Recipe>;
  readonly runs: number;
}[] = [
  { kind: "real circuits", fixed: { noisy: false, readout: 0 }, runs: 8 },
  { kind: "noisy circuits", fixed: { noisy: true, readout: 0 }, runs: 8 },
  { kind: "softmax readouts", fixed: { noisy: false, readout: 5 }, runs: 6 },
  { kind: "complex circuits", fixed: { complex: true, readout: 0 }, runs: 6 },
  { kind: "complex softmax readouts", fixed: { complex: true, readout: 4 }, runs: 5 },
];

/**
 * Backends that compile each program anew, and by how much fewer of them a test draws: WebGL2 takes a second
 * for one.
 */
const FEWER: Readonly<Record<string, number>> = {
  "gpu:webgpu": 2,
  "gpu:webgl2": 8,
  ...(!LONG && { "gpu:cpu": 3, "gpu:webasm": 2 }),
};
export const runsOn = (name: string, runs: number): number => Math.ceil(runs / (FEWER[name] ?? 1));

/** What narrows the programs that a test gives an engine, for the same reason. */
export const narrowed = (name: string): Partial<Recipe> =>
  name === "gpu:webgl2" ? { widths: [4, 3], readout: 0, input: 0 } : {};

/** Names of all engines that run here, but the judge. */
export async function contestants(): Promise<string[]> {
  const names: string[] = [];
  for (const name of ENGINE_NAMES) {
    if (name === "reference" || name === "gpu") continue;
    try {
      (await createEngine(name)).dispose();
      names.push(name);
    } catch {
      // Known, and not here.
    }
  }
  return names;
}

export interface Finding {
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly residual: Float64Array;
}

/** Overrides for one run: another seed of the noise, and whatever else is to be set. */
export interface Overrides {
  readonly noise?: number;
  readonly adjust?: (exe: Executable) => void;
}

/** Runs a program from its own start through chunks of steps. */
export async function run(
  engine: Engine,
  program: Program,
  seed: number,
  chunks: readonly number[] = [STEPS],
  { noise, adjust }: Overrides = {},
): Promise<Finding> {
  const exe = engine.compile(program);
  try {
    load(exe, program, seed);
    if (noise !== undefined) exe.setSeed(noise);
    adjust?.(exe);
    await exe.prepare();
    let first = 0;
    let residual: Float64Array = new Float64Array(0);
    for (const steps of chunks) {
      ({ residual } = await exe.run(steps, first));
      first += steps;
    }
    const outputs: Record<string, Float64Array> = {};
    for (const name of program.outputs) outputs[name] = await exe.read(name);
    return { outputs, residual };
  } finally {
    exe.dispose();
  }
}

/** Largest absolute difference; Infinity where one is finite and the other not. */
export function difference(a: Finding, b: Finding): number {
  const pairs = [
    ...Object.keys(a.outputs).map((name) => [a.outputs[name], b.outputs[name]] as const),
    [a.residual, b.residual] as const,
  ];
  return Math.max(...pairs.map(([x, y]) => largest(x, y)));
}

function largest(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) return Infinity;
  return x.reduce((most, v, i) => {
    const gap = Number.isNaN(v) && Number.isNaN(y[i]) ? 0 : Math.abs(v - y[i]);
    return Number.isNaN(gap) ? Infinity : Math.max(most, gap);
  }, 0);
}

export async function differenceOf(recipe: Recipe, engine: Engine, judge: Engine): Promise<number> {
  const program = programOf(recipe);
  return difference(await run(engine, program, recipe.seed), await run(judge, program, recipe.seed));
}
