/** What `auto` takes where there is a graphics card: what is quicker at the size that is to run. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { millisecondsOf, quicker } from "../../src/engines/choose";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine, probeEngines } from "../../src/engines/select";

/** Of which a step takes so long. */
const slow = (milliseconds: number): Engine => ({
  info: { requested: "", name: "", precision: "float32" },
  compile: () =>
    ({
      setWeights: () => undefined,
      dispose: () => undefined,
      run: (steps: number) => {
        const end = performance.now() + steps * milliseconds;
        while (performance.now() < end);
        return Promise.resolve({ residual: new Float64Array(0) });
      },
    }) as unknown as Executable,
  correlate: () => Promise.reject(new Error("not asked for")),
  dispose: () => undefined,
});

describe("the quicker one", () => {
  const work = { units: 500, rows: 40 };

  it("is taken, and both times are told", async () => {
    const card = await quicker(work, async (name) => slow(name === "simd" ? 0.4 : 0.05));
    expect(card.name).toBe("gpu:webgpu");
    expect(card.chosen).toMatch(
      /^a step of 512 units and 32 rows takes on simd 0\.\d+ ms, gpu:webgpu 0\.\d+ ms$/,
    );
    expect((await quicker(work, async (name) => slow(name === "simd" ? 0.05 : 0.4))).name).toBe("simd");
  });

  it("is simd where the card does not run, and why is told", async () => {
    const found = await quicker(work, async (name) => {
      if (name === "gpu:webgpu") throw new Error("it is on fire");
      return slow(0.01);
    });
    expect(found).toMatchObject({ name: "simd", chosen: expect.stringContaining("it is on fire") });
  });

  it("is measured in milliseconds, on an engine", async () => {
    const engine = await createEngine("simd", { threads: 1 });
    const [few, many] = [
      await millisecondsOf(engine, { units: 16, rows: 1 }),
      await millisecondsOf(engine, { units: 256, rows: 64 }),
    ];
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(many);
    engine.dispose();
  });
});

describe("auto", () => {
  afterEach(() => void vi.unstubAllGlobals());
  const adapter = (info: object) => {
    vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => ({ info }) } });
  };

  it("tries a card of the page, once for a size, and says so; so does doctor", async () => {
    adapter({ description: "A Card" });
    const { info } = await createEngine("auto", { work: { units: 230, rows: 28 } });
    // This card gives no device.
    expect(info).toMatchObject({
      requested: "auto",
      name: "simd",
      chosen: expect.stringMatching(/does not run/),
    });
    const again = await createEngine("auto", { work: { units: 210, rows: 30 } });
    expect(again.info.chosen).toBe(info.chosen);
    const auto = (await probeEngines()).find(({ name }) => name === "auto");
    expect(auto?.detail).toMatch(/512 units and 64 rows/);
  });

  it("looks for no card where a step is too short", async () => {
    vi.stubGlobal("navigator", { gpu: { requestAdapter: () => Promise.reject(new Error("asked")) } });
    expect((await createEngine("auto", { work: { units: 106, rows: 20 } })).info).toMatchObject({
      name: "simd",
      chosen: "no graphics card: a step is too short for one to be quicker",
    });
  });

  it("never takes software, and names it", async () => {
    adapter({ vendor: "google", architecture: "swiftshader" });
    expect((await createEngine("auto")).info).toMatchObject({
      name: "simd",
      chosen: "no graphics card: WebGPU runs here in software only (swiftshader)",
    });
  });

  it("says which step towards a card failed", async () => {
    vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => null } });
    expect((await createEngine("auto")).info.chosen).toContain("finds no adapter");
  });
});
