/**
 * A part of the graph as calls of kernels, which GPU.js makes a plan of. What many batches are given in the place of
 * each other lies in one argument, and they take their turns.
 *
 * Where a kernel is compiled for the places in memory that it reads and writes, batch after batch has to find
 * everything in the same places, else each has kernels of its own. GPU.js gives a result the first place that is
 * free among those of its shape. So at every turn what is still to be read moves to places of a shape that nothing
 * else has, and all others are free again, as they were one turn ago.
 */
import { collectKernel, placeKernel, turnKernel, zeroKernel } from "./array-kernels";
import type { Call, Handle, Kernels, Node, Value } from "./graph";
import { COUNT } from "./kernels";

/** What a call is about: what it computes, from what, in an order that does not depend on names. */
export interface Work {
  readonly signature: string;
  readonly nodes: readonly Node[];
  /** What the host has given, by origin. */
  readonly given: ReadonlyMap<string, readonly Value[]>;
  readonly wanted: readonly Value[];
}

/** Where a call leaves what was wanted: a result, or a part of one. */
export interface Found {
  readonly result: string;
  readonly part?: number;
}

export interface Recorded {
  readonly results: Readonly<Record<string, Handle>>;
  /** Of each value that was wanted. */
  readonly found: readonly Found[];
}

/** An array that takes its turn: of which argument, and which of how many it is. */
interface Turn {
  readonly of: Handle;
  readonly turn: number;
  readonly turns: number;
}

/**
 * @param values the arguments: arrays by origin
 * @param calling calls kernels of somebody, or of the device
 * @param placed whether kernels are compiled for places
 */
export function recordWork(
  { nodes, given, wanted }: Work,
  values: readonly Handle[],
  calling: (kernels: Kernels | null) => Call,
  placed: boolean,
): Recorded {
  const call = calling(null);
  const turns = new Map<Value, Turn>();
  const handles = new Map<Value, Handle>();
  [...given.values()].forEach((each, argument) =>
    each.forEach((value, turn) => {
      if (each.length === 1) handles.set(value, values[argument]);
      else turns.set(value, { of: values[argument], turn, turns: each.length });
    }),
  );
  const places = placed && turns.size > 0 ? new Places(nodes, wanted, handles, call) : null;
  const keep = (value: Value, handle: Handle): void => {
    handles.set(value, handle);
    places?.keep(value);
  };
  // Those of as many turns go on together.
  const counts = new Map<number, Handle[]>();
  const countOf = ({ turn, turns: number }: Turn): Handle => {
    const made = counts.get(number) ?? [];
    counts.set(number, made);
    while (made.length <= turn) {
      const next = made.length === 0 ? call(zeroKernel([1]), []) : call(COUNT, [made[made.length - 1]]);
      made.push(places === null ? next : call(placeKernel([1]), [next]));
    }
    return made[turn];
  };
  const handleOf = (value: Value): Handle => {
    const turn = turns.get(value);
    if (turn !== undefined && !handles.has(value))
      keep(value, call(turnKernel(value.size), [turn.of, countOf(turn)]));
    return handles.get(value);
  };
  const begins = (value: Value): boolean => {
    const turn = turns.get(value);
    return turn !== undefined && turn.turn > 0 && turn.turn >= (counts.get(turn.turns)?.length ?? 0);
  };
  nodes.forEach(({ inputs, outputs, owner, record }, n) => {
    if (inputs.some(begins)) places?.free(n);
    const found = record(calling(owner), inputs.map(handleOf));
    outputs.forEach((output, k) => keep(output, found[k]));
  });
  const { results, found } = places ?? { results: {}, found: new Map<Value, Found>() };
  return {
    results: {
      ...results,
      ...Object.fromEntries(
        wanted.flatMap((value, k) => (found.has(value) ? [] : [[`r${k}`, handleOf(value)]])),
      ),
    },
    found: wanted.map((value, k) => found.get(value) ?? { result: `r${k}` }),
  };
}

/** Where arrays lie from turn to turn. */
class Places {
  readonly results: Record<string, Handle> = {};
  readonly found = new Map<Value, Found>();
  private readonly lastUse = new Map<Value, number>();
  private readonly wanted: ReadonlySet<Value>;
  /** What was computed since the last turn. */
  private moving: Value[] = [];

  constructor(
    nodes: readonly Node[],
    wanted: readonly Value[],
    private readonly handles: Map<Value, Handle>,
    private readonly call: Call,
  ) {
    nodes.forEach(({ inputs }, n) => inputs.forEach((input) => this.lastUse.set(input, n)));
    this.wanted = new Set(wanted);
  }

  keep(value: Value): void {
    this.moving.push(value);
  }

  /** A turn begins with a node: what it or a later one reads moves, what is wanted is put aside. */
  free(node: number): void {
    this.putAside(this.moving.filter((value) => this.wanted.has(value)));
    for (const value of this.moving)
      if ((this.lastUse.get(value) ?? -1) >= node)
        this.handles.set(value, this.call(placeKernel(value.size), [this.handles.get(value)]));
    this.moving = [];
  }

  /** Arrays of one size become one, lest they take a kernel each in every turn. */
  private putAside(values: readonly Value[]): void {
    for (const [size, alike] of groupBy(values, ({ size: of }) => of.join())) {
      const result = `t${Object.keys(this.results).length} ${size}`;
      this.results[result] = this.call(
        collectKernel(alike[0].size, alike.length),
        alike.map((value) => this.handles.get(value)),
      );
      alike.forEach((value, part) => this.found.set(value, { result, part }));
    }
  }
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
