/** How the tests run. Every run ends with one plain line, "N passed, N failed, N skipped", for people and machines that read only the last one. */
import { resolve } from "node:path";
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

/**
 * Tests that stand in for modules: each file in a process of its own. All others share processes, which load the
 * product once, a third of the time of loading it for each file; what they change of their process they put back.
 */
const OF_THEIR_OWN = ["test/robustness/laws/planted-engine.test.ts"];

export default defineConfig({
  test: {
    alias: [{ find: /^.*\/worker-file$/, replacement: resolve("test/worker-file.ts") }],
    projects: [
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: OF_THEIR_OWN, isolate: false },
      },
      { extends: true, test: { name: "alone", include: OF_THEIR_OWN } },
    ],
    env: softwareVulkan(),
    globalSetup: "./test/build-program.ts",
    setupFiles: "./test/setup.ts",
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow: machines are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine],
  },
});
