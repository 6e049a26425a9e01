/** A solution beside that of another program: the largest differences, and where they are. */
import type { AcOfNetlist, Phasors } from "./ac";
import type { OperatingPoint } from "./operating-point";
import type { TransientOfNetlist } from "./transient";

export interface Difference {
  /** Of a node V, of a branch A. */
  readonly largest: number;
  readonly name: string | null;
  /** Seconds, of a transient. */
  readonly time?: number;
  readonly compared: number;
}

/** Values by name, one or one a point. */
export type Variables = ReadonlyMap<string, ArrayLike<number>>;

/** Nodes and branches of an operating point. What only one of both has is not compared. */
export function comparePoints(
  ours: OperatingPoint,
  theirs: Variables,
): { nodes: Difference; branches: Difference } {
  return {
    nodes: largest(Object.entries(ours.nodes), (name) => theirs.get(name)?.[0]),
    branches: largest(Object.entries(ours.branches), (name) => theirs.get(`${name}#branch`)?.[0]),
  };
}

function largest(
  values: readonly (readonly [string, number])[],
  other: (name: string) => number | undefined,
): Difference {
  let found: Difference = { largest: 0, name: null, compared: 0 };
  for (const [name, value] of values) {
    const theirs = other(name);
    if (theirs === undefined) continue;
    const by = Math.abs(value - theirs);
    const compared = found.compared + 1;
    found = by > found.largest ? { largest: by, name, compared } : { ...found, compared };
  }
  return found;
}

/** Nodes and branches of small signals, at every frequency: the magnitude of what they differ by. */
export function compareSmall(
  ours: AcOfNetlist,
  theirs: Variables,
  turned: Variables = new Map(),
): { nodes: Difference; branches: Difference } {
  const apart = (of: Readonly<Record<string, Phasors>>, kind: string): Difference => {
    let found: Difference = { largest: 0, name: null, compared: 0 };
    for (const [name, { re, im }] of Object.entries(of)) {
      const [x, y] = [theirs, turned].map((part) => part.get(`${name}${kind}`));
      if (x === undefined || y === undefined) continue;
      const by = Math.max(...re.map((v, k) => Math.hypot(v - x[k], im[k] - y[k])));
      const compared = found.compared + 1;
      found = by > found.largest ? { largest: by, name, compared } : { ...found, compared };
    }
    return found;
  };
  return { nodes: apart(ours.nodes, ""), branches: apart(ours.branches, "#branch") };
}

/** Nodes of a transient, at the other's times; between our points lines are straight. */
export function compareTransients(ours: TransientOfNetlist, theirs: Variables): Difference {
  const times = theirs.get("time") ?? [];
  let found: Difference = { largest: 0, name: null, compared: 0 };
  for (const [name, values] of Object.entries(ours.nodes)) {
    const other = theirs.get(name);
    if (other === undefined) continue;
    found = { ...found, compared: found.compared + 1 };
    let next = 1;
    for (let i = 0; i < times.length; i++) {
      const t = times[i];
      if (t < ours.time[0] || (t === 0 && values.length > 1)) continue;
      while (next < ours.time.length - 1 && ours.time[next] < t) next++;
      const [t0, t1] = [ours.time[next - 1], ours.time[next]];
      const share = Math.min(1, (t - t0) / (t1 - t0));
      const by = Math.abs(values[next - 1] + share * (values[next] - values[next - 1]) - other[i]);
      if (by > found.largest) found = { ...found, largest: by, name, time: t };
    }
  }
  return found;
}
