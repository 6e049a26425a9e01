/**
 * The feedforward net beside a circuit (O'Connor et al. 2019, Eq. 6): the same populations, joined by those
 * projections alone that lead forward, as an ordinary circuit of maps. Each of its units shows what it expects
 * the unit at its place in the chip to show.
 */
import { readCircuit } from "../../circuit/circuit";
import type { Circuit, Population, Projection } from "../../circuit/chip-types";
import type { CircuitDesign } from "../../circuit/types";
import type { Neuron, NeuronSpec, SynapseSpec } from "../../device/types";
import { scalingOf, type Scaling } from "../../dynamics/lowering/scaling";
import { OhmletError } from "../../errors";
import { multiply, number, substitute, symbol, type Expression } from "../../equations/expression";
import { show } from "../../equations/show";
import { simplify } from "../../equations/simplify";
import { compile } from "../../equations/evaluate";
import { equalDimensions } from "../../units/dimension";
import { CONSTANTS } from "../../units/constants";
import { DIMENSIONLESS } from "../../units/quantity";

/** What a digital weight is: a number. */
const WEIGHT: SynapseSpec = {
  kind: "synapse",
  name: "number",
  equations: "I = w*rho_pre\nw <- w + dw",
};

/** Populations in the order in which forward states are computed: each before those that it leads to. */
const leadsForward = (circuit: Circuit, { from, to, spec }: Projection): boolean =>
  spec.feedback === undefined && placeOf(circuit, from) < placeOf(circuit, to);

/** Letters of a name that leave room for what is added. */
const LONGEST = 40;

const placeOf = ({ populations }: Circuit, population: Population): number => populations.indexOf(population);

/**
 * The feedforward net of a circuit.
 * @param leak slope that is added to each output, so that no unit is ever without one (rho + leak u)
 * @throws OhmletError INIT-FORWARD where nothing leads forward to a population, INIT-UNITS where a population
 *   shows what has a unit
 */
export function forwardCircuit(circuit: Circuit, leak: number): Circuit {
  const scaling = scalingOf(circuit);
  const forward = circuit.projections.filter((p) => leadsForward(circuit, p));
  const populations = circuit.populations.map((population): CircuitDesign["populations"][number] => {
    const { name, size, shape, clamped, neuron } = population;
    const { encoding } = population.spec;
    const sized = { name, size, ...(shape !== undefined && { shape }), ...(encoding && { encoding }) };
    if (clamped || neuron === null) return sized;
    if (!forward.some((p) => p.to === population)) refuseOrder(circuit, population);
    return { ...sized, neuron: forwardNeuron(circuit, population, neuron, scaling, leak) };
  });
  return readCircuit({
    name: `${circuit.name.slice(0, LONGEST)}-forward`,
    populations,
    projections: forward.map(({ name, from, to, bias, spec: { through, initial } }) => ({
      name,
      from: from.name,
      to: to.name,
      synapse: WEIGHT,
      bias,
      initial,
      ...(through !== undefined && { through }),
    })),
    input: circuit.inputs.map(({ name }) => name),
    output: circuit.output.name,
    cost: { kind: "squared-error", argument: "activity" },
  });
}

function refuseOrder(circuit: Circuit, { name }: Population): never {
  throw new OhmletError({
    code: "INIT-FORWARD",
    fact: `nothing leads forward to "${name}": all that projects to it stands after it in the list of populations`,
    place: { where: circuit.name },
    remedy: "list the populations of the circuit from the input to the output",
  });
}

/** A map whose output is that of the chip's neuron with nominal parameters, and a leak beside. */
function forwardNeuron(
  circuit: Circuit,
  { name }: Population,
  neuron: Neuron,
  scaling: Scaling,
  leak: number,
): NeuronSpec {
  if (!equalDimensions(neuron.dimensions.rho, DIMENSIONLESS))
    throw new OhmletError({
      code: "INIT-UNITS",
      fact: `what "${name}" shows has a unit, and a digital net predicts numbers`,
      place: { where: circuit.name },
      remedy: "divide its rho by a parameter of that unit",
    });
  const text = show(outputIn(neuron, scaling));
  return {
    kind: "neuron",
    name: `forward ${name}`,
    equations: `u <- I + I_nudge\nrho = ${text}${leak === 0 ? "" : ` + ${leak}*u`}`,
  };
}

/** rho of nominal parameters over the state in the circuit's own unit, as one symbol u. */
function outputIn({ rho, dimensions, parameters }: Neuron, scaling: Scaling): Expression {
  const unit = scaling.scale(dimensions.u);
  const values = new Map(Object.entries(CONSTANTS).map(([name, { value }]) => [name, value]));
  for (const { name, value } of Object.values(parameters)) values.set(name, value.value);
  return simplify(
    substitute(rho, (name) => {
      if (name === "u") return unit === 1 ? undefined : multiply(number(unit), symbol("u"));
      const value = values.get(name);
      return value === undefined ? undefined : number(value);
    }),
  );
}

/** States at which an output is looked at, in the circuit's own unit. */
const LOOKED = [-2.3, -1.4, -0.6, 0.17, 0.35, 0.52, 0.83, 1.3, 2.1];
const EQUAL = 1e-9;

/**
 * What a population's states are in the circuit's own unit, SI, and whether its units show their states
 * themselves, wherever their output is not flat: a hard sigmoid does.
 */
export function stateOf(circuit: Circuit, { neuron }: Population): { unit: number; shown: boolean } {
  if (neuron === null) return { unit: 1, shown: true };
  const scaling = scalingOf(circuit);
  const rho = compile(outputIn(neuron, scaling), ["u"]);
  const steep = LOOKED.filter((u) => Math.abs(rho(u + 1e-4) - rho(u - 1e-4)) > 1e-9);
  return {
    unit: scaling.scale(neuron.dimensions.u),
    shown: steep.length > 0 && steep.every((u) => Math.abs(rho(u) - u) < EQUAL),
  };
}
