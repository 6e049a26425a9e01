/** The engine that a measurement runs on, and what its line says of it. */
import { createEngine, type Engine } from "../src/index";

/** Fields of every JSON line. */
export interface EngineFields {
  readonly engine: string;
  readonly precision: string;
  readonly executor?: string;
  readonly fallback?: string;
  /** As asked for; null where nothing was. */
  readonly threads: number | null;
  /** Whether the engine can be told. */
  readonly threads_followed: boolean;
}

/** @throws OhmletError ENGINE-NAME, ENGINE-BACKEND */
export async function openEngine(
  name: string,
  threads: number | undefined,
  fused = false,
): Promise<{ engine: Engine; fields: EngineFields }> {
  const engine = await createEngine(name, { threads, fused });
  const { name: ran, precision, executor, fallbackReason } = engine.info;
  const fields: EngineFields = {
    engine: ran,
    precision,
    ...(executor === undefined ? {} : { executor }),
    ...(fallbackReason === undefined ? {} : { fallback: fallbackReason }),
    threads: threads ?? null,
    threads_followed: ran === "simd",
  };
  return { engine, fields };
}
