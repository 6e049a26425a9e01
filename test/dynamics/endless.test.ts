/** A phase whose states stand still but whose outputs are no numbers has diverged, on every engine and whoever asked for it. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { createEngine, evaluateChip, evaluateChips, Simulator, stackChips, type Chip, type Complex } from "../../src/index";

const chipOf = (rho: string, seed = 1): Chip =>
  layered([4, 3], { neuron: { kind: "neuron", name: "odd", equations: `du/dt = -u + I + I_nudge\nrho = ${rho}` }, synapse: ideal() }).fabricate({ seed });
const inputs = [1, 0, 1, 0.5];
const NUDGES: readonly (readonly [string, readonly Complex[] | undefined])[] = [["free", undefined], ["real", [{ re: 0.1, im: 0 }]], ["complex", [{ re: 0.1, im: 0.1 }]]];

describe.each(["reference", "simd", "gpu:cpu", "gpu:webasm"])("on %s", (name) => {
  it.each(["sqrt(u - 3)", "1/(u - u)", "(2 + u)^1000000000", "exp(800 + u)"])("rho = %s", async (rho) => {
    const engine = await createEngine(name);
    for (const [kind, nudges] of NUDGES) {
      if (kind === "complex" && rho.startsWith("sqrt")) continue; // has a root there
      const simulator = new Simulator(chipOf(rho), engine, { dt: 0.2 });
      const { outcome, ends } = await simulator.phase({ samples: 1, inputs, steps: 200, tolerance: 1e-3, ...(nudges && { nudges, targets: [0, 1, 0] }) });
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
    const { states, ends } = await new Simulator(stackChips(chips), engine, { dt: 0.2 }).phase({ samples: 6, inputs: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)), steps: 100, nudges: [{ re: 0, im: 0 }, { re: 0, im: 0 }] });
    const negative = ends.map((_, row) => states.output.re.subarray(3 * row, 3 * row + 3).some((u) => u < 0));
    expect(new Set(negative).size).toBe(2);
    expect(ends).toEqual(negative.map((lost) => (lost ? "diverged" : "fixed")));
  });

  it("end a test, which has no accuracy to tell", async () => {
    const batch = { samples: 1, inputs: Float64Array.from(inputs), targets: Float64Array.from([0, 1, 0]), labels: Uint8Array.from([1]) };
    const engine = await createEngine("reference");
    const [lost, sound] = [chipOf("sqrt(u - 3)"), chipOf("tanh(u)")];
    await expect(evaluateChip(new Simulator(lost, engine, { dt: 0.2 }), [batch], { freeSteps: 50 })).rejects.toMatchObject({ code: "DYN-DIVERGED", category: "run" });
    await expect(evaluateChips(new Simulator(stackChips([sound]), engine, { dt: 0.2 }), [batch], { freeSteps: 50 })).resolves.toHaveLength(1);
  });
});
