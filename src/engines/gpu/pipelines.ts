/**
 * Parts of the graph as pipelines of GPU.js: one call uploads what the host has given, runs all kernels back to
 * back, and reads back what somebody waits for. A pipeline takes long to build and is kept by what it does, so
 * that the next batch of the same kind finds it.
 */
import { Input, type GPU, type IKernelRunShortcut, type IPipelineRunShortcut } from "gpu.js";
import type { Crossings } from "../engine";
import type { BackendTraits } from "./backends";
import { nodesFor, type Call, type Handle, type Kernels, type Value } from "./graph";
import type { KernelText } from "./kernels";
import { recordWork, type Found, type Work } from "./recording";

/** What makes kernels that are of no executable. */
interface Recorder extends Kernels {
  readonly traits: BackendTraits;
}

type Rows = Float32Array | readonly Float32Array[];
/** What a call returns: arrays, or several each. */
type Returned = Readonly<Record<string, Rows | readonly Rows[]>>;

/**
 * Cells of the largest buffer from which threads pay. Each pipeline has workers of its own, which cost 0.2 s to
 * start; on two cores they were 1.07 times as fast at 5,120 cells, 1.5 times at 12,800 and 1.65 times at
 * 50,000. Bytes do not depend on them: a cell is computed by one thread, in the same order.
 */
const THREADED_CELLS = 8192;
/** Pipelines kept; the one unused for longest goes first. */
const MOST_KEPT = 32;
/** Bytes up and down of a pipeline that is kept though nobody is there who would use it: somebody alike may come. */
const MOST_IDLE = 2 ** 20;

export function workOf(wanted: readonly Value[]): Work {
  const nodes = nodesFor(wanted);
  const given = new Map<string, Value[]>();
  const arguments_ = new Map<string, number>();
  const names = new Map<Value, string>();
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const origin = `${value.origin} ${value.size.join("x")}`;
    const turns = given.get(origin) ?? [];
    given.set(origin, turns);
    if (turns.length === 0) arguments_.set(origin, arguments_.size);
    const name = `${arguments_.get(origin)}:${turns.length}`;
    turns.push(value);
    names.set(value, name);
    return name;
  };
  const lines = nodes.map((node, n) => {
    const line = `${node.key}(${node.inputs.map(nameOf).join()})`;
    node.outputs.forEach((output, k) => names.set(output, `n${n}.${k}`));
    return line;
  });
  lines.push(wanted.map(nameOf).join());
  for (const turns of given.values()) lines.push(`${turns.length} of ${turns[0].size.join("x")}`);
  return { signature: lines.join("\n"), nodes, given, wanted };
}

/** What a call took. */
export interface Taken {
  /** Kernels run, one after another; and how many different ones. */
  readonly passes: number;
  readonly kernels: number;
  /** Multiply-adds. */
  readonly products: number;
  /** Bytes that went up and down. */
  readonly bytes: number;
  /** Bytes of the largest array that grows with what is asked for. */
  readonly largest: number;
}

class Pipeline {
  readonly owners: ReadonlySet<Kernels | null>;
  readonly run: IPipelineRunShortcut;
  /** Kernels of a call; known once one was made. */
  passes = 0;
  /** What these are, each once. */
  readonly texts = new Set<string>();
  /** Bytes that a call takes up and down. */
  readonly bytes: readonly [number, number];
  /** What it is recorded from, once; null from then on, lest it keep the arrays of its first call. */
  private work: Work | null;
  private found: readonly Found[] = [];

  constructor(
    gpu: GPU,
    work: Work,
    private readonly device: Recorder,
  ) {
    const { nodes, given, wanted } = work;
    this.work = work;
    this.bytes = [bytesOf([...given.values()].flat()), bytesOf(wanted)];
    this.owners = new Set(nodes.map(({ owner }) => owner));
    const orchestrate = (...values: Handle[]): Readonly<Record<string, Handle>> => this.record(values);
    // GPU.js asks the function for its number of arguments; rest parameters do not count.
    Object.defineProperty(orchestrate, "length", { value: given.size + 1 });
    const largest = nodes.reduce(
      (most, { outputs }) => outputs.reduce((m, { length }) => Math.max(m, length), most),
      0,
    );
    this.run = gpu.createPipeline(
      orchestrate as never,
      { threads: largest >= THREADED_CELLS && nodes.some(({ steps }) => steps > 1) } as never,
    );
  }

  private record(values: readonly Handle[]): Readonly<Record<string, Handle>> {
    const work = this.work as Work;
    this.work = null;
    // Where counters start: one number for all, since GPU.js compiles a kernel anew for each place of a number.
    const start = values[work.given.size];
    const calling =
      (kernels: Kernels | null): Call =>
      (text, of) => {
        this.passes++;
        this.texts.add(kernelKey(text));
        const counters = Array<Handle>(text.counters?.number ?? 0).fill(start);
        const kernel = (kernels ?? this.device).kernel(text) as unknown as (...a: Handle[]) => Handle;
        return kernel(...of, ...counters);
      };
    const { results, found } = recordWork(work, values, calling, this.device.traits.placed);
    this.found = found;
    return results;
  }

  /** Hands out what a call returned. */
  arrive(returned: Returned, wanted: readonly Value[]): void {
    wanted.forEach((value, k) => {
      const { result, part } = this.found[k];
      const all = returned[result];
      value.arrive(flat((part === undefined ? all : all[part]) as Rows, value));
    });
  }
}

