/**
 * Every public function that takes an object refuses a key that it does not know. A new export without a row
 * here does not compile.
 */
import { beforeAll, describe, expect, it } from "vitest";
import * as circuits from "../../circuits";
import * as devices from "../../devices";
import * as config from "../../src/config";
import * as ohmlet from "../../src/index";
import * as plot from "../../src/plot";
import * as robustness from "../../src/robustness";
import * as runs from "../../src/runs";
import { OhmletError } from "../../src/errors";

/** A call with a key too many. */
type Misspelt = (odd: object) => unknown;
/**
 * Calls, one for each object that a function takes; or why there is none: nothing but plain arguments, or
 * what another call returned.
 */
type Row = readonly Misspelt[] | "plain arguments" | "what another call returned" | "a table of options";
type FunctionOf<M> = {
  [K in keyof M]: M[K] extends ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown)
    ? K
    : never;
}[keyof M];
type Rows<M> = Readonly<Record<FunctionOf<M>, Row>>;

const LENGTHS = { amplitude: 0.3, freeSteps: 4, nudgedSteps: 4 };
const PARTS = { neuron: devices.shiftedSigmoid(), synapse: devices.ideal() };
const design = circuits.layered([2, 3, 2], PARTS);
const timed = circuits.layered([2, 3, 2], { neuron: devices.leakyIntegrator(), synapse: devices.ideal() });
const chip = design.fabricate();
const images = { name: "images", shape: [1, 2], labels: Uint8Array.of(0, 1) } as const;
const set = ohmlet.fromBytes({ ...images, bytes: Uint8Array.of(0, 255, 255, 0) });
const LEARNING = { estimator: ohmlet.oneSided(LENGTHS), optimizer: ohmlet.sgd({ rate: 0.1 }) };
const CONTROL = { ...LEARNING, rule: ohmlet.vectorFieldRule, seed: 0 };
const [batch] = ohmlet.labelledBatches(design, set, { size: 2 });
const PHASE = { samples: 1, inputs: [0, 1], steps: 4 };
const STUDY = {
  name: "s",
  axes: [{ knob: "k", kind: "list", values: [1] }],
  sampling: { kind: "grid" },
  chips: 1,
  paired: false,
  measures: ["y"],
  spec: [],
  seed: 1,
} as const satisfies ohmlet.Study;
const plan = ohmlet.planOf(STUDY);
const CHART = { title: "", caption: "", xLabel: "", yLabel: "", series: [{ name: "", x: [1], y: [1] }] };
const PANEL = { title: "", caption: "", chart: plot.lineChart(CHART) };
const at = ohmlet.linearise(chip, 1, [0, 1], {
  l1: { re: new Float64Array(3) },
  output: { re: new Float64Array(2) },
});
const SPEC = ohmlet.defineCircuit(design.spec).spec;
let simulator: ohmlet.Simulator;
let moving: ohmlet.Simulator;
let engine: ohmlet.Engine;

beforeAll(async () => {
  engine = await ohmlet.createEngine("reference");
  simulator = new ohmlet.Simulator(chip, engine);
  moving = new ohmlet.Simulator(timed.fabricate(), engine, { dt: 0.1 });
});

const first = (steps: AsyncGenerator): Promise<unknown> => steps.next();

