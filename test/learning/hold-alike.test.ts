/** What a twin and a pupil hold of another chip beside its weights: what its neurons learned, and its readout. */
import { expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { centred, createEngine, readThrough, Simulator, type Batch } from "../../src/index";
import { holdAlike } from "../../src/learning/hold-alike";
import { Reading } from "../../src/learning/readout/reading";

const circuit = layered([3, 4, 2], {
  neuron: {
    kind: "neuron",
    name: "leaking",
    equations: "du/dt = -g*u + I + I_nudge\nrho = tanh(u)",
    parameters: { g: { value: 1, trainable: true, range: [0.5, 3], mismatch: 0.1 } },
  },
  synapse: ideal(),
  feedback: "tied",
  cost: { kind: "cross-entropy", argument: "activity", classes: 3 },
});
const batch: Batch = {
  samples: 2,
  inputs: Float64Array.of(1, -0.5, 0.3, 0.2, 0.7, -1),
  targets: Float64Array.of(1, 0, 0, 0, 0, 1),
  labels: Uint32Array.of(0, 2),
} as unknown as Batch;

it("is alike in parameters that learned and in the readout", () => {
  const [one, other] = [1, 2].map((seed) => circuit.fabricate({ seed }));
  one.tune("l1/g", Float64Array.of(0.4, -0.2, 0.1, 0.3));
  holdAlike(other, one);
  for (const name of ["l1", "output"] as const) {
    const [a, b] = [one, other].map((chip) => chip.parametersOf(name).g as Float64Array);
    a.forEach((value, k) => expect(b[k]).toBeCloseTo(value, 12));
  }
  one.readout?.weights.forEach((w, k) => expect(other.readout?.weights[k]).toBeCloseTo(w, 12));
});

it("makes an exact twin tell what the chip itself tells, after its neurons learned", async () => {
  const engine = await createEngine("reference");
  const chip = circuit.fabricate({ seed: 1 });
  chip.tune("l1/g", Float64Array.of(0.4, -0.2, 0.1, 0.3));
  const estimator = centred({ amplitude: 0.05, freeSteps: 300, nudgedSteps: 300 });
  const told = async (through: typeof estimator): Promise<Float64Array> => {
    const simulator = new Simulator(chip, engine, { dt: 0.2 });
    const { dActivity } = await through.estimate(simulator, batch, { round: 0, seed: 1 });
    return dActivity.l1;
  };
  const [alone, twins] = [
    await told(estimator),
    await told(readThrough(estimator, { twin: { mismatch: 0 } })),
  ];
  alone.forEach((value, k) => expect(twins[k]).toBeCloseTo(value, 8));
  expect(Math.max(...alone.map(Math.abs))).toBeGreaterThan(1e-3);
  engine.dispose();
});

it("is read once for all phases of a batch where zeros are taken off, and cancels in differences", () => {
  const reading = new Reading({
    device: {
      kind: "readout",
      name: "noisy",
      equations: "read = x + sigma*xi",
      parameters: { sigma: 0.1 },
    },
    zero: 1,
  });
  const chip = circuit.fabricate({ seed: 1 });
  const shown = { states: {}, activities: { l1: { re: new Float64Array(4) } } };
  const bench = { chips: [chip], units: { phaseKeys: (phase: number) => [{ seed: 3, phase }] }, dt: 1 };
  const simulator = bench as unknown as Simulator;
  const { free, ended } = reading.readAll({
    simulator,
    durations: [[1, 1]],
    samples: 1,
    rest: simulator,
    pushed: [simulator],
    free: shown,
    left: [shown],
    steps: [1],
    phase: 5,
  });
  const plain = new Reading({
    ...JSON.parse(JSON.stringify(reading)),
    zero: 0,
    twin: undefined,
    drive: undefined,
  });
  const unzeroed = plain.readAll({
    simulator,
    durations: [[1, 1]],
    samples: 1,
    rest: simulator,
    pushed: [simulator],
    free: shown,
    left: [shown],
    steps: [1],
    phase: 5,
  });
  const between = (a: typeof shown, b: typeof shown): Float64Array =>
    a.activities.l1.re.map((v, k) => v - b.activities.l1.re[k]);
  between(ended[0] as typeof shown, free as typeof shown).forEach((v, k) =>
    expect(v).toBeCloseTo(between(unzeroed.ended[0] as typeof shown, unzeroed.free as typeof shown)[k], 12),
  );
});
