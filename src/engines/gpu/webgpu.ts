/**
 * Finds WebGPU: the browser's own or, in Node, that of the optional package "webgpu", which is loaded here
 * and nowhere else. GPU.js looks for `navigator.gpu` and keeps one device for all its users; so in Node that
 * global is set while engines that need it live, and removed after the last, which also lets the process end.
 */
import * as gpujs from "gpu.js";
import { OhmletError } from "../../errors";

/** The package for Node. A variable, so that no bundler for browsers goes looking for it. */
const ADDON = "webgpu";

interface Adapter {
  readonly info?: {
    readonly isFallbackAdapter?: boolean;
    readonly vendor?: string;
    readonly architecture?: string;
    readonly device?: string;
    readonly description?: string;
  };
}
interface WebGpu {
  requestAdapter(): Promise<Adapter | null>;
}
interface Device {
  onuncapturederror: (event: { readonly error: { readonly message: string } }) => void;
}
interface Context {
  acquire(): Promise<{ readonly device: Device }>;
  destroy(): Promise<void>;
}

/** GPU.js exports it; its types do not say so. */
const { WebGPUContext } = gpujs as unknown as { WebGPUContext: Context };
const scope = globalThis as { navigator?: { gpu?: WebGpu } };

/** Engines that use what was set here; nothing is set while there are none. */
let users = 0;
let undo: (() => void) | null = null;
/** What the device complained of since somebody asked: it does not throw, it computes zeros. */
let complaint: string | null = null;

export const pageHasWebGpu = (): boolean => scope.navigator?.gpu !== undefined;

/** Names of drivers that compute in software and do not always say that they do. */
const IN_SOFTWARE = /swiftshader|llvmpipe|lavapipe|microsoft basic render|warp/i;

/** What WebGPU would run on: a card; software, by its name; or which step towards one failed. */
export type Found =
  | { readonly on: "card" }
  | { readonly on: "software"; readonly name: string }
  | { readonly on: null; readonly reason: string };

async function adapterOf(gpu: WebGpu): Promise<Found> {
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) return { on: null, reason: "WebGPU finds no adapter: it has no driver here" };
  const { isFallbackAdapter = false, vendor, architecture, device, description } = adapter.info ?? {};
  const names = [description, device, architecture, vendor].flatMap((name) =>
    name === undefined || name === "" ? [] : [name],
  );
  const inSoftware = isFallbackAdapter || names.some((name) => IN_SOFTWARE.test(name));
  const [name = "it has no name"] = names;
  return inSoftware ? { on: "software", name } : { on: "card" };
}

/** The adapter of the page, for those who would take WebGPU if it were there. */
export async function adapterOfPage(): Promise<Found> {
  const gpu = scope.navigator?.gpu;
  return gpu === undefined ? { on: null, reason: "there is no WebGPU in this page" } : adapterOf(gpu);
}

/** The adapter that WebGPU would run on here: the page's or, in Node, that of the package "webgpu". */
export async function adapterHere(): Promise<Found> {
  if (pageHasWebGpu()) return adapterOfPage();
  try {
    return await adapterOf(await loadAddon("gpu"));
  } catch (error) {
    return { on: null, reason: error instanceof OhmletError ? error.fact : String(error) };
  }
}

/**
 * Opens the device that GPU.js will use. Returns what to call when it is no longer needed, and what it runs on
 * where that is software.
 * @throws OhmletError ENGINE-BACKEND where there is no WebGPU, no adapter or no device
 */
export async function openWebGpu(
  requested: string,
): Promise<{ readonly close: () => void; readonly software?: string }> {
  users++;
  try {
    if (!pageHasWebGpu()) undo = install(scope, await loadAddon(requested));
    const found = await adapterOfPage();
    if (found.on === null) {
      fail(
        requested,
        "WebGPU is here and finds no adapter",
        'it needs a driver for Vulkan, Metal or Direct3D: "ohmlet doctor" tells how to get one',
      );
    }
    const { device } = await WebGPUContext.acquire();
    device.onuncapturederror = ({ error }) => (complaint ??= error.message);
    return { close, ...(found.on === "software" && { software: found.name }) };
  } catch (error) {
    close();
    throw error instanceof OhmletError
      ? error
      : fail(requested, `WebGPU gives no device: ${(error as Error).message}`, 'use "simd" or "gpu:webasm"');
  }
}

/** The first complaint of the device since the last call, or null. */
export function takeComplaint(): string | null {
  const found = complaint;
  complaint = null;
  return found;
}

function close(): void {
  users--;
  if (users > 0 || undo === null) return;
  // The device of a page may have other users; that of the package has only us.
  void WebGPUContext.destroy();
  undo();
  undo = null;
}

async function loadAddon(requested: string): Promise<WebGpu> {
  try {
    const { create } = (await import(/* @vite-ignore */ ADDON)) as {
      create(options: readonly string[]): WebGpu;
    };
    return create([]);
  } catch (error) {
    const missing = /Cannot find (module|package)|Failed to resolve|not a function/.test(
      (error as Error).message,
    );
    return fail(
      requested,
      missing
        ? 'there is no WebGPU here: neither the browser\'s own nor the package "webgpu"'
        : `the package "webgpu" does not load: ${(error as Error).message.split("\n")[0]}`,
      'in Node run "npm install webgpu" (0.6 or later); or use "simd" or "gpu:webasm"',
    );
  }
}

/** Puts `gpu` where GPU.js looks for it. */
function install(target: typeof scope, gpu: WebGpu): () => void {
  const property = { configurable: true, enumerable: false, writable: true };
  if (target.navigator === undefined) {
    Object.defineProperty(target, "navigator", { ...property, value: { gpu } });
    return () => void delete target.navigator;
  }
  const { navigator } = target;
  Object.defineProperty(navigator, "gpu", { ...property, value: gpu });
  return () => void delete navigator.gpu;
}

function fail(where: string, fact: string, remedy: string): never {
  throw new OhmletError({ code: "ENGINE-BACKEND", fact, place: { where }, remedy });
}
