/** The part of the WebAssembly interface that the engine uses. It is everywhere; its types come with a browser's library only. */

interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}
type Exports = Readonly<Record<string, (...values: number[]) => void>>;

interface WebAssemblyHost {
  readonly Memory: new (of: { initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { host: { memory: WebAssemblyMemory } }) => { readonly exports: Exports };
  validate(bytes: Uint8Array): boolean;
}

export const PAGE = 65536;
/** Most pages that 32-bit addresses reach. */
export const MOST_PAGES = 65536;

const host = (globalThis as { WebAssembly?: WebAssemblyHost }).WebAssembly;

export function assembles(bytes: Uint8Array): boolean {
  return host !== undefined && host.validate(bytes);
}

export interface Instance {
  readonly exports: Exports;
  readonly memory: ArrayBuffer;
}

/** A module that imports its memory, with zeros in it. */
export function instantiate(bytes: Uint8Array, pages: number): Instance {
  if (host === undefined) throw new Error("there is no WebAssembly");
  const memory = new host.Memory({ initial: pages });
  const { exports } = new host.Instance(new host.Module(bytes), { host: { memory } });
  return { exports, memory: memory.buffer };
}
