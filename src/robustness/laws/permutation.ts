/** Neurons have no numbers: a chip whose neurons are numbered otherwise does the same. */
import { isDoubled } from "../../circuit/targets";
import type { Chip, Circuit, Projection, Readout, WeightArrays } from "../../circuit/chip-types";
import { stateNamed } from "../../circuit/states";
import type { PhaseResult } from "../../dynamics/types";
import { permutation as shuffled, streamOf } from "../../random";
import { optionsOf } from "../../options";
import { eachUse, type Connections } from "../../program/connections";
import { broken, callOf, chipText, holds, short, type Judged, type Subject, type Trial, TRIAL } from "./law";
import { chipFrom, freeAndNudged, staged, unitOf } from "./law-setup";
import { silenced, viewOf } from "./view";

const LAW = "numbering the neurons otherwise changes nothing";

/** order[name][k]: which old unit is the new unit k. */
type Orders = Readonly<Record<string, Uint32Array>>;

const readTrial = optionsOf<Trial>("laws.permutation", TRIAL);

/**
 * Numbers the neurons of every population that has dynamics otherwise, with their weights, parameters,
 * readout and targets, and compares the states, free and nudged, neuron by neuron. Noise is left out, since
 * it is keyed by the number.
 * @throws OhmletError LAW-PERMUTATION
 */
export async function permutation(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-9, seed = 1 } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  const orders: Orders = Object.fromEntries(
    chip.circuit.populations.map(({ name, size, clamped }) => [
      name,
      clamped || (name === chip.circuit.output.name && isDoubled(chip.circuit))
        ? Uint32Array.from({ length: size }, (_, k) => k)
        : shuffled(size, seed, streamOf(`law/order/${name}`), 0),
    ]),
  );
  return staged(chip, trial, (stage) =>
    staged(renumbered(chip, orders), trial, async (other) => {
      const { output, spec } = chip.circuit;
      const targets =
        spec.cost.kind === "cross-entropy" ? stage.targets : pick(stage.targets, orders[output.name]);
      const [a, b] = [await freeAndNudged(stage, steps), await freeAndNudged({ ...other, targets }, steps)];
      const found = Math.max(...a.map((phase, k) => compare(phase, b[k])));
      return holds(LAW, found, allowed);

      function compare(before: PhaseResult, after: PhaseResult): number {
        let largest = 0;
        for (const [name, { re }] of Object.entries(before.states)) {
          const order = orders[stateNamed(chip.circuit, name).population.name];
          const expected = pick(re, order);
          expected.forEach((u, k) => {
            const apart = Math.abs(u - after.states[name].re[k]) / unitOf(stage, name);
            if (!(apart <= allowed)) {
              const unit = order[k % order.length];
              throw broken(
                "LAW-PERMUTATION",
                chip.circuit.name,
                `with the neurons numbered otherwise, what was unit ${unit} of "${name}" is at ` +
                  `${short(after.states[name].re[k])} instead of ${short(u)}`,
                "something depends on the number of a neuron: an index into an array of another " +
                  "order, weights that are not [pre, post]",
                callOf("permutation", chipText(chip), trial),
              );
            }
            largest = Math.max(largest, apart);
          });
        }
        return largest;
      }
    }),
  );
}

/** Values [rows, size] in a new order. */
function pick(values: Float64Array, order: Uint32Array): Float64Array {
  const { length: size } = order;
  return Float64Array.from(values, (_, k) => values[Math.floor(k / size) * size + order[k % size]]);
}

function renumbered(chip: Chip, orders: Orders): Chip {
  const readout = chip.readout;
  return viewOf(chip, {
    circuit: rewired(chip.circuit, orders),
    weights: (name): WeightArrays => {
      const { from, to, wiring } = chip.circuit.projection(name);
      const { weights, biases } = chip.weights(name);
      const [pre, post] = [orders[from.name], orders[to.name]];
      const own = biases === null || wiring?.biases ? biases : pick(biases, post);
      // Devices of a wiring stay where they are: it is the units that they lead to that have other numbers.
      if (wiring !== null) return { weights, biases: own };
      return {
        weights: Float64Array.from(
          weights,
          (_, k) => weights[pre[Math.floor(k / to.size)] * to.size + post[k % to.size]],
        ),
        biases: own,
      };
    },
    parametersOf: (name) =>
      Object.fromEntries(
        Object.entries(chip.parametersOf(name)).map(([parameter, value]) => [
          parameter,
          typeof value === "number" ? value : pick(value, orders[name]),
        ]),
      ),
    readout: readout === null ? null : renumberedReadout(readout, orders[chip.circuit.output.name]),
  });
}

/** Its wirings, synapse by synapse, between the units of their new numbers. */
function rewired(circuit: Circuit, orders: Orders): Circuit {
  const projections = circuit.projections.map((p): Projection => {
    if (p.wiring === null) return p;
    const { wiring, array } = p;
    const [low, high] = wiring.backwards ? [p.to, p.from] : [p.from, p.to];
    const [pre, post] = [low, high].map(({ name }) => inverse(orders[name]));
    return {
      ...p,
      wiring: {
        ...wiring,
        members: wiring.members.map((member) => renumberedUses(member, array.post, pre, post)),
        biases: wiring.biases && renumberedUses(wiring.biases, array.post, Uint32Array.of(0), post),
      },
    };
  });
  return Object.create(circuit, {
    projections: { value: projections, enumerable: true },
    projection: {
      value: (name: string) => projections[circuit.projections.indexOf(circuit.projection(name))],
      enumerable: true,
    },
  }) as Circuit;
}

const inverse = (order: Uint32Array): Uint32Array => {
  const out = new Uint32Array(order.length);
  order.forEach((old, k) => (out[old] = k));
  return out;
};

function renumberedUses(
  connections: Connections,
  columns: number,
  pre: Uint32Array,
  post: Uint32Array,
): Connections {
  const uses: (readonly [pre: number, post: number, at: number])[] = [];
  eachUse(connections, columns, (i, j, at) => uses.push([pre[i], post[j], at]));
  uses.sort((a, b) => a[1] - b[1]);
  return {
    ...connections,
    block: { pre: 1, post: 1 },
    pres: Int32Array.from(uses, ([i]) => i),
    posts: Int32Array.from(uses, ([, j]) => j),
    at: Int32Array.from(uses, ([, , at]) => at),
  };
}

function renumberedReadout({ weights, biases }: Readout, order: Uint32Array): Readout {
  const classes = biases.length;
  return {
    weights: Float64Array.from(
      weights,
      (_, k) => weights[order[Math.floor(k / classes)] * classes + (k % classes)],
    ),
    biases,
  };
}
