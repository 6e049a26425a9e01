/** Folders as verbs leave them, for fuzzing to spoil: made once, and copied for each case. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command } from "./command";

/** A run that takes no time. */
export const RUN = `circuit: { topology: layered, sizes: [64, 4, 10], neuron: leaky-integrator, synapse: ideal, feedback: { angle: 20 } }
data: { kind: generated, train: 20, test: 10 }
estimator: { kind: centred, amplitude: 0.3, freeSteps: 12, nudgedSteps: 10 }
optimizer: { kind: sgd, rate: 0.1 }
dt: 0.2
epochs: 2
engine: reference
`;
const STUDY = `name: small
run:
${RUN.replace(/^/gm, "  ").trimEnd()}
vary: { circuit.feedback.angle: [0, 40] }
chips: 1
measure: [accuracy]
`;

export type Kind = "run-stopped" | "run-done" | "study";

const MAKE: Readonly<Record<Kind, (making: string) => Promise<string>>> = {
  "run-stopped": (making) => trained(making, "epoch 1/"),
  "run-done": (making) => trained(making),
  async study(making) {
    writeFileSync(join(making, "study.yaml"), STUDY);
    await command(["study", join(making, "study.yaml"), "--out", join(making, "study"), "--workers", "1"]);
    return join(making, "study");
  },
};

async function trained(making: string, until?: string): Promise<string> {
  writeFileSync(join(making, "run.yaml"), RUN);
  await command(["train", join(making, "run.yaml"), "--out", join(making, "runs")], until);
  return join(making, "runs", readdirSync(join(making, "runs"))[0]);
}

/**
 * The path of a folder of that kind, which is not to be changed; it lies beside those of the targets, and
 * serves all of them.
 */
export async function prepared(folder: string, kind: Kind): Promise<string> {
  const path = join(dirname(folder), `prepared-${kind}`);
  if (existsSync(path)) return path;
  const making = join(dirname(folder), "making");
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  try {
    renameSync(await MAKE[kind](making), path);
  } catch (error) {
    throw new Error(`the sample itself is wrong: ${String(error)}`, { cause: error });
  }
  return path;
}

/** A copy of it, to be spoilt. */
export async function copied(folder: string, kind: Kind): Promise<string> {
  const [from, at] = [await prepared(folder, kind), join(folder, "at")];
  rmSync(at, { recursive: true, force: true });
  cpSync(from, at, { recursive: true });
  return at;
}
