/**
 * Holomorphic equilibrium propagation through kernels, softmax pooling and feedback kernels of their own
 * (Laborieux and Zenke 2023, section D): free state, exact answers, estimates and gradients of the reference
 * case, where the checkout has it beside it.
 */
import { byOwner } from "../../src/learning/drives";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { convolutional } from "../../circuits";
import { ideal } from "../../devices";
import type { Chip } from "../../src/circuit/chip-types";
import { Simulator } from "../../src/dynamics/simulator";
import { createEngine } from "../../src/engines/select";
import { readoutGradient } from "../../src/learning/cost";
import { holomorphic, oneSided } from "../../src/learning/estimators";
import { exactAnswers, gradientOf } from "../../src/learning/references/exact";
import { recurrentBackpropagation } from "../../src/learning/references/recurrent-backpropagation";
import { vectorField } from "../../src/learning/rules";
import { LONG } from "../long";

type Nested = number | readonly Nested[];
const FILE = resolve(__dirname, "../../../shared/goldens/holomorphic-conv.json");
const flat = (values: Nested): number[] => (typeof values === "number" ? [values] : values.flatMap(flat));

interface Case {
  readonly kernels: Record<string, Nested>;
  readonly x: Nested;
  readonly y: Nested;
  readonly u_free: Record<string, Nested>;
  readonly loss: number;
  readonly delta_rbp: Record<string, Nested>;
  readonly d_beta_a_exact: Record<string, Nested>;
  readonly grad_rbp: Record<string, Nested>;
  readonly grad_hep_exact: Record<string, Nested>;
  readonly estimates: Record<string, { readonly d_beta_a: Record<string, Nested> }>;
  readonly b_in_conv1: Nested;
  readonly b_conv1_out: Nested;
  readonly readout_kernel: Nested;
  readonly readout_bias: Nested;
}

/** The largest difference, relative to the largest expected entry. */
function error(found: ArrayLike<number>, wanted: Nested): number {
  const expected = flat(wanted);
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((x, i) => Math.abs(x - found[i]))) / largest;
}

function chipOf(given: Case): Chip {
  const chip = convolutional({
    shape: [8, 8, 2],
    layers: [
      { channels: 3, kernel: 3, padding: 1, pool: { kind: "softmax", window: 2 } },
      { channels: 4, kernel: 3, pool: { kind: "softmax", window: 2 } },
    ],
    neuron: {
      kind: "neuron",
      name: "dSiLU map",
      equations: "u <- I + I_nudge\nrho = 0.5*u*logistic(u) + (1 - 0.5*u)*logistic(u - 2)",
    },
    synapse: ideal(),
    feedback: "untied",
    cost: { kind: "cross-entropy", argument: "activity", classes: 3, ascend: true },
  }).fabricate();
  const set = (name: string, weights: Nested, biases?: Nested): void =>
    chip.setWeights(name, {
      weights: Float64Array.from(flat(weights)),
      biases: biases === undefined ? null : Float64Array.from(flat(biases)),
    });
  set("input-l1", given.kernels["in-conv1"], given.b_in_conv1);
  set("l1-output", given.kernels["conv1-out"], given.b_conv1_out);
  set("output-l1", given.kernels["out-conv1"]);
  for (let round = 0; round < 2; round++)
    chip.programReadout({
      weights: Float64Array.from(flat(given.readout_kernel), (w, i) => w - (chip.readout?.weights[i] ?? 0)),
      biases: Float64Array.from(flat(given.readout_bias), (b, i) => b - (chip.readout?.biases[i] ?? 0)),
    });
  return chip;
}

describe.runIf(existsSync(FILE))("holomorphic-conv", async () => {
  const given = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Case) : ({} as Case);
  const samples = 2;
  const inputs = Float64Array.from(flat(given.x ?? []));
  const targets = Float64Array.from(flat(given.y ?? []));
  const batch = { samples, inputs, targets };
  const layers = { l1: "conv1", output: "out" } as const;
  const ROUNDS = { freeSteps: 400, nudgedSteps: 400 };

  it("has the free state, the error vector and the derivative of the nudge that the case has", async () => {
    const chip = chipOf(given);
    const engine = await createEngine("reference");
    const { states } = await new Simulator(chip, engine).phase({ samples, inputs, steps: 400 });
    const exact = exactAnswers(chip, samples, inputs, states, targets);
    const iterated = recurrentBackpropagation(chip, samples, inputs, states, targets);
    expect(exact.cost).toBeCloseTo(given.loss, 11);
    for (const [name, theirs] of Object.entries(layers)) {
      expect(error(states[name].re, given.u_free[theirs])).toBeLessThan(1e-9);
      expect(error(exact.delta[name], given.delta_rbp[theirs])).toBeLessThan(1e-9);
      expect(error(iterated.delta[name], given.delta_rbp[theirs])).toBeLessThan(1e-9);
      expect(error(exact.dActivity[name], given.d_beta_a_exact[theirs])).toBeLessThan(1e-9);
    }
    const readout = readoutGradient(chip, exact.linearisation.activities.output, targets);
    for (const [key, factor] of [
      ["grad_rbp", exact.delta],
      ["grad_hep_exact", exact.dActivity],
    ] as const) {
      const found = byOwner(chip.circuit, gradientOf(exact.linearisation, factor));
      const wanted = given[key];
      expect(error(found["input-l1"].weights, wanted["in-conv1"])).toBeLessThan(1e-9);
      expect(error(found["l1-output"].weights, wanted["conv1-out"])).toBeLessThan(1e-9);
      expect(error(found["output-l1"].weights, wanted["out-conv1"])).toBeLessThan(1e-9);
      expect(error(found["input-l1"].biases ?? [], wanted["b_in-conv1"])).toBeLessThan(1e-9);
      expect(error(found["l1-output"].biases ?? [], wanted["b_conv1-out"])).toBeLessThan(1e-9);
      expect(error(readout.weights, wanted.roK)).toBeLessThan(1e-9);
    }
    engine.dispose();
  });

  it.each([["reference", 1e-9], ["simd", 2e-3], ...(LONG ? [["gpu:webasm", 2e-3] as const] : [])] as const)(
    "is estimated as the case has it, on %s",
    async (name, tolerance) => {
      const chip = chipOf(given);
      const engine = await createEngine(name);
      for (const [key, { d_beta_a }] of Object.entries(given.estimates)) {
        const [amplitude, points] = [/beta=([\d.]+)/, /N=(\d+)/].map((of) => Number(of.exec(key)?.[1]));
        const estimator =
          points === 1 ? oneSided({ amplitude, ...ROUNDS }) : holomorphic({ amplitude, points, ...ROUNDS });
        const estimate = await estimator.estimate(new Simulator(chip, engine), batch, { round: 0, seed: 0 });
        for (const [ours, theirs] of Object.entries(layers))
          expect(error(estimate.dActivity[ours], d_beta_a[theirs]), key).toBeLessThan(tolerance);
        if (key !== "beta=0.05,N=6" || name !== "reference") continue;
        const correlate = engine.correlate.bind(engine);
        const updates = await vectorField.update(chip.circuit, estimate, correlate, chip);
        // The case climbs, an update goes down.
        const down = (values: Float64Array): Float64Array => values.map((x) => -x);
        expect(error(down(updates["output-l1"].weights), given.grad_hep_exact["out-conv1"])).toBeLessThan(
          1e-8,
        );
        expect(error(down(updates["input-l1"].weights), given.grad_hep_exact["in-conv1"])).toBeLessThan(1e-8);
      }
      engine.dispose();
    },
  );
});
