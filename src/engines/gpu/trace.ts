/**
 * Unrolls operations into kernel calls on handles: what GPU.js records when a pipeline is built. Values are handles by
 * argument key; each operation replaces the handle of what it writes, so in-place updates need no care.
 */
import type { IKernelRunShortcut } from "gpu.js";
import type { Operation, Program, Source } from "../engine";
import { argumentKey, noiseName, type ArgumentKind } from "./arguments";
import { mapKernel, projectKernel, softmaxKernel, type KernelText } from "./kernels";

/** A handle of a recorded pipeline; only kernels may look inside. */
export type Handle = unknown;
export type Handles = Map<string, Handle>;
export type KernelOf = (text: KernelText) => IKernelRunShortcut;

/** A bare copy of a buffer needs no kernel. */
export function copiedBuffer(operation: Operation): string | null {
  if (operation.op !== "map" || operation.expression.kind !== "symbol") return null;
  const source = operation.sources[operation.expression.name];
  return source.from === "buffer" ? source.name : null;
}

/** Records one pass over the operations. `step` counts within the chunk: it selects the draws. */
export function traceOperations(program: Program, operations: readonly Operation[], handles: Handles, step: number, kernelOf: KernelOf): void {
  const run = (text: KernelText, values: Handle[]): Handle => (kernelOf(text) as unknown as (...a: Handle[]) => Handle)(...values);
  const get = (kind: ArgumentKind, name: string): Handle => handles.get(argumentKey(kind, name));
  const put = (name: string, value: Handle): unknown => handles.set(argumentKey("buffer", name), value);
  for (const operation of operations) {
    const copied = copiedBuffer(operation);
    if (copied !== null) {
      put((operation as { out: string }).out, get("buffer", copied));
    } else if (operation.op === "map") {
      const sources = Object.values(operation.sources);
      const values = sources.map((source) => valueOf(source, operation.out, get));
      if (sources.some((s) => s.from === "noise")) values.push(step);
      put(operation.out, run(mapKernel(program, operation), values));
    } else if (operation.op === "project") {
      let sum: Handle = operation.plus === undefined ? undefined : get("buffer", operation.plus);
      for (const { from, weights } of operation.terms) {
        const { pre, post } = program.weights[weights];
        const inputs = [get("buffer", from), get("weights", weights), ...(sum === undefined ? [] : [sum])];
        sum = run(projectKernel(program, pre, post, sum !== undefined), inputs);
      }
      put(operation.out, sum);
    } else {
      const { from, out } = operation;
      const inputs = [get("buffer", from.re), ...(from.im === undefined ? [] : [get("buffer", from.im)])];
      put(out.re, run(softmaxKernel(program, operation, "re"), inputs));
      if (out.im !== undefined) put(out.im, run(softmaxKernel(program, operation, "im"), inputs));
    }
  }
}

function valueOf(source: Source, out: string, get: (kind: ArgumentKind, name: string) => Handle): Handle {
  return source.from === "noise" ? get("noise", noiseName(source.stream, out)) : get(source.from, source.name);
}
