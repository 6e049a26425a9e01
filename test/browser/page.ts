/** Runs the conformance suite in a page and posts what came of it; the address says on which engines ("?engines=simd,gpu:webgpu"). */
import { probeEngines, type EngineProbe } from "../../src/engines/select";
import { isAbout } from "./is-about";
import { asked, post } from "./post";
import { learn } from "./story";
import { loadTests, runTests, type TestResult } from "./vitest-in-page";

/** What the page posts. */
export interface PageReport {
  readonly engines: readonly EngineProbe[];
  readonly results: readonly TestResult[];
  /** By engine, what the story of a chip that learns came to. */
  readonly costs: Readonly<Record<string, readonly [number, number]>>;
  /** Globals that only Node has, and that something put here. */
  readonly nodeGlobals: readonly string[];
}

/** Engines that are told the story of a chip that learns; WebGL2 takes long to compile it. */
const STORIES: readonly string[] = ["reference", "simd", "gpu:webgpu"];

async function report(engines: readonly string[]): Promise<PageReport> {
  const probes = await probeEngines();
  await loadTests(() => import("../conformance/conformance.test"));
  await loadTests(() => import("../conformance/functions.test"));
  await loadTests(() => import("../engines/contract.test"));
  const results = await runTests((test) => engines.some((engine) => isAbout(test, engine)));
  const costs: Record<string, readonly [number, number]> = {};
  for (const { name, runs } of probes) if (runs && STORIES.includes(name)) costs[name] = await learn(name);
  return { engines: probes, results, costs, nodeGlobals: ["process", "Buffer", "require", "module", "global"].filter((name) => name in globalThis) };
}

post(report(asked("engines").split(",")));
