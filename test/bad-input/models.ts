/** Equations, devices and circuits that must be refused. */
import { convolutional, layered, resistive } from "../../circuits";
import {
  crossbar,
  ideal,
  leakyIntegrator,
  liEcram,
  readout,
  softNeuron,
  transconductor,
} from "../../devices";
import { readNeuron } from "../../src/device/neuron";
import { readReadout } from "../../src/device/readout";
import { readSynapse } from "../../src/device/synapse";
import {
  centred,
  createEngine,
  defineCircuit,
  oscillating,
  readThrough,
  Simulator,
  vectorFieldRule,
  type CircuitSpec,
  type SynapseSpec,
} from "../../src/index";
import { given, type Kind } from "./kind";

const neuron =
  (equations: string, parameters: unknown = {}) =>
  () =>
    readNeuron({ kind: "neuron", name: "bad", equations, parameters });
const reads =
  (equations: string, parameters: unknown = {}) =>
  () =>
    readReadout({ kind: "readout", name: "bad", equations, parameters });
const rho = (expression: string, parameters: unknown = {}) =>
  neuron(`u <- I + I_nudge\nrho = ${expression}`, parameters);
const PHYSICAL = { C: "1 pF", g: "50 nS", V: "100 mV" };
const motion = (equation: string) => neuron(`${equation}\nrho = tanh(u/V)`, PHYSICAL);

