/**
 * The energy of a circuit, found from its equations, or why there is none. O'Connor et al. 2019, Eq. 1 is that
 * of the energy-based neuron; a leaky integrator has Hopfield's, which it descends in a metric; a map has a
 * primitive function (Ernoult et al. 2019, Eq. 49 to 53), whose slopes vanish where the map stands still, and
 * which need not fall on the way.
 *
 *     E(u) = sum of what each unit has by itself - sum of rho_i (W_ij rho_j + b_i), each pair of units once
 *
 * Counted in logical weights, so that dE/dW is minus the product of both ends: what E differs by between two
 * phases is the energy-based rule.
 */
import type { Chip, Circuit, Population } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import { printsItself, short, type Describe } from "../../display";
import type { Planes } from "../../dynamics/types";
import type { Neuron } from "../../device/types";
import { multiply, substitute, symbol, type Expression } from "../../equations/expression";
import { show } from "../../equations/show";
import { drivesThrough, type ByPopulation } from "../drives";
import { activitiesOf, unclamped } from "../references/linearisation";
import { evaluator } from "../references/units";
import { pools } from "../rules/pooled";
import { ownTerm, UNIT, type OwnTerm } from "./own-term";
import { unlikeByDesign, unlikeUnits, type UnlikePair } from "./symmetric";

/** What the units of a population contribute by themselves. */
export interface EnergyTerm {
  readonly population: string;
  /** In the state u; an integral where no closed form is known. `I_unit` is the unit drive. */
  readonly text: string;
  /** m: what a unit's velocity is to be multiplied by to be minus the slope of the energy. */
  readonly metric: string;
}

/** The energy of a circuit. */
export interface Energy {
  /**
   * "gradient": m du/dt = -dE/du with m the same at all states. "metric": m depends on the state. "primitive":
   * of a map, which stands still where the slopes of E vanish.
   */
  readonly kind: "gradient" | "metric" | "primitive";
  /** Whether it falls along trajectories: m is nowhere below 0, and there are no maps. */
  readonly falls: boolean;
  readonly terms: readonly EnergyTerm[];
  /**
   * The energy of each sample; of a chip of the circuit, as its weights are now.
   * @param inputs [samples, input size]
   * @param states u by population, [samples, size]
   */
  of(chip: Chip, samples: number, inputs: ArrayLike<number>, states: Planes): Float64Array;
}

/** Why a circuit has no energy. */
export interface NoEnergy {
  readonly kind: "none";
  readonly why: string;
  /** Two units whose entries in the Jacobian by what units show differ. */
  readonly pair: UnlikePair | null;
}

const describeEnergy: Describe<Energy> = ({ kind, falls, terms }) => [
  `energy: ${
    kind === "primitive"
      ? "a primitive function; the map stands still where its slopes vanish"
      : `m du/dt = -dE/du${falls ? ", so that it falls along trajectories" : ""}`
  }`,
  "  E = sum over units of e(u) - sum over pairs of rho W rho - sum over units of rho b",
  ...terms.map(({ population, text, metric }) => `  ${population}: e(u) = ${text}, m = ${metric}`),
];
const asEnergy = printsItself(describeEnergy);
const asNoEnergy = printsItself<NoEnergy>(({ why }) => [`no energy: ${why}`]);

/**
 * The energy of a circuit, or why it has none: of a design what holds whatever its weights are, of a chip as it
 * is now (O'Connor et al. 2019, Eq. 1; Hopfield 1984; Ernoult et al. 2019, Eq. 49 and 53).
 * @throws OhmletError JACOBIAN-SIZE for a chip of more than 2,000 units whose weights are not shared
 */
export function energyOf(subject: Circuit | Chip): Energy | NoEnergy {
  const circuit = "circuit" in subject ? subject.circuit : subject;
  const loading = circuit.projections.find(({ synapse }) => synapse.loads);
  if (loading !== undefined)
    return none(`the conductances of "${loading.name}" load their nodes, which is not looked at`);
  const staged = moving(circuit).find(({ neuron }) => internalStates(neuron).length > 0);
  if (staged !== undefined)
    return none(
      `the neurons of "${staged.name}" have states beside u, which no circuit's energy is known to hold`,
    );
  const own = new Map<string, OwnTerm>();
  for (const { name, neuron } of moving(circuit)) {
    const term = ownTerm(circuit, neuron);
    if (term === null) return none(...bent(circuit, name));
    own.set(name, term);
  }
  const pair = "circuit" in subject ? unlikeUnits(subject) : unlikeByDesign(circuit);
  if (pair !== null) return none(unlike(pair), pair);
  const parts = [...own.values()];
  const maps = moving(circuit).some(({ neuron }) => neuron.dynamics.kind === "discrete");
  return asEnergy({
    kind: maps ? "primitive" : parts.every(({ constant }) => constant) ? "gradient" : "metric",
    falls: !maps && parts.every(({ positive }) => positive),
    terms: [...own].map(([population, { closed, integrand, metric }]) => ({
      population,
      text: closed === null ? `integral from 0 to u of ${show(integrand)}` : show(closed),
      metric: show(metric),
    })),
    of: (chip, samples, inputs, states) => valueOf(chip, own, samples, inputs, states),
  });
}

