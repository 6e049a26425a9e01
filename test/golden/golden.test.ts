/**
 * The reference cases: our own small ones, variants drawn on the spot by the same plain scripts, and, where
 * the checkout has them beside it, the project's. All must pass on every engine, and none may pass once its
 * numbers are altered.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { verdictLine, verifyCase, type Verdict } from "../../src/verify";
import { LONG } from "../long";
import { altered, leavesOf, type Leaf } from "./alter";
import { initializedEpCase } from "./plain/initialized-ep";
import { trainStepCase } from "./plain/ep-train-step";
import { homeostasisCase } from "./plain/homeostasis";
import { holomorphicCase } from "./plain/holomorphic-mlp";
import { vectorFieldCase } from "./plain/vector-field";

const OWN = join(__dirname, "cases");
const SHARED = resolve(__dirname, "../../../shared/goldens");
const SUPPORTED = /^(vector-field|holomorphic-|homeostasis-|ep-train-step|ep-bptt-|initialized-ep)/;

const casesIn = (folder: string): [string, string][] =>
  readdirSync(folder)
    .filter((file) => SUPPORTED.test(file) && file.endsWith(".json"))
    .map((file) => [file.replace(".json", ""), readFileSync(join(folder, file), "utf8")]);

const own = casesIn(OWN);
const shared = existsSync(SHARED) ? casesIn(SHARED) : [];

/** Other sizes, depths, amplitudes and wirings than those in files. */
const variants: [string, object][] = [
  [
    "one hidden layer, hard sigmoid",
    vectorFieldCase({ seed: 11, sizes: [5, 4, 3], rho: "hard_sigmoid_clip", samples: 3, betas: [0.02, 0.3] }),
  ],
  ["no hidden layer", vectorFieldCase({ seed: 12, sizes: [4, 3], rho: "sigmoid", samples: 1, betas: [1] })],
  [
    "three hidden layers",
    vectorFieldCase({ seed: 13, sizes: [3, 4, 2, 5, 2], rho: "sigmoid", samples: 2, betas: [0.001] }),
  ],
  [
    "loop",
    holomorphicCase({
      seed: 14,
      sizes: [4, 3, 4, 3],
      classes: 3,
      samples: 2,
      loop: true,
      betas: [0.2],
      points: [1, 4, 5],
    }),
  ],
  [
    "deep perceptron",
    holomorphicCase({
      seed: 15,
      sizes: [3, 2, 4, 3, 2],
      classes: 2,
      samples: 1,
      betas: [0.1, 0.6],
      points: [2, 6],
    }),
  ],
  [
    "one hidden layer, holomorphic",
    holomorphicCase({ seed: 16, sizes: [2, 3, 2], classes: 4, samples: 3, betas: [0.4], points: [3] }),
  ],
  [
    "homeostasis of three hidden layers",
    homeostasisCase({ seed: 18, sizes: [3, 4, 2, 5, 3], classes: 2, samples: 2, draws: 3 }),
  ],
  [
    "homeostasis of feedback that is the transpose: its loss is 0",
    homeostasisCase({ seed: 21, sizes: [3, 4, 3, 2], classes: 2, samples: 2, draws: 2, symmetric: true }),
  ],
  [
    "homeostasis of a loop",
    homeostasisCase({ seed: 19, sizes: [2, 3, 4, 3], classes: 3, samples: 1, draws: 1, loop: true }),
  ],
  [
    "homeostasis of one hidden layer",
    homeostasisCase({ seed: 20, sizes: [2, 5, 2], classes: 2, samples: 4, draws: 40 }),
  ],
  [
    "a net without hidden layers starts it",
    initializedEpCase({ seed: 18, sizes: [5, 3], samples: 4, leak: 0.05, factors: [[0.2, -0.7]] }),
  ],
  [
    "a deep net starts it",
    initializedEpCase({
      seed: 19,
      sizes: [4, 6, 3, 5, 2],
      samples: 2,
      leak: 0,
      factors: [
        [0, 0.3],
        [0.7, 1],
      ],
    }),
  ],
  [
    "deeper trained models",
    trainStepCase(17, {
      "EB-2h_code": [2, 4, 3, 5],
      "EB-3h_paper": [3, 2, 3, 2, 4],
      "P-1h": [3, 5, 4],
      "P-3h": [2, 3, 2, 3, 3],
    }),
  ],
];

