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
    console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ""}`);
  },
};

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    env: softwareVulkan(),
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow: machines are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", closingLine],
  },
});
