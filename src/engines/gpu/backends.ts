/** The backends of GPU.js that this engine drives, and how kernels are best written for each. */

export type Backend = "webgpu" | "webgl2" | "webasm" | "cpu";

export interface BackendTraits {
  /**
   * Longest sum that a kernel writes out: measured on webasm to 128 and with no gain at 784; on cpu the gain
   * ends early.
   */
  readonly longestUnrolled: number;
  /**
   * Most arrays that a kernel may read. WebGPU promises eight storage buffers, one of which is the result;
   * WebGL2 sixteen textures. A map of more reads them through others, which gather them (`gatherKernel`).
   */
  readonly mostArrays: number;
  /** Whether kernels become shaders, whose functions are the driver's affair (shader-functions.ts). */
  readonly shader: boolean;
}

export const TRAITS: Readonly<Record<Backend, BackendTraits>> = {
  // Shaders loop as fast as they run straight on, and compile sooner.
  webgpu: { longestUnrolled: 4, mostArrays: 7, shader: true },
  webgl2: { longestUnrolled: 4, mostArrays: 16, shader: true },
  webasm: { longestUnrolled: 128, mostArrays: Infinity, shader: false },
  cpu: { longestUnrolled: 16, mostArrays: Infinity, shader: false },
};
