/** What an adapter takes at most, and what becomes of a run whose device is lost. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, prototypical } from "../../devices";
import type { Tuning } from "../../src/engines/gpu/device";
import { createGpuEngine } from "../../src/engines/gpu";
import { limitsOf, limitsOfTextures } from "../../src/engines/gpu/limits";
import { centred, energyBasedRule, sgd, strokeDigits, train, type Checkpoint } from "../../src/index";
import { caughtLater } from "./caught";
import { LONG } from "../long";

const circuit = layered([64, 12, 10], {
  neuron: prototypical(),
  synapse: ideal(),
  initial: { distribution: "fan-in" },
  cost: { kind: "squared-error", argument: "state" },
});
const data = {
  train: strokeDigits({ samples: 64, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 10, seed: 1, split: "test" }),
};
const binding = (bytes: number) => limitsOf({ maxStorageBufferBindingSize: bytes, maxBufferSize: 2 ** 28 });

async function trained(tuning: Tuning, more: { onCheckpoint?: (c: Checkpoint) => void } = {}) {
  const engine = await createGpuEngine("gpu:webasm", "webasm", {}, { patience: Infinity, ...tuning });
  try {
    const chip = circuit.fabricate({ seed: 3 });
    let calls = NaN;
    const epochs = train(chip, data, {
      engine,
      estimator: centred({ amplitude: 0.3, freeSteps: 10, nudgedSteps: 5 }),
      rule: energyBasedRule,
      optimizer: sgd({ rate: 0.1 }),
      epochs: 2,
      batch: 8,
      seed: 1,
      probe: 0,
      ...more,
    });
    for await (const { crossings } of epochs) calls = crossings?.callsPerBatch ?? NaN;
    return { arrays: chip.arrays(), calls };
  } finally {
    engine.dispose();
  }
}

describe("limits of an adapter", () => {
  it.runIf(LONG)("are met by fewer batches a call; what is learned is the same, to the bit", async () => {
    const free = await trained({});
    // Inputs of three batches: groups are of one or four.
    const bound = await trained({ limits: binding(3 * 8 * 64 * 4) });
    expect(free.calls).toBeLessThan(1);
    expect(bound.calls).toBeGreaterThanOrEqual(1);
    expect(bound.arrays).toEqual(free.arrays);
  });

  it("refuse a circuit whose arrays are too large, by their names", async () => {
    const refused = async (tuning: Tuning) => caughtLater(() => trained(tuning));
    expect(await refused({ limits: binding(2000) })).toMatchObject({
      code: "ENGINE-LIMIT",
      fact: expect.stringMatching(
        /takes 3072 bytes, and the adapter's maxStorageBufferBindingSize is 2000 bytes/,
      ),
    });
    expect(await refused({ limits: limitsOfTextures(16) })).toMatchObject({
      code: "ENGINE-LIMIT",
      fact: expect.stringContaining("MAX_TEXTURE_SIZE is 1024 bytes"),
    });
    expect(await refused({ limits: limitsOf({ maxComputeWorkgroupsPerDimension: 7 }) })).toMatchObject({
      code: "ENGINE-LIMIT",
      fact: expect.stringContaining("maxComputeWorkgroupsPerDimension is 56 rows or columns"),
    });
  });
});

describe("a device that is lost", () => {
  it("is an error for good, and the checkpoints before it stay", async () => {
    const kept: Checkpoint[] = [];
    let lost: string | null = null;
    const health = { complaint: () => null, lost: () => lost };
    const onCheckpoint = (checkpoint: Checkpoint): void => {
      kept.push(checkpoint);
      if (kept.length === 1) lost = "the driver was reset";
    };
    expect(await caughtLater(() => trained({ health }, { onCheckpoint }))).toMatchObject({
      code: "ENGINE-LOST",
      fact: "the device was lost: the driver was reset",
      remedy: expect.stringContaining("ohmlet resume"),
    });
    expect(kept).toHaveLength(1);
  });
});
