/**
 * Runs the conformance suite in a page and posts what came of it; the address says on which engines, and
 * whether in a worker ("?engines=simd,gpu:webgpu", "?engines=simd&in=worker"); where a chip learns beside them ("&learn=gpu:webgpu"). A page's own thread may not
 * sleep, a worker may.
 */
import { probeEngines, type EngineProbe } from "../../src/engines/select";
import { isAbout } from "./is-about";
import { asked, moveToWorker, post } from "./post";
import { learn } from "./story";
import { loadTests, runTests, type TestResult } from "./vitest-in-page";

/** What the page posts. */
export interface PageReport {
  readonly engines: readonly EngineProbe[];
  readonly results: readonly TestResult[];
  /** By engine, what the story of a chip that learns came to; WebGL2 would take long to compile it. */
  readonly costs: Readonly<Record<string, readonly [number, number]>>;
  /** Globals that only Node has, and that something put here. */
  readonly nodeGlobals: readonly string[];
}

async function report(engines: readonly string[]): Promise<PageReport> {
  const probes = await probeEngines();
  await loadTests(() => import("../conformance/conformance.test"));
  await loadTests(() => import("../conformance/connections.test"));
  await loadTests(() => import("../conformance/draws.test"));
  await loadTests(() => import("../conformance/functions.test"));
  await loadTests(() => import("../conformance/learning.test"));
  await loadTests(() => import("../engines/contract.test"));
  const results = await runTests((test) => engines.some((engine) => isAbout(test, engine)));
  const costs: Record<string, readonly [number, number]> = {};
  for (const { name, runs } of probes)
    if (runs && ["reference", ...engines, asked("learn")].includes(name) && name !== "gpu:webgl2")
      costs[name] = await learn(name);
  return {
    engines: probes,
    results,
    costs,
    nodeGlobals: ["process", "Buffer", "require", "module", "global"].filter((name) => name in globalThis),
  };
}

if (asked("in") === "worker") moveToWorker(`engines=${asked("engines")}`);
else post(report(asked("engines").split(",")));
