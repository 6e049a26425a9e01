/**
 * Finds WebGPU: the browser's own or, in Node, that of the optional package "webgpu", which is loaded here
 * and nowhere else. GPU.js looks for `navigator.gpu` and keeps one device for all its users; so in Node that
 * global is set while engines that need it live, and removed after the last, which also lets the process end.
 */
import * as gpujs from "gpu.js";
import { OhmletError } from "../../errors";
import { adapterOfPage, failBackend, loadAddon, pageHasWebGpu, type WebGpu } from "./adapter";
import type { Health } from "./health";
import { limitsOf, type Limits } from "./limits";

interface Device {
  readonly limits?: Parameters<typeof limitsOf>[0];
  readonly lost?: Promise<{ readonly reason?: string; readonly message?: string }>;
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

/** A device that was opened. */
export interface Opened {
  /** To be called when it is no longer needed. */
  readonly close: () => void;
  /** What it runs on, where that is software. */
  readonly software?: string;
  readonly limits: Limits;
  readonly health: Health;
}

/**
 * Opens the device that GPU.js will use.
 * @throws OhmletError ENGINE-BACKEND where there is no WebGPU, no adapter or no device
 */
export async function openWebGpu(requested: string): Promise<Opened> {
  users++;
  try {
    if (!pageHasWebGpu()) undo = install(scope, await loadAddon(requested));
    const found = await adapterOfPage();
    if (found.on === null) {
      failBackend(
        requested,
        "WebGPU is here and finds no adapter",
        'it needs a driver for Vulkan, Metal or Direct3D: "ohmlet doctor" tells how to get one',
      );
    }
    const { device } = await WebGPUContext.acquire();
    device.onuncapturederror = ({ error }) => (complaint ??= error.message);
    let lost: string | null = null;
    void device.lost?.then(({ message, reason }) => (lost = message || (reason ?? "it does not say why")));
    return {
      close,
      ...(found.on === "software" && { software: found.name }),
      limits: limitsOf(device.limits),
      health: { complaint: takeComplaint, lost: () => lost },
    };
  } catch (error) {
    close();
    throw error instanceof OhmletError
      ? error
      : failBackend(
          requested,
          `WebGPU gives no device: ${(error as Error).message}`,
          'use "simd" or "gpu:webasm"',
        );
  }
}

/** The first complaint of the device since the last call, or null. */
function takeComplaint(): string | null {
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