const OHMLET: Rows<typeof ohmlet> = {
  OhmletError: "plain arguments",
  expectValue: "plain arguments",
  optionsOf: "a table of options",
  inUnit: "plain arguments",
  parseQuantity: "plain arguments",
  formatQuantity: "what another call returned",
  trainablesOf: "what another call returned",
  withTargets: [
    (odd) =>
      ohmlet.withTargets(ohmlet.strokeDigits({ samples: 1, seed: 1, split: "train" }), {
        width: 1,
        values: [1],
        ...odd,
      }),
  ],
  defineNeuron: [(odd) => ohmlet.defineNeuron({ ...PARTS.neuron, ...odd })],
  defineSynapse: [(odd) => ohmlet.defineSynapse({ ...PARTS.synapse, ...odd })],
  defineNoise: [(odd) => ohmlet.defineNoise({ name: "n", equations: "I = x\ndx/dt = -x + xi", ...odd })],
  defineReadout: [(odd) => ohmlet.defineReadout({ name: "r", equations: "read = x", ...odd })],
  spread: [(odd) => ohmlet.spread(1, { mismatch: 0.1, ...odd })],
  defineCircuit: [
    (odd) => ohmlet.defineCircuit({ ...SPEC, ...odd }),
    (odd) => ohmlet.defineCircuit({ ...SPEC, cost: { ...SPEC.cost, ...odd } }),
  ],
  forwardNet: [(odd) => ohmlet.forwardNet(chip, { optimizer: LEARNING.optimizer, ...odd })],
  Initializer: "what another call returned",
  alignment: "what another call returned",
  digitalCopy: "what another call returned",
  forwardGradient: "what another call returned",
  stackChips: "what another call returned",
  createEngine: [(odd) => ohmlet.createEngine("reference", odd)],
  Simulator: [
    (odd) => new ohmlet.Simulator(chip, engine, odd),
    (odd) => new ohmlet.Simulator(chip, engine, { adaptive: odd }),
    (odd) => simulator.phase({ ...PHASE, ...odd }),
    (odd) => simulator.hold({ ...PHASE, ...odd }),
    (odd) => moving.stepAdvice({ samples: 1, inputs: [0, 1], ...odd }),
    (odd) => moving.glanceAtStep({ samples: 1, inputs: [0, 1], ...odd }),
    (odd) => simulator.phase({ ...PHASE, targets: [0, 1], nudges: [{ re: 1, im: 0, ...odd }] }),
    (odd) => simulator.phase({ ...PHASE, oscillation: { period: 8, form: "lock-in", ...odd } }),
  ],
  chooseStep: [(odd) => ohmlet.chooseStep(moving.chip, engine, { samples: 1, inputs: [0, 1], ...odd })],
  smallSignal: [(odd) => ohmlet.smallSignal(moving, { inputs: [0, 1], from: {}, ...odd })],
  coarseStep: [(odd) => ohmlet.coarseStep(moving, { samples: 1, inputs: [0, 1], steps: 5, ...odd })],
  fixedPoints: [
    (odd) => ohmlet.fixedPoints(simulator, { inputs: [0, 1], steps: 9, tolerance: 1e-3, ...odd }),
  ],
  phaseByChip: "what another call returned",
  centred: [(odd) => ohmlet.centred({ ...LENGTHS, ...odd })],
  clamped: [(odd) => ohmlet.clamped({ freeSteps: 2, nudgedSteps: 2, ...odd })],
  coupled: [(odd) => ohmlet.coupled({ ...LENGTHS, ...odd })],
  stdp: [(odd) => ohmlet.stdp({ ...LENGTHS, ...odd })],
  radiusOf: "what another call returned",
  oneSided: [(odd) => ohmlet.oneSided({ ...LENGTHS, ...odd })],
  randomSign: [(odd) => ohmlet.randomSign({ ...LENGTHS, ...odd })],
  holomorphic: [(odd) => ohmlet.holomorphic({ ...LENGTHS, points: 2, ...odd })],
  readThrough: [
    (odd) => ohmlet.readThrough(ohmlet.centred(LENGTHS), odd),
    (odd) => ohmlet.readThrough(ohmlet.centred(LENGTHS), { twin: odd }),
    (odd) => ohmlet.readThrough(ohmlet.centred(LENGTHS), { times: odd }),
  ],
  continuousBlocks: [(odd) => ohmlet.continuousBlocks({ amplitude: 0.3, ...odd })],
  oscillating: [(odd) => ohmlet.oscillating({ amplitude: 0.3, period: 8, form: "lock-in", ...odd })],
  circle: "plain arguments",
  transient: [(odd) => ohmlet.transient(simulator, { ...PHASE, ...odd })],
  batches: [
    (odd) => ohmlet.batches(set, { size: 1, ...odd }),
    (odd) => ohmlet.batches(set, { size: 1, shuffle: { seed: 1, epoch: 1, ...odd } }),
  ],
  fromBytes: [(odd) => ohmlet.fromBytes({ ...images, bytes: new Uint8Array(4), ...odd })],
  fromFloats: [(odd) => ohmlet.fromFloats({ ...images, values: new Float32Array(4), ...odd })],
  take: "plain arguments",
  fromCsv: [
    (odd) =>
      ohmlet.fromCsv("set", { where: "x.csv", bytes: Buffer.from("a,label\n1,0\n2,1\n"), ...odd }, undefined),
    (odd) =>
      ohmlet.fromCsv("set", { where: "x.csv", bytes: Buffer.from("a,label\n1,0\n2,1\n") }, undefined, odd),
  ],
  strokeDigits: [(odd) => ohmlet.strokeDigits({ samples: 1, seed: 1, split: "train", ...odd })],
  labelledBatches: [(odd) => [...ohmlet.labelledBatches(design, set, { size: 1, ...odd })]],
  Controller: [
    (odd) => new ohmlet.Controller(simulator, { ...CONTROL, ...odd }),
    (odd) => new ohmlet.Controller(simulator, CONTROL).learn({ ...batch, ...odd }),
  ],
  compensation: "what another call returned",
  costArgument: "what another call returned",
  costs: "plain arguments",
  predictions: "plain arguments",
  evaluateChip: [
    (odd) => ohmlet.evaluateChip(simulator, [batch], { freeSteps: 4, ...odd }),
    (odd) => ohmlet.evaluateChip(simulator, [{ ...batch, ...odd }], { freeSteps: 4 }),
  ],
  evaluateChips: [(odd) => ohmlet.evaluateChips(simulator, [batch], { freeSteps: 4, ...odd })],
  adam: [(odd) => ohmlet.adam({ rate: 0.1, ...odd })],
  sgd: [(odd) => ohmlet.sgd({ rate: 0.1, ...odd })],
  constantRate: "plain arguments",
  cosineDecay: "plain arguments",
  linearDecay: "plain arguments",
  estimateErrors: [
    (odd) =>
      ohmlet.estimateErrors(
        simulator,
        LEARNING.estimator,
        CONTROL.rule,
        { ...batch, ...odd },
        { round: 0, seed: 0 },
      ),
  ],
  gradientCosine: [
    (odd) => ohmlet.gradientCosine(simulator, LEARNING.estimator, CONTROL.rule, { ...batch, ...odd }, 0, 0),
  ],
  gradientCosines: [
    (odd) => ohmlet.gradientCosines(simulator, LEARNING.estimator, CONTROL.rule, { ...batch, ...odd }, 0, 0),
  ],
  estimateByChip: "what another call returned",
  forEveryChip: [(odd) => ohmlet.forEveryChip({ ...batch, ...odd }, 2)],
  perLayerCosine: "what another call returned",
  exactAnswers: "plain arguments",
  gradientOf: "what another call returned",
  predictFromAsymmetry: "what another call returned",
  energyOf: "plain arguments",
  parameterGradients: "plain arguments",
  parameterUpdates: "plain arguments",
  nudgeEffects: "plain arguments",
  jacobian: "what another call returned",
  symmetry: "what another call returned",
  linearise: "plain arguments",
  homeostaticLoss: [(odd) => ohmlet.homeostaticLoss(at, odd)],
  estimateSymmetry: [(odd) => ohmlet.estimateSymmetry(at, odd)],
  recurrentBackpropagation: [
    (odd) =>
      ohmlet.recurrentBackpropagation(
        chip,
        1,
        [0, 1],
        { l1: { re: new Float64Array(3) }, output: { re: new Float64Array(2) } },
        [0, 1],
        odd,
      ),
  ],
  nudgeResponse: [
    (odd) =>
      ohmlet.nudgeResponse(
        chip,
        1,
        [0, 1],
        { l1: { re: new Float64Array(3) }, output: { re: new Float64Array(2) } },
        [0, 1],
        odd,
      ),
  ],
  backpropagationThroughTime: [
    (odd) => ohmlet.backpropagationThroughTime(simulator, batch, { freeSteps: 2, steps: 1, ...odd }),
  ],
  bptt: [(odd) => ohmlet.bptt({ freeSteps: 2, steps: 1, ...odd })],
  recurrentBackprop: [(odd) => ohmlet.recurrentBackprop({ freeSteps: 2, ...odd })],
  exactNudge: [(odd) => ohmlet.exactNudge({ freeSteps: 2, ...odd })],
  epBesideBptt: [
    (odd) => ohmlet.epBesideBptt(simulator, batch, { freeSteps: 2, steps: 1, amplitude: 1, ...odd }),
  ],
  cumulated: "what another call returned",
  relativeError: "what another call returned",
  signAgreement: "what another call returned",
  defaultRule: "what another call returned",
  train: [(odd) => first(ohmlet.train(chip, { train: set, test: set }, { ...LEARNING, epochs: 1, ...odd }))],
  planOf: [
    (odd) => ohmlet.planOf({ ...STUDY, ...odd }),
    (odd) => ohmlet.planOf({ ...STUDY, axes: [{ ...STUDY.axes[0], ...odd }] }),
    (odd) => ohmlet.planOf({ ...STUDY, sampling: { kind: "grid", ...odd } }),
    (odd) => ohmlet.planOf({ ...STUDY, spec: [{ measure: "y", sign: ">", bound: 1, ...odd }] }),
  ],
  trialsOf: [(odd) => ohmlet.trialsOf({ ...STUDY, ...odd }, plan)],
  summaryOf: [(odd) => ohmlet.summaryOf({ ...STUDY, ...odd }, plan, [], new Map())],
  tableOf: [(odd) => ohmlet.tableOf({ ...STUDY, ...odd }, [], new Map())],
  keeps: [(odd) => ohmlet.keeps({ y: 1 }, { measure: "y", sign: ">", bound: 1, ...odd })],
  jobsOf: "what another call returned",
  shardOf: "what another call returned",
  valuesOf: [(odd) => ohmlet.valuesOf({ ...STUDY.axes[0], ...odd })],
  quantile: "plain arguments",
  sobolIndices: "plain arguments",
  sobolPoints: "plain arguments",
  spreadOf: "plain arguments",
  netlistOf: [(odd) => ohmlet.netlistOf(moving.chip, { inputs: [0, 1], ...odd })],
  wilson: "plain arguments",
};

