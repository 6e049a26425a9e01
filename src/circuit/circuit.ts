/**
 * Reads a circuit: checks the plain data, resolves names, reads the devices and checks that their units fit
 * together. What comes out can be fabricated; what is wrong is named with its place and its remedy.
 */
import { OhmletError } from "../errors";
import { readNeuron } from "../device/neuron";
import { readSynapse } from "../device/synapse";
import { describeDimension, equalDimensions } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { fabricate } from "./fabricate";
import { checkCircuitShape } from "./check";
import { printsItself } from "../display";
import { describeCircuit, describePopulation, describeProjection } from "./describe";
import type { Circuit, Fabrication, Population, Projection } from "./chip-types";
import { costLaw, costOf } from "./cost-law";
import { readsBack, showsState } from "./amplifiers";
import { dataSizeOf, inputNames } from "./inputs";
import { isDoubled } from "./targets";
import { statesOf } from "./states";
import { specOf } from "../device/spec";
import { wiringOf } from "./wiring/wiring";
import { atTemperature } from "./temperature";
import { couplingsOf } from "./wires/couplings";
import { wiresOf } from "./wires/read-wires";
import type { CircuitDesign, CircuitSpec, PopulationSpec, ProjectionSpec } from "./types";
import { check, optionsOf } from "../options";

const asCircuit = printsItself(describeCircuit);
const asPopulation = printsItself(describePopulation);
const asProjection = printsItself(describeProjection);

const readFabrication = optionsOf<Fabrication>("fabricate", {
  takes: { seed: check.anything, wires: check.anything, temperature: check.quantity },
});

/**
 * Makes a circuit of its plain data.
 * @throws OhmletError CIRCUIT-… for whatever does not fit; the errors of src/device for devices that do not
 *   read
 */
export function readCircuit<const D extends CircuitDesign>(
  design: D,
): Circuit<D["populations"][number]["name"], D["projections"][number]["name"]> {
  const spec = plainSpec(design);
  const at = (what: string): { where: string } => ({ where: `${spec.name}, ${what}` });
  for (const [port, name] of [
    ...inputNames(spec.input).map((input) => ["input", input] as const),
    ["output", spec.output] as const,
  ]) {
    if (spec.populations.some((p) => p.name === name)) continue;
    throw new OhmletError({
      code: "CIRCUIT-PORT",
      fact: `there is no population ${JSON.stringify(name)}`,
      place: at(port),
      remedy: `populations: ${spec.populations.map((p) => p.name).join(", ")}`,
    });
  }
  const populations = readPopulations(spec, at);
  const find = (name: string, what: string): Population => {
    const found = populations.find((p) => p.name === name);
    if (found) return found;
    throw new OhmletError({
      code: "CIRCUIT-PORT",
      fact: `there is no population "${name}"`,
      place: at(what),
      remedy: `populations: ${populations.map((p) => p.name).join(", ")}`,
    });
  };
  const designed = spec.projections.map((p): Projection => {
    const what = `projection "${p.name}"`;
    return readProjection(p, spec, find(p.from, what), find(p.to, what), at(what));
  });
  const couplings = designed.flatMap((p) => couplingsOf(p).map(asProjection));
  checkCouplings(couplings, designed, at);
  const projections = [...designed, ...couplings];
  checkPlanes(populations, at);
  const inputs = inputNames(spec.input).map((name) => find(name, "input"));
  const output = find(spec.output, "output");
  checkFeedback(projections, at);
  checkReach(populations, projections, output, at);
  if (output.clamped) {
    throw new OhmletError({
      code: "CIRCUIT-OUTPUT",
      fact: `"${output.name}" is clamped and cannot be the output`,
      place: at("output"),
      remedy: "name another population as output",
    });
  }
  if (isDoubled({ spec }) && output.size % 2 === 1)
    throw new OhmletError({
      code: "CIRCUIT-OUTPUT",
      fact: `the ${output.size} units of "${output.name}" are no pairs, which the cost compares`,
      place: at("output"),
      remedy: "give the output two units for each target, or leave doubled out",
    });
  checkCostWeights(spec, at);
  const byName =
    <T extends { readonly name: string }>(list: readonly T[], kind: string) =>
    (name: string): T => {
      const found = list.find((item) => item.name === name);
      if (found) return found;
      throw new OhmletError({
        code: "CIRCUIT-PORT",
        fact: `there is no ${kind} "${name}"`,
        place: { where: spec.name },
        remedy: `${kind}s: ${list.map((i) => i.name).join(", ")}`,
      });
    };
  const circuit: Circuit = {
    spec,
    name: spec.name,
    populations,
    projections,
    input: inputs[0],
    inputs,
    inputSize: inputs.reduce((sum, { dataSize }) => sum + dataSize, 0),
    output,
    cost: costLaw(spec.cost, output, spec.name),
    units: populations.reduce((sum, p) => sum + (p.clamped ? 0 : p.size), 0),
    population: byName(populations, "population"),
    projection: byName(projections, "projection"),
    fabricate: (options = {}) => {
      const { seed = 0, ...other } = readFabrication(options);
      return fabricate(Object.keys(other).length === 0 ? circuit : readCircuit({ ...spec, ...other }), seed);
    },
  };
  return asCircuit(circuit);
}

