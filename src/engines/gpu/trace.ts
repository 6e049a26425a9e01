/**
 * Unrolls operations into kernel calls on handles: what GPU.js records when a pipeline is built. Each
 * operation replaces the handle of what it writes, so updates in place need no care.
 */
import type { MapOperation, Operation, Program, ProjectOperation, Source, Term } from "../../program/program";
import { failProgram } from "../../program/validate";
import type { BackendTraits } from "./backends";
import { argumentKey, noiseName, type ArgumentKind } from "./arguments";
import {
  connectedKernel,
  copyOf,
  dotKernel,
  flatKernel,
  fromCells,
  gatheredMapKernel,
  gatherKernel,
  isNoisy,
  mapKernel,
  partsOf,
  projectKernel,
  softmaxKernel,
  type KernelText,
  type Shape,
} from "./kernels";
import type { Call, Handle } from "./graph";
import type { Wirings } from "./wiring";

/** How kernels are best written for a backend, and the connections of a program. */
export interface KernelSource {
  readonly traits: BackendTraits;
  readonly wirings: Wirings;
  /** Of each operation the kernels that it calls, in order: written once, not for every step. */
  readonly texts: Map<Operation, KernelText[]>;
}

/** Whether a term is a sum over neighbours. */
export const readsTurned = ({ groups, weights }: Program, term: Term, { dots }: BackendTraits): boolean =>
  groups === 1 && term.through === undefined && weights[term.weights].pre >= dots;

/** Hands out a kernel's text, written where it was not before. */
type Written = (write: () => KernelText) => KernelText;

export class Trace {
  constructor(
    private readonly program: Program,
    private readonly handles: Map<string, Handle>,
    private readonly kernels: KernelSource,
    private readonly call: Call,
  ) {}

  buffer(name: string): Handle {
    return this.get("buffer", name);
  }

  /**
   * Records the operations once. `step` holds the number of the step within the chunk, which selects the
   * draws.
   */
  record(operations: readonly Operation[], step: Handle): void {
    for (const operation of operations) this.recordOne(operation, step);
  }

  private texts: KernelText[] = [];
  private next = 0;
  private readonly written: Written = (write) => {
    const k = this.next++;
    return (this.texts[k] ??= write());
  };

  private recordOne(operation: Operation, step: Handle): void {
    const { program } = this;
    this.texts = this.kernels.texts.get(operation) ?? [];
    this.kernels.texts.set(operation, this.texts);
    this.next = 0;
    if (operation.op === "map") {
      const copied = copyOf(operation);
      if (copied !== null) return this.put(operation.out, this.buffer(copied));
      return this.put(operation.out, this.recordMap(operation, step));
    }
    if (operation.op === "project") return this.put(operation.out, this.recordProject(operation));
    if (operation.op === "solve")
      return failProgram(`${this.program.rows} systems, which no kernel solves`, "solve");
    const { from, out } = operation;
    const logits = [this.buffer(from.re), ...(from.im === undefined ? [] : [this.buffer(from.im)])];
    this.put(
      out.re,
      this.call(
        this.written(() => softmaxKernel(program, operation, "re")),
        logits,
      ),
    );
    if (out.im !== undefined)
      this.put(
        out.im,
        this.call(
          this.written(() => softmaxKernel(program, operation, "im")),
          logits,
        ),
      );
  }

  private recordProject({ out, plus, terms }: ProjectOperation): Handle {
    const { program } = this;
    const { longestUnrolled, chains, whole } = this.kernels.traits;
    let sum = plus === undefined ? undefined : this.buffer(plus);
    // Whether the sum so far lies as kernels of one cell leave it.
    let inCells = false;
    const settle = (): void => {
      if (inCells)
        sum = this.call(
          this.written(() => fromCells(program, program.buffers[out])),
          [sum],
        );
      inCells = false;
    };
    for (const term of terms) {
      const shape = program.weights[term.weights];
      const turned = this.get("turned", term.weights);
      if (turned !== undefined && readsTurned(program, term, this.kernels.traits)) {
        const plus = sum === undefined ? "no" : inCells ? "cells" : "buffer";
        const text = this.written(() => dotKernel(program, shape, plus));
        sum = this.call(text, [this.buffer(term.from), turned, ...(sum === undefined ? [] : [sum])]);
        inCells = true;
        continue;
      }
      settle();
      const values = [
        this.buffer(term.from),
        this.get("weights", term.weights),
        ...(sum === undefined ? [] : [sum]),
      ];
      const wiring = this.kernels.wirings.of(term);
      if (wiring === null) {
        const each = chains ? longestUnrolled : shape.pre;
        for (let first = 0; first < shape.pre; first += each) {
          const last = Math.min(first + each, shape.pre);
          const plus = sum !== undefined;
          const text = this.written(() => projectKernel(program, shape, plus, longestUnrolled, first, last));
          sum = this.call(text, [values[0], values[1], ...(sum === undefined ? [] : [sum])]);
        }
      } else {
        const backwards = term.backwards === true;
        const plus = sum !== undefined;
        const text = this.written(() => connectedKernel(program, shape.pre, wiring, backwards, plus, whole));
        const tiles = this.call(text, values);
        sum = this.call(
          this.written(() => flatKernel(program, wiring, program.buffers[out])),
          [tiles],
        );
      }
    }
    settle();
    return sum;
  }

  private recordMap(operation: MapOperation, step: Handle): Handle {
    return recordMap(
      this.program,
      operation,
      (source) => this.valueOf(source, operation.out),
      step,
      this.kernels.traits,
      this.call,
      this.written,
    );
  }

  private get(kind: ArgumentKind, name: string): Handle {
    return this.handles.get(argumentKey(kind, name));
  }

  put(name: string, value: Handle): void {
    this.handles.set(argumentKey("buffer", name), value);
  }

  private valueOf(source: Source, out: string): Handle {
    return source.from === "noise"
      ? this.get("noise", noiseName(source.stream, out))
      : this.get(source.from, source.name);
  }
}

/**
 * Records a map; where it reads more arrays than a kernel may, through kernels that gather them.
 * @param step the number of the step, where it draws
 */
export function recordMap(
  shape: Shape,
  operation: MapOperation,
  valueOf: (source: Source) => Handle,
  step: Handle,
  { mostArrays }: BackendTraits,
  call: Call,
  written: Written = (write) => write(),
): Handle {
  const values = (of: MapOperation): Handle[] => [
    ...Object.values(of.sources).map(valueOf),
    ...(isNoisy(of) ? [step] : []),
  ];
  const parts = partsOf(operation, mostArrays);
  if (parts === null)
    return call(
      written(() => mapKernel(shape, operation)),
      values(operation),
    );
  const gathered = parts.map((part) =>
    call(
      written(() => gatherKernel(shape, part)),
      values(part),
    ),
  );
  return call(
    written(() => gatheredMapKernel(shape, operation, parts)),
    gathered,
  );
}
