/**
 * A phase under the adaptive solver. The field is evaluated by the engine, steps are chosen on the host. A
 * phase of n steps lasts n dt; dt is only the grid on which dense output is read: for recordings, means and
 * the lock-in.
 */
import type { Executable } from "../../engines/engine";
import { residualOf } from "./advance";
import { joined } from "../lowering/arrays";
import { integrate, type AdaptiveOptions, type Integrated } from "./dormand-prince";
import type { Layout, PlanShape } from "../lowering/layout";
import { setOscillators } from "./lock-in";
import type { Outcome, PhaseRequest } from "../types";

export interface Adaptive {
  readonly exe: Executable;
  readonly layout: Layout;
  readonly shape: PlanShape;
  readonly request: PhaseRequest;
  /** Grid, internal units. */
  readonly dt: number;
  readonly options: AdaptiveOptions;
  /** Time constant in which residuals are counted, internal units. */
  readonly slowest: number;
  /** Steps of the grid before which no row is settled. */
  readonly least: number;
  /** For each row, 1 where its tolerance is relative to how far it moves; absent where none is. */
  readonly relative?: Uint8Array | undefined;
  /** First step of the grid that is observed. */
  readonly observeFrom: number;
  /** Sees the states at steps of the grid, planes by the names of their buffers, internal units. */
  readonly observe: (step: number, planes: ReadonlyMap<string, Float64Array>) => void;
}

export interface AdaptivelyAdvanced {
  /** Residual of each row at the end. */
  readonly residuals: Float64Array;
  /** How far each row is from where it started, where a tolerance was relative. */
  readonly shifts?: Float64Array;
  /** Steps of the grid. */
  readonly steps: number;
  readonly integrated: Integrated;
}

export async function advanceAdaptively(a: Adaptive): Promise<AdaptivelyAdvanced> {
  const { exe, layout, shape, request, dt, options, slowest, least, relative } = a;
  const names = layout.populations.flatMap((p) =>
    shape.complex ? [`u${p.index}`, `u${p.index}i`] : [`u${p.index}`],
  );
  const parts: Float64Array[] = [];
  for (const name of names) parts.push(await exe.read(name));
  const split = splitter(
    names,
    parts.map((part) => part.length),
  );
  const write = (y: Float64Array): void => split(y).forEach((values, name) => exe.write(name, values));
  const { oscillation, firstStep = 0, steps, tolerance } = request;
  const field = async (t: number, y: Float64Array): Promise<Float64Array> => {
    write(y);
    if (oscillation !== undefined) setOscillators({ exe, layout, shape, oscillation }, firstStep + t / dt);
    await exe.run(1, 0);
    const slopes: Float64Array[] = [];
    for (const name of names) slopes.push(await exe.read(name));
    return joined(slopes);
  };
  /** Largest |value| of each row, times a factor. */
  const largest = (of: Float64Array, factor: number): Float64Array => {
    const found = new Float64Array(shape.rows);
    for (const values of split(of).values()) {
      const width = values.length / shape.rows;
      values.forEach((v, i) => {
        const row = Math.floor(i / width);
        found[row] = Math.max(found[row], Math.abs(v) * factor);
      });
    }
    return found;
  };
  const start = joined(parts).slice();
  const shiftsAt = (y: Float64Array): Float64Array | undefined =>
    relative &&
    largest(
      y.map((v, i) => v - start[i]),
      1,
    );
  const settled = (tolerated: number, slope: Float64Array, y: Float64Array): boolean => {
    const residuals = largest(slope, slowest);
    if (!residuals.every((r) => r <= tolerated)) return false;
    const shifts = shiftsAt(y);
    return (
      shifts === undefined ||
      residuals.every((r, row) => relative?.[row] !== 1 || r <= tolerated * Math.min(1, shifts[row]))
    );
  };
  let next = a.observeFrom;
  const integrated = await integrate(field, joined(parts), steps * dt, options, (step) => {
    for (; next <= steps && next * dt <= step.to * (1 + 1e-12); next++)
      a.observe(next, split(next * dt >= step.to ? step.y : step.at(next * dt)));
    return (
      tolerance !== undefined && step.to >= least * dt * (1 - 1e-12) && settled(tolerance, step.slope, step.y)
    );
  });
  write(integrated.y);
  const residuals =
    integrated.ended === "stuck"
      ? new Float64Array(shape.rows).fill(Number.NaN)
      : largest(integrated.slope, dt).map((change) => residualOf(change, dt / slowest));
  const shifts = shiftsAt(integrated.y);
  return {
    residuals,
    ...(shifts !== undefined && { shifts }),
    steps: Math.ceil((integrated.t / dt) * (1 - 1e-12)),
    integrated,
  };
}

/** What the steps tell of how the phase ended. */
export function adaptiveOutcome(
  outcome: Outcome,
  { ended, accepted, rejected, evaluations, stiff }: Integrated,
): Outcome {
  const integration = { accepted, rejected, evaluations };
  const why = stiff
    ? "the circuit is stiff: stability, not accuracy, limits the steps of this explicit solver; use " +
      '"exponential-euler", or stepAdvice to see what limits them'
    : undefined;
  if (ended === "stuck")
    return {
      ...outcome,
      integration,
      advice:
        "no step was short enough: the field is not finite, or jumps; look at the equations where " +
        "this phase leads",
    };
  if (ended === "exhausted")
    return {
      ...outcome,
      integration,
      kind: "timedOut",
      rows: outcome.rows,
      advice:
        why ??
        `${accepted + rejected} steps did not reach the end: allow larger errors (relative), or more ` +
          "steps (mostSteps)",
    };
  return { ...outcome, integration, ...(why !== undefined && { advice: why }) };
}

function splitter(
  names: readonly string[],
  lengths: readonly number[],
): (y: Float64Array) => ReadonlyMap<string, Float64Array> {
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((n, length) => n + length, 0));
  return (y) => new Map(names.map((name, i) => [name, y.subarray(starts[i], starts[i] + lengths[i])]));
}
