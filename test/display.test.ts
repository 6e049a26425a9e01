/** Everything that the library returns prints itself: in the inspector, as text and in notebooks. */
import { inspect, isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { layered } from "../circuits";
import { crossbar, ideal, prototypical, softNeuron } from "../devices";
import {
  adam,
  centred,
  continuousBlocks,
  Controller,
  createEngine,
  defineCircuit,
  defineNeuron,
  defineSynapse,
  evaluateChip,
  fixedPoints,
  gradientCosine,
  holomorphic,
  labelledBatches,
  oneSided,
  oscillating,
  phaseByChip,
  randomSign,
  recurrentBackpropagation,
  sgd,
  Simulator,
  spread,
  stackChips,
  strokeDigits,
  take,
  train,
  transient,
  vectorFieldRule,
  type EpochReport,
  type Outcome,
} from "../src";
import { count, printsItself, short, some } from "../src/display";
import { OBEYED } from "./obeyed";

const NOTEBOOK = Symbol.for("Jupyter.display");
const notebook = (thing: object): unknown => (thing as Record<symbol, () => unknown>)[NOTEBOOK]();

/** What it prints, the same whoever asks; and no more than before where nobody does. */
function printed(thing: object): string {
  const text = String(thing);
  expect(inspect(thing)).toBe(text);
  expect(notebook(thing)).toEqual({ "text/plain": text });
  expect(text).not.toMatch(/\[object|undefined|NaN|Infinity/);
  for (const name of ["toString", NOTEBOOK, Symbol.for("nodejs.util.inspect.custom")])
    expect(Object.prototype.propertyIsEnumerable.call(thing, name)).toBe(false);
  return text;
}

const neuron = softNeuron();
const design = layered([64, 6, 10], {
  neuron: {
    ...softNeuron(),
    parameters: { ...softNeuron().parameters, C: spread("1 pF", { mismatch: "5 %" }) },
  },
  synapse: crossbar(),
});
const chip = design.fabricate({ seed: 7 });
const digits = strokeDigits({ samples: 20, size: 8, seed: 1, split: "train" });
const lengths = { freeSteps: 30, nudgedSteps: 20 };
const settings = { solver: "exponential-euler", dt: "2 us" } as const;

describe("what a person reads", () => {
  it("of a circuit and its parts: sizes, ends, devices", () => {
    expect(printed(design)).toMatch(/^layered-64-6-10[^]*output → l1[^]*16 neurons, 520 synapses$/);
    expect(printed(design.population("l1"))).toBe("population l1: 6 units of soft neuron, state in V");
    expect(printed(design.projection("input-l1"))).toBe(
      "projection input-l1: input → l1, 64 × 6 + bias of crossbar pair, 390 synapses",
    );
  });

  it("of a chip: seed, what was drawn, what it stores and in which units, trainable numbers", () => {
    const text = printed(chip);
    expect(text).toMatch(/^chip of layered-64-6-10, seed 7: 16 neurons, 520 synapses\n/);
    expect(text).toMatch(/l1 +6 +soft neuron +state in V +drawn: C = 1 pF \+- 5 %/);
    expect(text).toMatch(/input-l1 +crossbar pair +390 synapses +stores G_plus \(S\), G_minus \(S\)/);
    expect(text).toMatch(/output-l1 .*reads l1-output backwards/);
    expect(text).toMatch(/trainable: 920 stored numbers in 2 arrays/);
    expect(printed(stackChips([chip, design.fabricate({ seed: 8 })]))).toMatch(
      /^2 chips of .*\n  seeds 7, 8$/,
    );
  });

  it("of devices: their datasheets", () => {
    expect(printed(defineNeuron(softNeuron()))).toMatch(/^soft neuron \(neuron\)[^]*unit drive[^]*= 5 nA/);
    expect(printed(defineSynapse(crossbar()))).toMatch(/^crossbar pair \(synapse\)/);
  });

  it("of engines: what runs, and for whom", async () => {
    const [reference, auto] = [await createEngine("reference"), await createEngine("auto", { threads: 1 })];
    expect(printed(reference)).toBe("engine reference: float64");
    // Whether there is a graphics card is the machine's affair.
    expect(printed(auto)).toMatch(
      /^engine \S+: float32, .*; chosen for "auto"\n {2}(no graphics card: |a step of 512 units )/,
    );
    reference.dispose();
    auto.dispose();
  });

  it("of estimators, optimizers and rules: their settings", () => {
    expect(printed(centred({ amplitude: 0.3, tolerance: 1e-6, ...lengths }))).toBe(
      "estimator centred: amplitude 0.3, free steps 30, nudged steps 20, tolerance 1e-6",
    );
    expect(printed(holomorphic({ points: 4, amplitude: 0.3, ...lengths }))).toMatch(/; two state planes$/);
    expect(printed(holomorphic({ points: 2, amplitude: 0.3, ...lengths }))).toMatch(/^estimator holomorphic/);
    expect(printed(oneSided({ amplitude: 0.3, ...lengths }))).toMatch(/^estimator one-sided/);
    expect(printed(randomSign({ amplitude: 0.3, ...lengths }))).toMatch(/^estimator random-sign/);
    expect(printed(continuousBlocks({ amplitude: 0.3 }))).toMatch(/^estimator continuous-blocks/);
    expect(printed(oscillating({ amplitude: 0.3, period: 100, form: "lock-in" }))).toMatch(
      /period 100, form lock-in/,
    );
    expect(printed(sgd({ rate: 0.1 }))).toBe("optimizer sgd: rate 0.1, momentum 0, weight decay 0");
    expect(printed(adam({ rate: { "input-l1": 0.1, readout: 1 } }))).toMatch(
      /rate \(input-l1 0.1, readout 1\).*remembers mean and square/,
    );
    expect(printed(vectorFieldRule)).toBe("rule vector-field");
  });

  it("of data: sizes and classes", () => {
    expect(printed(digits)).toMatch(
      /^stroke digits 8x8 \(train\): 20 samples of 8 × 8, 10 classes\n  0: 2, 1: 2/,
    );
    expect(printed(take(digits, 3))).toMatch(/3 samples/);
  });

  it("of phases: how they ended, with the advice, and what they left", async () => {
    const engine = await createEngine("reference");
    const simulator = new Simulator(chip, engine, settings);
    expect(printed(simulator)).toMatch(
      /^simulator of layered-64-6-10, seed 7, on reference\n  solver +exponential-euler, steps of 2 us/,
    );
    const [batch] = labelledBatches(design, digits, { size: 2 });
    const run = await simulator.phase({ samples: 2, inputs: batch.inputs, steps: 40 });
    expect(printed(run)).toMatch(/^phase of 2 rows: ran 40 steps, residual [^]*l1 +6 units +u .* to .* rho /);
    expect(printed(run.outcome)).toMatch(/^ran 40 steps, residual .*, noise floor /);
    const late = await simulator.phase({ samples: 2, inputs: batch.inputs, steps: 3, tolerance: 1e-9 });
    expect(printed(late.outcome)).toMatch(/^timed out after 3 steps.*\n  rows 0, 1\n  give it /);
    expect(inspect({ tries: [late.outcome] })).toMatch(/tries: \[\n +timed out after 3 steps/);

    const recording = await transient(simulator, {
      samples: 1,
      inputs: batch.inputs.slice(0, 64),
      steps: 20,
      every: 2,
    });
    expect(printed(recording)).toMatch(
      /^transient of 10 traces, 11 readings from 0 s to 40 us\n  output 0  row 0  0 V → .*m?V +[▁-█]+\n/,
    );
    expect(printed(recording.traces[0])).toMatch(/^trace of 11 readings: output 0, row 0, 0 V → /);
    expect(printed(recording.outcome)).toMatch(/^ran 20 steps/);

    const found = await fixedPoints(simulator, {
      inputs: batch.inputs.slice(0, 64),
      steps: 20,
      tolerance: 1e-9,
      starts: 3,
    });
    expect(printed(found)).toMatch(/^0 fixed points of 3 starts\n  led nowhere: 0, 1, 2\n/);

    const estimator = centred({ amplitude: 0.3, ...lengths });
    expect(printed(await estimator.estimate(simulator, batch, { round: 0, seed: 0 }))).toMatch(
      /^estimate from 2 nudges, amplitude 0.3\n[^]*d_beta rho/,
    );
    expect(printed(await gradientCosine(simulator, estimator, vectorFieldRule, batch, 0, 0))).toMatch(
      /^cosine with the true error/,
    );
    expect(printed(await evaluateChip(simulator, [batch], { freeSteps: 30 }))).toMatch(
      /of 2 samples right[^]*2 fixed/,
    );
    expect(
      printed((await recurrentBackpropagation(chip, 2, batch.inputs, run.states, batch.targets)).outcome),
    ).toMatch(/^settled after/);

    const controller = new Controller(simulator, {
      estimator,
      optimizer: sgd({ rate: 0.01 }),
      rule: vectorFieldRule,
      seed: 0,
    });
    expect(printed(await controller.learn(batch))).toMatch(/^batch: cost .* right[^]*\n  ran 30 steps/);
    expect(printed(controller)).toMatch(
      /^controller of layered-64-6-10: 1 batch learned\n  estimator centred[^]*\n  learns on the host/,
    );

    const stack = new Simulator(stackChips([chip, design.fabricate({ seed: 8 })]), engine, settings);
    const both = await stack.phase({
      samples: 4,
      inputs: Float64Array.from([...batch.inputs, ...batch.inputs]),
      steps: 20,
    });
    expect(printed(both.outcome)).toMatch(/\n  chip 0: ran 20 steps.*\n  chip 1: ran/);
    for (const own of phaseByChip(both)) expect(printed(own)).toMatch(/^phase of 2 rows: ran 20/);
    simulator.dispose();
    stack.dispose();
  });

  it("of the adaptive solver: its steps", async () => {
    const smooth = layered([64, 10], {
      neuron: {
        kind: "neuron",
        name: "smooth",
        equations: "du/dt = -u + I + I_nudge\nrho = tanh(u)",
      },
      synapse: ideal(),
    });
    const simulator = new Simulator(smooth.fabricate(), await createEngine("reference"), {
      solver: "dormand-prince",
      dt: 0.1,
    });
    const [batch] = labelledBatches(smooth, digits, { size: 1 });
    const { outcome } = await simulator.phase({ samples: 1, inputs: batch.inputs, steps: 20 });
    expect(printed(outcome)).toMatch(/\n  \d+ steps taken, \d+ given up, \d+ evaluations of the field/);
    simulator.dispose();
  });

  it("of epochs: accuracy, cosines, phases, clocks, warnings", async () => {
    const reports: EpochReport[] = [];
    const learner = design.fabricate({ seed: 1 });
    for await (const report of train(
      learner,
      { train: digits, test: digits },
      {
        estimator: centred({ amplitude: 0.3, freeSteps: 25, nudgedSteps: 22 }),
        optimizer: sgd({ rate: 0.01 }),
        epochs: 1,
        engine: "reference",
        ...settings,
      },
    ))
      reports.push(report);
    expect(printed(reports[0])).toMatch(
      /^epoch 1: \d+ % of the test right\n  test [^]*gradient cosine +l1 [^]*phases +free 25 steps [^]*took[^]*\n  LEARN-UNSETTLED  /,
    );
  });

  it("of a map: no units where there are none", () => {
    const maps = layered([4, 3], { neuron: prototypical(), synapse: ideal() });
    expect(printed(maps.fabricate())).toMatch(/output +3 .*state in 1/);
  });
});

describe("how it is done", () => {
  const outcome: Outcome = { kind: "fixed", residual: 0.1, steps: 3, rowSteps: 6, rows: [] };
  const thing = printsItself<Outcome>(({ steps }) => [`ran ${steps}`, "more"])({ ...outcome });

  it("leaves the data as they were: JSON, spreads, clones, comparisons", () => {
    expect(JSON.stringify(thing)).toBe(JSON.stringify(outcome));
    expect(Object.keys(thing)).toEqual(Object.keys(outcome));
    expect(structuredClone(thing)).toStrictEqual(outcome);
    expect({ ...thing }).toStrictEqual(outcome);
    expect(thing).toStrictEqual(outcome);
    expect(isDeepStrictEqual(thing, outcome)).toBe(true);
    expect(structuredClone(defineNeuron(neuron).spec)).toEqual(defineNeuron(neuron).spec);
    expect(Object.keys(defineNeuron(neuron))).not.toContain("toString");
  });

  it("tells the first line of what is too deep to be told", () => {
    expect(inspect({ a: { b: { thing } } }, { depth: 1 })).toMatch(/\[Object\]/);
    expect(inspect({ a: { b: thing } }, { depth: 1 })).toBe("{ a: { b: ran 3 } }");
    expect(inspect([thing])).toBe("[\n  ran 3\n  more\n]");
  });

  it("shares its methods between the things of a kind, and withstands the inspection of prototypes", () => {
    const kind = printsItself<Outcome>(() => [""]);
    expect(kind({ ...outcome }).toString).toBe(kind({ ...outcome }).toString);
    expect(() => inspect(Simulator.prototype)).not.toThrow();
    expect(() => inspect(Controller.prototype)).not.toThrow();
  });

  it("shows what a terminal would obey, and sends none of it", () => {
    const hostile = "a\u001b[2Jb\u202e";
    const spec = { ...softNeuron(), summary: `${hostile}\nc`, source: hostile };
    const bad = defineCircuit({
      ...layered([2, 3], { neuron: spec, synapse: crossbar() }).spec,
      summary: `${hostile}\nc`,
    });
    const texts = [bad, bad.fabricate(), defineNeuron(spec), take({ ...digits, name: hostile }, 2)].map(
      String,
    );
    for (const text of texts) expect(text.replaceAll("\n", "")).not.toMatch(OBEYED);
    for (const text of [texts[0], texts[2], texts[3]]) expect(text).toContain("a\\u001b[2Jb\\u202e");
    expect(texts[0]).toContain("\\u000ac");
  });

  it("writes numbers short", () => {
    expect([0, 1.23456, -0.00012346, 123456, 1e-9, Infinity, NaN].map(short)).toEqual([
      "0",
      "1.235",
      "-1.235e-4",
      "123500",
      "1e-9",
      "Infinity",
      "NaN",
    ]);
    expect([count(1, "row"), count(2, "batch", "batches"), some([1, 2, 3], 2)]).toEqual([
      "1 row",
      "2 batches",
      "1, 2 and 1 more",
    ]);
  });
});
