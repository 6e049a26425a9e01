/**
 * Updates of synapses as nodes: a chain of kernels sums what the rows show at both ends, then one kernel a map
 * whose result is an array, into which what only it needs is written. What is read transposed is turned over
 * by a kernel of its own.
 */
import { partsOf } from "../../equations/share";
import { substitute, symbol, symbolsOf, type Expression } from "../../equations/expression";
import type { AdjustOperation, MapOperation, Source, SynapseMap } from "../../program/program";
import { placedKernel, sumKernel, usedSumKernel, usesOf, zeroKernel, type Uses } from "./array-kernels";
import type { BackendTraits } from "./backends";
import { compute, type Handle, type Kernels, type Size, type Value } from "./graph";
import { copyOf, mapKernel, type Shape } from "./kernels";
import type { Names } from "./names";
import { turned } from "./nodes";
import { recordMap } from "./trace";

/** What an update reads and writes, by name, as it is now. */
export interface Synapses {
  readonly owner: Kernels;
  readonly traits: BackendTraits;
  readonly rows: number;
  buffer(name: string): Value;
  weights(name: string): Value;
  scalar(name: string): Value;
  setWeights(name: string, value: Value): void;
}

/** Parts of a value that more than one map reads, from which it gets an array of its own. */
const LONG = 60;

/** An expression over names of this plan, and what they stand for. */
interface Bound {
  readonly expression: Expression;
  readonly sources: Readonly<Record<string, Read>>;
}

/** An array that is read: as it was before all maps, or as a map of this number left it. */
type Read =
  | { readonly from: "weights" | "scalar"; readonly name: string }
  | { readonly from: "sum" }
  | { readonly from: "step"; readonly step: number };

/** A map whose result is an array. */
interface Step extends Bound {
  readonly out: { readonly weights: string; readonly transposed?: boolean } | null;
}

/** The same as a kernel computes it, and all that do the same. */
interface Kernel extends Pick<Step, "out"> {
  readonly name: string;
  readonly reads: readonly Read[];
  readonly map: MapOperation;
}

/** What names its sources by their place among `reads`. */
function kernelOf({ out, expression, sources }: Step, shape: Shape, names: Names): Kernel {
  const symbols = [...symbolsOf(expression)];
  const map: MapOperation = {
    op: "map",
    out: "out",
    expression,
    sources: Object.fromEntries(
      symbols.map((symbol_, i): [string, Source] => [
        symbol_,
        { from: sources[symbol_].from === "scalar" ? "scalar" : "buffer", name: String(i) },
      ]),
    ),
  };
  const { source, output } = mapKernel(shape, map);
  return {
    out,
    name: names.of(`${output.join()} ${source}`),
    reads: symbols.map((name) => sources[name]),
    map,
  };
}

let count = 0;

/** Which arrays the maps of an update need, one after another. */
function stepsOf(maps: readonly SynapseMap[]): Step[] {
  const steps: Step[] = [];
  const locals = new Map<string, Bound>();
  const written = new Map<string, number>();
  const readers = (name: string): number =>
    maps.filter(({ sources }) =>
      Object.values(sources).some((source) => source.from === "local" && source.name === name),
    ).length;
  for (const { out, expression, sources } of maps) {
    const reads: Record<string, Read> = {};
    const nameOf = (read: Read): string => {
      const name = Object.entries(read).join();
      reads[name] = read;
      return name;
    };
    const written_ = (name: string): Read => {
      const step = written.get(name);
      return step === undefined ? { from: "weights", name } : { from: "step", step };
    };
    const bound = substitute(expression, (name) => {
      const source = sources[name];
      if (source.from === "local") {
        const local = locals.get(source.name) as Bound;
        Object.assign(reads, local.sources);
        return local.expression;
      }
      return symbol(nameOf(source.from === "weights" ? written_(source.name) : source));
    });
    if ("local" in out) {
      const apart = readers(out.local) > 1 && partsOf(bound).length > LONG;
      if (apart) steps.push({ out: null, expression: bound, sources: reads });
      const step: Read = { from: "step", step: steps.length - 1 };
      locals.set(
        out.local,
        apart
          ? {
              expression: symbol(Object.entries(step).join()),
              sources: { [Object.entries(step).join()]: step },
            }
          : { expression: bound, sources: reads },
      );
      continue;
    }
    steps.push({ out, expression: bound, sources: reads });
    if (out.transposed !== true) written.set(out.weights, steps.length - 1);
  }
  return steps;
}

