/** Elementwise operations, as functions generated from expressions. */
import { emitJavaScript } from "../../equations/emit";
import type { PhaseKey } from "../../random";
import type { MapOperation, Source } from "../../program/program";
import { fillDraws, type HostExecutable } from "../host-executable";

/** Keys of the draws, and the number of the step that runs. */
export interface Clock {
  keys: readonly PhaseKey[];
  step: number;
}

/** An operation on rows from one to another. */
export type Rows = (from: number, to: number) => void;

/** How the value of a source at row r and unit j is written, for an array named `a`. */
const ACCESS: Record<Source["from"], (a: string) => string> = {
  buffer: (a) => `${a}[r*width+j]`,
  noise: (a) => `${a}[r*width+j]`,
  vector: (a) => `${a}[group*width+j]`,
  row: (a) => `${a}[r]`,
  scalar: (a) => `${a}[0]`,
};

export function bindMap(
  host: HostExecutable<Float64Array>,
  { out, expression, sources }: MapOperation,
  clock: Clock,
): Rows {
  const { rows, groups, buffers } = host.program;
  const names = Object.keys(sources);
  const draws: { stream: number; values: Float64Array }[] = [];
  const arrays = names.map((name): Float64Array => {
    const source = sources[name];
    switch (source.from) {
      case "buffer":
        return host.buffers[source.name];
      case "vector":
        return host.vectors[source.name];
      case "row":
        return host.rowValues[source.name];
      case "scalar":
        return host.scalars[source.name];
      case "noise": {
        const values = new Float64Array(rows * buffers[out]);
        draws.push({ stream: source.stream, values });
        return values;
      }
    }
  });
  // Whitelisted nodes and our own identifiers a0, a1, … only: see src/equations/emit.ts.
  const { statements, value } = emitJavaScript(expression, (name) =>
    ACCESS[sources[name].from](`a${names.indexOf(name)}`),
  );
  const loops =
    "for(let r=from;r<to;r++){const group=Math.floor(r/perGroup);for(let " +
    `j=0;j<width;j++){${statements}out[r*width+j]=${value};}}`;
  const kernel = new Function(
    "from",
    "to",
    "out",
    "width",
    "perGroup",
    ...names.map((_, i) => `a${i}`),
    loops,
  ) as (...values: unknown[]) => void;
  const values = [host.buffers[out], buffers[out], rows / groups, ...arrays];
  return (from, to) => {
    for (const draw of draws) fillDraws(draw.values, clock.keys, draw.stream, clock.step);
    kernel(from, to, ...values);
  };
}
