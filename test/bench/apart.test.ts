/** A case in a process of its own that hangs, dies or fills the memory is told, and the next one is done. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Apart } from "../../bench/fuzz/apart";
import { LONG } from "../long";

describe("a case apart", () => {
  it.runIf(LONG)("is told of, whatever becomes of it, and the next one is done", async () => {
    const away = new Apart(join(__dirname, "apart-toy.ts"), { patience: 1500, memory: 2 ** 31 });
    const wrong = async (target: string): Promise<string | null> =>
      (await away.attempt(target, 1, 7, "")).wrong;
    try {
      expect(await away.attempt("answers", 1, 7, "")).toEqual({ code: "X-Y", wrong: null, ms: 7 });
      expect(await away.memory()).toEqual({ kept: 1, resident: 2 });
      expect(await wrong("hangs")).toBe("no answer in 1.5 s");
      expect(await away.memory()).toBeNull();
      expect(await wrong("dies")).toContain("the process died (SIG");
      expect(await wrong("answers")).toBeNull();
      await expect(away.attempt("unprepared", 1, 7, "")).rejects.toThrow("so it is");
    } finally {
      away.end();
    }
  });

  it.runIf(process.platform === "linux")("is ended where it takes too much", async () => {
    const away = new Apart(join(__dirname, "apart-toy.ts"), { patience: 30_000, memory: 2 ** 28 });
    expect((await away.attempt("grows", 1, 7, "")).wrong).toBe("more than 256 MB of memory");
    away.end();
  });
});
