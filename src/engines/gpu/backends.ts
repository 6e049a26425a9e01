/** The backends of GPU.js that this engine drives, and how kernels are best written for each. */

export type Backend = "webgpu" | "webgl2" | "webasm" | "cpu";

export interface BackendTraits {
  /** Longest sum that a kernel writes out: on webasm there is no gain beyond 128, on cpu it ends early. */
  readonly longestUnrolled: number;
  /**
   * Whether a longer one is a chain of such kernels, not a loop: 0.93 against 0.55 GMAC/s on webasm, 512 units
   * to 512.
   */
  readonly chains: boolean;
  /**
   * Shortest sum that a kernel computes cell by cell over neighbours, of weights that were turned over. Four cells at
   * once, as the rest is computed, read four weights one by one (0.9 against 1.8 GMAC/s on webasm at 512 units,
   * 1.4 at 64).
   */
  readonly dots: number;
  /**
   * What the columns of a computed array are a multiple of; those too many hold what nobody reads. Where four cells are
   * computed at once, rows of another width are called one by one, and twice: 1 us each, as long as ten units
   * take to compute.
   */
  readonly lanes: number;
  /**
   * Longest run of units that a kernel of connections writes out: what it looks up for each run is spread over
   * it (ns a product at 4, 8, 16, 32, 64: webasm 2.1, 1.9, 1.7, 1.6, 1.6; cpu 4.4, 3.3, 2.8, 2.4, 2.3).
   */
  readonly longestRun: number;
  /** Put behind an index that a kernel looked up: JavaScript is a third quicker if it is told that it is whole. */
  readonly whole: "" | "|0";
  /**
   * Most arrays that a kernel may read. WebGPU promises eight storage buffers, one of which is the result;
   * WebGL2 sixteen textures. A map of more reads them through others, which gather them (`gatherKernel`).
   */
  readonly mostArrays: number;
  /** Whether a kernel is compiled anew for all places in memory that it reads and writes (recording.ts). */
  readonly placed: boolean;
  /** Whether kernels become shaders, whose functions are the driver's affair (shader-functions.ts). */
  readonly shader: boolean;
}

export const TRAITS: Readonly<Record<Backend, BackendTraits>> = {
  // Shaders loop as fast as they run straight on, and compile sooner.
  webgpu: {
    longestUnrolled: 4,
    chains: false,
    dots: Infinity,
    lanes: 1,
    longestRun: 16,
    whole: "",
    mostArrays: 7,
    placed: false,
    shader: true,
  },
  webgl2: {
    longestUnrolled: 4,
    chains: false,
    dots: Infinity,
    lanes: 1,
    longestRun: 16,
    whole: "",
    mostArrays: 16,
    placed: false,
    shader: true,
  },
  webasm: {
    longestUnrolled: 128,
    chains: true,
    dots: 64,
    lanes: 4,
    longestRun: 64,
    whole: "",
    mostArrays: Infinity,
    placed: true,
    shader: false,
  },
  cpu: {
    longestUnrolled: 16,
    chains: false,
    dots: Infinity,
    lanes: 1,
    longestRun: 64,
    whole: "|0",
    mostArrays: Infinity,
    placed: false,
    shader: false,
  },
};