const DEVICES: Rows<typeof devices> = {
  capacitorCell: [(odd) => devices.capacitorCell(odd)],
  chargeTrap: [(odd) => devices.chargeTrap(odd)],
  cmoHfox: [(odd) => devices.cmoHfox(odd)],
  comparator: [(odd) => devices.comparator(odd)],
  crossbar: [(odd) => devices.crossbar(odd)],
  diodeNode: [(odd) => devices.diodeNode(odd)],
  energyBased: [(odd) => devices.energyBased(odd)],
  expStep: [(odd) => devices.expStep(odd)],
  fefet: [(odd) => devices.fefet(odd)],
  flicker: [(odd) => devices.flicker(odd)],
  floatingGate: [(odd) => devices.floatingGate(odd)],
  ideal: [(odd) => devices.ideal(odd)],
  inverter: [(odd) => devices.inverter(odd)],
  leakyIntegrator: [(odd) => devices.leakyIntegrator(odd)],
  liEcram: [(odd) => devices.liEcram(odd)],
  linearStep: [(odd) => devices.linearStep(odd)],
  moEcram: [(odd) => devices.moEcram(odd)],
  multiplier: [(odd) => devices.multiplier(odd)],
  pcm: [(odd) => devices.pcm(odd)],
  phaseChange: [(odd) => devices.phaseChange(odd)],
  plainNode: [(odd) => devices.plainNode(odd)],
  prototypical: [(odd) => devices.prototypical(odd)],
  readout: [
    (odd) => devices.readout(odd),
    (odd) => devices.readout({ hold: odd }),
    (odd) => devices.readout({ multiplier: odd }),
  ],
  reramExpStep: [(odd) => devices.reramExpStep(odd)],
  reramSoftBounds: [(odd) => devices.reramSoftBounds(odd)],
  resistor: [(odd) => devices.resistor(odd)],
  sampleAndHold: [(odd) => devices.sampleAndHold(odd)],
  shiftedSigmoid: [(odd) => devices.shiftedSigmoid(odd)],
  softBounds: [(odd) => devices.softBounds(odd)],
  softNeuron: [(odd) => devices.softNeuron(odd)],
  telegraph: [(odd) => devices.telegraph(odd)],
  transconductor: [(odd) => devices.transconductor(odd)],
  opAmp: [(odd) => devices.opAmp(odd)],
};

