/**
 * Looks for what WebGPU would run on: the browser's own adapter or, in Node, that of the optional package
 * "webgpu", which is loaded here and nowhere else. Needs nothing of GPU.js.
 */
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
export interface WebGpu {
  requestAdapter(): Promise<Adapter | null>;
}
const scope = globalThis as { readonly navigator?: { readonly gpu?: WebGpu } };

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

export async function loadAddon(requested: string): Promise<WebGpu> {
  try {
    const { create } = (await import(/* @vite-ignore */ ADDON)) as {
      create(options: readonly string[]): WebGpu;
    };
    return create([]);
  } catch (error) {
    const missing = /Cannot find (module|package)|Failed to resolve|not a function/.test(
      (error as Error).message,
    );
    return failBackend(
      requested,
      missing
        ? 'there is no WebGPU here: neither the browser\'s own nor the package "webgpu"'
        : `the package "webgpu" does not load: ${(error as Error).message.split("\n")[0]}`,
      'in Node run "npm install webgpu" (0.6 or later); or use "simd" or "gpu:webasm"',
    );
  }
}

export function failBackend(where: string, fact: string, remedy: string): never {
  throw new OhmletError({ code: "ENGINE-BACKEND", fact, place: { where }, remedy });
}