export class Update {
  private readonly kernels: readonly Kernel[];
  private readonly uses: readonly (Uses | null)[];
  private readonly size: Size;
  private readonly shape: Shape;
  /** Tells its sums from those of others, where it has tables of its own. */
  private readonly number = count++;

  constructor(
    private readonly operation: AdjustOperation,
    { name, names }: { readonly name: string; readonly names: Names },
  ) {
    const { pre, post, maps, products } = operation;
    this.size = [post, pre];
    this.shape = { rows: pre, groups: 1, buffers: { out: post } };
    this.kernels = stepsOf(maps).map((step) => kernelOf(step, this.shape, names));
    this.uses = products.map(({ through }) =>
      through === undefined ? null : usesOf(name, through, this.size),
    );
  }

  /** Whether it learns from what rows show; else it only reads anew what devices store. */
  get learns(): boolean {
    return this.operation.products.length > 0;
  }

  run(synapses: Synapses): void {
    const { size, shape } = this;
    const sums = this.kernels.some(({ reads }) => reads.some(({ from }) => from === "sum"));
    const sum = sums ? this.sum(synapses) : null;
    const found: Value[] = [];
    const before = new Map<string, Value>();
    const valueOf = (read: Read): Value => {
      switch (read.from) {
        case "sum":
          return sum as Value;
        case "step":
          return found[read.step];
        case "scalar":
          return synapses.scalar(read.name);
        case "weights":
          return before.get(read.name) ?? synapses.weights(read.name);
      }
    };
    for (const { out, name, reads, map } of this.kernels) {
      const inputs = reads.map(valueOf);
      const copied = copyOf(map);
      const value =
        copied === null
          ? compute({
              key: name,
              inputs,
              sizes: [size],
              plain: true,
              record: (call, handles) => [
                recordMap(
                  shape,
                  map,
                  (source) => handles[Number((source as { readonly name: string }).name)],
                  null,
                  synapses.traits,
                  call,
                ),
              ],
            })[0]
          : inputs[Number(copied)];
      found.push(value);
      if (out === null) continue;
      if (out.transposed !== true && !before.has(out.weights))
        before.set(out.weights, synapses.weights(out.weights));
      synapses.setWeights(out.weights, out.transposed === true ? turned(value) : value);
    }
  }

  private sum(synapses: Synapses): Value {
    const { size, uses } = this;
    const { rows, traits } = synapses;
    const { products } = this.operation;
    const inputs = products.flatMap(({ pre, post }) => [synapses.buffer(pre), synapses.buffer(post)]);
    const tables = uses.some((use) => use !== null);
    const [sum] = compute({
      key: `sum ${tables ? `of ${this.number}` : products.length} ${size.join()} ${rows}`,
      ...(tables && { owner: synapses.owner }),
      inputs,
      sizes: [size],
      products: rows * size[0] * size[1] * products.length,
      record: (call, handles) => {
        let sofar: Handle | undefined;
        uses.forEach((use, k) => {
          const partial = sofar === undefined ? [] : [sofar];
          const ends = [handles[2 * k], handles[2 * k + 1]];
          const [plus, unrolled] = [sofar !== undefined, traits.longestUnrolled];
          sofar =
            use === null
              ? call(sumKernel(size, rows, plus, unrolled), [...ends, ...partial])
              : call(placedKernel(use, size, plus), [
                  call(usedSumKernel(use, rows, unrolled, traits.whole), ends),
                  ...partial,
                ]);
        });
        return [sofar ?? call(zeroKernel(size), [])];
      },
    });
    return sum;
  }
}
