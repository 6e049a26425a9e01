/** Engines by name. GPU.js is heavy and is loaded only when an engine of its family is asked for. */
import { OhmletError } from "../errors";
import type { Engine } from "./engine";
import { createReference } from "./reference";

/** All names that are known, whether or not they run here. */
export const ENGINE_NAMES = ["reference", "gpu", "gpu:webasm", "gpu:cpu", "gpu:webgpu", "gpu:webgl2", "simd"] as const;

/** @throws OhmletError ENGINE-NAME for a name that is not known, ENGINE-BACKEND for one that cannot run here */
export async function createEngine(name: string): Promise<Engine> {
  if (name === "reference") return createReference();
  throw new OhmletError({ code: "ENGINE-NAME", fact: `there is no engine "${name}"`, remedy: `engines: ${ENGINE_NAMES.join(", ")}` });
}
