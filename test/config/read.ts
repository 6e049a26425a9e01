/** Short ways to a config in tests: a run that is small and right, and what is said of one that is wrong. */
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  circuitOf,
  estimatorOf,
  homeostasisOf,
  optimizerOf,
  readRun,
  ruleOf,
  timeStepOf,
  type Run,
} from "../../src/config";
import { ledgerTermsIn } from "../../src/config/run";
import { expectHeard } from "../../src/config/unheard";
import { OhmletError } from "../../src/errors";

const CONFIGS = resolve(__dirname, "../../configs");
export const SHIPPED = readdirSync(CONFIGS).filter((file) => /\.(yaml|json)$/.test(file));
export const textOf = (file: string): string => readFileSync(join(CONFIGS, file), "utf8");

/** Two neurons of its own, wired by hand; every line is changed by some test. */
export const TINY = `name: tiny
devices:
  mine:
    equations: |
      tau*du/dt = -u + I + I_nudge
      rho = tanh(u)
    parameters:
      tau: 1
circuit:
  name: pair
  populations:
    - { name: input, size: 64 }
    - { name: output, size: 10, neuron: mine }
  projections:
    - { name: up, from: input, to: output, synapse: ideal, bias: true, initial: glorot }
  input: input
  output: output
  cost: { kind: squared-error, argument: activity }
# generated digits of 8x8 pixels
data: { kind: generated, train: 60, test: 30 }
estimator:
  kind: centred
  amplitude: 0.2
  freeSteps: 60
  nudgedSteps: 40
optimizer: { kind: sgd, rate: 0.1 }
dt: 0.2
epochs: 2
engine: reference
probe: 4
`;

/** Reads a text as far as a run is read before anything runs. */
export function readAll(text: string, where = "run.yaml"): Run {
  const run = readRun({ where, text });
  const circuit = circuitOf(run);
  estimatorOf(run);
  optimizerOf(run, circuit);
  ruleOf(run, circuit);
  homeostasisOf(run, circuit);
  ledgerTermsIn(run);
  expectHeard(run, circuit, false);
  timeStepOf(run, circuit);
  return run;
}

/** The error of an action; fails where there is none, or one that is not ours. */
export function faultIn(action: () => unknown): OhmletError {
  try {
    action();
  } catch (error) {
    if (error instanceof OhmletError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
