/** Elementwise kernels of the reference engine, generated from expressions. */
import { emitJavaScript } from "../../equations/emit";
import type { Expression } from "../../equations/expression";
import type { Source } from "../engine";

export interface MapKernel {
  /** Sources in the order in which `run` wants their arrays. */
  readonly sources: readonly Source[];
  /** out[r, j] for all rows and units; `perGroup` rows share a vector. */
  run(out: Float64Array, arrays: readonly Float64Array[], rows: number, width: number, perGroup: number): void;
}

const ACCESS: Record<Source["from"], (array: string) => string> = {
  buffer: (a) => `${a}[r*width+j]`,
  noise: (a) => `${a}[r*width+j]`,
  vector: (a) => `${a}[group+j]`,
  row: (a) => `${a}[r]`,
  scalar: (a) => `${a}[0]`,
};

export function generateMap(expression: Expression, sources: Readonly<Record<string, Source>>): MapKernel {
  const names = Object.keys(sources);
  const list = names.map((name) => sources[name]);
  const body = emitJavaScript(expression, (name) => {
    const index = names.indexOf(name);
    return ACCESS[list[index].from](`a${index}`);
  });
  const unpack = names.map((_, i) => `const a${i}=a[${i}];`).join("");
  // Whitelisted nodes and our own identifiers only: see src/equations/emit.ts.
  const source = `${unpack}for(let r=0;r<rows;r++){const group=Math.floor(r/perGroup)*width;for(let j=0;j<width;j++){out[r*width+j]=${body};}}`;
  return { sources: list, run: new Function("out", "a", "rows", "width", "perGroup", source) as MapKernel["run"] };
}
