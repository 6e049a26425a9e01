/** `bench kill`: training runs that are killed at random moments and resumed. */
import { COMMON, defineVerb } from "../../src/cli/verb";

export const kill = defineVerb({
  name: "kill",
  summary: "kill training runs at random moments, resume them, and compare byte for byte",
  description: "Runs `ohmlet train` on generated digits, kills it with SIGKILL at random moments, goes on with `ohmlet resume` (which is killed, too) and holds weights, curves and results against a run that nobody disturbed. Ends with exit code 1 where a byte differs that is not part of a time.",
  options: {
    kills: { type: "integer", default: 10, min: 1, max: 100_000, value: "N", help: "processes that are killed" },
    train: { type: "integer", default: 2000, min: 1, max: 10_000_000, value: "N", help: "training samples" },
    epochs: { type: "integer", default: 4, min: 1, max: 100_000, value: "N", help: "passes over them" },
    "checkpoint-every": { type: "integer", default: 5, min: 1, max: 10_000_000, value: "BATCHES", help: "batches between checkpoints" },
    engine: { ...COMMON.engine, default: "simd" },
    seed: COMMON.seed,
    json: COMMON.json,
  },
  examples: [{ command: "kill --kills 100", what: "a hundred kills, some five minutes" }],
  async run({ options }, io) {
    const { mkdtempSync, rmSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const { join } = await import("node:path");
    const { killRuns } = await import("../kills");
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-kills-"));
    const args = ["--train", options.train, "--test", 100, "--epochs", options.epochs, "--checkpoint-every", options["checkpoint-every"], "--engine", options.engine, "--seed", options.seed].map(String);
    try {
      const count = await killRuns({ kills: options.kills, folder, args, seed: options.seed });
      io.print(`${count.kills} kills of ${count.runs} runs, ${count.early} before there was a folder, ${count.whileResuming} while resuming: ${count.faults.length === 0 ? "all came to the same bytes" : "not all came to the same bytes"}`);
      for (const fault of count.faults) io.note(fault);
      io.emit(count);
      return count.faults.length === 0 ? 0 : 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});
