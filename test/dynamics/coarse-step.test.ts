/** A step that is too long for its circuit is told of, with what to type instead; one that will do is not. */
import { describe, expect, it } from "vitest";
import { catalogue } from "../../circuits/catalogue";
import { layered, nonideal } from "../../circuits";
import { ideal } from "../../devices";
import {
  centred,
  coarseStep,
  createEngine,
  fromFloats,
  sgd,
  Simulator,
  train,
  type Chip,
  type NeuronSpec,
  type SolverName,
} from "../../src/index";
import { LONG } from "../long";

const TAU = 20e-6;
const inputs = Float64Array.from({ length: 6 }, (_, i) => ((i * 5) % 7) / 6);
const chip = (): Chip => nonideal({ sizes: [6, 5, 3], temperature: 0, mismatch: 0 }).fabricate({ seed: 1 });
const told = async (
  solver: SolverName,
  dt: number | string,
  of = chip(),
  engine = "reference",
): Promise<string | null> =>
  coarseStep(new Simulator(of, await createEngine(engine), { solver, dt }), {
    samples: 1,
    inputs,
    steps: 40,
  });

describe("a step that is too long", () => {
  it.each(["reference", "simd"])(
    "is told of beyond the stability of explicit solvers, up to where another would do (%s)",
    async (engine) => {
      for (const [solver, limit] of [
        ["euler", 2],
        ["heun", 2],
        ["rk4", 2.785],
      ] as const) {
        // Weak weights: the fastest mode is a little faster than the leak.
        expect(await told(solver, 0.35 * limit * TAU, chip(), engine)).toBeNull();
        const text = await told(solver, 1.1 * limit * TAU, chip(), engine);
        expect(text).toMatch(
          new RegExp(
            `^dt = \\d+ us is longer than the \\d+ us up to which ${solver} is stable here.*are not ` +
              `the circuit's; set dt: "\\d+ us" \\(on the command line --dt \\d+us\\), or solver: ` +
              `"exponential-euler"$`,
          ),
        );
        const typed = /set dt: "([^"]+)"/.exec(text as string)?.[1] as string;
        expect(await told(solver, typed, chip(), engine)).toBeNull();
      }
    },
  );

  it.each([1.1, 10, 50_000])("is told of with exponential Euler, %d time constants long", async (times) => {
    const text = await told("exponential-euler", times * TAU);
    expect(text).toMatch(
      /longer than the slowest time constant of the neurons, 20 us: no step follows how they move; set dt: "10 us"/,
    );
    expect(await told("exponential-euler", "10 us")).toBeNull();
  });

  it("is told of in numbers where time has none", async () => {
    const neuron: NeuronSpec = {
      kind: "neuron",
      name: "node",
      equations: "du/dt = -u + I + I_nudge\nrho = u",
    };
    expect(
      await told("exponential-euler", 3, layered([6, 2], { neuron, synapse: ideal() }).fabricate()),
    ).toMatch(/set dt: 0\.5 \(on the command line --dt 0\.5\), /);
  });

  it("is none where fast neurons are driven by slow ones, however fast, nor where nothing leaks", async () => {
    const node = (rate: string): NeuronSpec => ({
      kind: "neuron",
      name: `rate ${rate}`,
      equations: `du/dt = -${rate}*u + ${rate}*I + I_nudge\nrho = tanh(u)`,
    });
    const mixed = layered([6, 4, 3], { neuron: node("1"), output: node("1e4"), synapse: ideal() } as never);
    expect(await told("exponential-euler", 0.2, mixed.fabricate({ seed: 2 }))).toBeNull();
    const integrator: NeuronSpec = {
      kind: "neuron",
      name: "integrator",
      equations: "du/dt = 0.01*I + I_nudge\nrho = tanh(u)",
    };
    for (const solver of ["euler", "exponential-euler"] as const)
      expect(
        await told(solver, 5, layered([6, 3], { neuron: integrator, synapse: ideal() }).fabricate()),
      ).toBeNull();
    const root: NeuronSpec = {
      kind: "neuron",
      name: "root",
      equations: "du/dt = -sqrt(abs(u)) + I + I_nudge\nrho = u",
    };
    expect(
      await told("exponential-euler", 0.1, layered([6, 3], { neuron: root, synapse: ideal() }).fabricate()),
    ).toBeNull();
  });

  it.runIf(LONG)("is none in any circuit of the catalogue at the step that it is settled with", async () => {
    const engine = await createEngine("simd");
    for (const { build } of catalogue) {
      const circuit = build();
      const discrete = circuit.output.neuron?.dynamics.kind === "discrete";
      const physical = circuit.output.neuron?.dimensions.time[2] === 1;
      const loads = circuit.projections.some(({ synapse }) => synapse.loads);
      const simulator = new Simulator(
        circuit.fabricate({ seed: 1 }),
        engine,
        discrete ? {} : loads ? { solver: "balance" } : { dt: physical ? 1e-5 : 0.2 },
      );
      const data = Float64Array.from({ length: circuit.input.size }, (_, i) => ((i * 31) % 17) / 16);
      expect(await coarseStep(simulator, { samples: 1, inputs: data, steps: 60 }), circuit.name).toBeNull();
      simulator.dispose();
    }
    engine.dispose();
  });

  it("is heard in training, and in no other", async () => {
    const set = fromFloats({
      name: "few",
      shape: [1, 6],
      values: Float32Array.from({ length: 48 }, (_, i) => ((i * 13) % 11) / 10),
      labels: Uint8Array.from({ length: 8 }, (_, i) => i % 3),
    });
    const codes = async (dt: string): Promise<string[]> => {
      const estimator = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 });
      for await (const { warnings } of train(
        chip(),
        { train: set, test: set },
        { estimator, optimizer: sgd({ rate: 0.01 }), epochs: 1, dt, probe: 0 },
      ))
        return warnings.map(({ code }) => code);
      return [];
    };
    expect(await codes("1 ms")).toContain("DYN-COARSE");
    expect(await codes("10 us")).not.toContain("DYN-COARSE");
  });
});
