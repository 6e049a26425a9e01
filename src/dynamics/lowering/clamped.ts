/** Buffers of what clamped populations show: x, x1, x2, … in the order of the circuit's inputs. */
import type { Circuit, Population } from "../../circuit/chip-types";

export function clampedBuffer({ inputs }: Circuit, { name }: Pick<Population, "name">): string {
  const place = inputs.findIndex((p) => p.name === name);
  return place === 0 ? "x" : `x${place}`;
}

/** Whether it is such a buffer. */
export const isClampedBuffer = (buffer: string): boolean => /^x\d*$/.test(buffer);

/** Those of all clamped populations that anything reads. */
export const clampedBuffers = (
  circuit: Circuit,
): readonly { readonly population: Population; readonly buffer: string }[] =>
  circuit.inputs
    .filter((population) => circuit.projections.some(({ from }) => from.name === population.name))
    .map((population) => ({ population, buffer: clampedBuffer(circuit, population) }));
