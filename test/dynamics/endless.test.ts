/**
 * A phase whose states stand still but whose outputs are no numbers has diverged, on every engine and whoever
 * asked for it.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, softNeuron } from "../../devices";
import { weakestPoint, type Ranges } from "../../src/robustness";
import {
  createEngine,
  evaluateChip,
  evaluateChips,
  formatQuantity,
  parseQuantity,
  Simulator,
  stackChips,
  type Chip,
  type Complex,
} from "../../src/index";
import { codeOf } from "../refusal";

const chipOf = (rho: string, seed = 1): Chip =>
  layered([4, 3], {
    neuron: { kind: "neuron", name: "odd", equations: `du/dt = -u + I + I_nudge\nrho = ${rho}` },
    synapse: ideal(),
  }).fabricate({ seed });
const inputs = [1, 0, 1, 0.5];
const NUDGES: readonly (readonly [string, readonly Complex[] | undefined])[] = [
  ["free", undefined],
  ["real", [{ re: 0.1, im: 0 }]],
  ["complex", [{ re: 0.1, im: 0.1 }]],
];

describe.each(["reference", "simd", "gpu:cpu", "gpu:webasm"])("on %s", (name) => {
  it.each(["sqrt(u - 3)", "1/(u - u)", "(2 + u)^1000000000", "exp(800 + u)"])("rho = %s", async (rho) => {
    const engine = await createEngine(name);
    for (const [kind, nudges] of NUDGES) {
      if (kind === "complex" && rho.startsWith("sqrt")) continue; // has a root there
      const simulator = new Simulator(chipOf(rho), engine, { dt: 0.2 });
      const { outcome, ends } = await simulator.phase({
        samples: 1,
        inputs,
        steps: 200,
        tolerance: 1e-3,
        ...(nudges && { nudges, targets: [0, 1, 0] }),
      });
      expect([outcome.kind, ...ends]).toEqual(["diverged", "diverged"]);
      expect(outcome.advice).toBeDefined();
      simulator.dispose();
    }
    engine.dispose();
  });
});

describe("the rows that it happened to", () => {
  it("are told of a stack, in the order of the request", async () => {
    const engine = await createEngine("reference");
    // The root of what is below 0 is none: which rows those are, the states tell.
    const chips = [1, 2, 3].map((seed) => chipOf("sqrt(u)", seed));
    const { states, ends } = await new Simulator(stackChips(chips), engine, { dt: 0.2 }).phase({
      samples: 6,
      inputs: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      steps: 100,
      nudges: [
        { re: 0, im: 0 },
        { re: 0, im: 0 },
      ],
    });
    const negative = ends.map((_, row) => states.output.re.subarray(3 * row, 3 * row + 3).some((u) => u < 0));
    expect(new Set(negative).size).toBe(2);
    expect(ends).toEqual(negative.map((lost) => (lost ? "diverged" : "fixed")));
  });

  it("end a test, which has no accuracy to tell", async () => {
    const batch = {
      samples: 1,
      inputs: Float64Array.from(inputs),
      targets: Float64Array.from([0, 1, 0]),
      labels: Uint8Array.from([1]),
    };
    const engine = await createEngine("reference");
    const [lost, sound] = [chipOf("sqrt(u - 3)"), chipOf("tanh(u)")];
    await expect(
      evaluateChip(new Simulator(lost, engine, { dt: 0.2 }), [batch], { freeSteps: 50 }),
    ).rejects.toMatchObject({ code: "DYN-DIVERGED", category: "run" });
    await expect(
      evaluateChips(new Simulator(stackChips([sound]), engine, { dt: 0.2 }), [batch], { freeSteps: 50 }),
    ).resolves.toHaveLength(1);
  });
});

describe("numbers beyond all numbers", () => {
  const physical = (): Chip =>
    layered([4, 3], { neuron: softNeuron(), synapse: crossbar({ range: ["0.1 uS", "100 uS"] }) }).fabricate({
      seed: 1,
    });

  it.each(["reference", "simd", "gpu:cpu"])(
    "of a step are a divergence or no step, whatever the nudge, on %s",
    async (name) => {
      const engine = await createEngine(name);
      for (const dt of ["1e308 s", "1e300 s", "1e30 s"]) {
        for (const [, nudges] of NUDGES) {
          const ended = await Promise.resolve()
            .then(() =>
              new Simulator(physical(), engine, { dt }).phase({
                samples: 1,
                inputs,
                steps: 20,
                ...(nudges && { nudges, targets: [0, 1, 0] }),
              }),
            )
            .then(
              ({ outcome }) => outcome.kind,
              (error: unknown) => (error as { code?: string }).code,
            );
          expect(["diverged", "fixed", "DYN-DIVERGED", "DYN-STEP"], `${dt} ${ended}`).toContain(ended);
        }
      }
    },
  );
});

describe("what is no chip, no quantity, no range", () => {
  it("is refused where it is given", async () => {
    const engine = await createEngine("reference");
    for (const odd of [null, undefined, 3, "chip", {}, { chips: [] }])
      expect(codeOf(() => new Simulator(odd as unknown as Chip, engine, { dt: 0.2 }))).toBe("CHIP-STACK");
    for (const value of [Number.NaN, Infinity])
      expect(codeOf(() => formatQuantity({ value, dimension: [0, 0, 0, 0, 0] }))).toBe("UNIT-RANGE");
    for (const odd of [null, {}, []])
      expect(codeOf(() => parseQuantity(odd as unknown as string, "here"))).toBe("UNIT-SYNTAX");
    for (const odd of [null, 3, { a: null }, { a: 3 }, { a: "x" }])
      await expect(
        Promise.resolve().then(() => weakestPoint({ m: ">= 0" }, odd as unknown as Ranges, () => ({ m: 1 }))),
      ).rejects.toMatchObject({ code: "WEAKEST-RANGE" });
  });
});

describe("a simulator that was disposed of", () => {
  it.each(["reference", "simd"])("runs no phase on %s", async (name) => {
    const simulator = new Simulator(chipOf("tanh(u)"), await createEngine(name), { dt: 0.2 });
    expect(() => simulator.clamped).toThrow(expect.objectContaining({ code: "DYN-DISPOSED" }) as Error);
    await simulator.phase({ samples: 1, inputs, steps: 3 });
    simulator.dispose();
    await expect(simulator.phase({ samples: 1, inputs, steps: 3 })).rejects.toMatchObject({
      code: "DYN-DISPOSED",
    });
    await expect(simulator.stepAdvice({ samples: 1, inputs })).rejects.toMatchObject({
      code: "DYN-DISPOSED",
    });
    simulator.dispose();
  });
});
