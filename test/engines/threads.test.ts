import { spawnSync } from "node:child_process";
import os, { cpus } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engines/select";
import { values } from "../conformance/recipe";
import { threaded } from "./threaded";
import { LONG } from "../long";

/** Here threads are asked about (test/setup.ts). */
os.availableParallelism = () => cpus().length;

/** How a large program runs: on one core there are no threads to take. */
const many = cpus().length > 1 ? "fused-threaded" : "fused-sync";

describe("threads", () => {
  it("change no byte", async () => {
    const engine = await createEngine("gpu:webasm");
    const results: Float64Array[] = [];
    const executors: (string | undefined)[] = [];
    // A chunk of one step takes no threads.
    for (const chunk of [12, 1]) {
      const exe = engine.compile(threaded);
      exe.setWeights(
        "w",
        values(1, "w", 64 * 64).map((v) => v / 8),
      );
      for (let step = 0; step < 12; step += chunk) await exe.run(chunk, step);
      results.push(await exe.read("u"));
      executors.push(engine.info.executor);
      exe.dispose();
    }
    engine.dispose();
    expect(executors).toEqual([many, "fused-sync"]);
    expect(results[1]).toEqual(results[0]);
  });

  it.each(LONG ? ["dispose", "forget"] : ["forget"])("let a process end that ends with %s", (how) => {
    const fixture = join(__dirname, "fixtures", "leave.ts");
    const { status, stdout, error } = spawnSync(process.execPath, ["-r", "ts-node/register", fixture, how], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect({ status, stdout, error }).toEqual({ status: 0, stdout: many, error: undefined });
  });
});
