/** Weighted sums of rows. */
import type { ProjectOperation } from "../../program/program";
import type { HostExecutable } from "../host-executable";
import type { Rows } from "./map";

export function bindProject(
  host: HostExecutable<Float64Array>,
  { out, plus, terms }: ProjectOperation,
): Rows {
  const { rows, groups, buffers, weights } = host.program;
  const width = buffers[out];
  const target = host.buffers[out];
  const start = plus === undefined ? null : host.buffers[plus];
  const bound = terms.map((t) => ({
    from: host.buffers[t.from],
    w: host.weights[t.weights],
    pre: weights[t.weights].pre,
  }));
  return (first, end) => {
    if (start === null) target.fill(0, first * width, end * width);
    else target.set(start.subarray(first * width, end * width), first * width);
    for (const { from, w, pre } of bound) {
      for (let r = first; r < end; r++) {
        const group = Math.floor((r * groups) / rows) * pre * width;
        for (let i = 0; i < pre; i++) {
          const x = from[r * pre + i];
          for (let j = 0; j < width; j++) target[r * width + j] += x * w[group + i * width + j];
        }
      }
    }
  };
}
