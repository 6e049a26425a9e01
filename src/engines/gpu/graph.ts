/**
 * What is to be computed, before it is: arrays that the host has given or that a node computes from others. An
 * array never changes; whoever holds one (`Cell`) holds another one later. So what a batch asks for, phase
 * after phase, is a graph, and a pipeline computes as much of it as somebody waits for (pipelines.ts).
 */
import type { IKernelRunShortcut } from "gpu.js";
import type { KernelText } from "./kernels";

/** As GPU.js counts them: columns, then rows. */
export type Size = readonly number[];

/** A handle of a recorded pipeline; only kernels may look inside. */
export type Handle = unknown;

/** Calls a kernel while a pipeline is recorded. */
export type Call = (text: KernelText, values: readonly Handle[]) => Handle;

/** Where kernels come from. */
export interface Kernels {
  kernel(text: KernelText): IKernelRunShortcut;
}

/** What is computed at once. */
export interface Node {
  /** Tells it from all that do anything else. */
  readonly key: string;
  /** The executable that its kernels are of; null where any will do. */
  readonly owner: Kernels | null;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Multiply-adds, and steps one after another. */
  readonly products: number;
  readonly steps: number;
  /** Whether it computes a weight from its inputs alone, one by one. */
  readonly plain: boolean;
  record(call: Call, inputs: readonly Handle[]): readonly Handle[];
}

/** An array: the host has it, or a node computes it. */
export class Value {
  private node_: Node | null;
  private stays = false;

  private constructor(
    readonly size: Size,
    /** What it is: arrays of one origin lie behind each other in the pipeline's arguments. */
    readonly origin: string,
    private host_: Float32Array | null,
    node: Node | null,
    /** Which of the node's outputs it is. */
    readonly index: number,
    /** Whether every batch is given one of its own. */
    readonly ofBatch: boolean,
  ) {
    this.node_ = node;
  }

  static given(host: Float32Array, size: Size, origin: string, ofBatch = true): Value {
    return new Value(size, origin, host, null, 0, ofBatch);
  }

  static computed(node: Node, index: number, size: Size): Value {
    return new Value(size, `${node.key}.${index}`, null, node, index, false);
  }

  /** Zeros are nobody's to bring: a node makes them where they are needed, and the host knows them. */
  static zeros(node: Node, size: Size): Value {
    const length = size.reduce((product, n) => product * n, 1);
    return new Value(size, node.key, new Float32Array(length), node, 0, false);
  }

  get host(): Float32Array | null {
    return this.host_;
  }

  /** What computes it in a pipeline; null where it is given. */
  get node(): Node | null {
    return this.node_;
  }

  get length(): number {
    return this.size.reduce((product, n) => product * n, 1);
  }

  /** Says that a pipeline shall compute it also where the host has it: that is quicker than to bring it there. */
  stay(): void {
    this.stays = true;
  }

  /** The host has got it: what it was computed from is no longer needed for it. */
  arrive(host: Float32Array): void {
    this.host_ = host;
    if (!this.stays) this.node_ = null;
  }
}

/** What holds one array after another. */
export interface Cell {
  value: Value;
}

export interface NodeRequest extends Pick<Node, "key" | "inputs" | "record"> {
  readonly owner?: Kernels;
  readonly sizes: readonly Size[];
  readonly products?: number;
  readonly steps?: number;
  readonly plain?: boolean;
  /** Whether its result is zeros. */
  readonly zero?: boolean;
}

/** Says what is to be computed; returns its results. */
export function compute({
  key,
  inputs,
  record,
  owner = undefined,
  sizes,
  products = 0,
  steps = 1,
  plain = false,
  zero = false,
}: NodeRequest): readonly Value[] {
  const outputs: Value[] = [];
  const node: Node = {
    key,
    owner: owner ?? null,
    inputs,
    outputs,
    products,
    steps,
    plain,
    record,
  };
  sizes.forEach((size, index) =>
    outputs.push(zero ? Value.zeros(node, size) : Value.computed(node, index, size)),
  );
  return outputs;
}

/**
 * Of some arrays those that are told by what cells hold now: each is computed from that alone, one by one.
 */
export function toldBy(cells: Iterable<Cell>, values: Iterable<Value>): Value[] {
  const now = new Set([...cells].map(({ value }) => value));
  const told = ({ node }: Value): boolean =>
    node !== null && node.plain && node.inputs.every((input) => now.has(input) || told(input));
  return [...values].filter(told);
}

/**
 * All nodes that some arrays need and that the host does not have the results of, each after those that it
 * reads; in an order that depends on how they hang together, not on when they were made.
 */
export function nodesFor(wanted: readonly Value[]): Node[] {
  const found = new Set<Node>();
  const open: { readonly node: Node; next: number }[] = [];
  const visit = ({ node }: Value): void => {
    if (node !== null && !found.has(node)) open.push({ node, next: 0 });
  };
  for (const value of wanted) {
    visit(value);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (top.next < top.node.inputs.length) visit(top.node.inputs[top.next++]);
      else found.add((open.pop() as typeof top).node);
    }
  }
  return [...found];
}