/** States are told by "population" and "population.state": no population may be called like a state of another. */
function checkPlanes(
  populations: readonly Population[],
  at: (what: string) => { readonly where: string },
): void {
  const taken = statesOf({ populations }).find(
    ({ name, state }) => state !== "u" && populations.some((p) => p.name === name),
  );
  if (taken === undefined) return;
  throw new OhmletError({
    code: "CIRCUIT-NAME",
    fact: `"${taken.name}" is a population, and the state ${taken.state} of the neurons of "${taken.population.name}"`,
    place: at(`population "${taken.name}"`),
    remedy: "give the population, or the state, another name",
  });
}

/** What wires join is told by the name of their array: no other projection may be called so. */
function checkCouplings(couplings: readonly Projection[], designed: readonly Projection[], at: At): void {
  const taken = couplings.find(({ name }) => designed.some((p) => p.name === name));
  if (taken === undefined) return;
  throw new OhmletError({
    code: "CIRCUIT-NAME",
    fact: `"${taken.name}" is a projection, and what the ${taken.couples?.side} of "${taken.couples?.owner}" join through their wires`,
    place: at(`projection "${taken.name}"`),
    remedy: "give the projection another name",
  });
}

/** A cost of weights is of arrays that there are. */
function checkCostWeights({ cost, projections }: CircuitSpec, at: At): void {
  if (cost.kind !== "equation" || cost.weights === undefined || typeof cost.weights === "string") return;
  const owned = projections.filter(({ feedback }) => feedback?.kind !== "tied").map(({ name }) => name);
  const unknown = Object.keys(cost.weights).find((name) => !owned.includes(name));
  if (unknown === undefined) return;
  throw new OhmletError({
    code: "CIRCUIT-PORT",
    fact: `there is no projection "${unknown.slice(0, 80)}" with devices of its own`,
    place: at("cost, weights"),
    remedy: `projections: ${owned.join(", ")}`,
  });
}

/**
 * The plain data of a design, once its shape is checked: devices that were read are put down as their specs.
 */
function plainSpec(design: CircuitDesign): CircuitSpec {
  checkCircuitShape(design);
  return atTemperature({
    ...design,
    cost: costOf(design.cost),
    populations: design.populations.map(({ neuron, ...p }) => ({
      ...p,
      size: p.size ?? sizeOf(p.shape),
      ...(neuron !== undefined && { neuron: specOf(neuron) }),
    })),
    projections: design.projections.map((p) => ({ ...p, synapse: specOf(p.synapse) })),
  });
}

/** Units of a shape, [rows, columns, channels]. */
const sizeOf = (shape: readonly number[] = []): number => shape.reduce((product, n) => product * n, 1);

type At = (what: string) => { where: string };

function readPopulations(spec: CircuitSpec, at: At): Population[] {
  let offset = 0;
  return spec.populations.map((p: PopulationSpec): Population => {
    const clamped = inputNames(spec.input).includes(p.name);
    if (!clamped && p.encoding !== undefined)
      throw new OhmletError({
        code: "CIRCUIT-ENCODING",
        fact: `population "${p.name}" is not clamped, and encodes no data`,
        place: at(`population "${p.name}"`),
        remedy: "leave its encoding out",
      });
    if (!clamped && p.neuron === undefined) {
      throw new OhmletError({
        code: "CIRCUIT-NEURON",
        fact: `population "${p.name}" has no neuron`,
        place: at(`population "${p.name}"`),
        remedy: "give it a neuron; only the input may go without",
      });
    }
    const population: Population = asPopulation({
      name: p.name,
      size: p.size,
      dataSize: clamped ? dataSizeOf(p, at) : 0,
      ...(p.shape !== undefined && { shape: p.shape }),
      spec: p,
      neuron: p.neuron === undefined ? null : readNeuron(p.neuron),
      clamped,
      offset: clamped ? -1 : offset,
    });
    if (!clamped) offset += p.size;
    return population;
  });
}

/** The projection whose feedback this one is. */
const forwardOf = ({ feedback, from, to }: ProjectionSpec, spec: CircuitSpec): ProjectionSpec | null =>
  spec.projections.find((p) => p.name === feedback?.to && p.from === to && p.to === from) ?? null;

