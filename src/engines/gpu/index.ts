/**
 * The GPU.js engine: whole relaxations as compiled pipelines on the backend that is asked for. float32. A
 * backend that is named runs or fails; only "gpu" chooses.
 *
 * How exact: states of order one differ from the reference by at most 3e-7 after 30 contracting steps, on all
 * backends, real or complex, noisy or not (npm run table). Transcendental functions are JavaScript's own,
 * rounded to float32, but tanh and the logistic function, which are off by 2.5e-7 at most (inline.ts), and in
 * shaders shader-functions.ts.
 *
 * How fast: microseconds a step in chunks of 20, one x86-64 core, against the reference,
 *
 *   | tanh circuit, rows  | noise | reference | gpu:cpu | gpu:webasm |
 *   | 64-32-10, 40 rows   | no    |        85 |      80 |         35 |
 *   | 64-32-10, 40 rows   | yes   |       135 |     135 |         80 |
 *   | 784-64-10, 50 rows  | no    |       220 |     190 |         80 |
 *   | 784-64-10, 50 rows  | yes   |       315 |     285 |        180 |
 *
 * where what noise adds is the host drawing it. A call costs 0.03 to 0.05 ms besides its steps: chunks of 5
 * steps cost a fifth more than the longest, chunks of 20 a few percent. The first call of each length builds
 * its plan, 10 to 40 ms.
 *
 * Connections of blocks cost as much a product as all to all does, 1.7 ns on gpu:webasm and 2.4 on gpu:cpu (a
 * convolution of 5 x 5, 32 to 64 channels); synapses one by one 3 and 8.
 */
import * as gpujs from "gpu.js";
import { OhmletError } from "../../errors";
import { correlate } from "../correlate";
import type { Engine, EngineInfo, EngineOptions } from "../engine";
import { Room, valuesOf } from "../room";
import { makeMemory } from "../simd/webassembly";
import { adapterHere } from "./adapter";
import { TRAITS, type Backend } from "./backends";
import { Device, type Tuning } from "./device";
import { GpuExecutable } from "./executable";
import { limitsOfTextures } from "./limits";
import { SHADER_FUNCTIONS } from "./shader-functions";
import { openWebGpu, type Opened } from "./webgpu";
import { valuesOfWirings } from "./wiring";

const { GPU } = gpujs;
/** GPU.js exports it; its types do not say so. */
const { WebGL2Kernel } = gpujs as unknown as {
  readonly WebGL2Kernel?: { readonly features?: { readonly maxTextureSize?: number } };
};
const NO_WEBASSEMBLY = "WebAssembly SIMD does not run here";
/** The types of GPU.js do not know this. */
const GPU_TYPE = GPU as unknown as { readonly isWebAssemblySupported?: boolean };

/** Why it is this engine. */
interface Because {
  /** Why a better one was passed over. */
  readonly fallbackReason?: string;
  /** By what it was chosen among those that run. */
  readonly chosen?: string;
}

/**
 * @throws OhmletError ENGINE-BACKEND where the backend cannot run here
 */
export async function createGpuEngine(
  requested: string,
  backend: Backend,
  { stop }: EngineOptions = {},
  { fallbackReason, chosen, ...tuning }: Because & Tuning = {},
): Promise<Engine> {
  const { close, software, ...opened } = await open(requested, backend);
  const gpu = new GPU({ mode: backend as never });
  if (TRAITS[backend].shader)
    for (const { source, arguments: names } of SHADER_FUNCTIONS) addFunction(gpu, source, names);
  const known: EngineInfo = {
    requested,
    name: `gpu:${backend}`,
    precision: "float32",
    ...(software === undefined ? {} : { software }),
    ...(fallbackReason === undefined ? {} : { fallbackReason }),
    ...(chosen === undefined ? {} : { chosen }),
  };
  // In arrays of the host, and again where GPU.js computes.
  const { longestRun } = TRAITS[backend];
  const room = new Room(
    known.name,
    (program) => 2 * 4 * (valuesOf(program) + valuesOfWirings(known.name, program, longestRun)),
  );
  const device = new Device(gpu, backend, { ...opened, ...tuning });
  let disposed = false;
  return {
    get info() {
      const { executor } = device;
      return executor === undefined ? known : { ...known, executor };
    },
    get crossings() {
      return device.crossings;
    },
    adjusts: true,
    stop,
    compile: (program, lender) =>
      new GpuExecutable(device, program, room, stop, lender instanceof GpuExecutable ? lender : undefined),
    correlate: async (...of) => correlate(...of),
    dispose: () => {
      if (disposed) return;
      disposed = true;
      void gpu.destroy().then(close);
    },
  };
}

/**
 * The engine "gpu": WebGPU where it finds a card, else WebAssembly, which beats both a graphics card through
 * WebGL at the sizes of circuits and any card in software. Why it is not a card is said.
 */
export async function createBestGpuEngine(requested: string, options: EngineOptions = {}): Promise<Engine> {
  const found = await adapterHere();
  if (found.on === "card") return createGpuEngine(requested, "webgpu", options);
  const passedOver =
    found.on === "software" ? `WebGPU runs here in software only (${found.name})` : found.reason;
  const missing = GPU_TYPE.isWebAssemblySupported === true ? lackOfMemory() : NO_WEBASSEMBLY;
  if (missing === null) return createGpuEngine(requested, "webasm", options, { fallbackReason: passedOver });
  return createGpuEngine(requested, "cpu", options, {
    fallbackReason: [passedOver, missing].join("; "),
  });
}

/** Why WebAssembly has no memory here, where a limit of the process leaves it none. */
function lackOfMemory(): string | null {
  try {
    makeMemory();
    return null;
  } catch (error) {
    return (error as Error & { readonly fact?: string }).fact ?? String(error);
  }
}

function addFunction(gpu: gpujs.GPU, source: string, names: readonly string[]): void {
  gpu.addFunction(
    source as never,
    {
      argumentTypes: Object.fromEntries(names.map((name) => [name, "Number"])),
      returnType: "Number",
    } as never,
  );
}

/** Makes sure that the backend is there. */
async function open(
  requested: string,
  backend: Backend,
): Promise<Pick<Opened, "close" | "software"> & Partial<Opened>> {
  const nothing = { close: (): void => undefined };
  const refuse = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "ENGINE-BACKEND", fact, place: { where: requested }, remedy });
  };
  switch (backend) {
    case "webgpu":
      return openWebGpu(requested);
    case "webgl2":
      return GPU.isWebGL2Supported
        ? { ...nothing, limits: limitsOfTextures(WebGL2Kernel?.features?.maxTextureSize ?? Infinity) }
        : refuse("WebGL2 runs in browsers only, and needs float textures", 'use "simd" or "gpu:webasm"');
    case "webasm":
      return GPU_TYPE.isWebAssemblySupported === true
        ? nothing
        : refuse(NO_WEBASSEMBLY, 'use "gpu:cpu" or "reference"');
    case "cpu":
      return nothing;
  }
}