const all: [string, string][] = [
  ...own,
  ...variants.map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
  ...shared,
];

let reference: Engine;
const engines = new Map<string, Engine>();
beforeAll(async () => {
  reference = await createEngine("reference");
  for (const name of [...(LONG ? ["gpu:cpu"] : []), "gpu:webasm", "simd"])
    engines.set(name, await createEngine(name));
});
afterAll(() => [reference, ...engines.values()].forEach((engine) => engine.dispose()));

const check = (name: string, text: string, engine: Engine = reference): Promise<Verdict> =>
  verifyCase(name, text, { engine, reference });

it("finds the project's reference cases", ({ skip }) => {
  if (shared.length === 0)
    skip(`NOT CHECKED: there is no folder ${SHARED}; only this folder's own cases are verified`);
  expect(shared.length).toBeGreaterThanOrEqual(8);
});

describe("cases pass on reference", () => {
  it.each(all)("%s", async (name, text) => {
    const verdict = await check(name, text);
    expect(verdictLine(verdict)).toMatch(/^PASS /);
    expect(verdict.unknown, "numbers that nothing accounts for").toEqual([]);
    // What is divided by an amplitude of 1e-6 has as many digits less.
    expect(verdict.tolerance).toBeLessThanOrEqual(/bptt/.test(name) ? 2e-7 : 1e-9);
  });
});

/** One of each family on float32; the rest of the project's are run by `ohmlet verify`. */
const onFloat32 = [
  ...own,
  ...shared.filter(([name]) => /vector-field-hard|angle45|train-step|holomorphic-conv/.test(name)),
  ...all.filter(([name]) => name === "loop"),
];
describe.each([
  ...(LONG ? ([["gpu:cpu", onFloat32]] as const) : []),
  ["gpu:webasm", LONG ? onFloat32 : own],
  ["simd", onFloat32],
] as const)("cases pass on %s", (engine, chosen) => {
  it.each(chosen)("%s", async (name, text) => {
    expect(verdictLine(await check(name, text, engines.get(engine)))).toMatch(/^PASS /);
  });
});

describe("altered by 0.1 %, every expected quantity fails on reference", () => {
  /** Leaves whose altered entry could be told from rounding at all. */
  const tell = (leaves: readonly Leaf[]): Leaf[] =>
    leaves.filter(({ path, largest }) => largest > (/beta=1e-0[56]\/RelMSE/.test(path) ? 1e-4 : 1e-9));

  // The project's cases are altered at length only: here are the same kinds, smaller.
  const few = LONG ? all : all.filter((each) => !shared.includes(each));

  it.each(few)("%s: whole arrays", async (name, text) => {
    const root = JSON.parse(text) as object;
    const leaves = tell(leavesOf(root));
    const verdict = await check(name, JSON.stringify(altered(root, leaves, (x) => x * 1.001)));
    expect(verdict.status).toBe("FAIL");
    expect(missed(leaves, verdict)).toEqual([]);
  });

  it.each(few)("%s: one number of each, of at least a thousandth of the largest", async (name, text) => {
    const root = JSON.parse(text) as object;
    const leaves = tell(leavesOf(root));
    const chosen = new Map<string, boolean>();
    const verdict = await check(
      name,
      JSON.stringify(
        altered(root, leaves, (x, { path, largest, size }, entry) => {
          const due = !chosen.has(path) && Math.abs(x) >= 1e-3 * largest && entry >= (size * 7919) % 5;
          if (!due) return x;
          chosen.set(path, true);
          return x * 1.001;
        }),
      ),
    );
    expect(
      missed(
        leaves.filter(({ path }) => chosen.has(path)),
        verdict,
      ),
    ).toEqual([]);
  });
});

const missed = (leaves: readonly Leaf[], { failed }: Verdict): string[] =>
  leaves.map((l) => l.path).filter((path) => !failed.includes(path));
