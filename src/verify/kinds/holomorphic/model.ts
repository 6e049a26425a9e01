/**
 * The circuit of a holomorphic case, from the catalogue, with the weights of the case; and how its gradients
 * are named there.
 */
import { ideal, shiftedSigmoid } from "../../../../devices";
import { layered, layerNames, loop } from "../../../../circuits";
import type { Chip, Readout, WeightArrays } from "../../../circuit/chip-types";
import type { Engine } from "../../../engines/engine";
import type { Batch } from "../../../learning/types";
import { fault, type CaseValue } from "../../case";
import { MOST_UNITS } from "../../kind";

/** Most points of a Cauchy integral in a case. */
export const MOST_POINTS = 64;

/**
 * Where a case gives no number of steps its states are converged: until a step changes less than a rounding
 * of a state of order one.
 */
export function converged({ info }: Engine): { steps: number; tolerance: number } {
  return { steps: 4000, tolerance: info.precision === "float64" ? 1e-15 : 1e-7 };
}

/** A layer or a projection: its name in the circuit and in the case. */
export interface Named {
  readonly name: string;
  readonly caseName: string;
}

export interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  readonly classes: number;
  /**
   * Populations with dynamics, from the first hidden layer to the output: names in the circuit and in the
   * case.
   */
  readonly layers: readonly Named[];
  readonly projections: readonly Named[];
}

export function build(given: CaseValue): Model {
  const sizes = given.at("sizes");
  const hidden = sizes.keys().filter((key) => /^l\d+$/.test(key)).length;
  if (hidden < 1 || hidden > 9) fault("sizes", `${hidden} hidden layers, 1 to 9 are needed`);
  const caseNames = ["x", ...Array.from({ length: hidden }, (_, i) => `l${i + 1}`), "out"];
  const widths = caseNames.map((name) => sizes.at(name).count(MOST_UNITS));
  const classes = sizes.find("classes")?.count(MOST_UNITS) ?? given.at("readout").at("bias").length();
  const samples = sizes.at("batch").count(1_000_000);
  // The case calls the input "in" in the names of kernels.
  const wire = (from: string, to: string): string => `${from === "x" ? "in" : from}-${to}`;
  const forward = caseNames.slice(1).map((to, i) => wire(caseNames[i], to));
  const layeredBack = caseNames.slice(2).map((to, i) => wire(to, caseNames[i + 1]));
  const looped = wire("out", "l1");
  const kernels = given.at("kernels");
  const isLoop = hidden > 1 && kernels.keys().includes(looped);
  const expected = [...forward, ...(isLoop ? [looped] : layeredBack)];
  const strange = kernels.keys().find((key) => !expected.includes(key));
  if (strange !== undefined)
    fault("kernels", `"${strange.slice(0, 40)}" belongs to no layered or loop circuit of these sizes`);

  const options = {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    cost: { kind: "cross-entropy", argument: "activity", classes, ascend: true },
  } as const;
  const chip = (
    isLoop ? loop(widths, options) : layered(widths, { ...options, feedback: "untied" })
  ).fabricate();
  const names = layerNames(widths.length);
  const projections = expected.map((caseName): Named => {
    const ends = caseName.split("-").map((end) => names[end === "in" ? 0 : caseNames.indexOf(end)]);
    return { name: ends.join("-"), caseName };
  });
  for (const { name, caseName } of projections) {
    const { from, to, bias } = chip.circuit.projection(name);
    const biases = bias ? given.at("biases").at(caseName).array([to.size]) : null;
    chip.setWeights(name, { weights: kernels.at(caseName).array([from.size, to.size]), biases });
  }
  const output = widths[widths.length - 1];
  setReadout(chip, {
    weights: given.at("readout").at("kernel").array([output, classes]),
    biases: given.at("readout").at("bias").array([classes]),
  });
  return {
    chip,
    classes,
    projections,
    batch: {
      samples,
      inputs: given.at("x").array([samples, widths[0]]),
      targets: given.at("y").array([samples, classes]),
    },
    layers: names.slice(1).map((name, i) => ({ name, caseName: caseNames[i + 1] })),
  };
}

/** The readout can only be added to: twice, so that the second time takes back the rounding of the first. */
export function setReadout(chip: Chip, wanted: Readout): void {
  for (let round = 0; round < 2; round++) {
    const { readout } = chip;
    if (readout === null) return;
    chip.programReadout({
      weights: wanted.weights.map((w, i) => w - readout.weights[i]),
      biases: wanted.biases.map((b, i) => b - readout.biases[i]),
    });
  }
}

/**
 * Arrays by the names that cases give to gradients: "l1-l2.kernel", "l1-l2.bias", "readout.kernel"; with the
 * shape of each.
 */
export function gradientParts(
  { chip, projections }: Model,
  gradient: Readonly<Record<string, WeightArrays>>,
  readout: Readout,
): { name: string; shape: number[]; values: Float64Array }[] {
  const { output } = chip.circuit;
  const classes = readout.biases.length;
  const parts = projections.flatMap(({ name, caseName }) => {
    const { from, to } = chip.circuit.projection(name);
    const { weights, biases } = gradient[name];
    const kernel = { name: `${caseName}.kernel`, shape: [from.size, to.size], values: weights };
    return biases === null
      ? [kernel]
      : [kernel, { name: `${caseName}.bias`, shape: [to.size], values: biases }];
  });
  return [
    ...parts,
    { name: "readout.kernel", shape: [output.size, classes], values: readout.weights },
    { name: "readout.bias", shape: [classes], values: readout.biases },
  ];
}
