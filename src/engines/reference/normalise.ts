/** Softmax of rows, real or complex. */
import type { NormaliseOperation } from "../../program/program";
import type { HostExecutable } from "../host-executable";
import type { Rows } from "./map";

export function bindNormalise(host: HostExecutable<Float64Array>, { from, out }: NormaliseOperation): Rows {
  const { buffers } = host.program;
  const width = buffers[out.re];
  const re = host.buffers[from.re];
  const im = from.im === undefined ? null : host.buffers[from.im];
  const outRe = host.buffers[out.re];
  const outIm = out.im === undefined ? null : host.buffers[out.im];
  return (first, end) => {
    for (let at = first * width; at < end * width; at += width) {
      let largest = -Infinity;
      for (let k = at; k < at + width; k++) largest = Math.max(largest, re[k]);
      let sumRe = 0;
      let sumIm = 0;
      for (let k = at; k < at + width; k++) {
        const size = Math.exp(re[k] - largest);
        const angle = im === null ? 0 : im[k];
        sumRe += size * Math.cos(angle);
        sumIm += size * Math.sin(angle);
      }
      const norm = sumRe * sumRe + sumIm * sumIm;
      for (let k = at; k < at + width; k++) {
        const size = Math.exp(re[k] - largest);
        const angle = im === null ? 0 : im[k];
        const [a, b] = [size * Math.cos(angle), size * Math.sin(angle)];
        outRe[k] = (a * sumRe + b * sumIm) / norm;
        if (outIm !== null) outIm[k] = (b * sumRe - a * sumIm) / norm;
      }
    }
  };
}