const lines = (n: number, line: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join("\n");

/** Settles a circuit of two such neurons under a complex nudge. */
async function settleComplex(equations: string): Promise<void> {
  const neuron = { kind: "neuron", name: "long", equations } as const;
  const simulator = new Simulator(
    defineCircuit({
      ...GOOD,
      populations: [GOOD.populations[0], { name: "output", size: 2, neuron }],
    }).fabricate({ seed: 1 }),
    await createEngine("reference"),
  );
  await simulator.phase({
    samples: 1,
    inputs: [0, 0],
    targets: [0, 1],
    nudges: [{ re: 0, im: 0.1 }],
    steps: 1,
  });
}

export const EQUATIONS: readonly Kind[] = [
  given("an unknown symbol", "EQ-UNKNOWN", /bad, line 2/, rho("tanh(w*u)")),
  given("a product that reads as a call", "EQ-CALL", /bad, line 2/, rho("k (u - 1)", { k: 2 })),
  given("a product without its sign", "EQ-PRODUCT", /bad, line 2/, rho("2 u")),
  given(
    "a sum of volts and amperes",
    "EQ-DIMENSION",
    /bad, line 1/,
    motion("C*du/dt = -g*u + u + I + I_nudge : V"),
  ),
  given(
    "definitions in a circle",
    "EQ-CYCLE",
    /bad, line/,
    neuron("u <- I + I_nudge\na = b\nb = a\nrho = a*u"),
  ),
  given("an open bracket", "EQ-SYNTAX", /bad, line 2/, rho("tanh(u")),
  given("code in an equation", "EQ-SYNTAX", /bad, line 2/, rho("u; process.exit(1)")),
  given("the name constructor in an equation", "EQ-NAME", /bad, line 2/, rho("constructor.constructor(u)")),
  given("the name __proto__ for a parameter", "EQ-NAME", /bad/, rho("u", JSON.parse('{"__proto__": 1}'))),
  given(
    "nesting of 5,000 brackets",
    "EQ-DEPTH",
    /bad, line 2/,
    rho(`${"(".repeat(5000)}u${")".repeat(5000)}`),
  ),
  given("a unit in a formula", "EQ-PRODUCT", /bad, line 2/, rho("tanh(u - 70 mV)")),
  given("tests that are joined", "EQ-SYNTAX", /bad, line 2/, rho("where(u > 0 and u < 1, u, 0)")),
  given("a function that is spelt like another", "EQ-UNKNOWN", /bad, line 2/, rho("tan(u)")),
  given(
    "functions that call two of the line before, forty lines on",
    "EQ-SIZE",
    /bad, line/,
    neuron(
      `u <- I + I_nudge\nf0(x) = x\n${lines(40, (i) => `f${i + 1}(x) = f${i}(2*x) + f${i}(x + 1)`)}\n` +
        "rho = f40(u)",
    ),
  ),
  given(
    "definitions of 12,000 factors",
    "EQ-SIZE",
    /bad, line/,
    neuron(
      `u <- I + I_nudge\na0 = u\n${lines(30, (i) => `a${i + 1} = a${i}${"*u".repeat(298)}`)}\nrho = a30`,
    ),
  ),
  given(
    "a function that is the derivative of the one before, forty lines on",
    "EQ-SIZE",
    /bad, line/,
    neuron(
      `u <- I + I_nudge\nf0(x) = tanh(x)\n${lines(40, (i) => `f${i + 1}(x) = f${i}'(x)`)}\nrho = f40(u)`,
    ),
  ),
  given(
    "an equation whose derivative is too long",
    "EQ-SIZE",
    /bad, line 152/,
    neuron(
      "u <- I + I_nudge\n" +
        `${lines(150, (i) => `a${i} = (u + ${i}.1)^(u + ${i}.5)*(u + ${i}.2)^(u + ${i}.6)*tanh(u + ${i}.7)`)}\n` +
        `rho = ${Array.from({ length: 150 }, (_, i) => `a${i}`).join("+")}`,
    ),
  ),
  given("an equation that is too long once it is complex", "EQ-SIZE", /long, line 153/, () =>
    settleComplex(
      "u <- 0.1*I + I_nudge\na0 = u\n" +
        `${lines(150, (i) => `a${i + 1} = tanh(a${i} + log(2 + a${i}))`)}\nrho = a150`,
    ),
  ),
  given("a number that overflows", "EQ-NUMBER", /bad, line 2/, rho("u*1e999")),
];

const held =
  (line: string, parameters: SynapseSpec["parameters"] = {}, current = "I = w*rho_pre") =>
  (): unknown =>
    readSynapse({
      kind: "synapse",
      name: "bad",
      equations: `${current}\n${line}${"stuck" in parameters ? "\nz = stuck" : ""}`,
      parameters,
    });

export const DEVICES: readonly Kind[] = [
  given("a unit that does not exist", "UNIT-UNKNOWN", /bad, parameter "k"/, rho("u*k", { k: "5 bananas" })),
  given("a unit with a capital too many", "UNIT-UNKNOWN", /bad, parameter "k"/, rho("u*k", { k: "50 NS" })),
  given("a capacitance in siemens", "EQ-DIMENSION", /bad, parameter "C"/, () =>
    readNeuron({
      kind: "neuron",
      name: "bad",
      equations: "C*du/dt = -g*u + I + I_nudge : V\nrho = tanh(u/V)",
      parameters: { ...PHYSICAL, C: "1 pS" },
      unitDrive: "g*V",
    }),
  ),
  given(
    "a unit that could be read in a billion ways",
    "UNIT-SYNTAX",
    /bad, parameter "k"/,
    rho("u*k", { k: `1 ${"a     ".repeat(15)}!` }),
  ),
  given("a parameter that is not finite", "UNIT-RANGE", /bad, parameter "k"/, rho("u*k", { k: NaN })),
  given("a capacitance of zero", "DEVICE-VALUE", /bad/, () =>
    readNeuron({
      kind: "neuron",
      name: "bad",
      equations: "C*du/dt = -g*u + I + I_nudge\nrho = tanh(u/V)",
      parameters: { ...PHYSICAL, C: "0 pF" },
      unitDrive: "g*V",
    }),
  ),
  given("conductances the wrong way round", "DEVICE-VALUE", /crossbar pair, line/, () =>
    readSynapse(crossbar({ range: ["100 uS", "0.1 uS"] })),
  ),
  given("a negative retention", "DEVICE-VALUE", /crossbar pair, line/, () =>
    readSynapse(crossbar({ retention: "-1 ms" })),
  ),
  given("a rest outside of the range", "DEVICE-VALUE", /crossbar pair, line/, () =>
    readSynapse(crossbar({ retention: "1 ms", rest: "1 S" })),
  ),
  given("a percentage without its sign", "DEVICE-VALUE", /crossbar pair, line/, () =>
    readSynapse(crossbar({ readNoise: 5 })),
  ),
  given(
    "a share of stuck cells above 1",
    "DEVICE-SHARE",
    /bad, parameter "stuck"/,
    held("w <- w + dw", { stuck: { share: 5 } }),
  ),
  given(
    "measured values in two units",
    "DEVICE-VALUES",
    /bad, parameter "stuck"/,
    held("w <- w + dw", { stuck: { values: ["1 V", "1 A"] } }),
  ),
  given(
    "a device of no area",
    "DEVICE-AREA",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, matching: "0.01 um", area: 0 } }),
  ),
  given(
    "an area of no size",
    "DEVICE-AREA",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, matching: "0.01 um", area: "0 um^2" } }),
  ),
  given(
    "an area in metres",
    "DEVICE-AREA",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, matching: "0.01 um", area: "1 um" } }),
  ),
  given(
    "an area without its constant",
    "DEVICE-AREA",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, area: "1 um^2" } }),
  ),
  given(
    "an area beside a mismatch",
    "DEVICE-AREA",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, mismatch: 0.1, matching: "0.01 um", area: "1 um^2" } }),
  ),
  given(
    "an area that flips signs",
    "DEVICE-MISMATCH",
    /bad, parameter "b"/,
    held("w <- w + dw*b", { b: { value: 1, matching: "1 um", area: "1 um^2" } }),
  ),
  given("a preset outside of its range", "PRESET-RANGE", /Li-ECRAM, parameter "gamma_up"/, () =>
    readSynapse(liEcram({ gamma_up: 0.9 })),
  ),
  given("an event that there is not", "EQ-SYNTAX", /bad, line 2/, held("w <- w + dw at wirte")),
  given("an event of something else than an arrow", "EQ-SYNTAX", /bad, line 2/, held("w = 3 at pulse")),
  given("an event that a synapse has not", "DEVICE-EVENT", /bad, line 2/, held("w <- 0 at sample")),
  given(
    "noise that is kept and programmed",
    "DEVICE-KEEPS",
    /bad, line 2/,
    held("w <- w + dw at write keeps"),
  ),
  given("a readout that reads nothing", "DEVICE-OUTPUT", /bad/, reads("seen = x")),
  given(
    "a readout that reads in another unit",
    "EQ-DIMENSION",
    /bad, line 1/,
    reads("read = R*x", { R: "1 ohm" }),
  ),
  given("a readout that reads both ends of a synapse", "DEVICE-READOUT", /bad, line 1/, reads("read = x*y")),
  given("a multiplier that squares", "DEVICE-READOUT", /bad, line 1/, reads("product = x^2*y")),
  given("a readout that is written", "DEVICE-EVENT", /bad, line 2/, reads("read = s\ns <- x at write")),
  given("a readout that remembers", "DEVICE-KEEPS", /bad, line 2/, reads("read = s\ns <- x at sample keeps")),
  given("a converter of no bits", "OPTION-VALUE", /readout/, () => readout({ bits: 0 })),
  given("a readout that clips below itself", "DEVICE-VALUE", /readout/, () =>
    readReadout(readout({ clip: -1 })),
  ),
  given("a readout of a lock-in", "LEARN-READOUT", /oscillating/, () =>
    readThrough(oscillating({ amplitude: 0.3, period: 40, periods: 2, form: "lock-in" }), {}),
  ),
  given(
    "definitions that states go round in",
    "EQ-CYCLE",
    /bad, line/,
    held("w <- w + a at pulse\na = b + w\nb = a"),
  ),
  given(
    "a draw of a parameter that there is not",
    "EQ-UNKNOWN",
    /bad, line 3/,
    held("w <- w + dw\nV_os per column : V"),
  ),
  given(
    "a parameter that is drawn for something else",
    "EQ-SYNTAX",
    /bad, line 3/,
    held("w <- w + dw\nstuck per wafer"),
  ),
  given(
    "flicker noise without a band",
    "DEVICE-FLICKER",
    /bad, line 3/,
    held("w <- w + dw + i_n\ni_n = flicker(1, 1000, 10)"),
  ),
  given(
    "flicker noise in the wrong unit",
    "EQ-DIMENSION",
    /bad, line 3/,
    held("w <- w + dw + i_n\ni_n = flicker(1, 1 Hz, 10 V)"),
  ),
  given("a uniform draw as white noise", "EQ-NOISE", /bad, line 3/, held("w <- w + dw\ndw/dt = -w + eta")),
  given(
    "the product of two draws in a read",
    "EQ-NOISE",
    /bad, line 1/,
    held("w <- w + dw", {}, "I = w*rho_pre*(1 + xi_a*xi_b)"),
  ),
  given("an initial value outside of the range", "DEVICE-VALUE", /crossbar pair, initial/, () =>
    readSynapse({ ...crossbar(), initial: { G_plus: "2*G_max" } }),
  ),
  given(
    "a relative spread of zero",
    "DEVICE-MISMATCH",
    /bad, parameter "k"/,
    rho("u + k", { k: { value: 0, mismatch: 0.1 } }),
  ),
  given(
    "an absolute spread in another unit",
    "DEVICE-MISMATCH",
    /bad, parameter "k"/,
    rho("u + k", { k: { value: 0, sd: "5 mV" } }),
  ),
  given(
    "one noise source named twice",
    "EQ-NOISE",
    /bad, line 1/,
    neuron("u <- I + I_nudge + 0.1*xi + 0.2*xi\nrho = u"),
  ),
  given("a device without an output", "DEVICE-OUTPUT", /bad/, neuron("u <- I + I_nudge")),
  given("a misspelt field of a device", "DEVICE-SPEC", /bad/, () =>
    readNeuron({ kind: "neuron", name: "bad", equations: "", equation: "" }),
  ),
  given("a synapse whose current is not linear", "DEVICE-WEIGHT", /bad/, () =>
    readSynapse({ kind: "synapse", name: "bad", equations: "I = w*rho_pre^2\nw <- w + dw" }),
  ),
];

