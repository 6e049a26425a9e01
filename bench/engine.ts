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
  /** Whether the engine runs on as many. */
  readonly threads_followed: boolean;
}

/** @throws OhmletError ENGINE-NAME, ENGINE-BACKEND */
export async function openEngine(name: string, threads: number | undefined): Promise<{ engine: Engine; fields: EngineFields }> {
  const engine = await createEngine(name);
  const { name: ran, precision, executor, fallbackReason } = engine.info;
  const fields: EngineFields = {
    engine: ran, precision,
    ...(executor === undefined ? {} : { executor }),
    ...(fallbackReason === undefined ? {} : { fallback: fallbackReason }),
    threads: threads ?? null,
    // No engine takes a number of threads yet: the reference has one, and GPU.js chooses for itself.
    threads_followed: false,
  };
  return { engine, fields };
}