const CIRCUITS: Rows<typeof circuits> = {
  convolutional: [
    (odd) => circuits.convolutional({ ...PARTS, shape: [3, 3, 1], layers: [], outputs: 2, ...odd }),
    (odd) =>
      circuits.convolutional({
        ...PARTS,
        shape: [3, 3, 1],
        layers: [{ channels: 1, kernel: 2, ...odd }],
        outputs: 2,
      }),
  ],
  layered: [
    (odd) => circuits.layered([2, 2], { ...PARTS, ...odd }),
    (odd) => circuits.layered([2, 2, 2], { ...PARTS, feedback: odd }),
  ],
  loop: [(odd) => circuits.loop([2, 2, 2], { ...PARTS, ...odd })],
  nonideal: [(odd) => circuits.nonideal(odd)],
  resistive: [(odd) => circuits.resistive([2, 2], odd)],
  toy: [(odd) => circuits.toy({ ...PARTS, ...odd })],
  layerNames: "plain arguments",
};

const RUN = {
  circuit: "toy",
  data: { kind: "generated" },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 4, nudgedSteps: 4 },
  optimizer: { kind: "sgd", rate: 0.1 },
  epochs: 1,
  seed: 1,
} as const;
const SOURCE = { where: "run.json", text: JSON.stringify(RUN) };
const run = config.runOf(RUN);
const text = (data: object) => ({ where: "asked.json", text: JSON.stringify(data) });
const DECIDED = {
  chipSeed: 1,
  rule: "vector-field",
  solver: "euler",
  engine: "reference",
  train: 1,
  test: 1,
} as const;

