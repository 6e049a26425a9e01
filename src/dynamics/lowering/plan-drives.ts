/**
 * What the populations of a circuit receive as a function of what they show, as programs of one step without
 * neurons: the drive from each other, and what is still, from clamped outputs and biases. What walks them
 * backwards knows the derivatives by activities and by weights, through any wiring.
 *
 * Names: a0, a1, … activities of unclamped populations, x, x1, … those of clamped ones; d… and s… what
 * they receive; w…, b… weights and biases by the number of the projection.
 */
import type { Circuit } from "../../circuit/chip-types";
import { ProgramBuilder } from "../../program/builder";
import type { Program } from "../../program/program";
import { emitDrives } from "./emit-drives";
import { graphOf, type GraphPopulation } from "./layout";
import { emitStill } from "./plan";

/** Populations that receive from others that have dynamics. */
export const driven = (populations: readonly GraphPopulation[]): readonly GraphPopulation[] =>
  populations.filter(({ recurrent }) => recurrent.length > 0);

/**
 * d<index> of every population that others drive; what is still is left out.
 * @param populations what `graphOf` gives, or less of it
 */
export function planRecurrentDrives(
  circuit: Circuit,
  populations: readonly GraphPopulation[],
  rows: number,
): Program {
  const b = new ProgramBuilder(rows, 1, circuit.name);
  const moving = driven(populations).map((p) => ({ ...p, hasStatic: false, back: [] }));
  for (const { index, population } of populations) b.buffer(`a${index}`, population.size);
  for (const { index, population, recurrent } of moving) {
    b.stateBuffer(`d${index}`, population.size, false, false);
    for (const { weights, projection } of recurrent)
      b.weight(weights, projection.array.pre, projection.array.post);
  }
  emitDrives({ builder: b, populations, complex: false }, moving, ({ index }) => `a${index}`);
  return b.build();
}

/** s<index> of every population that clamped outputs or biases drive. */
export function planStillDrives(
  circuit: Circuit,
  rows: number,
  populations: readonly GraphPopulation[] = graphOf(circuit),
): Program {
  const b = new ProgramBuilder(rows, 1, circuit.name);
  emitStill(b, circuit, populations, (name, size) => b.stateBuffer(name, size, false, false));
  return b.build();
}
