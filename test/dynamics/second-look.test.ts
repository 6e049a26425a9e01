/**
 * A row stands still in steps that its engine's numbers cannot tell from none: that is no fixed point, and is
 * not called one.
 */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import { createEngine, Simulator, type Chip, type SimulatorOptions } from "../../src/index";
import { LONG } from "../long";

const engines = Promise.all(["reference", "simd", "gpu:cpu"].map((name) => createEngine(name)));

function leaky(): Chip {
  const neuron = { kind: "neuron" as const, name: "n", equations: "du/dt = -u + I + I_nudge\nrho = u" };
  const chip = layered([1, 1], { neuron, synapse: ideal(), initial: { distribution: "zero" } }).fabricate({
    seed: 1,
  });
  const { name } = chip.circuit.projections[0];
  chip.setWeights(name, {
    weights: Float64Array.of(1),
    biases: chip.weights(name).biases && new Float64Array(1),
  });
  return chip;
}

describe("a step that rounding swallows", () => {
  it.each([
    [1e-2, 1e-6],
    [1e-3, 1e-4],
    [1e-3, 1e-6],
    [1e-4, 1e-4],
  ])("of %d, at a tolerance of %d, settles nothing that is farther off than that", async (dt, tolerance) => {
    for (const engine of await engines) {
      if (engine.info.name === "gpu:cpu" && dt < 1e-3) continue;
      const { outcome, states } = await new Simulator(leaky(), engine, { dt }).phase({
        samples: 1,
        inputs: [2],
        steps: 200_000,
        tolerance,
      });
      const off = Math.abs(states.output.re[0] - 2);
      if (engine.info.precision === "float64") expect(outcome.kind).toBe("settled");
      // A residual of a linear neuron is how far it is off.
      expect(outcome.residual / off).toBeGreaterThan(0.9);
      if (outcome.kind === "settled") expect(off).toBeLessThan(1.1 * tolerance);
      else {
        expect(outcome.kind).toBe("timedOut");
        expect(outcome.advice).toMatch(
          /float32 tells no residual below .* larger dt, a larger tolerance, or the engine "reference"/,
        );
      }
      if (outcome.distance !== undefined) expect(outcome.distance / off).toBeGreaterThan(0.7);
    }
  });

  it("is none with the remedies that are told", async () => {
    const [reference, simd] = await engines;
    const kindOf = async (
      engine: typeof simd,
      options: SimulatorOptions,
      tolerance: number,
    ): Promise<string> =>
      (
        await new Simulator(leaky(), engine, options).phase({
          samples: 1,
          inputs: [2],
          steps: 200_000,
          tolerance,
        })
      ).outcome.kind;
    expect(await kindOf(simd, { dt: 1e-3 }, 1e-6)).toBe("timedOut");
    expect(await kindOf(reference, { dt: 1e-3 }, 1e-6)).toBe("settled");
    expect(await kindOf(simd, { dt: 0.1 }, 1e-6)).toBe("settled");
    expect(await kindOf(simd, { dt: 1e-3 }, 3e-4)).toBe("settled");
  });

  it.runIf(LONG)(
    "leaves ordinary circuits alone, at a tenth to a half of a time constant and down to a millionth",
    async () => {
      const inputs = Float64Array.from({ length: 3 * 64 }, (_, i) => ((i * 31) % 17) / 16);
      const designs: readonly (readonly [Chip, number])[] = [
        [nonideal({ temperature: 0 }).fabricate({ seed: 1 }), 20e-6],
        [
          layered([64, 40, 10], {
            neuron: leakyIntegrator({ rho: "tanh" }),
            synapse: ideal(),
            initial: { distribution: "glorot", scale: 0.5 },
          }).fabricate({ seed: 2 }),
          1,
        ],
      ];
      for (const [chip, tau] of designs) {
        for (const engine of await engines) {
          for (const [share, acceleration] of [
            [0.1, "none"],
            [0.5, "none"],
            [0.2, "anderson"],
          ] as const) {
            for (const tolerance of [1e-3, 1e-6]) {
              const { outcome } = await new Simulator(chip, engine, { dt: share * tau, acceleration }).phase({
                samples: 3,
                inputs,
                steps: 3000,
                tolerance,
              });
              expect(`${outcome.kind} ${outcome.advice ?? ""}`).toBe("settled ");
              expect(outcome.residual).toBeLessThanOrEqual(1.001 * tolerance);
            }
          }
        }
      }
    },
  );
});