const CONFIG: Rows<typeof config> = {
  resolveCircuit: "what another call returned",
  initializedOf: "what another call returned",
  remedyOf: "what another call returned",
  resolveDevice: "what another call returned",
  atKnob: "plain arguments",
  nodeAt: "what another call returned",
  at: "what another call returned",
  located: "what another call returned",
  placeOf: "what another call returned",
  jsonSchemaOf: "plain arguments",
  circuitOf: "what another call returned",
  estimatorOf: "what another call returned",
  homeostasisOf: "what another call returned",
  optimizerOf: "what another call returned",
  ruleOf: "what another call returned",
  scheduleOf: "what another call returned",
  timeStepOf: "what another call returned",
  describePath: "plain arguments",
  endsOf: "what another call returned",
  runFrom: "what another call returned",
  studyFrom: "what another call returned",
  parseConfig: [(odd) => config.parseConfig({ ...SOURCE, ...odd })],
  readRun: [
    (odd) => config.readRun({ ...SOURCE, ...odd }),
    (odd) => config.readRun(text({ ...RUN, ...odd })),
  ],
  runOf: [(odd) => config.runOf({ ...RUN, ...odd })],
  withKnobs: [(odd) => config.withKnobs(run, odd as ohmlet.Values)],
  readStudy: [(odd) => config.readStudy(text({ name: "s", run: RUN, vary: { epochs: [1] }, ...odd }))],
  readWeakest: [
    (odd) =>
      config.readWeakest(text({ run: RUN, ranges: { epochs: [1, 2] }, claim: { accuracy: "> 0" }, ...odd })),
  ],
  resolvedConfig: [(odd) => config.resolvedConfig(run, design, { ...DECIDED, ...odd })],
  writeConfig: [(odd) => config.writeConfig({ ...run.config, ...odd })],
  writeStudy: [
    (odd) =>
      config.writeStudy({
        ...config.readStudy(text({ name: "s", run: RUN, vary: { epochs: [1] } })).config,
        ...odd,
      }),
  ],
};

const END = { setting: "", outcome: 1 };
const KNOBS = { title: "", caption: "", xLabel: "", base: 1 };
const MAP = { title: "", caption: "", xLabel: "", yLabel: "", x: ["a"], y: ["b"], values: [[1]] };

const REPORT: plot.Report = {
  title: "",
  summary: "",
  headline: [],
  facts: [],
  commands: [],
  figures: [],
  notes: [],
};

