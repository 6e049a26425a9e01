/** Checks the shapes of populations and the wirings of projections, before anything is resolved. */
import type { Checker } from "./checker";

/** Largest population: beyond, its arrays could not even be allocated. */
const LARGEST_POPULATION = 1_000_000;
const MOST_PAIRS = 10_000_000;

type Fields = Readonly<Record<string, unknown>>;

/** Units of a population, by its size, its shape, or both. */
export function checkSize(check: Checker, { size, shape }: Fields, name: string): number {
  if (shape === undefined) return check.number(size, `size of "${name}"`, 1, LARGEST_POPULATION, true);
  const what = `shape of "${name}"`;
  const sides = check.list(shape, what);
  if (sides.length !== 3)
    check.fail(
      "CIRCUIT-SHAPE",
      what,
      `${sides.length} numbers are no rows, columns and channels`,
      "write [rows, columns, channels]",
    );
  const units = sides.reduce<number>(
    (product, n) => product * check.number(n, what, 1, LARGEST_POPULATION, true),
    1,
  );
  check.number(units, `units of the ${what}`, 1, LARGEST_POPULATION, true);
  if (size !== undefined && size !== units)
    check.fail(
      "CIRCUIT-SHAPE",
      what,
      `its ${units} units are not the size ${String(size)}`,
      "leave the size out: the shape has it",
    );
  return units;
}

/** Factors and constants of an input. */
export function checkEncoding(check: Checker, { encoding, shape }: Fields, name: string): void {
  const what = `encoding of "${name}"`;
  const { factors, constants } = check.fields(encoding, what, ["factors", "constants"]);
  for (const list of [factors, ...(constants === undefined ? [] : [constants])])
    for (const x of check.list(list, what)) check.number(x, what, -1e9, 1e9);
  if (shape !== undefined)
    check.fail("CIRCUIT-ENCODING", what, "the population has a shape, too", "give it a size in its place");
}

export function checkThrough(check: Checker, value: unknown, name: string): void {
  const what = `wiring of "${name}"`;
  const kind = (value as { kind?: unknown } | null)?.kind;
  check.oneOf(kind, what, ["convolution", "one-to-one", "sparse"]);
  if (kind === "one-to-one") check.fields(value, what, ["kind"]);
  else if (kind === "sparse") checkSparse(check, value, what);
  else {
    const fields = check.fields(value, what, ["kind", "kernel", "stride", "padding", "pool", "replicated"]);
    checkPair(check, fields.kernel, `kernel of the ${what}`, 1);
    if (fields.stride !== undefined) checkPair(check, fields.stride, `stride of the ${what}`, 1);
    if (fields.padding !== undefined) checkPair(check, fields.padding, `padding of the ${what}`, 0);
    if (fields.replicated !== undefined && typeof fields.replicated !== "boolean")
      check.fail(
        "CIRCUIT-TYPE",
        `replicated of the ${what}`,
        "this should be true or false",
        "write true or false",
      );
    if (fields.pool === undefined) return;
    const pool = check.fields(fields.pool, `pool of the ${what}`, ["kind", "window"]);
    check.oneOf(pool.kind, `pool of the ${what}`, ["max", "softmax", "mean"]);
    checkPair(check, pool.window, `window of the ${what}`, 1, 8);
  }
}

function checkPair(check: Checker, value: unknown, what: string, least: number, most = 1000): void {
  if (!Array.isArray(value)) return void check.number(value, what, least, most, true);
  if (value.length !== 2)
    check.fail(
      "CIRCUIT-TYPE",
      what,
      `${value.length} numbers are no rows and columns`,
      "write [rows, columns]",
    );
  for (const side of value) check.number(side, what, least, most, true);
}

function checkSparse(check: Checker, value: unknown, what: string): void {
  const { pairs } = value as { pairs?: unknown };
  if (pairs === undefined) {
    const fields = check.fields(value, what, ["kind", "density", "seed"]);
    check.number(fields.density, `density of the ${what}`, 1e-9, 1);
    if (fields.seed !== undefined) check.number(fields.seed, `seed of the ${what}`, 0, 2 ** 53 - 1, true);
    return;
  }
  check.fields(value, what, ["kind", "pairs"]);
  if (!Array.isArray(pairs) || pairs.length === 0 || pairs.length > MOST_PAIRS)
    check.fail(
      "CIRCUIT-TYPE",
      `pairs of the ${what}`,
      `this should be a list of 1 to ${MOST_PAIRS} pairs`,
      "write [[0, 1], [2, 0]]: presynaptic and postsynaptic unit",
    );
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2)
      check.fail(
        "CIRCUIT-TYPE",
        `pairs of the ${what}`,
        "a pair is two units",
        "write [[0, 1], [2, 0]]: presynaptic and postsynaptic unit",
      );
    for (const unit of pair) check.number(unit, `pairs of the ${what}`, 0, LARGEST_POPULATION, true);
  }
}
