/** How the tests run. Every run ends with one plain line, "N passed, N failed, N skipped", for people and machines that read only the last one. */
import { defineConfig } from "vitest/config";
import { softwareVulkan } from "./test/browser/vulkan.cjs";
import type { Reporter, TestModule } from "vitest/node";

/** What counts as failed besides tests: files that did not load, hooks that threw, errors outside every test. */
const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      let failed = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === "pending" ? "skipped" : state]++;
        if (state === "failed") failed++;
      }
      if (module.state() === "failed" && failed === 0) count.failed++;
    }
    console.log(
      `${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ""}`,
    );
  },
};

/** Tests that start processes, stand in for modules or change what belongs to the process: each file in a process of its own. */
const OF_THEIR_OWN = [
  "bench",
  "browser",
  "cli",
  "examples",
  "package",
  "executors",
  "verify",
  "robustness/laws/planted-engine",
].map((name) => `test/${name}${name.includes("/") ? ".test.ts" : "/**/*.test.ts"}`);

export default defineConfig({
  test: {
    projects: [
      // Files that share a process load the product once: a quarter of the time of loading it for each.
      {
        extends: true,
        test: { name: "modules", include: ["test/**/*.test.ts"], exclude: OF_THEIR_OWN, isolate: false },
      },
      { extends: true, test: { name: "processes", include: OF_THEIR_OWN } },
    ],
    env: softwareVulkan(),
    globalSetup: "./test/build-program.ts",
    setupFiles: "./test/seed.ts",
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow: machines are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine],
  },
});
