/**
 * Source text of the GPU.js kernels of a program's operations. Sources are strings, generated from whitelisted nodes and
 * our own identifiers only. One loop a kernel: a second one makes all loops of a WebAssembly kernel several times slower,
 * so a projection with several terms is a chain of kernels that add to a partial sum.
 */
import { emitJavaScript } from "../../equations/emit";
import type { MapOperation, NormaliseOperation, Program, Source } from "../engine";

/** A kernel and the names of the values it takes, in order. */
export interface KernelText {
  readonly source: string;
  /** Columns and rows of its result. */
  readonly output: readonly [width: number, rows: number];
}

const HERE = "[this.thread.y][this.thread.x]";

/** The group of a row, as an expression; rows of a group are neighbours. */
const group = ({ rows, groups }: Program): string => `Math.floor(this.thread.y/${rows / groups})`;

function access(program: Program, source: Source, argument: string): string {
  switch (source.from) {
    case "buffer":
      return argument + HERE;
    case "vector":
      return program.groups === 1 ? `${argument}[this.thread.x]` : `${argument}[${group(program)}][this.thread.x]`;
    case "row":
      return `${argument}[this.thread.y]`;
    case "scalar":
      return argument;
    case "noise":
      // One argument holds the draws of a whole chunk; `s` is the step within it.
      return `${argument}[s*${program.rows}+this.thread.y][this.thread.x]`;
  }
}

/** Arguments: one for each source in the order of `sources`, then s where a source is noise. */
export function mapKernel(program: Program, { out, expression, sources }: MapOperation): KernelText {
  const names = Object.keys(sources);
  const body = emitJavaScript(expression, (name) => {
    const index = names.indexOf(name);
    return access(program, sources[name], `a${index}`);
  });
  const noisy = Object.values(sources).some((s) => s.from === "noise");
  const parameters = [...names.map((_, i) => `a${i}`), ...(noisy ? ["s"] : [])];
  return { source: `function(${parameters.join()}){return ${body};}`, output: [program.buffers[out], program.rows] };
}

/** Arguments: from, weights, and the partial sum where `plus`. */
export function projectKernel(program: Program, pre: number, post: number, plus: boolean): KernelText {
  const line = program.groups === 1 ? "i" : `${group(program)}*${pre}+i`;
  const source = `function(f,w${plus ? ",p" : ""}){let a=${plus ? `p${HERE}` : "0"};for(let i=0;i<${pre};i++){a+=f[this.thread.y][i]*w[${line}][this.thread.x];}return a;}`;
  return { source, output: [post, program.rows] };
}

/** Softmax of a row. Arguments: the logits' real part and, where complex, imaginary part. */
export function softmaxKernel(program: Program, { from, out }: NormaliseOperation, plane: "re" | "im"): KernelText {
  const width = program.buffers[out.re];
  const loop = (body: string): string => `for(let i=0;i<${width};i++){${body}}`;
  const largest = `let m=z[this.thread.y][0];${loop("m=Math.max(m,z[this.thread.y][i]);")}`;
  const output = [width, program.rows] as const;
  if (from.im === undefined) {
    return { source: `function(z){${largest}let s=0;${loop("s+=Math.exp(z[this.thread.y][i]-m);")}return Math.exp(z${HERE}-m)/s;}`, output };
  }
  const sums = `let c=0;let d=0;${loop("const e=Math.exp(z[this.thread.y][i]-m);c+=e*Math.cos(q[this.thread.y][i]);d+=e*Math.sin(q[this.thread.y][i]);")}`;
  const own = `const e=Math.exp(z${HERE}-m);const a=e*Math.cos(q${HERE});const b=e*Math.sin(q${HERE});`;
  const value = plane === "re" ? "(a*c+b*d)" : "(b*c-a*d)";
  return { source: `function(z,q){${largest}${sums}${own}return ${value}/(c*c+d*d);}`, output };
}

/** Sum over rows of pre x post. Arguments: pre, post. */
export function correlateKernel(rows: number, preWidth: number, postWidth: number): KernelText {
  return {
    source: `function(p,q){let a=0;for(let r=0;r<${rows};r++){a+=p[r][this.thread.y]*q[r][this.thread.x];}return a;}`,
    output: [postWidth, preWidth],
  };
}
