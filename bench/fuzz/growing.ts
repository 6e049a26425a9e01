/**
 * Equations that are short and grow: products, powers, functions within functions, definitions that double,
 * through the whole way: read, differentiated, split into two planes, simplified, compiled, run for a step.
 */
import { readCircuit } from "../../src/circuit/circuit";
import { Simulator } from "../../src/dynamics/simulator";
import { createEngine } from "../../src/engines/select";
import type { Engine } from "../../src/engines/engine";
import type { NeuronSpec } from "../../src/device/types";
import type { Dice } from "./random";
import type { Target } from "./target";

const SIZES = [1, 2, 3, 5, 8, 13, 20, 40, 100, 400, 2000];

/** A right side of u that has about `size` parts as text, and may have far more once it is worked on. */
function grown(size: number, dice: Dice): { readonly definitions: string; readonly rho: string } {
  const plain = (rho: string): { definitions: string; rho: string } => ({ definitions: "", rho });
  const times = (sign: string, factor: string): string =>
    Array.from({ length: size }, () => factor).join(sign);
  switch (dice.below(11)) {
    case 0:
      return plain(times("*", dice.pick(["u", "(1 + u)", "tanh(u)", "(u + u^2)"])));
    case 1:
      return plain(times(" + ", dice.pick(["u", "u*u", "tanh(u)", "exp(-u)"])));
    case 2:
      return plain(`u${"^2".repeat(Math.min(size, 30))}`);
    case 3:
      return plain(`(1 + u)^${dice.pick([2, 3, 17, 64, 1000, 1e9, -2, 0.5])}`);
    case 4: {
      const f = dice.pick(["tanh", "sin", "exp", "sqrt", "log", "cos"]);
      return plain(`${`${f}(`.repeat(size)}u${")".repeat(size)}`);
    }
    case 5:
      return {
        definitions: `${Array.from({ length: Math.min(size, 150) }, (_, i) => `a${i} = ${i === 0 ? "u" : `a${i - 1}`}${dice.pick(["*", " + ", "*tanh(a0) + "])}${i === 0 ? "u" : `a${i - 1}`}`).join("\n")}\n`,
        rho: `a${Math.min(size, 150) - 1}`,
      };
    case 6:
      return {
        definitions: `${Array.from({ length: Math.min(size, 150) }, (_, i) => `f${i}(x) = ${i === 0 ? "x*x" : `f${i - 1}(f${i - 1}(x))`}`).join("\n")}\n`,
        rho: `f${Math.min(size, 150) - 1}(u)`,
      };
    case 7:
      return plain(`${"where(u < 1, u, ".repeat(size)}0${")".repeat(size)}`);
    case 8:
      return plain(times("/", dice.pick(["(1 + u)", "(2 + exp(u))"])));
    case 9:
      return { definitions: `a(x) = tanh(x)\n`, rho: `a${"'".repeat(Math.min(size, 20))}(u)` };
    default:
      return plain(`${"(".repeat(size)}u${")*u".repeat(size)}`);
  }
}

const engines = new Map<string, Promise<Engine>>();
function engineOf(name: string): Promise<Engine> {
  if (!engines.has(name)) engines.set(name, createEngine(name));
  return engines.get(name)!;
}

export const GROWING: readonly Target[] = [
  {
    name: "growing",
    apart: true,
    attempt: async (dice) => {
      const { definitions, rho } = grown(dice.pick(SIZES), dice);
      const inField = dice.once(3);
      const equations =
        `${definitions}tau*du/dt = -u${inField ? ` + ${rho}` : ""} + I + I_nudge\nrho = ` +
        `${inField ? "u" : rho}`;
      const neuron: NeuronSpec = { kind: "neuron", name: "growing", equations, parameters: { tau: 1 } };
      const synapse = {
        kind: "synapse" as const,
        name: "plain",
        equations: "I = w*rho_pre\nw <- w + dw",
        parameters: {},
      };
      const chip = readCircuit({
        name: "growing",
        input: "input",
        output: "output",
        populations: [
          { name: "input", size: 2 },
          { name: "output", size: 2, neuron },
        ],
        projections: [
          {
            name: "up",
            from: "input",
            to: "output",
            synapse,
            bias: true,
            initial: { distribution: "glorot", scale: 0.1 },
          },
        ],
        cost: { kind: "squared-error", argument: "activity" },
      }).fabricate({ seed: 1 });
      const engine = await engineOf(dice.pick(["reference", "simd"]));
      const solver = dice.pick(["euler", "exponential-euler", "rk4", "dormand-prince"] as const);
      // A field of (1 + u)^999999999 is followed in steps as small as it asks for: as many as the solver may
      // take. What counts here is what becomes of the equation.
      const adaptive = solver === "dormand-prince" ? { adaptive: { mostSteps: 2000 } } : {};
      const simulator = new Simulator(chip, engine, { seed: 1, solver, dt: 0.1, ...adaptive });
      const nudges = dice.pick([
        [],
        [{ re: 0.2, im: 0 }],
        [
          { re: 0, im: 0.2 },
          { re: 0.1, im: 0.1 },
        ],
      ]);
      try {
        await simulator.phase({
          samples: 1,
          inputs: new Float64Array([0.1, 0.2]),
          steps: 2,
          ...(nudges.length > 0 && { nudges, targets: new Float64Array(2) }),
        });
      } finally {
        simulator.dispose();
      }
    },
  },
];
