/**
 * A resistive network of layers with a diode to a rail above and one to a rail below at each hidden node (Kendall
 * 2020), and currents into the output nodes: voltages at rest, and as they move from 0 V once the inputs are there.
 * A case also has the netlist that a circuit simulator was given; here the circuit is built from devices.
 */
import { diodeNode, plainNode } from "../../../devices";
import { layerNames, resistive } from "../../../circuits";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import type { PhaseResult, Planes } from "../../dynamics/types";
import type { Engine } from "../../engines/engine";
import { fault, type CaseValue } from "../case";
import { checkWork, MOST_UNITS, type Bench } from "../kind";

/** V: what the simulator that made the cases leaves at rest, and in time, at its options. */
const AT_REST = 1e-8;
const IN_TIME = 2e-4;
/** Weights are in millisiemens, currents in milliamperes: the unit of the nodes. */
const MILLI = 1e3;
const MOST_SWEEPS = 5000;
const MOST_SAMPLES = 10_000;

interface Network {
  readonly chip: Chip;
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** Volts, then milliamperes. */
  readonly inputs: Float64Array;
}

export async function resistiveNetworkKind(
  given: CaseValue,
  { engine, reference, check }: Bench,
): Promise<void> {
  const network = build(given);
  const { chip, inputs } = network;
  checkWork(chip, 1, MOST_SWEEPS);
  const { states, outcome } = await atRest(network, engine);
  if (outcome.kind !== "settled") fault("op_voltages", `the network has not settled: ${outcome.toString()}`);
  layers(given.at("op_voltages"), 0, network, states, (expected, size, found) =>
    check.volts(expected, [size], found, AT_REST),
  );
  const tran = given.find("tran");
  if (tran === null) return;
  // How many points it took is its own affair.
  tran.find("points")?.number();
  const samples = tran.at("samples_at_accepted_timepoints").items();
  if (samples.length > MOST_SAMPLES) fault("tran", `${samples.length} samples, at most ${MOST_SAMPLES}`);
  const end = endOf(tran.at("spec").text());
  let [now, from]: [number, Planes | undefined] = [0, undefined];
  const until = async (t: number): Promise<Planes> => {
    if (!(t > now)) fault("tran", "the times of its samples do not rise");
    const moving = new Simulator(chip, reference, {
      solver: "dormand-prince",
      dt: t - now,
      adaptive: { relative: 1e-7, absolute: 1e-9, mostSteps: 1_000_000 },
    });
    const part = await moving.phase({ samples: 1, inputs, steps: 1, from });
    moving.dispose();
    if (part.outcome.kind === "diverged") fault("tran", `the network diverged: ${part.outcome.toString()}`);
    [now, from] = [t, part.states];
    return part.states;
  };
  for (const sample of samples) {
    const states = await until(sample.at("time").number());
    layers(sample.at("v"), 1, network, states, (expected, size, found) =>
      check.exactVolts(expected, [size], found, IN_TIME),
    );
  }
  const last = now < end ? await until(end) : (from ?? {});
  layers(tran.at("end_voltages"), 0, network, last, (expected, size, found) =>
    check.exactVolts(expected, [size], found, IN_TIME),
  );
}

async function atRest(
  { chip, inputs }: Pick<Network, "chip" | "inputs">,
  engine: Engine,
): Promise<PhaseResult> {
  const simulator = new Simulator(chip, engine, { solver: "balance", order: "alternate" });
  const tolerance = engine.info.precision === "float64" ? 1e-13 : 1e-6;
  const found = await simulator.phase({ samples: 1, inputs, steps: MOST_SWEEPS, tolerance });
  simulator.dispose();
  return found;
}

/** Voltages of layers from `first` on; those of the input layer are given. */
function layers(
  expected: CaseValue,
  first: number,
  { names, sizes, inputs }: Network,
  states: Planes,
  compare: (expected: CaseValue, size: number, found: ArrayLike<number>) => void,
): void {
  expected.items(sizes.length - first).forEach((layer, i) => {
    const k = i + first;
    compare(layer, sizes[k], k === 0 ? inputs.subarray(0, sizes[0]) : states[names[k]].re);
  });
}

/** The end of ".tran STEP STOP uic, caps IC=0". */
function endOf(spec: string): number {
  const [, digits, prefix] = /^\.tran\s+\S+\s+([\d.e+-]+)([munpf]?)s?\s+uic\b/i.exec(spec) ?? [];
  const power = { m: -3, u: -6, n: -9, p: -12, f: -15 }[prefix?.toLowerCase() ?? ""] ?? 0;
  const end = Number(digits) * 10 ** power;
  return end > 0
    ? end
    : fault(
        "tran/spec",
        "it is no transient from initial conditions",
        'write ".tran 20p 10n uic, caps IC=0"',
      );
}

function build(given: CaseValue): Network {
  const depth = given.at("sizes").length();
  if (depth < 2 || depth > 10) fault("sizes", `${depth} layers, 2 to 10 are needed`);
  const sizes = given
    .at("sizes")
    .items()
    .map((size) => size.count(MOST_UNITS));
  if (given.at("model").text() !== "layered-diode")
    fault("model", "it is not known", 'write "layered-diode"');
  given.find("seed")?.number(); // of the draws, which are given
  const diode = given.at("diode");
  // What the thermal voltage is made of: the case gives that itself.
  diode.find("temp_c")?.number();
  const V_up = given.at("vbias").number();
  const C = positive(given.at("cap_F"));
  const circuit = resistive(sizes, {
    output: plainNode({ C }),
    neuron: diodeNode({
      C,
      I_S: positive(diode.at("IS")),
      V_T: positive(diode.at("N")) * positive(diode.at("vt")),
      g_min: diode.at("gmin").number(),
      V_up,
      V_down: -V_up,
    }),
    currents: true,
  });
  const chip = circuit.fabricate();
  const names = layerNames(depth);
  given
    .at("conductances_S")
    .items(depth - 1)
    .forEach((array, k) => {
      const weights = array.array([sizes[k], sizes[k + 1]]).map((g) => g * MILLI);
      if (weights.some((g) => !(g >= 0))) fault(array.path, "a conductance is below 0");
      chip.setWeights(`${names[k]}-${names[k + 1]}`, { weights, biases: null });
    });
  const last = sizes[depth - 1];
  chip.setWeights("currents-output", { weights: new Float64Array(last).fill(1), biases: null });
  const inputs = new Float64Array(sizes[0] + last);
  inputs.set(given.at("vin").array([sizes[0]]));
  inputs.set(
    given
      .at("iout_A_into_output_nodes")
      .array([last])
      .map((i) => i * MILLI),
    sizes[0],
  );
  return { chip, names, sizes, inputs };
}

function positive(value: CaseValue): number {
  const number = value.number();
  return number > 0 ? number : fault(value.path, `${number} is not above 0`);
}
