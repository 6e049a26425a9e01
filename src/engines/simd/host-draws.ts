/**
 * Normal draws for whoever computes elsewhere: by the function of the simd engine where it runs, which is several
 * times as quick, else by that of src/random; the same to the last bit of a float32.
 */
import { fillPhaseNormals, phaseWords, type PhaseKey } from "../../random";
import { ModuleBuilder } from "./assembler";
import { normalsCode } from "./normals";
import { assembles, PAGE, type WebAssemblyHost } from "./webassembly";

/** Pages of its memory, 32 MB; what does not fit is drawn in JavaScript. */
const MOST = 512;
/** It draws in sixteens. */
const AT_ONCE = 16;

interface Drawing {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly normals: (...values: number[]) => void;
}

let made: Drawing | null | undefined;

function makeDrawing(): Drawing | null {
  const module = new ModuleBuilder({ shared: false, fused: false });
  module.export("normals", module.add(normalsCode()));
  const bytes = module.finish();
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: WebAssemblyHost };
  if (wasm === undefined || !assembles(bytes)) return null;
  try {
    const memory = new wasm.Memory({ initial: 1, maximum: MOST, shared: false });
    return {
      memory,
      normals: new wasm.Instance(new wasm.Module(bytes), { host: { memory } }).exports.normals,
    };
  } catch {
    // A process with a limit has no addresses for it.
    return null;
  }
}

/** Draws of so many rows and units, [size], each block of rows by its key; blocks of one key are alike. */
export function drawOnHost(
  out: Float32Array,
  keys: readonly PhaseKey[],
  stream: number,
  step: number,
  offset: number,
  size: number,
): void {
  const each = size / keys.length;
  const bytes = Math.ceil(each / AT_ONCE) * AT_ONCE * 4;
  if (made === undefined) made = makeDrawing();
  keys.forEach((key, k) => {
    const at = offset + k * each;
    const { seed, phase } = keys[k - 1] ?? {};
    if (seed === key.seed && phase === key.phase) out.copyWithin(at, at - each, at);
    else if (made === null || made === undefined || bytes > MOST * PAGE)
      fillPhaseNormals(out, key, stream, step, at, each);
    else {
      const { memory, normals } = made;
      const missing = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
      if (missing > 0) memory.grow(missing);
      const [c1, c3, k0, k1] = phaseWords(key, stream);
      normals(0, each, step, c1, c3, k0, k1);
      out.set(new Float32Array(memory.buffer, 0, each), at);
    }
  });
}