const unit = leakyIntegrator();
const GOOD: CircuitSpec = {
  name: "good",
  populations: [
    { name: "input", size: 2 },
    { name: "output", size: 2, neuron: unit },
  ],
  projections: [
    { name: "up", from: "input", to: "output", synapse: ideal(), initial: { distribution: "glorot" } },
  ],
  input: "input",
  output: "output",
  cost: { kind: "squared-error", argument: "state" },
};
const circuit = (change: object) => () => defineCircuit({ ...GOOD, ...change } as CircuitSpec);
const output = (change: object) =>
  circuit({ populations: [GOOD.populations[0], { ...GOOD.populations[1], ...change }] });

export const CIRCUITS: readonly Kind[] = [
  given(
    "a population that is not there",
    "CIRCUIT-PORT",
    /good/,
    circuit({ projections: [{ ...GOOD.projections[0], from: "retina" }] }),
  ),
  given(
    "two populations of one name",
    "CIRCUIT-NAME",
    /circuit/,
    circuit({ populations: [...GOOD.populations, GOOD.populations[1]] }),
  ),
  ...(
    [
      ["wires of negative resistance", { wires: { row: "-1 ohm" } }, /good, projection.*/],
      ["wires of volts", { wires: { row: "1 V" } }, /row/, "UNIT-DIMENSION"],
      ["wires with a third side", { wires: { diagonal: 1 } }, /wires/, "OPTION-UNKNOWN"],
      ["wires between weights without conductances", { wires: { column: 1 } }, /good, projection/],
      ["a chip at absolute zero", { temperature: "0 K" }, /good, temperature/, "CIRCUIT-TEMPERATURE"],
      ["a chip below absolute zero", { temperature: -3 }, /good, temperature/, "CIRCUIT-TEMPERATURE"],
      ["a temperature in volts", { temperature: "1 V" }, /good, temperature/, "UNIT-DIMENSION"],
      ["a temperature that nothing feels", { temperature: 300 }, /good, temperature/, "CIRCUIT-TEMPERATURE"],
    ] as const
  ).map(([what, change, at, code = "CIRCUIT-WIRES"]) => given(what, code, at, circuit(change))),
  given("a chip hotter than its devices were measured", "PRESET-RANGE", /parameter "T"/, () =>
    layered([2, 2], { neuron: transconductor(), synapse: crossbar() }).fabricate({ temperature: "450 K" }),
  ),
  given("wires of a kernel", "CIRCUIT-WIRES", /projection "input-l1"/, () =>
    convolutional({
      shape: [4, 4, 1],
      layers: [{ channels: 2, kernel: 2 }],
      outputs: 2,
      neuron: softNeuron(),
      synapse: crossbar(),
    }).fabricate({ wires: { row: 1 } }),
  ),
  given("a twin behind wires", "LEARN-READOUT", /readout/, () => {
    const { reading } = readThrough(centred({ amplitude: 0.2, freeSteps: 9, nudgedSteps: 9 }), { twin: {} });
    const { circuit } = layered([2, 2], { neuron: softNeuron(), synapse: crossbar() }).fabricate({
      wires: { row: 1 },
    });
    reading?.expectReadable(circuit, vectorFieldRule);
  }),
  given("pairs of outputs, of which classes are asked", "CIRCUIT-COST", /cost/, () =>
    resistive([3, 3, 2], { doubled: true, cost: { kind: "cross-entropy", argument: "state", classes: 2 } }),
  ),
  given("ladders of wires between nodes that are loaded", "CIRCUIT-WIRES", /projection/, () =>
    resistive([3, 3, 1]).fabricate({ wires: { row: 1, solve: "ladders" } }),
  ),
  given("a projection called like the wires of another", "CIRCUIT-NAME", /input-l1\.columns/, () => {
    const { spec } = resistive([3, 3, 1]);
    const [first, ...others] = spec.projections;
    return defineCircuit({
      ...spec,
      wires: { row: 1 },
      projections: [first, { ...first, name: "input-l1.columns" }, ...others],
    });
  }),
  given("wires to first order that take more than there is", "CHIP-WIRES", /input-l1/, () => {
    const chip = resistive([3, 3, 1]).fabricate({ wires: { row: "1 kohm", solve: "first-order" } });
    chip.setWeights("input-l1", { weights: new Float64Array(9).fill(1), biases: null });
    return chip.weights("input-l1");
  }),
  given(
    "an offset of columns without a line of biases",
    "CIRCUIT-OFFSET",
    /good/,
    circuit({
      projections: [
        {
          ...GOOD.projections[0],
          synapse: {
            kind: "synapse",
            name: "offset",
            equations: "I = w*rho_pre + I_os\nw <- w + dw\nI_os per column",
            parameters: { I_os: { value: 0, sd: 0.1 } },
          },
        },
      ],
    }),
  ),
  given("a population that is called __proto__", "CIRCUIT-NAME", /circuit/, output({ name: "__proto__" })),
  given("half a neuron", "CIRCUIT-NUMBER", /circuit/, output({ size: 0.5 })),
  given(
    "more synapses than memory holds",
    "CIRCUIT-SIZE",
    /circuit/,
    circuit({ populations: GOOD.populations.map((p) => ({ ...p, size: 1_000_000 })) }),
  ),
  given(
    "feedback that is tied to itself",
    "CIRCUIT-FEEDBACK",
    /good/,
    circuit({
      projections: [
        ...GOOD.projections,
        { ...GOOD.projections[0], name: "loop", from: "output", feedback: { kind: "tied", to: "loop" } },
      ],
    }),
  ),
  given("a seed of a chip that is no number", "ENGINE-SEED", /good, seed of fabrication/, () =>
    defineCircuit(GOOD).fabricate({ seed: "7" as never }),
  ),
  given(
    "a seed of noise below zero",
    "ENGINE-SEED",
    /good, seed of the noise/,
    async () =>
      new Simulator(defineCircuit(GOOD).fabricate(), await createEngine("reference"), { dt: 0.1, seed: -1 }),
  ),
  given("an asymmetry in percent without its sign", "CIRCUIT-NUMBER", /asymmetry of "output-l1"/, () =>
    layered([2, 3, 2], { neuron: leakyIntegrator(), synapse: ideal(), feedback: { asymmetry: 5 } }),
  ),
  given(
    "an unknown way of reads",
    "DYN-READS",
    /good/,
    async () =>
      new Simulator(defineCircuit(GOOD).fabricate(), await createEngine("reference"), {
        dt: 0.1,
        reads: "by-row" as never,
      }),
  ),
  given(
    "amperes into a neuron that takes numbers",
    "CIRCUIT-UNITS",
    /good/,
    circuit({ projections: [{ ...GOOD.projections[0], synapse: ideal({ unit: "A" }) }] }),
  ),
];