const PLOT: Rows<typeof plot> = {
  lineChart: [
    (odd) => plot.lineChart({ ...CHART, ...odd }),
    (odd) => plot.lineChart({ ...CHART, series: [{ ...CHART.series[0], ...odd }] }),
    (odd) => plot.lineChart({ ...CHART, level: { y: 1, name: "", ...odd } }),
  ],
  heatMap: [
    (odd) => plot.heatMap({ ...MAP, ...odd }),
    (odd) => plot.heatMap({ ...MAP, best: { of: "row", is: "largest", ...odd } }),
  ],
  reportHtml: [
    (odd) => plot.reportHtml({ ...REPORT, ...odd }),
    (odd) => plot.reportHtml({ ...REPORT, headline: [{ label: "", value: "", ...odd }] }),
    (odd) => plot.reportHtml({ ...REPORT, figures: [{ kind: "curves", ...CHART, ...odd }] }),
  ],
  histogram: [
    (odd) => plot.histogram({ title: "", caption: "", values: [1], ...odd }),
    (odd) => plot.histogram({ title: "", caption: "", values: [1], mark: { x: 1, name: "", ...odd } }),
  ],
  ranking: [
    (odd) => plot.ranking({ title: "", caption: "", xLabel: "", bars: ["a"], rows: [], ...odd }),
    (odd) =>
      plot.ranking({
        title: "",
        caption: "",
        xLabel: "",
        bars: [],
        rows: [{ name: "", values: [], ...odd }],
      }),
  ],
  tornado: [
    (odd) => plot.tornado({ ...KNOBS, bars: [], ...odd }),
    (odd) => plot.tornado({ ...KNOBS, bars: [{ name: "", low: END, high: END, ...odd }] }),
    (odd) => plot.tornado({ ...KNOBS, bars: [{ name: "", low: END, high: { ...END, ...odd } }] }),
  ],
  panels: [(odd) => plot.panels("", [{ ...PANEL, ...odd }])],
  standaloneSvg: "what another call returned",
};

const RECIPE = {
  sizes: [1, 1, 1],
  seed: 1,
  scale: 0.5,
  feedback: "tied",
  neuron: "map",
  cost: "squared-error",
  ascend: false,
} as const;
const KNOB = { angle: { from: 0, to: 1, steps: 1 } };
const measured = () => ({ y: 1 });
const CLAIM = { y: "> 0" };

const ROBUSTNESS: Rows<typeof robustness> = {
  circuits: [(odd) => robustness.circuits(odd)],
  chips: [(odd) => robustness.chips(odd)],
  circuitOf: [(odd) => robustness.circuitOf({ ...RECIPE, ...odd })],
  chipOf: [(odd) => robustness.chipOf({ ...RECIPE, ...odd })],
  simulationOf: [(odd) => robustness.simulationOf({ ...RECIPE, ...odd })],
  neurons: [(odd) => robustness.neurons(odd)],
  synapses: [(odd) => robustness.synapses(odd)],
  imperfect: [(odd) => robustness.imperfect({}, odd), (odd) => robustness.imperfect(odd)],
  imperfections: "plain arguments",
  rangesOf: "plain arguments",
  points: [(odd) => robustness.points({ angle: { ...KNOB.angle, ...odd } })],
  survives: [(odd) => robustness.survives(CLAIM, KNOB, measured, odd)],
  weakestPoint: [(odd) => robustness.weakestPoint(CLAIM, KNOB, measured, odd)],
  replay: [
    (odd) => robustness.replay(CLAIM, KNOB, measured, {}, odd),
    (odd) => robustness.replay(CLAIM, KNOB, measured, odd as robustness.Point),
  ],
  readClaim: "plain arguments",
  describeWeakest: "what another call returned",
  verdictText: "what another call returned",
};

