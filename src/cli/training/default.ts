/**
 * The run of `ohmlet train` without a config: the nonideal chip on generated digits. `configs/default.yaml`
 * says the same.
 */
import type { CompleteRunConfig } from "../../config";

export const DEFAULT_RUN = {
  circuit: {
    topology: "nonideal",
    mismatch: 0.05,
    angle: 20,
    temperature: "300 K",
    retention: "1e5 s",
    readNoise: 0,
  },
  data: { kind: "generated", size: 8, train: 2000, test: 1000, noise: 0.05 },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 40, nudgedSteps: 25, average: 0 },
  optimizer: { kind: "adam", rate: 0.005, feedbackRate: 0.3, weightDecay: 0 },
  schedule: "cosine",
  epochs: 8,
  batch: 20,
  dt: 1e-5,
  probe: 20,
  order: "synchronous",
  acceleration: "none",
  persistent: false,
  seed: 1,
  engine: "auto",
} as const satisfies CompleteRunConfig;
