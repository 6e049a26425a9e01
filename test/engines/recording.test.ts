/** How a part of the graph becomes calls of kernels: whom a pipeline serves, and for how many places its kernels are compiled. */
import { GPU } from "gpu.js";
import { describe, expect, it, vi } from "vitest";
import { Device } from "../../src/engines/gpu/device";
import { compute, Value, type Call, type Handle } from "../../src/engines/gpu/graph";
import type { KernelText } from "../../src/engines/gpu/kernels";
import { workOf } from "../../src/engines/gpu/pipelines";
import { recordWork } from "../../src/engines/gpu/recording";
import { createEngine } from "../../src/engines/select";
import { COUNTER } from "./counter";

/** What a batch does: it reads weights and its own inputs, tells what came of it, and changes the weights. */
function batches(count: number): Value[] {
  const text = (name: string, output: number[]): KernelText => ({
    source: `function(){/*${name}*/}`,
    output,
  });
  const apply = (name: string, inputs: Value[], size: number[]): Value =>
    compute({
      key: name,
      inputs,
      sizes: [size],
      record: (call, handles) => [call(text(name, size), handles)],
    })[0];
  let weights = [0, 1].map((k) => Value.given(new Float32Array(16), [4, 4], `weights ${k}`, false));
  const told: Value[] = [];
  for (let b = 0; b < count; b++) {
    const input = Value.given(new Float32Array(16), [4, 4], "input");
    const drive = apply("drive", [input, weights[0]], [4, 4]);
    const hidden = apply("hidden", [drive, weights[1]], [4, 4]);
    told.push(apply("tell", [hidden], [4, 4]), apply("size", [hidden], [4]), apply("sign", [drive], [4]));
    weights = weights.map((old, k) => apply(`learn ${k}`, [old, hidden, drive], [4, 4]));
  }
  return [...told, ...weights];
}

/** Kernels of a recorded call, each for the places that GPU.js gives it: the first free one of its shape. */
function compiled(count: number, placed: boolean): { readonly kernels: number; readonly results: number } {
  const steps: { readonly text: KernelText; readonly of: readonly Handle[] }[] = [];
  const call: Call = (text, of) => steps.push({ text, of }) - 1;
  const work = workOf(batches(count));
  const { results } = recordWork(work, [...work.given.keys()], () => call, placed);
  const last = steps.map(() => -1);
  steps.forEach(({ of }, i) => of.forEach((handle) => typeof handle === "number" && (last[handle] = i)));
  for (const handle of Object.values(results)) last[handle as number] = Infinity;
  const places: { readonly shape: string; free: number }[] = [];
  const placeOf = steps.map(({ text: { output } }, i) => {
    const shape = output.join();
    let place = places.findIndex((one) => one.shape === shape && one.free < i);
    if (place < 0) place = places.push({ shape, free: 0 }) - 1;
    places[place].free = last[i];
    return place;
  });
  const kernels = steps.map(({ text, of }, i) =>
    [text.source, ...of.map((h) => (typeof h === "number" ? placeOf[h] : String(h))), placeOf[i]].join(),
  );
  return { kernels: new Set(kernels).size, results: Object.keys(results).length };
}

describe("calls of many batches", () => {
  it("take two kernels a batch more, where kernels are compiled for places: what they tell", () => {
    const found = [4, 16, 64].map((count) => compiled(count, true).kernels);
    expect(found[1] - found[0]).toBe(12 * 2);
    expect(found[2] - found[1]).toBe(48 * 2);
    // The mechanism is needed: without it every batch has its own.
    expect(compiled(64, false).kernels - compiled(16, false).kernels).toBeGreaterThan(48 * 2 + 48);
  });

  it("hand out what is wanted in few arrays", () => {
    expect(compiled(16, true).results).toBe(15 * 2 + 3 + 2);
    expect(compiled(16, false).results).toBe(16 * 3 + 2);
  });
});

describe("how many batches a call takes", () => {
  const wide = { passes: 534, kernels: 68, products: 8e8, bytes: 7e6, largest: 6e4 };
  const fits = (taken: typeof wide): number => new Device(new GPU({ mode: "cpu" }), "webasm", {}).fits(taken);

  it("are sixteen or none at first: what they compile takes as long for four", () => {
    expect(fits(wide)).toBeGreaterThan(16);
    expect(fits({ ...wide, products: 4e8 })).toBe(1);
    expect(fits({ ...wide, products: 4e6 })).toBe(1);
  });

  it("is never more than a call may take, whatever it takes to build", () => {
    expect(fits({ ...wide, bytes: 2 ** 26 })).toBe(4);
    expect(fits({ ...wide, products: 2 ** 35 })).toBe(2);
  });
});

describe("a pipeline", () => {
  it("serves all executables that do the same, also after the first is disposed of", async () => {
    const engine = await createEngine("gpu:webasm");
    const made = vi.spyOn(GPU.prototype, "createPipeline");
    try {
      for (let k = 0; k < 3; k++) {
        const exe = engine.compile(COUNTER);
        await exe.run(3, 0);
        expect(await exe.read("u")).toEqual(Float64Array.of(3));
        exe.dispose();
      }
      expect(made).toHaveBeenCalledTimes(1);
      const other = engine.compile({ ...COUNTER, step: [...COUNTER.step, ...COUNTER.step] });
      await other.run(3, 0);
      expect(await other.read("u")).toEqual(Float64Array.of(6));
      expect(made).toHaveBeenCalledTimes(2);
    } finally {
      made.mockRestore();
      engine.dispose();
    }
  });
});
