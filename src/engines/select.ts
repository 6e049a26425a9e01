/** Engines by name. Each is loaded when it is asked for: a page loads the one that it computes on. */
import { printsItself } from "../display";
import { OhmletError } from "../errors";
import { describeEngine } from "./describe";
import type { Engine, EngineOptions } from "./engine";
import type { Program } from "../program/program";
import type { Backend } from "./gpu/backends";
import { check, optionsOf } from "../options";
import { ENGINE_NAMES, type AnyEngineName, type EngineName } from "./names";
import { createReference } from "./reference";

export { ENGINE_NAMES, type AnyEngineName, type EngineName } from "./names";

const readOptions = optionsOf<EngineOptions>("createEngine", {
  takes: { threads: check.anything, fused: check.flag, stop: check.anything, work: check.anything },
});

/**
 * Makes an engine by name, and loads what it is made of; GPU.js for engines of its family alone.
 * @throws OhmletError ENGINE-NAME for a name that is not known, ENGINE-THREADS, ENGINE-BACKEND for one that
 *   cannot run here
 */
export async function createEngine(name: AnyEngineName, options: EngineOptions = {}): Promise<Engine> {
  const { threads } = readOptions(options);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new OhmletError({
      code: "ENGINE-THREADS",
      fact: `${threads} is not a number of threads`,
      place: { where: "engine" },
      remedy: "give 1 or more",
    });
  }
  if (!(ENGINE_NAMES as readonly string[]).includes(name)) {
    throw new OhmletError({
      code: "ENGINE-NAME",
      fact: `there is no engine "${name}"`,
      place: { where: "engine" },
      remedy: `engines: ${ENGINE_NAMES.join(", ")}`,
    });
  }
  return asEngine(await engineOf(name, options));
}

const asEngine = printsItself(describeEngine);

async function engineOf(name: AnyEngineName, options: EngineOptions): Promise<Engine> {
  if (name === "reference") return createReference(name, options);
  if (name === "simd") return (await import("./simd")).createSimdEngine(name, options);
  if (name === "auto") return chosen(name, options);
  const { createBestGpuEngine, createGpuEngine } = await import("./gpu");
  return name === "gpu"
    ? createBestGpuEngine(name, options)
    : createGpuEngine(name, name.slice("gpu:".length) as Backend, options);
}

/**
 * Multiply-adds of a step, all units to all, up to which no card is looked for: simd takes some 30 us for them, and a
 * card as long to begin the kernels of a step.
 */
const SMALL = 1e6;

/** A graphics card where there is one and it is quicker at what is to run, else simd. */
async function chosen(name: string, options: EngineOptions): Promise<Engine> {
  const { work } = options;
  const small = work !== undefined && work.rows * work.units ** 2 <= SMALL;
  const card = small ? "a step is too short for one to be quicker" : await lackOfCard();
  if (card !== null) {
    const simd = await simdOrReason(name, options, `no graphics card: ${card}`);
    return typeof simd === "string"
      ? (await import("./gpu")).createGpuEngine(name, "cpu", options, { fallbackReason: simd })
      : simd;
  }
  const [{ createGpuEngine }, { createSimdEngine }, { choose }] = await Promise.all([
    import("./gpu"),
    import("./simd"),
    import("./choose"),
  ]);
  const found = await choose(options.work, async (tried) =>
    tried === "simd" ? createSimdEngine(tried, options) : createGpuEngine(tried, "webgpu", options),
  );
  return found.name === "simd"
    ? createSimdEngine(name, options, found.chosen)
    : createGpuEngine(name, "webgpu", options, { chosen: found.chosen });
}

/** The simd engine, or why there is none. */
async function simdOrReason(name: string, options: EngineOptions, because: string): Promise<Engine | string> {
  const { createSimdEngine, simdRuns } = await import("./simd");
  if (!simdRuns()) return "WebAssembly SIMD does not run here";
  try {
    return createSimdEngine(name, options, because);
  } catch (error) {
    if (error instanceof OhmletError && error.code === "ENGINE-MEMORY") return error.fact;
    throw error;
  }
}

/** Why there is no graphics card to be tried here, or null: the answer that `gpu` and `doctor` go by. */
async function lackOfCard(): Promise<string | null> {
  const found = await (await import("./gpu/adapter")).adapterHere();
  if (found.on === "card") return null;
  return found.on === "software" ? `WebGPU runs here in software only (${found.name})` : found.reason;
}

/** What an engine can do on this machine, for `ohmlet doctor`. */
export interface EngineProbe {
  readonly name: EngineName;
  readonly runs: boolean;
  /** How it runs, or why it does not. */
  readonly detail: string;
}

/** out = 2 x 3. */
const SMALLEST: Program = {
  rows: 1,
  groups: 1,
  buffers: { x: 1, out: 1 },
  weights: { w: { pre: 1, post: 1 } },
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [{ op: "project", out: "out", terms: [{ from: "x", weights: "w" }] }],
  state: [],
  outputs: ["out"],
  watched: [],
};

async function multiply(engine: Engine): Promise<number> {
  const exe = engine.compile(SMALLEST);
  exe.write("x", [2]);
  exe.setWeights("w", [3]);
  await exe.run(1, 0);
  const [product] = await exe.read("out");
  exe.dispose();
  return product;
}

/** Tries every engine on a product of two numbers. */
export async function probeEngines(): Promise<EngineProbe[]> {
  const probes: EngineProbe[] = [];
  for (const name of ENGINE_NAMES) {
    try {
      const engine = await createEngine(name);
      const product = await multiply(engine);
      const { name: ran, precision, executor, fallbackReason, software, chosen: by } = engine.info;
      engine.dispose();
      const how = [ran, precision, executor, software && `in software: ${software}`, fallbackReason, by]
        .filter((part) => part !== undefined)
        .join(", ");
      probes.push({ name, runs: product === 6, detail: product === 6 ? how : `2 x 3 gave ${product}` });
    } catch (error) {
      probes.push({ name, runs: false, detail: error instanceof OhmletError ? error.fact : String(error) });
    }
  }
  return probes;
}
