/**
 * The conformance suite in a real page: bundled by Vite, in headless Chromium. Skipped, and saying so, where
 * there is none.
 */
import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import { bundlePage, type Bundle } from "./bundle";
import { findChromium, openPage } from "./chromium";
import { LONG } from "../long";
import { isAbout } from "./is-about";
import type { PageReport } from "./page";
import { learn } from "./story";

/** With software in the place of a GPU each takes half a minute; learning on WebGPU is tried here all the same. */
const ENGINES = ["simd", ...(LONG ? ["gpu:webgpu", "gpu:webgl2"] : [])];
/** Fewer would mean that files of tests were lost on the way. */
const LEAST_TESTS = 60;
const PATIENCE_MS = LONG ? 400_000 : 110_000;
const NO_CHROMIUM = "no Chromium here (OHMLET_CHROMIUM names one): nothing was tried in a browser";

const chromium = findChromium();
if (chromium === null) console.warn(NO_CHROMIUM);

describe("in a page", () => {
  let report: PageReport;
  let bundle: Bundle;

  beforeAll(async () => {
    if (chromium === null) return;
    bundle = await bundlePage("test/browser/page.ts");
    report = (await openPage(
      chromium,
      bundle,
      `?engines=${ENGINES.join()}&learn=gpu:webgpu`,
      PATIENCE_MS,
    )) as PageReport;
  }, PATIENCE_MS + 10_000);

  /** Skips where the engine does not run in this browser. */
  function check(engine: string, found: PageReport, context: TestContext): void {
    const { runs, detail } = found.engines.find(
      ({ name }) => name === engine,
    ) as PageReport["engines"][number];
    if (!runs) {
      console.warn(`${engine} does not run in this browser: ${detail}`);
      context.skip(detail);
    }
    const results = found.results.filter(({ name }) => isAbout(name, engine));
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results.length).toBeGreaterThan(LEAST_TESTS);
  }

  // Not `it.each`: only a single test is handed the means to skip itself.
  for (const engine of ENGINES)
    it(`${engine} passes the conformance suite`, (context) =>
      chromium === null ? context.skip(NO_CHROMIUM) : check(engine, report, context));

  it.runIf(LONG)("simd passes it in a worker, too", async (context) => {
    if (chromium === null) return context.skip(NO_CHROMIUM);
    check(
      "simd",
      (await openPage(chromium, bundle, "?engines=simd&in=worker", PATIENCE_MS)) as PageReport,
      context,
    );
  });

  it("a chip learns through the public entry as it does in Node", async (context) => {
    if (chromium === null) return context.skip(NO_CHROMIUM);
    const wanted = await learn("reference");
    expect(Object.keys(report.costs).sort()).toEqual(
      ["gpu:webgpu", "reference", "simd"].filter(
        (name) => report.engines.find((engine) => engine.name === name)?.runs,
      ),
    );
    // Versions of JavaScript round Math.exp and Math.pow as they like.
    for (const [name, costs] of Object.entries(report.costs))
      costs.forEach((cost, i) => expect(cost, name).toBeCloseTo(wanted[i], name === "reference" ? 12 : 4));
  });

  it("every engine runs, or says why not", (context) => {
    if (chromium === null) return context.skip(NO_CHROMIUM);
    const running = report.engines.filter(({ runs }) => runs).map(({ name }) => name);
    expect(running).toEqual(expect.arrayContaining(["reference", "gpu", "gpu:webasm", "gpu:cpu", "simd"]));
    for (const { name, detail } of report.engines) expect(detail, name).not.toBe("");
  });

  it("nothing needs Node: no global of Node is there, and GPU.js stands in a file of its own", (context) => {
    if (chromium === null) return context.skip(NO_CHROMIUM);
    expect(report.nodeGlobals).toEqual([]);
    expect([...bundle.keys()].filter((path) => path.startsWith("/assets/gpu-"))).toHaveLength(1);
  });
});
