/** Expressions over whole arrays on the host, float64: one generated loop, no call a value. */
import { emitJavaScript } from "./emit";
import { symbolsOf, type Expression } from "./expression";

/**
 * A symbol's value: the same everywhere, one a value, or one a column of a row-major array (repeated down the
 * rows).
 */
export type Column = number | Float64Array;

/**
 * Compiles `out[i] = expression` for i < out.length. A source is a number, an array as long as `out`, or a
 * shorter array whose length divides it: that one repeats (one value a unit, over rows of units).
 * @throws RangeError where the expression has a symbol that `names` lacks
 */
export function vectorize(
  e: Expression,
  names: readonly string[],
): (out: Float64Array, sources: readonly Column[]) => Float64Array {
  const symbols = symbolsOf(e);
  const used = names.map((_, i) => i).filter((i) => symbols.has(names[i]));
  for (const name of symbols) {
    if (!names.includes(name)) throw new RangeError(`no value for the symbol "${name}"`);
  }
  const variants = new Map<string, (out: Float64Array, sources: readonly Column[]) => void>();
  return (out, sources) => {
    const shapes = used.map((i) => shapeOf(sources[i], out.length, names[i]));
    const key = shapes.join("");
    let run = variants.get(key);
    if (run === undefined) variants.set(key, (run = generate(e, names, used, shapes)));
    run(out, sources);
    return out;
  };
}

/** n: number, f: full array, r: repeating array. */
function shapeOf(source: Column, length: number, name: string): "n" | "f" | "r" {
  if (typeof source === "number") return "n";
  if (source.length === length) return "f";
  if (source.length > 0 && length % source.length === 0) return "r";
  throw new RangeError(`"${name}" has ${source.length} values for an array of ${length}`);
}

function generate(
  e: Expression,
  names: readonly string[],
  used: readonly number[],
  shapes: readonly string[],
) {
  const prologue = used.map((i) => `const s${i}=s[${i}];`);
  const reads = new Map(
    used.map((i, k) => [
      names[i],
      { n: `s${i}`, f: `s${i}[i]`, r: `s${i}[i%s${i}.length]` }[shapes[k] as "n" | "f" | "r"],
    ]),
  );
  const { statements, value } = emitJavaScript(e, (name) => reads.get(name) as string);
  return new Function(
    "out",
    "s",
    `${prologue.join("")}for(let i=0;i<out.length;i++){${statements}out[i]=${value};}`,
  ) as (out: Float64Array, sources: readonly Column[]) => void;
}
