import * as gpujs from "gpu.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine, ENGINE_NAMES, probeEngines } from "../../src/engines/select";
import type { OhmletError } from "../../src/errors";
import { COUNTER } from "./counter";
import { caughtLater } from "./caught";

const deviceOfGpuJs = async (): Promise<{ onuncapturederror(event: unknown): void; destroy(): void }> =>
  (
    await (
      gpujs as unknown as {
        WebGPUContext: { acquire(): Promise<{ device: Awaited<ReturnType<typeof deviceOfGpuJs>> }> };
      }
    ).WebGPUContext.acquire()
  ).device;
/** What an engine does as it is disposed of takes a few turns of the event loop. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 100));

describe("createEngine", () => {
  it.each(["", "GPU", "gpu:", "gpu:cuda", "constructor", "__proto__"])(
    "refuses the name %j and lists the others",
    async (name) => {
      expect(await caughtLater(() => createEngine(name))).toMatchObject({
        code: "ENGINE-NAME",
        remedy: expect.stringContaining("gpu:webasm"),
      });
    },
  );

  it("says that gpu:webgl2 cannot run in Node, and what can", async () => {
    expect(await caughtLater(() => createEngine("gpu:webgl2"))).toMatchObject({
      code: "ENGINE-BACKEND",
      place: { where: "gpu:webgl2" },
      remedy: expect.stringContaining("gpu"),
    });
  });

  it("tells what runs for a name", async () => {
    expect((await createEngine("reference")).info).toEqual({
      requested: "reference",
      name: "reference",
      precision: "float64",
    });
    expect((await createEngine("simd")).info).toMatchObject({
      requested: "simd",
      name: "simd",
      precision: "float32",
    });
    expect((await createEngine("gpu:cpu")).info).toMatchObject({
      requested: "gpu:cpu",
      name: "gpu:cpu",
      precision: "float32",
    });
  });

  it("takes the best backend for gpu, and says why where it passes one over", async () => {
    const { info } = await createEngine("gpu");
    expect(info).toMatchObject({ requested: "gpu", precision: "float32" });
    // Only a card is not passed over; and the step towards one is named that failed.
    if (info.name === "gpu:webgpu") expect(info.fallbackReason).toBeUndefined();
    else {
      expect(["gpu:webasm", "gpu:cpu"]).toContain(info.name);
      expect(info.fallbackReason).toMatch(/package|adapter|software/);
    }
  });
});

describe("gpu:webgpu in Node", () => {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  // Also after a failure: other files share this process.
  afterEach(() => void vi.unstubAllGlobals());

  it("refuses where no adapter is found, and leaves nothing behind", async () => {
    vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => null } });
    expect(await caughtLater(() => createEngine("gpu:webgpu"))).toMatchObject({
      code: "ENGINE-BACKEND",
      fact: expect.stringContaining("adapter"),
      remedy: expect.stringContaining("doctor"),
    });
    // A page whose WebGPU does not work: the choice says what it passed over.
    expect((await createEngine("gpu")).info).toMatchObject({
      name: "gpu:webasm",
      fallbackReason: expect.stringContaining("WebGPU finds no adapter"),
    });
  });

  it("passes over an adapter that is software", async () => {
    vi.stubGlobal("navigator", {
      gpu: { requestAdapter: async () => ({ info: { isFallbackAdapter: true } }) },
    });
    expect((await createEngine("gpu")).info).toMatchObject({
      name: "gpu:webasm",
      fallbackReason: expect.stringContaining("in software only"),
    });
    // Some drivers do not say it, but by their names.
    vi.stubGlobal("navigator", {
      gpu: { requestAdapter: async () => ({ info: { vendor: "mesa", description: "llvmpipe (LLVM 15)" } }) },
    });
    expect((await createEngine("gpu")).info.fallbackReason).toContain("llvmpipe");
  });

  it("sets the global that GPU.js looks for, and removes it with the last engine", async (context) => {
    const before = scope.navigator?.gpu;
    const first = await createEngine("gpu:webgpu").catch((error: OhmletError) => context.skip(error.fact));
    const second = await createEngine("gpu:webgpu");
    first.dispose();
    await settled();
    expect(scope.navigator?.gpu).toBeDefined();
    second.dispose();
    second.dispose();
    await settled();
    expect(scope.navigator?.gpu).toBe(before);
  });

  it("reports what the device refuses", async (context) => {
    const engine = await createEngine("gpu:webgpu").catch((error: OhmletError) => context.skip(error.fact));
    const device = await deviceOfGpuJs();
    const exe = engine.compile(COUNTER);
    await exe.run(1, 0);
    const refused = caughtLater(() => exe.run(1, 1));
    device.onuncapturederror({ error: { message: "out of memory" } });
    expect(await refused).toMatchObject({
      code: "ENGINE-BACKEND",
      category: "run",
      fact: expect.stringContaining("out of memory"),
    });
    await exe.run(1, 2);
    engine.dispose();
  });

  it("is over for good once its device is lost; another engine gets another device", async (context) => {
    const engine = await createEngine("gpu:webgpu").catch((error: OhmletError) => context.skip(error.fact));
    const exe = engine.compile(COUNTER);
    await exe.run(1, 0);
    (await deviceOfGpuJs()).destroy();
    await settled();
    for (const step of [1, 2])
      expect(await caughtLater(() => exe.run(1, step))).toMatchObject({
        code: "ENGINE-LOST",
        category: "run",
      });
    engine.dispose();
    await settled();
    const other = await createEngine("gpu:webgpu");
    const again = other.compile(COUNTER);
    await again.run(2, 0);
    expect(await again.read("u")).toEqual(Float64Array.of(2));
    other.dispose();
  });
});

describe("probeEngines", () => {
  it("tries every engine", async () => {
    const probes = await probeEngines();
    expect(probes.map(({ name }) => name)).toEqual([...ENGINE_NAMES]);
    for (const { name, runs, detail } of probes) {
      // Whether there is a driver for WebGPU is the machine's affair.
      if (name !== "gpu:webgpu") expect(runs, name).toBe(name !== "gpu:webgl2");
      expect(detail).not.toBe("");
    }
  });
});