const none = (why: string, pair: UnlikePair | null = null): NoEnergy =>
  asNoEnergy({ kind: "none", why, pair });

type Moving = Population & { readonly neuron: Neuron };
const moving = ({ populations }: Circuit): readonly Moving[] =>
  populations.filter((p): p is Moving => !p.clamped && p.neuron !== null);

const named = ({ population, unit }: UnlikePair["units"][number]): string => `${population}[${unit}]`;

function unlike({ units: [a, b], entries }: UnlikePair): string {
  const ways = `from ${named(b)} to ${named(a)} and from ${named(a)} to ${named(b)}`;
  return entries === null
    ? `the weights ${ways} are devices of their own, so that the Jacobian is not symmetric`
    : `the weights ${ways} differ (${entries.map(short).join(" and ")}), and with them the Jacobian's entries`;
}

/** A unit whose field is bent in what it receives: its slope by others depends on its own drive, theirs on theirs. */
function bent(circuit: Circuit, name: string): readonly [string, UnlikePair | null] {
  const meeting = circuit.projections.find(({ from, to }) => !from.clamped && to.name === name);
  const what = `what "${name}" receives is not taken as it is: its field is not linear in I`;
  if (meeting === undefined) return [what, null];
  const units = [
    { population: name, unit: 0 },
    { population: meeting.from.name, unit: 0 },
  ] as const;
  const [a, b] = units.map(named);
  return [
    `${what}, so that the Jacobian's entries from ${b} to ${a} and from ${a} to ${b} are the weight times ` +
      "slopes at two drives, which differ",
    { units, entries: null },
  ];
}

function valueOf(
  chip: Chip,
  own: ReadonlyMap<string, OwnTerm>,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): Float64Array {
  const activities = activitiesOf(chip, samples, inputs, states);
  const drives = halfDrives(chip, samples, activities);
  const out = new Float64Array(samples);
  for (const population of unclamped(chip)) {
    const { name, size } = population;
    const term = own.get(name);
    const values = term && ownValues(chip, population, term, states[name].re);
    for (let k = 0; k < samples * size; k++)
      out[Math.floor(k / size)] += (values?.[k] ?? 0) - activities[name][k] * drives[name][k];
  }
  return out;
}

/** What each unit receives, each pair of units counted once. */
function halfDrives(chip: Chip, samples: number, activities: ByPopulation): ByPopulation {
  if (pools(chip.circuit)) return drivesThrough(chip, samples, "owners").of(activities);
  const drives = drivesThrough(chip, samples);
  const all = drives.of(activities);
  const quiet = Object.fromEntries(
    Object.entries(activities).map(([name, values]) => [
      name,
      chip.circuit.population(name).clamped ? values : new Float64Array(values.length),
    ]),
  );
  const still = drives.of(quiet);
  return Object.fromEntries(
    Object.entries(all).map(([name, drive]) => [name, drive.map((x, k) => (x + still[name][k]) / 2)]),
  );
}

/** Points and weights of Gauss and Legendre on 0 to 1, and the panels that they are used on. */
const NODES = [0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263];
const WEIGHTS = [0.1739274225687269, 0.3260725774312731, 0.3260725774312731, 0.1739274225687269];
const PANELS = 32;

function ownValues(
  chip: Chip,
  population: Population,
  { closed, integrand }: OwnTerm,
  u: Float64Array,
): Float64Array {
  const evaluate = evaluator(chip, population);
  const known = { [UNIT]: chip.unitDriveOf(population.name) };
  if (closed !== null) return evaluate(closed, { ...known, u }, u.length);
  const share: Expression = multiply(symbol("u"), symbol("share"));
  const inside = substitute(integrand, (name) => (name === "u" ? share : undefined));
  const out = new Float64Array(u.length);
  for (let panel = 0; panel < PANELS; panel++)
    NODES.forEach((node, k) => {
      const values = evaluate(inside, { ...known, u, share: (panel + node) / PANELS }, u.length);
      for (let i = 0; i < u.length; i++) out[i] += (u[i] * WEIGHTS[k] * values[i]) / PANELS;
    });
  return out;
}
