/** Runs the conformance suite in a page and posts what came of it; the address says on which engines ("?engines=simd,gpu:webgpu"). */
import { probeEngines, type EngineProbe } from "../../src/engines/select";
import { asked, post } from "./post";
import { loadTests, runTests, type TestResult } from "./vitest-in-page";

/** What the page posts. */
export interface PageReport {
  readonly engines: readonly EngineProbe[];
  readonly results: readonly TestResult[];
  /** Globals that only Node has, and that something put here. */
  readonly nodeGlobals: readonly string[];
}

/** The engine that a test is about: its suite is "simd" or "simd conforms to the reference". */
const isAbout = (test: string, engine: string): boolean => test.split(" > ").some((part) => part.split(" ")[0] === engine);

async function report(engines: readonly string[]): Promise<PageReport> {
  const probes = await probeEngines();
  await loadTests(() => import("../conformance/conformance.test"));
  await loadTests(() => import("../conformance/functions.test"));
  await loadTests(() => import("../engines/contract.test"));
  const results = await runTests((test) => engines.some((engine) => isAbout(test, engine)));
  return { engines: probes, results, nodeGlobals: ["process", "Buffer", "require", "module", "global"].filter((name) => name in globalThis) };
}

post(report(asked("engines").split(",")));
