/** Copies of a case with expected numbers altered. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What describes the model, not its results. */
const GIVEN = new Set([
  "hyper",
  "params",
  "theta",
  "phi",
  "x",
  "y",
  "sizes",
  "sizes_from_output",
  "kernels",
  "biases",
  "readout",
  "scale",
  "eps",
  "n",
  "readout_kernel",
  "readout_bias",
  "b_in_conv1",
  "b_conv1_out",
]);
const DIAGNOSTIC = /(^|_)(residual|relerr|fd_check|state_grad_check|n_clipped)/;

/** A list of numbers (of lists of numbers), or one number: what is compared as one. */
export interface Leaf {
  readonly path: string;
  /** Largest entry. */
  readonly largest: number;
  readonly size: number;
}

function isNumbers(value: Json): boolean {
  return typeof value === "number" || (Array.isArray(value) && value.length > 0 && value.every(isNumbers));
}

const flat = (value: Json): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value as number]);

/** Lists of arrays hold one a layer; those of a layer, kernels, and outputs step by step are one array. */
function isRagged(value: Json, path: string): boolean {
  const one = /(^|\/)(\d+|convW\d+|(in-)?conv\d+(-out)?|out(-conv\d+)?|output_traj_\w+)$/.test(path);
  return !one && Array.isArray(value) && Array.isArray(value[0]) && Array.isArray(value[0][0]);
}

/** Every expected quantity of a case. */
export function leavesOf(root: object): Leaf[] {
  const found: Leaf[] = [];
  const walk = (value: Json, path: string): void => {
    if (isNumbers(value) && !isRagged(value, path)) {
      const numbers = flat(value);
      found.push({
        path,
        largest: numbers.reduce((m, x) => Math.max(m, Math.abs(x)), 0),
        size: numbers.length,
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value))
        if (!GIVEN.has(key) && !DIAGNOSTIC.test(key)) walk(item, path === "" ? key : `${path}/${key}`);
    }
  };
  walk(root as Json, "");
  return found;
}

/** A copy in which entry `index(leaf)` of every given leaf is changed by `change`, relatively. */
export function altered(
  root: object,
  leaves: readonly Leaf[],
  change: (x: number, leaf: Leaf, entry: number) => number,
): object {
  const copy = structuredClone(root) as { [key: string]: Json };
  for (const leaf of leaves) {
    const keys = leaf.path.split("/");
    // Keys may hold slashes themselves ("W_minus_1/sig'(activity)"): take the longest that fits.
    let parent: { [key: string]: Json } = copy;
    let entry = 0;
    while (keys.length > 0) {
      let [key, taken] = [keys[0], 1];
      while (!Object.hasOwn(parent, key) && taken < keys.length) key += `/${keys[taken++]}`;
      keys.splice(0, taken);
      if (keys.length > 0) parent = parent[key] as { [key: string]: Json };
      else parent[key] = mapNumbers(parent[key], (x) => change(x, leaf, entry++));
    }
  }
  return copy;
}

function mapNumbers(value: Json, f: (x: number) => number): Json {
  return Array.isArray(value) ? value.map((item) => mapNumbers(item, f)) : f(value as number);
}
