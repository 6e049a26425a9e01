/**
 * What a chip dissipates at states that it settled to, from its equations: what a conductance takes at the
 * voltage of its row, what a node's leak takes, and what charging its capacitance draws. A node's leak and its
 * capacitance are read from its rate: both are what it does with a current, f(u, I) = 0 and 1/(df/dI).
 */
import { BACK } from "../circuit/amplifiers";
import type { Chip, Population, Projection } from "../circuit/chip-types";
import { ownerOf } from "../circuit/owner";
import { Conductances } from "../circuit/wires/conductances";
import { differentiate } from "../equations/differentiate";
import { divide, negate, number, substitute, type Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import type { PhaseResult } from "../dynamics/types";
import { planeOf } from "../circuit/states";
import { currentsIn } from "./cells";
import { CONSTANTS } from "../units/constants";
import { equalDimensions } from "../units/dimension";
import type { Dimension } from "../units/quantity";

/** Of a mean sample, at rest. */
export interface Power {
  /** Watts in devices of arrays. */
  readonly devices: number;
  /** Watts in leaks of nodes. */
  readonly nodes: number;
  /** Joules that charging the nodes from 0 draws: C u^2, of which half stays until they are reset. */
  readonly charging: number;
  /** Whether any device draws its current from the supply. */
  readonly supplied: boolean;
  /** Names of projections and populations that say nothing of it. */
  readonly untold: readonly string[];
}

const [AMPERE, VOLT]: Dimension[] = [
  [0, 0, 0, 1, 0],
  [1, 2, -3, -1, 0],
];

/** What flows into a node from elsewhere: what an amplifier takes of its supply is nobody's here. */
const PORTS: readonly string[] = ["I", "I_nudge", BACK];

/**
 * @param phase one chip's, settled
 * @param supply volts from which devices that are no conductances draw their currents; null where nobody says
 */
export function powerAt(
  chip: Chip,
  { states, activities, rows }: PhaseResult,
  supply: number | null = null,
): Power {
  const { circuit } = chip;
  const untold: string[] = [];
  let [devices, nodes, charging] = [0, 0, 0];
  let supplied = false;
  for (const p of circuit.projections) {
    const shown = activities[p.from.name].re;
    const conducted = devicePower(chip, p, shown, states[p.to.name].re, rows);
    const found = conducted ?? currentPower(chip, p, shown, rows, supply);
    supplied ||= conducted === null && found !== null;
    if (found === null) untold.push(p.name);
    else devices += found;
  }
  for (const population of circuit.populations) {
    if (population.clamped) continue;
    const found = nodePower(chip, population, states, rows);
    if (found === null) untold.push(population.name);
    else [nodes, charging] = [nodes + found.watts, charging + found.joules];
  }
  return { devices, nodes, charging, supplied, untold };
}

/** Conductances of an array, `each` a weight; null where it has none. */
export function conductancesOf(
  chip: Chip,
  projection: Projection,
): { readonly cells: Float64Array; readonly each: number; volts(k: number): number } | null {
  const conductances = Conductances.of(projection.synapse);
  if (conductances === null || projection.wiring !== null) return null;
  const { stored, parameters, rows, columns } = chip.array(projection.name);
  const held: Column[] = [
    ...stored.values(),
    ...Object.values(parameters),
    ...Object.values(CONSTANTS).map(({ value }) => value),
  ];
  const cells = conductances.read(held, rows * columns);
  // What may be below 0 is no conductance, whatever its unit: it takes a current from somewhere.
  if (cells.some((G) => G < 0)) return null;
  return { cells, each: conductances.each, volts: (k) => conductances.volts(held, k) };
}

/** Mean over rows of what the devices of a projection take; each direction that an array is read in counts. */
function devicePower(
  chip: Chip,
  projection: Projection,
  shown: Float64Array,
  driven: Float64Array,
  rows: number,
): number | null {
  const found = conductancesOf(chip, projection);
  if (found === null) return null;
  const { cells, each, volts } = found;
  const {
    synapse: { loads },
    from,
    to,
  } = projection;
  const own = ownerOf(projection) === projection.name;
  // A conductance between two nodes carries one current, whichever way it is looked at.
  if (loads && !own) return 0;
  const conductance = (i: number, j: number): number => {
    const k = own ? i * to.size + j : j * from.size + i;
    let sum = 0;
    for (let side = 0; side < each; side++) sum += cells[each * k + side];
    return sum * volts(k) ** 2;
  };
  let watts = 0;
  if (loads) {
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < from.size; i++)
        for (let j = 0; j < to.size; j++)
          watts += conductance(i, j) * (shown[row * from.size + i] - driven[row * to.size + j]) ** 2;
    return watts / rows;
  }
  for (let i = 0; i < from.size + (projection.bias ? 1 : 0); i++) {
    let line = 0;
    for (let j = 0; j < to.size; j++) line += conductance(i, j);
    if (i === from.size) watts += line * rows;
    else for (let row = 0; row < rows; row++) watts += line * shown[row * from.size + i] ** 2;
  }
  return watts / rows;
}

/** The same of devices that drive a current from a supply, whatever stands at its end. */
function currentPower(
  chip: Chip,
  projection: Projection,
  shown: Float64Array,
  rows: number,
  supply: number | null,
): number | null {
  const drawn = supply === null ? null : currentsIn(chip, projection);
  if (supply === null || drawn === null) return null;
  const { from, to, bias } = projection;
  const own = ownerOf(projection) === projection.name;
  let amperes = 0;
  for (let i = 0; i < from.size + (bias ? 1 : 0); i++) {
    let line = 0;
    for (let j = 0; j < to.size; j++) line += drawn[own ? i * to.size + j : j * from.size + i];
    if (i === from.size) amperes += line * rows;
    else for (let row = 0; row < rows; row++) amperes += line * Math.abs(shown[row * from.size + i]);
  }
  return (supply * amperes) / rows;
}

/** What holds nodes where they are, and what charged them. */
function nodePower(
  chip: Chip,
  { name, neuron, size }: Population,
  states: PhaseResult["states"],
  rows: number,
): { readonly watts: number; readonly joules: number } | null {
  if (neuron === null || neuron.dynamics.kind === "discrete") return null;
  const { I, u } = neuron.dimensions;
  if (!equalDimensions(I, AMPERE) || !equalDimensions(u, VOLT)) return null;
  const free = (e: Expression): Expression =>
    substitute(e, (symbol) => (PORTS.includes(symbol) ? number(0) : undefined));
  const { drift } = neuron.dynamics;
  const slope = free(differentiate(drift, "I"));
  // Where the current goes to another state first, the node itself does not say what it takes.
  if (slope.kind === "number" && slope.value === 0) return null;
  const parameters = chip.parametersOf(name);
  const inner = Object.keys(neuron.internal);
  const names = ["u", ...inner, ...Object.keys(parameters), ...Object.keys(CONSTANTS)];
  const columns: Column[] = [
    states[name].re,
    ...inner.map((state) => states[planeOf(name, state)].re),
    ...Object.values(parameters),
    ...Object.values(CONSTANTS).map(({ value }) => value),
  ];
  const over = (e: Expression): Float64Array => vectorize(e, names)(new Float64Array(rows * size), columns);
  const [current, capacitance] = [over(divide(negate(free(drift)), slope)), over(divide(number(1), slope))];
  const voltage = states[name].re;
  let [watts, joules] = [0, 0];
  for (let k = 0; k < voltage.length; k++) {
    watts += Math.abs(voltage[k] * current[k]);
    joules += capacitance[k] * voltage[k] ** 2;
  }
  return { watts: watts / rows, joules: joules / rows };
}
