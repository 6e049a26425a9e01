/** A synapse learns from its own two ends and from nothing else. */
import type { Circuit, Population, WeightArrays } from "../../circuit/chip-types";
import type { Planes } from "../../dynamics/types";
import { createEngine } from "../../engines/select";
import { defaultRule, type Rule, type Updates } from "../../learning/rules";
import type { Estimate } from "../../learning/types";
import { check, optionsOf } from "../../options";
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
    const { from, to } = circuit.projection(name);
    const old: WeightArrays = before[name];
    const ends = (p: Population, k: number): boolean => p.name === population.name && k === unit;
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
    for (let i = 0; i < from.size; i++) {
      for (let j = 0; j < to.size; j++) {
        const k = i * to.size + j;
        if (!Object.is(weights[k], old.weights[k]) && !ends(from, i) && !ends(to, j))
          fail(`the synapse from unit ${i} of "${from.name}" to unit ${j} of "${to.name}"`);
      }
    }
    biases?.forEach((b, j) => {
      if (!Object.is(b, old.biases?.[j]) && !ends(to, j)) fail(`the bias of unit ${j} of "${to.name}"`);
    });
  }
}
