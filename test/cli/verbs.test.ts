import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../circuits";
import { DEVICES } from "../../devices";
import { obtain } from "../../src/cli/engine-advice";
import { ohmlet } from "./run";

const json = async (...words: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await ohmlet(...words, "--json")).out) as Record<string, unknown>;

describe("devices", () => {
  it("lists the catalogue", async () => {
    const { code, out, err } = await ohmlet("devices");
    expect([code, err]).toEqual([0, ""]);
    for (const [name, make] of DEVICES)
      expect(out).toMatch(new RegExp(`^  ${name} +${make().summary?.slice(0, 20)}`, "m"));
    expect((await json("devices")).devices).toHaveLength(DEVICES.size);
  });

  it("prints a datasheet: equations, units, parameters, source", async () => {
    const { out } = await ohmlet("devices", "soft-neuron");
    for (const part of ["C*du/dt", ": V", "rho", "50 nS", "300 K", "source"]) expect(out).toContain(part);
  });

  it("gives the device as plain data, and its parameters in SI", async () => {
    const found = await json("devices", "soft-neuron");
    expect(found.spec).toEqual(JSON.parse(JSON.stringify(DEVICES.get("soft-neuron")!())));
    expect(found.parameters).toContainEqual(
      expect.objectContaining({ name: "C", value: "1 pF", si: expect.closeTo(1e-12, 20) as number }),
    );
  });
});

describe("circuits", () => {
  it("lists the catalogue", async () => {
    const { code, out, err } = await ohmlet("circuits");
    expect([code, err]).toEqual([0, ""]);
    for (const { name, summary } of catalogue)
      expect(out).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 10)}`, "m"));
  });

  it("counts what training changes: tied synapses once, the readout too", async () => {
    const tied = await json("circuits", "toy");
    expect(tied.trainedParameters).toBe(11 * 50 + 11 * 5 + 50 * 5);
    expect(tied.neurons).toBe(55);
    const withReadout = await json("circuits", "loop");
    expect(withReadout.trainedParameters).toBe(785 * 256 + 257 * 256 + 257 * 10 + 10 * 256 + 11 * 10);
  });

  it("fabricates a chip where a seed is given: the same seed, the same chip", async () => {
    const [a, b, c] = await Promise.all([
      json("circuits", "nonideal", "--seed", "7"),
      json("circuits", "nonideal", "--seed", "7"),
      json("circuits", "nonideal", "--seed", "8"),
    ]);
    expect(a).toEqual(b);
    expect(a.chip).not.toEqual(c.chip);
    const { parameters } = a.chip as {
      parameters: { population: string; parameter: string; mean: number; spread: number }[];
    };
    const capacitance = parameters.find((p) => p.population === "l1" && p.parameter === "C")!;
    expect(capacitance.mean).toBeCloseTo(1e-12, 13);
    expect(capacitance.spread).toBeGreaterThan(0.02);
    expect(capacitance.spread).toBeLessThan(0.09);
    expect(await json("circuits", "nonideal")).not.toHaveProperty("chip");
  });
});

describe("doctor", () => {
  it("tells what the machine has, and that the reference engine runs", async () => {
    const found = await json("doctor");
    expect(found.node).toBe(process.versions.node);
    expect(found.cores).toBeGreaterThan(0);
    expect(found.engines).toContainEqual(expect.objectContaining({ name: "reference", runs: true }));
  });

  it("explains how to get the engines that do not run", async () => {
    const { out } = await ohmlet("doctor");
    expect(out).toMatch(/How to get the others\n(.*\n)*  gpu:webgl2 +in a browser only/);
    const [{ name, ways }, ...others] = obtain(
      [
        { name: "gpu:webgpu", runs: false, detail: "there is no WebGPU here" },
        { name: "simd", runs: true, detail: "" },
      ],
      false,
    );
    expect([name, others]).toEqual(["gpu:webgpu", []]);
    expect(ways.join()).toMatch(/npm install webgpu.*libvulkan1.*VK_ICD_FILENAMES.*--enable-unsafe-webgpu/);
  });

  it("fails where the engine that is asked for does not run", async () => {
    expect((await ohmlet("doctor", "--engine", "reference")).code).toBe(0);
    expect((await ohmlet("doctor", "--engine", "gpu:webgl2")).code).toBe(1);
  });
});

describe("estimators", () => {
  it("holds all of them against the true error vector of the default chip, and writes a page", async () => {
    const page = join(mkdtempSync(join(tmpdir(), "estimators-")), "page.html");
    const words = [
      "estimators",
      "--samples",
      "1",
      "--repeats",
      "2",
      "--engine",
      "reference",
      "--report",
      page,
    ];
    const { code, out } = await ohmlet(...words);
    expect(code).toBe(0);
    expect(out).toMatch(/estimator +bias +spread +cosine/);
    expect(out).toMatch(/^ {2}centred +[\d.]+ %/m);
    expect(readFileSync(page, "utf8")).toContain("All estimators on nonideal-64-32-10");
    expect((await ohmlet("estimators", "--noise", "3")).err).toContain("ESTIMATORS-DIAL");
  });
});
