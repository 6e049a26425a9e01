/** Weighted sums of rows. */
import type { ProjectOperation } from "../engine";
import type { HostExecutable } from "../host-executable";

export function bindProject(host: HostExecutable<Float64Array>, { out, plus, terms }: ProjectOperation): () => void {
  const { rows, groups, buffers, weights } = host.program;
  const width = buffers[out];
  const target = host.buffers[out];
  const start = plus === undefined ? null : host.buffers[plus];
  const bound = terms.map((t) => ({ from: host.buffers[t.from], w: host.weights[t.weights], pre: weights[t.weights].pre }));
  return () => {
    if (start === null) target.fill(0);
    else target.set(start);
    for (const { from, w, pre } of bound) {
      for (let r = 0; r < rows; r++) {
        const group = Math.floor((r * groups) / rows) * pre * width;
        for (let i = 0; i < pre; i++) {
          const x = from[r * pre + i];
          for (let j = 0; j < width; j++) target[r * width + j] += x * w[group + i * width + j];
        }
      }
    }
  };
}
