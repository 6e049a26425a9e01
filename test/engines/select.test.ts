import { describe, expect, it } from "vitest";
import { createEngine, ENGINE_NAMES, probeEngines } from "../../src/engines/select";
import { caughtLater } from "./caught";

describe("createEngine", () => {
  it.each(["", "GPU", "gpu:", "gpu:cuda", "constructor", "__proto__"])("refuses the name %j and lists the others", async (name) => {
    expect(await caughtLater(() => createEngine(name))).toMatchObject({ code: "ENGINE-NAME", remedy: expect.stringContaining("gpu:webasm") });
  });

  it.each(["gpu:webgpu", "gpu:webgl2"])("says that %s cannot run, and what can", async (name) => {
    expect(await caughtLater(() => createEngine(name))).toMatchObject({ code: "ENGINE-BACKEND", place: { where: name }, remedy: expect.stringContaining("gpu") });
  });

  it("tells what runs for a name", async () => {
    expect((await createEngine("reference")).info).toEqual({ requested: "reference", name: "reference", precision: "float64" });
    expect((await createEngine("simd")).info).toMatchObject({ requested: "simd", name: "simd", precision: "float32" });
    expect((await createEngine("gpu:cpu")).info).toMatchObject({ requested: "gpu:cpu", name: "gpu:cpu", precision: "float32" });
  });

  it("takes the best backend for gpu, and says why where it passes one over", async () => {
    const { info } = await createEngine("gpu");
    expect(info).toMatchObject({ requested: "gpu", precision: "float32" });
    expect(["gpu:webasm", "gpu:cpu"]).toContain(info.name);
    expect(info.fallbackReason === undefined).toBe(info.name === "gpu:webasm");
  });
});

describe("probeEngines", () => {
  it("tries every engine", async () => {
    const probes = await probeEngines();
    expect(probes.map(({ name }) => name)).toEqual([...ENGINE_NAMES]);
    for (const { name, runs, detail } of probes) {
      expect(runs, name).toBe(["reference", "gpu", "gpu:webasm", "gpu:cpu", "simd"].includes(name));
      expect(detail).not.toBe("");
    }
  });
});
