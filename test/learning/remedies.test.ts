/** What is done for feedback that is no transpose: laws of both ways of learning it, resuming, configs, refusals. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import { homeostasisOf, remedyOf, runOf, circuitOf } from "../../src/config";
import {
  adam,
  centred,
  sgd,
  strokeDigits,
  train,
  type Checkpoint,
  type Chip,
  type EpochReport,
  type TrainOptions,
} from "../../src/index";
import type { RemedyOptions } from "../../src/learning/remedies";
import { refusal } from "../refusal";

const DATA = {
  train: strokeDigits({ samples: 200, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 10, seed: 1, split: "test" }),
};
const chipOf = (feedback: "tied" | { angle: number } = { angle: 90 }): Chip =>
  layered([64, 8, 10], { neuron: leakyIntegrator({ rho: "tanh" }), synapse: ideal(), feedback }).fabricate({
    seed: 2,
  });
const OPTIONS = {
  estimator: centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 10 }),
  epochs: 1,
  batch: 10,
  dt: 0.5,
  seed: 3,
  probe: 0,
  engine: "simd",
} satisfies Omit<TrainOptions, "optimizer">;

async function learn(
  chip: Chip,
  remedy: RemedyOptions,
  more: Partial<TrainOptions> = {},
): Promise<EpochReport[]> {
  const reports: EpochReport[] = [];
  for await (const report of train(chip, DATA, {
    ...OPTIONS,
    optimizer: sgd({ rate: 0.1 }),
    remedy,
    ...more,
  }))
    reports.push(report);
  return reports;
}

/** Norm of feedback less transposed forward weights, and of the feedback. */
function distance(chip: Chip): number {
  const [forward, back] = [chip.weights("l1-output").weights, chip.weights("output-l1").weights];
  return Math.hypot(...back.map((b, k) => b - forward[(k % 8) * 10 + Math.floor(k / 8)]));
}

describe("remedies of feedback", () => {
  it("kolen-pollack: what is between the two directions dies out, whatever is learned", async () => {
    const chip = chipOf();
    const before = distance(chip);
    const [report] = await learn(chip, { kind: "kolen-pollack", decay: 0.03 });
    expect(report.learned).toEqual({ place: "host", reason: "feedback learns by kolen-pollack" });
    // Twenty batches; devices hold doubles.
    expect(distance(chip) / before).toBeCloseTo(0.97 ** 20, 6);
    const adapted = chipOf();
    await learn(adapted, { kind: "kolen-pollack", decay: 0.03 }, { optimizer: adam({ rate: 0.01 }) });
    expect(distance(adapted) / before).toBeCloseTo(0.97 ** 20, 6);
  });

  it("weight-mirror: feedback comes to the forward weights, as closely as its kicks tell", async () => {
    const still = sgd({ rate: 0 });
    const [chip, noisy] = [chipOf(), chipOf()];
    const before = distance(chip);
    const [report] = await learn(
      chip,
      { kind: "weight-mirror", rate: 0.3, draws: 400 },
      { optimizer: still },
    );
    expect(report.feedbackAngle["output-l1"]).toBeLessThan(15);
    expect(distance(chip) / before).toBeLessThan(0.15);
    await learn(noisy, { kind: "weight-mirror", rate: 0.3, draws: 4 }, { optimizer: still });
    expect(distance(noisy)).toBeGreaterThan(2 * distance(chip));
  });

  it("is resumed to the byte", async () => {
    const remedy = { kind: "weight-mirror", draws: 5 } as const;
    const kept: Checkpoint[] = [];
    const [whole, again] = [chipOf(), chipOf()];
    await learn(whole, remedy, { checkpointEvery: 7, onCheckpoint: (c) => void kept.push(c) });
    await learn(again, remedy, { resume: kept[0] });
    expect(again.arrays()).toEqual(whole.arrays());
    await expect(learn(chipOf(), { ...remedy, draws: 6 }, { resume: kept[0] })).rejects.toMatchObject({
      code: "CHECKPOINT-OTHER",
    });
  });

  it("are named in configs, each in the place of the others", () => {
    const of = (remedy: unknown, feedback: unknown = "untied") => {
      const run = runOf({
        circuit: {
          topology: "layered",
          sizes: [64, 4, 10],
          neuron: "leaky-integrator",
          synapse: "ideal",
          feedback,
        },
        data: { kind: "generated" },
        estimator: { kind: "centred", amplitude: 0.3, freeSteps: 30, nudgedSteps: 10 },
        optimizer: { kind: "sgd", rate: 0.1 },
        homeostasis: { coefficient: 0.5 },
        epochs: 1,
        ...(remedy !== undefined && { remedy }),
      });
      const circuit = circuitOf(run);
      return [homeostasisOf(run, circuit)?.coefficient, remedyOf(run, circuit.fabricate())?.kind];
    };
    expect(of(undefined)).toEqual([0.5, undefined]);
    expect(of("homeostasis")).toEqual([0.5, undefined]);
    expect(of("none")).toEqual([undefined, undefined]);
    expect(of("kolen-pollack")).toEqual([undefined, "kolen-pollack"]);
    expect(of({ kind: "weight-mirror", draws: 3 })).toEqual([undefined, "weight-mirror"]);
    expect(refusal(() => of("weight-mirror", "tied")).code).toBe("LEARN-REMEDY");
    expect(refusal(() => of({ kind: "weight-mirror", decay: 1 })).code).toBe("CONFIG-KEY");
  });
});
