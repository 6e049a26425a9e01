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
  /** "as asked", or why not. */
  readonly threads_note: string;
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
    threads_note: ran === "reference" ? "ignored: this engine runs on one thread" : "ignored: this engine chooses for itself",
  };
  return { engine, fields };
}
