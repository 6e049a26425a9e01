/**
 * Curves at rest. iv: the current over the presynaptic output of a synapse, and the current that holds a
 * neuron at a state. transfer: what a neuron's synapses see over its state, and the weight of a synapse over
 * what is programmed.
 */
import { BACK } from "../../circuit/amplifiers";
import { internalStates } from "../../circuit/states";
import { drawParameters } from "../../circuit/draw";
import { nominalUnitDrive } from "../../device/unit-drive";
import { OhmletError } from "../../errors";
import type { Neuron, Synapse } from "../../device/types";
import { splitLinear } from "../../equations/differentiate";
import { evaluate } from "../../equations/evaluate";
import {
  add,
  divide,
  multiply,
  negate,
  number,
  substitute,
  symbol,
  symbolsOf,
  type Expression,
} from "../../equations/expression";
import { vectorize } from "../../equations/vectorize";
import { nominalValues } from "../../device/conditions";
import { CONSTANTS } from "../../units/constants";
import { describeDimension } from "../../units/dimension";
import { Specimen } from "../specimen";
import { Points } from "../statistics";
import type { Curve, CurveRequest } from "../types";

const POINTS = 41;
/** Unit drives, or programmed values, to both sides. */
const REACH = 3;
/** Held farther away than that, a neuron does not leak to speak of at 0. */
const MOST_HELD = 10;

/** Values from -reach to reach, 0 among them. */
export const around = (reach: number): number[] =>
  Array.from({ length: POINTS }, (_, k) => (reach * (2 * k - POINTS + 1)) / (POINTS - 1));

/** Of a neuron. @throws OhmletError DEVICE-CURVE where no one current holds a state */
export function neuronCurve(
  neuron: Neuron,
  name: string,
  curve: "iv" | "transfer",
  { devices = 1, seed = 1 }: CurveRequest,
): Curve {
  const { dynamics, rho, dimensions, parameters } = neuron;
  const names = [...Object.keys(parameters), ...Object.keys(CONSTANTS)];
  const drawn = drawParameters(parameters, { rows: 1, columns: devices, key: "bench" }, seed);
  const others = [...Object.values(drawn), ...Object.values(CONSTANTS).map(({ value }) => value)];
  const y = curve === "transfer" ? rho : holding(neuron);
  const beside = internalStates(neuron).find(([state]) => symbolsOf(y).has(state))?.[0];
  if (beside !== undefined)
    throw new OhmletError({
      code: "DEVICE-CURVE",
      fact: `${curve === "transfer" ? "rho" : "the current that holds u"} depends on ${beside}, a state of its own`,
      place: { where: neuron.name },
      remedy:
        "draw  --curve transfer  or  --curve spectrum; ohmlet frequency tells how a circuit of it follows its inputs",
    });
  const loop = vectorize(y, ["u", ...names]);
  const values = around(REACH * scaleOf(neuron));
  const points = new Points();
  for (const u of values) points.add(loop(new Float64Array(devices), [u, ...others]));
  return {
    device: name,
    curve,
    x: { name: "u", unit: describeDimension(dimensions.u), values },
    y: {
      name: curve === "transfer" ? "rho" : `I that holds u${dynamics.kind === "discrete" ? " (map)" : ""}`,
      unit: describeDimension(curve === "transfer" ? dimensions.rho : dimensions.I),
      mean: points.mean,
      sd: points.sd,
    },
  };
}

/** The current at which u stays: of a map u = next, of a rate drift = 0; both linear in I. */
function holding(neuron: Neuron): Expression {
  const { dynamics } = neuron;
  const still = dynamics.kind === "continuous" ? dynamics.drift : add(dynamics.next, negate(symbol("u")));
  const linear = splitLinear(
    substitute(still, (each) => (each === "I_nudge" || each === BACK ? number(0) : undefined)),
    "I",
  );
  if (linear === null || (linear.coefficient.kind === "number" && linear.coefficient.value === 0))
    throw new OhmletError({
      code: "DEVICE-CURVE",
      fact: "u is not linear in I, so that no formula gives the current that holds it",
      place: { where: neuron.name },
      remedy: "draw its transfer:  --curve transfer",
    });
  return negate(divide(linear.constant, linear.coefficient));
}

/** The state at which one unit drive holds a neuron that leaks linearly; else 1. */
function scaleOf(neuron: Neuron): number {
  const { dynamics } = neuron;
  if (dynamics.kind === "discrete") return 1;
  const values = { ...nominalValues(neuron.parameters), I_nudge: 0, [BACK]: 0 };
  const at = (u: number, I: number): number => evaluate(dynamics.drift, { ...values, u, I });
  const drive = nominalUnitDrive(neuron);
  const slope = (at(1e-3, 0) - at(0, 0)) / 1e-3;
  const held = -(at(0, drive) - at(0, 0)) / slope;
  return held > 0 && held < MOST_HELD ? held : 1;
}

/** Of a synapse. */
export function synapseCurve(
  synapse: Synapse,
  name: string,
  curve: "iv" | "transfer",
  request: CurveRequest,
): Curve {
  const specimen = new Specimen(synapse, request);
  const state = specimen.programmed;
  const { dimensions } = synapse;
  if (state !== null && request.from !== undefined) specimen.place(state, request.from);
  // What begins at 0 shows nothing: it is written to 1.
  if (state !== null && specimen.shown().every((v) => v === 0)) specimen.set(state, 1);
  const points = new Points();
  if (curve === "iv") {
    const values = around(1);
    const offset = synapse.offset ?? number(0);
    const I = add(multiply(synapse.weight, symbol("x")), offset);
    for (const x of values) points.add(specimen.evaluate(I, { x }));
    return {
      device: name,
      curve,
      x: {
        name: synapse.loads ? "rho_pre - u_post" : "rho_pre",
        unit: describeDimension(dimensions.rho),
        values,
      },
      y: { name: "I", unit: describeDimension(dimensions.I), mean: points.mean, sd: points.sd },
    };
  }
  if (state === null)
    throw new OhmletError({
      code: "DEVICE-CURVE",
      fact: "nothing programs it, so that its weight has nothing to be drawn over",
      place: { where: synapse.name },
      remedy: "draw its current:  --curve iv",
    });
  const at = Math.max(...(specimen.stored.get(state) as Float64Array).map(Math.abs)) || 1;
  const values = around(at);
  for (const value of values) {
    specimen.set(state, value);
    points.add(specimen.shown());
  }
  return {
    device: name,
    curve,
    x: { name: state, unit: describeDimension(synapse.stored[state].dimension), values },
    y: { name: "weight", unit: describeDimension(dimensions.weight), mean: points.mean, sd: points.sd },
  };
}
