/**
 * Configs in code are typed by the schemas that read them. `npm run types` compiles what is said here; the runs hold
 * it to what is read.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import { softNeuron } from "../../devices";
import {
  runOf,
  type CompleteRunConfig,
  type RunConfig,
  type StudyConfig,
  type WeakestConfig,
} from "../../src/config";
import { defineNeuron, type EngineName, type OutcomeKind } from "../../src/index";
import type { studyInto, trainInto, OpenedRun } from "../../src/runs";

const RUN: RunConfig = {
  circuit: {
    topology: "layered",
    sizes: [64, 4, 10],
    neuron: defineNeuron(softNeuron()),
    synapse: { device: "crossbar", readNoise: "1 %" },
  },
  data: { kind: "generated", train: 20 },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 },
  optimizer: { kind: "adam", rate: 0.01 },
  dt: "10 us",
  epochs: 1,
  engine: "reference",
};

describe("a config in code", () => {
  it("may leave out what has a default, which is there once it was read", () => {
    const { config } = runOf(RUN);
    expect(config).toMatchObject({ batch: 20, seed: 1, optimizer: { feedbackRate: 1 } });
    expectTypeOf(config).toEqualTypeOf<CompleteRunConfig>();
    expectTypeOf(config.batch).toEqualTypeOf<number>();
    expectTypeOf<RunConfig["batch"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<CompleteRunConfig>().toExtend<RunConfig>();
  });

  it("is what trainInto and studyInto take", () => {
    expectTypeOf<Parameters<typeof trainInto>[1]>().toEqualTypeOf<string | RunConfig>();
    expectTypeOf<Parameters<typeof studyInto>[1]>().toEqualTypeOf<string | StudyConfig>();
    const study: StudyConfig = { name: "s", run: RUN, vary: { "circuit.angle": [0, 1] }, measure: ["loss"] };
    const search: WeakestConfig = { run: RUN, ranges: { epochs: [1, 2] }, claim: { accuracy: "> 0" } };
    expect([study.name, search.claim]).toEqual(["s", { accuracy: "> 0" }]);
  });

  it("is held to its keys and words", () => {
    const refused: RunConfig[] = [
      // @ts-expect-error no such key
      { ...RUN, epoch: 1 },
      // @ts-expect-error no such estimator
      { ...RUN, estimator: { kind: "centered", amplitude: 0.3, freeSteps: 1, nudgedSteps: 1 } },
      // @ts-expect-error no number
      { ...RUN, epochs: "1" },
    ];
    expect(refused).toHaveLength(3);
    // @ts-expect-error epochs are needed
    const short: RunConfig = {
      circuit: "toy",
      data: RUN.data,
      estimator: RUN.estimator,
      optimizer: RUN.optimizer,
    };
    expect(() => runOf(short)).toThrow(/epochs/);
  });

  it("knows engines and outcomes by name", () => {
    expectTypeOf<EngineName>().toExtend<NonNullable<RunConfig["engine"]>>();
    expectTypeOf<OutcomeKind>().toEqualTypeOf<"settled" | "unstable" | "timedOut" | "diverged" | "fixed">();
    expectTypeOf<OpenedRun["outcome"]>().toEqualTypeOf<"running" | "interrupted" | "failed" | "done">();
  });
});
