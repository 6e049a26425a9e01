/** In which settings configs differ, path by path. */

export interface Difference {
  /** "optimizer.rate". */
  readonly path: string;
  /** What each config says there; "—" where it says nothing. */
  readonly values: readonly string[];
}

const LONGEST = 60;

export function differences(configs: readonly object[]): Difference[] {
  const flat = configs.map((config) => new Map(leaves(config, "")));
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))];
  return paths
    .map((path) => ({ path, values: flat.map((one) => one.get(path) ?? "—") }))
    .filter(({ values }) => values.some((value) => value !== values[0]))
    .map(({ path, values }) => ({ path, values: values.map(clip) }));
}

/** Lists of plain values count as one value; long ones are told apart before they are cut. */
function leaves(value: unknown, path: string): [string, string][] {
  const plain =
    typeof value !== "object" ||
    value === null ||
    (Array.isArray(value) && value.every((part) => typeof part !== "object"));
  if (plain)
    return value === undefined
      ? []
      : [[path, typeof value === "string" ? value : (JSON.stringify(value) ?? "")]];
  return Object.entries(value as object).flatMap(([key, part]) => {
    // Parts of a list go by their name, so that one more in the middle does not move the others.
    const name =
      Array.isArray(value) && typeof (part as { name?: unknown })?.name === "string"
        ? (part as { name: string }).name
        : key;
    return leaves(part, path === "" ? name : `${path}.${name}`);
  });
}

const clip = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
