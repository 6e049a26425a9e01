/**
 * The memory of an engine: one for all its programs, so that they can share arrays, and shared between
 * threads where the machine allows. Regions are zero when they are handed out. It grows on demand and never
 * shrinks; what is given back is handed out again.
 */
import { gigabytes } from "../../memory";
import { expectRoom, noRoom } from "../room";
import { makeMemory, PAGE, type Memory } from "./webassembly";

/** Regions begin at cache lines, so that no two threads write to one. */
const ALIGNMENT = 64;

interface Region {
  readonly address: number;
  readonly bytes: number;
}

export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export class EngineMemory {
  readonly memory: Memory;
  readonly shared: boolean;
  /** By address; no two touch. */
  private free: Region[] = [];
  private end = 0;

  /** @throws OhmletError ENGINE-MEMORY where the machine gives none */
  constructor() {
    const { memory, shared } = makeMemory();
    this.memory = memory;
    this.shared = shared;
  }

  /** @throws OhmletError ENGINE-MEMORY */
  reserve(bytes: number): number {
    const wanted = Math.max(aligned(bytes), ALIGNMENT);
    const found = this.free.findIndex((region) => region.bytes >= wanted);
    if (found < 0) return this.extend(wanted);
    const { address, bytes: size } = this.free[found];
    if (size === wanted) this.free.splice(found, 1);
    else this.free[found] = { address: address + wanted, bytes: size - wanted };
    new Uint8Array(this.memory.buffer, address, wanted).fill(0);
    return address;
  }

  release(address: number, bytes: number): void {
    const region = { address, bytes: Math.max(aligned(bytes), ALIGNMENT) };
    const merged: Region[] = [];
    for (const next of [...this.free, region].sort((a, b) => a.address - b.address)) {
      const last = merged.at(-1);
      if (last !== undefined && last.address + last.bytes === next.address)
        merged[merged.length - 1] = { address: last.address, bytes: last.bytes + next.bytes };
      else merged.push(next);
    }
    this.free = merged;
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  private extend(bytes: number): number {
    const address = this.end;
    expectRoom("simd", address + bytes);
    const missing = Math.ceil((address + bytes) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0 && !this.grow(missing))
      throw noRoom(
        "simd",
        `${gigabytes(address + bytes)} are wanted, and the machine gives no more than ${gigabytes(address)}`,
      );
    this.end = address + bytes;
    return address;
  }

  private grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}