const LAWS: Rows<typeof robustness.laws> = {
  bounded: [(odd) => robustness.laws.bounded(chip, odd)],
  energy: [(odd) => robustness.laws.energy(chip, odd)],
  inward: [(odd) => robustness.laws.inward(chip, odd)],
  nudgeHelps: [(odd) => robustness.laws.nudgeHelps(chip, odd)],
  goodParameter: [(odd) => robustness.laws.goodParameter(chip, odd)],
  enginesAgree: [(odd) => robustness.laws.enginesAgree(chip, odd)],
  errorVector: [(odd) => robustness.laws.errorVector(chip, odd)],
  exchange: [(odd) => robustness.laws.exchange(chip, odd)],
  local: [(odd) => robustness.laws.local(chip, odd)],
  passive: [(odd) => robustness.laws.passive(chip, odd)],
  reciprocal: [(odd) => robustness.laws.reciprocal(chip, odd)],
  permutation: [(odd) => robustness.laws.permutation(chip, odd)],
  settled: [(odd) => robustness.laws.settled(chip, odd)],
  zeroIsIdeal: [(odd) => robustness.laws.zeroIsIdeal(chip, chip, odd)],
  thermal: [(odd) => robustness.laws.thermal(devices.softNeuron(), odd)],
};

/** Methods of what these functions return. */
const METHODS: Readonly<Record<string, readonly Misspelt[]>> = {
  "circuit.fabricate": [(odd) => design.fabricate(odd)],
  "chip.setWeights": [(odd) => chip.setWeights("input-l1", { ...chip.weights("input-l1"), ...odd })],
  "chip.program": [(odd) => chip.program("input-l1", { ...chip.weights("input-l1"), ...odd })],
  "chip.programReadout": [
    (odd) => chip.programReadout({ weights: new Float64Array(0), biases: new Float64Array(0), ...odd }),
  ],
  "estimator.estimate": [
    (odd) =>
      ohmlet
        .continuousBlocks({ amplitude: 0.3 })
        .estimate(simulator, { ...batch, ...odd }, { round: 0, seed: 0 }),
  ],
};

const RUNS: Rows<typeof runs> = {
  trainInto: [
    (odd) => runs.trainInto("no-folder", RUN, odd),
    (odd) => runs.trainInto("no-folder", { ...RUN, ...odd }),
  ],
  resumeRun: [(odd) => runs.resumeRun("no-folder", odd)],
  openRun: "plain arguments",
  exportDigitalCopy: "plain arguments",
  studyInto: [
    (odd) => runs.studyInto("no-folder", { name: "s", vary: {} }, odd),
    (odd) => runs.studyInto("no-folder", { name: "s", vary: { seed: [1] }, run: RUN, ...odd }),
  ],
  openStudy: "plain arguments",
  compareRuns: "plain arguments",
  rebuildReport: [(odd) => runs.rebuildReport("no-folder", odd)],
};

const ALL = [
  ["ohmlet", OHMLET],
  ["devices", DEVICES],
  ["circuits", CIRCUITS],
  ["config", CONFIG],
  ["plot", PLOT],
  ["robustness", ROBUSTNESS],
  ["runs", RUNS],
  ["laws", LAWS],
  ["methods", METHODS],
] as const;
const rows = ALL.flatMap(([entry, table]) =>
  Object.entries<Row>(table).flatMap(([name, row]): [string, Misspelt][] =>
    typeof row === "string"
      ? []
      : row.map((call, k) => [`${entry}: ${name}${k > 0 ? `, ${k + 1}` : ""}`, call]),
  ),
);

const CODES = /^(OPTION-UNKNOWN|DEVICE-SPEC|CIRCUIT-KEY|CONFIG-KEY|WEAKEST-POINT)$/;

describe("a key that no function knows", () => {
  it.each(rows)("%s", async (_, call) => {
    const refused = await (async () => call({ nonsense: 1 }))().then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(OhmletError);
    const { code, fact, place } = refused as OhmletError;
    expect(code).toMatch(CODES);
    expect(`${place?.where} ${fact}`).toContain("nonsense");
  });

  it("is asked of every public function", () => {
    for (const [entry, exported, table] of [
      ["ohmlet", ohmlet, OHMLET],
      ["devices", devices, DEVICES],
      ["circuits", circuits, CIRCUITS],
      ["config", config, CONFIG],
      ["plot", plot, PLOT],
      ["robustness", robustness, ROBUSTNESS],
      ["runs", runs, RUNS],
      ["laws", robustness.laws, LAWS],
    ] as const) {
      const functions = Object.entries(exported).flatMap(([name, value]) =>
        typeof value === "function" ? [name] : [],
      );
      expect(Object.keys(table).sort(), entry).toEqual(functions.sort());
    }
  });
});
