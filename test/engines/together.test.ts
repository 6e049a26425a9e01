/** What runs together on GPU.js: it comes all at once, or not at all. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { COUNTER } from "./counter";

describe("what runs together", () => {
  let engine: Engine;
  let exe: Executable;
  const together = async <T>(work: () => Promise<T>): Promise<T> =>
    (await (exe as Required<Executable>).together(work)).result;
  beforeAll(async () => {
    engine = await createEngine("gpu:webasm");
    exe = engine.compile(COUNTER);
  });
  afterAll(() => engine.dispose());

  it("is one call, and what was read comes after it", async () => {
    const calls = engine.crossings?.calls ?? 0;
    const read = await together(async () => {
      await exe.run(3, 0);
      const at = exe.read("u");
      await exe.run(4, 3);
      return { at };
    });
    expect(await read.at).toEqual(Float64Array.of(3));
    expect((engine.crossings?.calls ?? 0) - calls).toBe(1);
    expect(await exe.read("u")).toEqual(Float64Array.of(7));
  });

  it("is refused, not waited for, where it waits for what it reads", async () => {
    await expect(together(async () => exe.read("u"))).rejects.toThrow("waits for what it reads");
    expect(await exe.read("u")).toEqual(Float64Array.of(7));
  });
});
