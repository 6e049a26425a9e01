/**
 * The part of the WebAssembly interface that the engine uses. It is everywhere; its types come with a
 * browser's library only.
 */
import { OhmletError } from "../../errors";

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export type Exports = Readonly<Record<string, (...values: number[]) => void>>;

export interface WebAssemblyHost {
  readonly Memory: new (of: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { host: { memory: Memory } },
  ) => { readonly exports: Exports };
  validate(bytes: Uint8Array): boolean;
}

export const PAGE = 65536;
/** Most pages that 32-bit addresses reach. */
export const MOST_PAGES = 65536;

const host = (globalThis as { WebAssembly?: WebAssemblyHost }).WebAssembly;

export function assembles(bytes: Uint8Array): boolean {
  return host !== undefined && host.validate(bytes);
}

/**
 * A memory that grows up to 4 GB, shared between threads where that is allowed: browsers ask for an isolated
 * page.
 */
export function makeMemory(): { memory: Memory; shared: boolean } {
  if (host === undefined) throw new Error("there is no WebAssembly");
  const { SharedArrayBuffer: shareable, crossOriginIsolated: isolated } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  const shared = shareable !== undefined && isolated !== false;
  try {
    return { memory: new host.Memory({ initial: 1, maximum: MOST_PAGES, shared }), shared };
  } catch {
    // Addresses are taken for all that it may grow to: they run out in a process with a limit (ulimit -v), or
    // with a hundred engines.
    throw new OhmletError({
      code: "ENGINE-MEMORY",
      fact:
        "the machine gives this process no memory for WebAssembly: its addresses are limited, or other " +
        "engines have them",
      place: { where: "simd" },
      remedy:
        "dispose of engines that are no longer needed, lift the limit (ulimit -v unlimited), or use " +
        '"reference"',
    });
  }
}
