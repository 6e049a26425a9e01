/**
 * Long equations written by hand, as far as they are honest, run on every engine and say what their short
 * forms say.
 */
import { describe, expect, it } from "vitest";
import { ideal } from "../../devices";
import { createEngine, defineCircuit, Simulator, type Complex, type SolverName } from "../../src/index";
import { nodesOf } from "../../src/equations/share";
import { planPhase } from "../../src/dynamics/lowering/plan";
import { SOLVERS } from "../../src/dynamics/solvers";

const lines = (n: number, line: (i: number) => string, by: string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join(by);
const DOUBLINGS = `a0 = tanh(u)\n${lines(40, (i) => `a${i + 1} = 0.5*a${i}*a${i} + 0.3`, "\n")}\nrho = a40`;

/** Each as it is written, and as a person who knew better would write it. */
const CASES: readonly (readonly [what: string, long: string, short: string])[] = [
  ["26 factors", `rho = ${lines(26, () => "u", "*")}`, "rho = u^26"],
  ["20 factors in brackets", `rho = ${"(u*".repeat(19)}u${")".repeat(19)}`, "rho = u^20"],
  [
    "30 hyperbolic tangents, and 30 definitions",
    `rho = ${"tanh(".repeat(30)}2*u${")".repeat(30)}`,
    `a0 = 2*u\n${lines(30, (i) => `a${i + 1} = tanh(a${i})`, "\n")}\nrho = a30`,
  ],
  [
    "a rational function of degree 20",
    `rho = (${lines(21, (i) => `u^${i}`, " + ")})/(${lines(21, (i) => `u^${2 * i}`, " + ")})`,
    `p(x) = ${"1 + x*(".repeat(20)}1${")".repeat(20)}\nrho = p(u)/p(u*u)`,
  ],
  [
    "forty doublings",
    DOUBLINGS,
    `f(x) = 0.5*x*x + 0.3\nb = f(tanh(u))\nrho = ${"f(".repeat(39)}b${")".repeat(39)}`,
  ],
];

const NUDGES: readonly (readonly [string, Complex])[] = [
  ["real", { re: 0.2, im: 0 }],
  ["complex", { re: 0.2, im: 0.2 }],
];

function simulated(
  text: string,
  engine: Awaited<ReturnType<typeof createEngine>>,
  solver: SolverName,
): Simulator {
  const neuron = {
    kind: "neuron",
    name: "long",
    equations: `du/dt = -u + 0.3*rho'(u)*I + 0.5*I + I_nudge\n${text}`,
  } as const;
  const circuit = defineCircuit({
    name: "long",
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "activity" },
    populations: [
      { name: "input", size: 3 },
      { name: "output", size: 4, neuron },
    ],
    projections: [
      { name: "up", from: "input", to: "output", synapse: ideal(), initial: { distribution: "glorot" } },
      { name: "across", from: "output", to: "output", synapse: ideal(), initial: { distribution: "glorot" } },
    ],
  });
  return new Simulator(circuit.fabricate({ seed: 3 }), engine, { solver, dt: 0.2 });
}

async function states(
  text: string,
  engineName: string,
  nudge: Complex,
  solver: SolverName = "exponential-euler",
): Promise<Float64Array> {
  const engine = await createEngine(engineName);
  const simulator = simulated(text, engine, solver);
  const { states: found } = await simulator.phase({
    samples: 1,
    inputs: [0.7, 0.4, 0.9],
    targets: [0, 1, 0, 0],
    nudges: [nudge],
    steps: 15,
  });
  simulator.dispose();
  engine.dispose();
  return Float64Array.from([...found.output.re, ...(found.output.im ?? [])]);
}

describe.each(CASES)("%s", (_, long, short) => {
  it.each(NUDGES)("under a %s nudge", async (_kind, nudge) => {
    const expected = await states(short, "reference", nudge);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
    for (const [engine, tolerance] of [
      ["reference", 1e-12],
      ["simd", 2e-5],
      ["gpu:cpu", 2e-5],
    ] as const) {
      (await states(long, engine, nudge)).forEach((value, i) =>
        expect(Math.abs(value - expected[i]), `${engine}, ${i}`).toBeLessThan(tolerance),
      );
    }
  });

  it("is lowered to few parts, in every stage of a solver", async () => {
    const { layout, circuit } = simulated(long, await createEngine("reference"), "rk4");
    const { program } = planPhase(circuit, layout, SOLVERS.rk4, 0.2, {
      order: "synchronous",
      rows: 1,
      groups: 1,
      complex: true,
      nudged: true,
      average: false,
    });
    for (const operation of program.step)
      if (operation.op === "map") expect(nodesOf(operation.expression), operation.out).toBeLessThan(2000);
  });
});