function readProjection(
  spec: ProjectionSpec,
  circuit: CircuitSpec,
  from: Population,
  to: Population,
  place: { where: string },
): Projection {
  if (to.clamped || to.neuron === null) {
    throw new OhmletError({
      code: "CIRCUIT-PORT",
      fact: `"${to.name}" is clamped and takes no current`,
      place,
      remedy: "project to a population that has dynamics",
    });
  }
  const synapse = readSynapse(spec.synapse);
  const rho: Dimension = from.neuron?.dimensions.rho ?? DIMENSIONLESS;
  expectSame(
    synapse.dimensions.I,
    to.neuron.dimensions.I,
    `the synapse's current`,
    `the current that "${to.name}" takes`,
    place,
  );
  expectSame(
    rho,
    synapse.dimensions.rho,
    `the output of "${from.name}"`,
    "the presynaptic output that the synapse expects",
    place,
  );
  if (synapse.loads)
    expectSame(
      to.neuron.dimensions.u,
      synapse.dimensions.rho,
      `the state of "${to.name}"`,
      "the state that the synapse loads",
      place,
    );
  const wiring = wiringOf(spec, forwardOf(spec, circuit), from, to, (code, fact, remedy) => {
    throw new OhmletError({ code, fact, place, remedy });
  });
  // Read backwards, an array has no columns of its own.
  const tied = spec.feedback?.kind === "tied";
  if (synapse.offset !== null && !tied && (wiring !== null || spec.bias !== true))
    throw new OhmletError({
      code: "CIRCUIT-OFFSET",
      fact:
        `"${synapse.name}" has an offset of its columns, ` +
        (wiring === null
          ? `and "${spec.name}" no line of biases beside which it flows`
          : `and "${spec.name}" is wired`),
      place,
      remedy:
        wiring === null
          ? `give "${spec.name}" biases: bias: true`
          : `give the neurons of "${to.name}" an offset instead: rho = tanh((u + V_os)/u_slope)`,
    });
  if (synapse.loads && (spec.bias === true || (wiring !== null && wiring.pool !== null)))
    throw new OhmletError({
      code: "CIRCUIT-LOAD",
      fact: `the conductances of "${spec.name}" ${spec.bias === true ? "have a line of biases" : "are pooled"}`,
      place,
      remedy: "give a bias by another input, and wire conductances without pooling",
    });
  // A conductance ends at a node, not at what an amplifier behind it shows.
  if (
    synapse.loads &&
    spec.feedback !== undefined &&
    from.neuron !== null &&
    !showsState(from.neuron) &&
    showsState(to.neuron) &&
    !readsBack(to.neuron)
  )
    throw new OhmletError({
      code: "CIRCUIT-LOAD",
      fact: `conductances come back from the amplifiers of "${from.name}" to the nodes of "${to.name}", which have none`,
      place,
      remedy: `give the neurons of "${to.name}" an amplifier of gain 1:  diodeNode({ A: 1 })`,
    });
  return asProjection({
    name: spec.name,
    from,
    to,
    synapse,
    spec,
    bias: spec.bias ?? false,
    wiring,
    array: wiring?.array ?? { pre: from.size, post: to.size },
    wires: wiresOf(spec, circuit, { synapse, wired: wiring !== null }, place),
    couples: null,
  });
}

function expectSame(
  found: Dimension,
  expected: Dimension,
  what: string,
  against: string,
  place: { where: string },
): void {
  if (equalDimensions(found, expected)) return;
  throw new OhmletError({
    code: "CIRCUIT-UNITS",
    fact: `${what} is in ${describeDimension(found)}, ${against} is in ${describeDimension(expected)}`,
    place,
    remedy: "use a synapse and a neuron whose units fit, or convert in the synapse's equation",
  });
}

function checkFeedback(projections: readonly Projection[], at: At): void {
  for (const p of projections) {
    const feedback = p.spec.feedback;
    if (feedback === undefined) continue;
    const place = at(`projection "${p.name}"`);
    const forward = projections.find((q) => q.name === feedback.to);
    if (forward === undefined || forward === p) {
      throw new OhmletError({
        code: "CIRCUIT-FEEDBACK",
        fact: `"${feedback.to}" is not another projection`,
        place,
        remedy: `projections: ${projections.map((q) => q.name).join(", ")}`,
      });
    }
    if (forward.spec.feedback !== undefined) {
      throw new OhmletError({
        code: "CIRCUIT-FEEDBACK",
        fact: `"${forward.name}" is itself feedback`,
        place,
        remedy: "name the forward projection",
      });
    }
    if (forward.from !== p.to || forward.to !== p.from) {
      throw new OhmletError({
        code: "CIRCUIT-SHAPE",
        fact: `${p.from.name} → ${p.to.name} cannot be feedback of ${forward.from.name} → ${forward.to.name}`,
        place,
        remedy: "feedback runs between the same two populations, the other way",
      });
    }
    if (feedback.kind === "tied" && p.bias) {
      throw new OhmletError({
        code: "CIRCUIT-FEEDBACK",
        fact: "tied feedback has no bias line of its own",
        place,
        remedy: "set bias: false here; the forward projection holds the biases",
      });
    }
  }
}

/** Every population must be driven by something, or it sits at its rest forever. */
function checkReach(
  populations: readonly Population[],
  projections: readonly Projection[],
  output: Population,
  at: At,
): void {
  for (const p of populations) {
    if (!p.clamped && !projections.some((q) => q.to === p)) {
      throw new OhmletError({
        code: "CIRCUIT-PORT",
        fact: `nothing projects to "${p.name}"`,
        place: at(`population "${p.name}"`),
        remedy: p === output ? "connect the output" : "connect it or leave it out",
      });
    }
  }
}
