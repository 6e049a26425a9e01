/** A synapse learns from its own two ends and from nothing else. */
import type { Circuit, Population, Projection, WeightArrays } from "../../circuit/chip-types";
import type { Planes } from "../../dynamics/types";
import { createEngine } from "../../engines/select";
import { defaultRule, type Rule, type Updates } from "../../learning/rules";
import type { Estimate } from "../../learning/types";
import { check, optionsOf } from "../../options";
import { eachUse } from "../../program/connections";
import { broken, callOf, holds, type Judged, type Subject } from "./law";
import { draws } from "./law-setup";

const LAW = "updates are local";

/** The rule and the draws with which locality of updates is tried. */
export interface LocalTrial {
  /** Default: the rule that suits the circuit. */
  readonly rule?: Rule;
  readonly seed?: number;
  readonly samples?: number;
}

const readTrial = optionsOf<LocalTrial>("laws.local", {
  takes: { rule: check.anything, seed: check.anything, samples: check.whole(1) },
});

/**
 * Feeds a rule random states, changes everything that one neuron shows, and looks for a synapse that does not
 * end on that neuron and yet changes its update. Every neuron is tried.
 * @throws OhmletError LAW-LOCAL
 */
export async function local(subject: Subject, trial: LocalTrial = {}): Promise<Judged> {
  const { rule, seed = 1, samples = 2 } = readTrial(trial);
  const circuit: Circuit = "fabricate" in subject ? subject : subject.circuit;
  const chip = "fabricate" in subject ? subject.fabricate({ seed }) : subject;
  const learning = rule ?? defaultRule(circuit);
  const engine = await createEngine("reference");
  const update = (estimate: Estimate): Promise<Updates> =>
    learning.update(circuit, estimate, (...args) => engine.correlate(...args), chip);
  try {
    const before = await update(estimateOf(circuit, samples, seed));
    for (const population of circuit.populations) {
      for (let unit = 0; unit < population.size; unit++) {
        const after = await update(estimateOf(circuit, samples, seed, { population, unit }));
        expectLocal(
          circuit,
          { population, unit },
          before,
          after,
          callOf("local", "circuit", { seed, samples }),
        );
      }
    }
    return holds(LAW, 0, 0);
  } finally {
    engine.dispose();
  }
}

interface Neuron {
  readonly population: Population;
  readonly unit: number;
}

/** Random states, activities and derivatives; all that `changed` shows is other. */
function estimateOf(circuit: Circuit, samples: number, seed: number, changed?: Neuron): Estimate {
  const values = (kind: string, { name, size }: Population): Float64Array => {
    const out = draws(seed, `law/${kind}/${name}`, samples * size).map((x) => 2 * x - 1);
    if (changed?.population.name === name)
      for (let s = 0; s < samples; s++) out[s * size + changed.unit] += 1 + s;
    return out;
  };
  const planes = (kind: string, all = circuit.populations): Planes =>
    Object.fromEntries(all.map((p) => [p.name, { re: values(kind, p) }]));
  const free = circuit.populations.filter((p) => !p.clamped);
  const flat = (kind: string): Record<string, Float64Array> =>
    Object.fromEntries(free.map((p) => [p.name, values(kind, p)]));
  return {
    free: { states: planes("states", free), activities: planes("activities") },
    midpoint: planes("midpoint"),
    midState: planes("midState", free),
    dState: flat("dState"),
    dActivity: flat("dActivity"),
    aliasing: null,
    outcomes: [],
    nudges: [],
  };
}

function expectLocal(
  circuit: Circuit,
  { population, unit }: Neuron,
  before: Updates,
  after: Updates,
  again: string,
): void {
  for (const [name, { weights, biases }] of Object.entries(after)) {
    const { to, wiring } = circuit.projection(name);
    const old: WeightArrays = before[name];
    const fail = (what: string): never => {
      throw broken(
        "LAW-LOCAL",
        name,
        `the update of ${what} changes with what unit ${unit} of "${population.name}" shows, which is ` +
          "none of its ends",
        "a product of a rule may use the two ends of its synapse, and nothing that is summed or " +
          "normalised over others",
        again,
      );
    };
    const { devices, lines } = endsOn(circuit.projection(name), { population, unit });
    weights.forEach((w, k) => {
      if (!Object.is(w, old.weights[k]) && devices[k] === 0) fail(synapseAt(circuit.projection(name), k));
    });
    biases?.forEach((b, j) => {
      if (!Object.is(b, old.biases?.[j]) && lines[j] === 0)
        fail(wiring === null ? `the bias of unit ${j} of "${to.name}"` : `bias ${j} of "${name}"`);
    });
  }
}

/** Which devices and biases of an array a neuron is an end of, as flags. */
function endsOn(
  { from, to, array, wiring }: Projection,
  { population, unit }: Neuron,
): { readonly devices: Uint8Array; readonly lines: Uint8Array } {
  const devices = new Uint8Array(array.pre * array.post);
  const lines = new Uint8Array(array.post);
  const is = (p: Population, k: number): boolean => p.name === population.name && k === unit;
  if (wiring === null) {
    for (let k = 0; k < devices.length; k++)
      devices[k] = Number(is(from, Math.floor(k / to.size)) || is(to, k % to.size));
    for (let j = 0; j < lines.length; j++) lines[j] = Number(is(to, j));
    return { devices, lines };
  }
  const [low, high] = wiring.backwards ? [to, from] : [from, to];
  // What a window pools is an end of all that leads to the window.
  const windows = new Uint8Array(high.size);
  for (const member of wiring.members)
    eachUse(member, array.post, (pre, post, at) => {
      if (is(high, post) || is(low, pre)) [devices[at], windows[post]] = [1, 1];
    });
  if (wiring.pool !== null)
    for (const member of wiring.members)
      eachUse(member, array.post, (_, post, at) => (devices[at] |= windows[post]));
  if (wiring.biases === null) for (let j = 0; j < lines.length; j++) lines[j] = Number(is(to, j));
  else eachUse(wiring.biases, array.post, (_, post, at) => (lines[at] |= Number(is(to, post))));
  return { devices, lines };
}

function synapseAt({ name, from, to, wiring }: Projection, k: number): string {
  if (wiring !== null) return `device ${k} of "${name}"`;
  return `the synapse from unit ${Math.floor(k / to.size)} of "${from.name}" to unit ${k % to.size} of "${to.name}"`;
}
