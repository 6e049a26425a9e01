/** Between the host's arrays and the padded ones of a module. */
import { PANEL, panelsOf } from "./panels";

/** Rows of `width` values into rows of `stride`. */
export function pad(to: Float32Array, from: ArrayLike<number>, width: number, stride: number): void {
  for (let i = 0, row = 0; i < from.length; i += width, row += stride)
    for (let j = 0; j < width; j++) to[row + j] = from[i + j];
}

export function unpad(from: Float32Array, rows: number, width: number, stride: number): Float64Array {
  const to = new Float64Array(rows * width);
  for (let i = 0, row = 0; i < to.length; i += width, row += stride)
    for (let j = 0; j < width; j++) to[i + j] = from[row + j];
  return to;
}

/** [groups, pre, post] into [groups, panels, pre, 8]. What pads the last panel stays zero. */
export function packWeights(
  to: Float32Array,
  from: ArrayLike<number>,
  groups: number,
  pre: number,
  post: number,
): void {
  const panels = panelsOf(post);
  for (let group = 0; group < groups; group++) {
    for (let panel = 0; panel < panels; panel++) {
      const units = Math.min(PANEL, post - panel * PANEL);
      let into = (group * panels + panel) * pre * PANEL;
      let source = group * pre * post + panel * PANEL;
      for (let i = 0; i < pre; i++, into += PANEL, source += post)
        for (let j = 0; j < units; j++) to[into + j] = from[source + j];
    }
  }
}

/** Back from the panels, [groups, pre, post]. */
export function unpackWeights(from: Float32Array, groups: number, pre: number, post: number): Float64Array {
  const to = new Float64Array(groups * pre * post);
  const panels = panelsOf(post);
  for (let group = 0, at = 0; group < groups; group++) {
    for (let i = 0; i < pre; i++) {
      for (let j = 0; j < post; j++)
        to[at++] = from[((group * panels + Math.floor(j / PANEL)) * pre + i) * PANEL + (j % PANEL)];
    }
  }
  return to;
}