export class Pipelines {
  private readonly kept = new Map<string, Pipeline>();
  private crossed: Crossings = { calls: 0, bytesUp: 0, bytesDown: 0 };

  /**
   * @param device makes kernels that are of no executable
   * @param attempt runs a call, and says what a device complained of
   * @param ran is told by which backend, and how
   */
  constructor(
    private readonly gpu: GPU,
    private readonly device: Recorder,
    private readonly attempt: <T>(call: () => Promise<T>) => Promise<T>,
    private readonly ran: (pipeline: IPipelineRunShortcut) => void,
  ) {}

  get crossings(): Crossings {
    return this.crossed;
  }

  /** Has some arrays computed, and everything that they need. */
  async bring(values: readonly Value[]): Promise<Taken> {
    const wanted = [...new Set(values)].filter(({ host }) => host === null);
    if (wanted.length === 0) return { passes: 0, kernels: 0, products: 0, bytes: 0, largest: 0 };
    const work = workOf(wanted);
    const pipeline = this.pipelineFor(work);
    const inputs = [...work.given.values()].map(stacked);
    const found = (await this.attempt(() =>
      (pipeline.run as unknown as (...a: unknown[]) => Promise<unknown>)(...inputs, 0),
    )) as Returned;
    const [bytesUp, bytesDown] = pipeline.bytes;
    const { calls, bytesUp: up, bytesDown: down } = this.crossed;
    this.crossed = { calls: calls + 1, bytesUp: up + bytesUp, bytesDown: down + bytesDown };
    const largest = [...work.given.values()].reduce(
      (most, turns) => (turns[0].ofBatch ? Math.max(most, bytesOf(turns)) : most),
      0,
    );
    this.ran(pipeline.run);
    pipeline.arrive(found, wanted);
    return {
      passes: pipeline.passes,
      kernels: pipeline.texts.size,
      products: work.nodes.reduce((all, { products }) => all + products, 0),
      bytes: bytesUp + bytesDown,
      largest,
    };
  }

  /** Gives back what was built for an executable that is no more. */
  forget(owner: Kernels): void {
    for (const [key, { owners }] of this.kept) if (owners.has(owner)) this.drop(key);
  }

  /** Gives back what takes much room, where nobody is there any more. */
  rest(): void {
    for (const [key, { bytes }] of this.kept) if (bytes[0] + bytes[1] > MOST_IDLE) this.drop(key);
  }

  private pipelineFor(work: Work): Pipeline {
    const pipeline = this.kept.get(work.signature) ?? new Pipeline(this.gpu, work, this.device);
    this.kept.delete(work.signature);
    this.kept.set(work.signature, pipeline);
    if (this.kept.size > MOST_KEPT) this.drop([...this.kept.keys()][0]);
    return pipeline;
  }

  private drop(key: string): void {
    this.kept.get(key)?.run.destroy();
    this.kept.delete(key);
  }
}

const bytesOf = (values: readonly Value[]): number => 4 * values.reduce((all, { length }) => all + length, 0);

/** Arrays of one size behind each other, as GPU.js takes them. */
function stacked(turns: readonly Value[]): Input {
  const [{ size, length, host }] = turns;
  if (turns.length === 1) return new Input(host as never, size as never);
  const all = new Float32Array(length * turns.length);
  turns.forEach((turn, k) => all.set(turn.host as Float32Array, k * length));
  const [columns, rows = 1] = size;
  return new Input(all as never, [columns, rows * turns.length] as never);
}

/** What a pipeline hands back, an array or one for each row, in one that is nobody else's, without columns too many. */
function flat(found: Rows, { length, size }: Value): Float32Array {
  const out = new Float32Array(length);
  const [columns] = size;
  if (found instanceof Float32Array) out.set(found);
  else found.forEach((row, r) => out.set(row.subarray(0, columns), r * columns));
  return out;
}

/** The key of a kernel among those of one program. */
export const kernelKey = ({ source, output, tables }: KernelText): string =>
  `${output.join()} ${tables?.number ?? ""} ${source}`;

/** Makes a kernel. @param forBackend rewrites its source @param lanes what its columns are a multiple of */
export function makeKernel(
  gpu: GPU,
  { source, output, tables, counters }: KernelText,
  forBackend: (source: string) => string,
  lanes: number,
): IKernelRunShortcut {
  const [columns, ...others] = output;
  const wide = others.length > 0 && counters === undefined;
  const parameters = source.slice(source.indexOf("(") + 1, source.indexOf(")")).split(",");
  return gpu.createKernel(forBackend(source) as never, {
    output: [wide ? Math.ceil(columns / lanes) * lanes : columns, ...others],
    precision: "single",
    ...(tables !== undefined && {
      constants: Object.fromEntries(
        Object.entries(tables.constants).map(([name, { values, size }]) => [
          name,
          new Input(values as never, size as never),
        ]),
      ) as never,
      loopMaxIterations: tables.most + 1,
    }),
    ...(counters !== undefined && {
      argumentTypes: parameters.map((_, i) =>
        i < parameters.length - counters.number ? "Input" : "Integer",
      ) as never,
      loopMaxIterations: counters.most,
    }),
  });
}
