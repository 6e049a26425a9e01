/** Engines by name. "auto" is a page's graphics card, else simd, else what runs. */

/** All names that are known, whether or not they run here. */
export const ENGINE_NAMES = [
  "reference",
  "gpu",
  "gpu:webasm",
  "gpu:cpu",
  "gpu:webgpu",
  "gpu:webgl2",
  "simd",
  "auto",
] as const;
/**
 * Engines by name. "auto" takes "gpu" in a page with a graphics card and "simd" elsewhere, "gpu" the best of
 * its family; one that is named and cannot run is an error.
 */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** A name as an editor proposes it; any text is taken, and one that is no name is refused when it is used. */
export type AnyEngineName = EngineName | (string & Record<never, never>);
