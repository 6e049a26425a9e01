/**
 * How noisy reads of conductances are simulated. A read is one phase of one row (a sample at a nudge point):
 * every device shows a value of its own, which is held while the phase lasts, and both directions of a tied
 * projection see the same one.
 *
 * - `by-device` does just that: each row has weights of its own.
 * - `by-current` draws what a read adds to the current into each unit, which is normal with the variance
 *   sum_i sd_ij^2 rho_i^2: one projection more, and one draw a unit that is held. Each current has the right
 *   distribution; what is lost is that a device which serves both directions errs alike in both. For circuits
 *   too large for the other.
 *
 * Names in programs: q… squares of activities, v… variances of weights (vb… of biases), t… variances of the
 * static part of a drive, n… of all of it, z… the held draws, j… drives with the noise of their reads.
 */
import type { Circuit } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import { add, call, multiply, symbol } from "../../equations/expression";
import type { ProgramBuilder } from "../../program/builder";
import { termOf } from "../lowering/emit-drives";
import type { PlannedPopulation } from "../lowering/layout";
import { isPooled } from "../lowering/pooling";

export const READS = ["by-device", "by-current"] as const;
export type Reads = (typeof READS)[number];

/** Most weights that rows of their own may have: 512 MiB in float32. */
const MOST_WEIGHTS = 2 ** 27;

/** @throws OhmletError DYN-READS */
export function checkRows(circuit: Circuit, rows: number): void {
  const synapses = circuit.projections.reduce(
    (sum, { array, bias }) => sum + (array.pre + (bias ? 1 : 0)) * array.post,
    0,
  );
  if (rows * synapses <= MOST_WEIGHTS) return;
  const fit = Math.floor(MOST_WEIGHTS / synapses);
  throw new OhmletError({
    code: "DYN-READS",
    fact:
      `${rows} rows with reads of their own of ${synapses} synapses are more weights than the ` +
      `${MOST_WEIGHTS} that fit`,
    place: { where: circuit.name },
    remedy:
      `set reads: "by-current", which draws a current a unit and not a conductance a ` +
      `device${fit > 0 ? `; or settle at most ${fit} rows at once (samples times nudges)` : ""}`,
  });
}

/** @throws OhmletError DYN-READS for reads that are pooled: their currents are not normal */
export function checkPooled(circuit: Circuit): void {
  const pooled = circuit.projections.find((p) => isPooled(p.wiring) && p.synapse.readNoise !== null);
  if (pooled === undefined) return;
  throw new OhmletError({
    code: "DYN-READS",
    fact: `what "${pooled.name}" reads is pooled, and reads by current are of plain sums`,
    place: { where: circuit.name },
    remedy: 'set reads: "by-device", or pool nothing',
  });
}

/** @throws OhmletError DYN-READS for states on two planes */
export function checkPlanes(circuit: Circuit, complex: boolean): void {
  if (!complex) return;
  throw new OhmletError({
    code: "DYN-READS",
    fact: "reads by current are of real states, and this phase has complex ones",
    place: { where: circuit.name },
    remedy: 'set reads: "by-device", or use a real nudge',
  });
}

export function declareReads(
  b: ProgramBuilder,
  populations: readonly PlannedPopulation[],
  p: PlannedPopulation,
): void {
  const {
    reads,
    index,
    population: { size },
  } = p;
  if (reads === null) return;
  b.input(`z${index}`, size);
  if (reads.still) b.input(`t${index}`, size);
  b.buffer(`j${index}`, size);
  if (reads.recurrent.length > 0) b.buffer(`n${index}`, size);
  for (const { variances, from, projection } of reads.recurrent) {
    b.buffer(`q${from}`, populations[from].population.size);
    b.weight(variances, projection.array.pre, projection.array.post);
  }
}

/**
 * Adds the noise of reads to the drives of some populations.
 * @param shown the buffer in which synapses see a population
 */
export function emitReads(
  b: ProgramBuilder,
  populations: readonly PlannedPopulation[],
  moving: readonly PlannedPopulation[],
  shown: (p: PlannedPopulation) => string,
): void {
  const x = symbol("x");
  const sources = new Set(moving.flatMap(({ reads }) => reads?.recurrent.map(({ from }) => from) ?? []));
  for (const from of sources) b.map(`q${from}`, multiply(x, x), { x: { buffer: shown(populations[from]) } });
  for (const { reads, index, recurrent } of moving) {
    if (reads === null) continue;
    const [noise, still, drive] = [
      `n${index}`,
      `t${index}`,
      recurrent.length > 0 ? `d${index}` : `s${index}`,
    ];
    if (reads.recurrent.length > 0)
      b.project(
        noise,
        reads.still ? still : undefined,
        reads.recurrent.map(({ from, variances, projection }) => termOf(projection, `q${from}`, variances)),
      );
    b.map(`j${index}`, add(symbol("d"), multiply(call("sqrt", symbol("v")), symbol("z"))), {
      d: { buffer: drive },
      v: { buffer: reads.recurrent.length > 0 ? noise : still },
      z: { buffer: `z${index}` },
    });
  }
}
