/**
 * Engines with a planted fault: the law finds them, and shrinks to the smallest circuit that shows the fault.
 */
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { Engine, Executable } from "../../../src/engines/engine";
import { createReference } from "../../../src/engines/reference";
import { chipOf, circuits, laws } from "../../../src/robustness";

vi.mock("../../../src/engines/select", async (original) => ({
  ...(await original<object>()),
  createEngine: async (name: string) => (Object.hasOwn(FAULTY, name) ? FAULTY[name]() : createReference()),
}));

/** The reference, with something done to each of its executables. */
const spoilt =
  (name: string, spoil: (executable: Executable, widths: Readonly<Record<string, number>>) => void) =>
  (): Engine => {
    const whole = createReference(name);
    return {
      ...whole,
      compile(program) {
        const executable = whole.compile(program);
        spoil(executable, program.buffers);
        return executable;
      },
    };
  };
const FAULTY: Readonly<Record<string, () => Engine>> = {
  "off by one": spoilt("off by one", (executable) => {
    const run = executable.run.bind(executable);
    executable.run = (steps, first) => run(Math.max(1, steps - 1), first);
  }),
  // What is read from a buffer of two units or more has its first two exchanged.
  "lanes mixed up": spoilt("lanes mixed up", (executable, widths) => {
    const read = executable.read.bind(executable);
    executable.read = async (buffer) => {
      const values = await read(buffer);
      if (widths[buffer] >= 2) [values[0], values[1]] = [values[1], values[0]];
      return values;
    };
  }),
};

async function shrunk(
  engine: string,
  steps: number,
): Promise<{ readonly sizes: unknown; readonly error: string }> {
  const found = await fc.check(
    fc.asyncProperty(
      circuits(),
      async (recipe) =>
        void (await laws.enginesAgree(chipOf(recipe), {
          seed: recipe.seed,
          engines: ["reference", engine],
          steps,
        })),
    ),
    { seed: 4 },
  );
  expect(found.failed, engine).toBe(true);
  expect(found.counterexample?.[0]).toMatchObject({
    feedback: "tied",
    neuron: "map",
    cost: "squared-error",
    ascend: false,
  });
  return { sizes: found.counterexample?.[0].sizes, error: String(found.errorInstance) };
}

it("an engine that leaves out a step is found, with one neuron a layer", async () => {
  const { sizes, error } = await shrunk("off by one", 3);
  expect(sizes).toEqual([1, 1, 1]);
  expect(error).toMatch(
    /LAW-ENGINES {2}layered-1-1-1: after a free phase of 3 steps unit 0 of "\w+" is at \S+ on "off by one" and at \S+ on "reference"/,
  );
  expect(error).toMatch(
    /again: laws\.enginesAgree\(circuit\.fabricate\(\{ seed: 1 \}\), \{ seed: 1, engines: \["reference","off by one"\], steps: 3 \}\)/,
  );
});

it("an engine that mixes up two neurons is found, with two of them in one layer", async () => {
  const { sizes } = await shrunk("lanes mixed up", 20);
  expect([
    [1, 1, 2],
    [1, 2, 1],
  ]).toContainEqual(sizes);
});
