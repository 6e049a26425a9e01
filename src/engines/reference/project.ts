/** Weighted sums of rows. */
import type { ProjectOperation } from "../../program/program";
import type { Connections } from "../../program/connections";
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
  const bound = terms.map((term) => {
    const [from, w] = [host.buffers[term.from], host.weights[term.weights]];
    const { pre, post } = weights[term.weights];
    const row =
      term.through === undefined
        ? denseRow(from, w, pre, target, width)
        : connectedRow(from, w, post, target, term.through, term.backwards === true);
    return { row, size: pre * post };
  });
  return (first, end) => {
    if (start === null) target.fill(0, first * width, end * width);
    else target.set(start.subarray(first * width, end * width), first * width);
    for (const { row, size } of bound)
      for (let r = first; r < end; r++) row(r, Math.floor((r * groups) / rows) * size);
  };
}

/** Adds what a row receives, by weights from an index on. */
type AddRow = (row: number, group: number) => void;

function denseRow(
  from: Float64Array,
  w: Float64Array,
  pre: number,
  out: Float64Array,
  width: number,
): AddRow {
  return (row, group) => {
    for (let i = 0; i < pre; i++) {
      const x = from[row * pre + i];
      for (let j = 0; j < width; j++) out[row * width + j] += x * w[group + i * width + j];
    }
  };
}

function connectedRow(
  from: Float64Array,
  w: Float64Array,
  columns: number,
  out: Float64Array,
  { pre, post, block, pres, posts, at }: Connections,
  backwards: boolean,
): AddRow {
  if (backwards)
    return (row, group) => {
      for (let k = 0; k < at.length; k++) {
        const [into, source] = [row * pre + pres[k], row * post + posts[k]];
        for (let i = 0; i < block.pre; i++) {
          const weight = group + at[k] + i * columns;
          for (let j = 0; j < block.post; j++) out[into + i] += from[source + j] * w[weight + j];
        }
      }
    };
  return (row, group) => {
    for (let k = 0; k < at.length; k++) {
      const [source, into] = [row * pre + pres[k], row * post + posts[k]];
      for (let i = 0; i < block.pre; i++) {
        const [x, weight] = [from[source + i], group + at[k] + i * columns];
        for (let j = 0; j < block.post; j++) out[into + j] += x * w[weight + j];
      }
    }
  };
}
