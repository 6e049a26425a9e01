/**
 * What `auto` takes: simd, or a graphics card where there is one and a step on it is quicker. It is tried, on a
 * circuit of the size that is to run, once for each size and process. Software that stands in for a card is not
 * tried.
 */
import { clip, number, symbol } from "../equations/expression";
import type { Program } from "../program/program";
import type { Engine, EngineWork } from "./engine";

const USUAL: EngineWork = { units: 512, rows: 64 };
/** What is tried is no larger: a few milliseconds a step on one core. */
const LARGEST: EngineWork = { units: 1024, rows: 256 };
const SMALLEST: EngineWork = { units: 16, rows: 1 };
/** Steps of a call, and calls that are measured after one that builds. */
const STEPS = 16;
const CALLS = 3;

export interface Choice {
  readonly name: "simd" | "gpu:webgpu";
  /** By what. */
  readonly chosen: string;
}

/** The next power of two, within what is tried: sizes that are about the same are tried once. */
function rounded({ units, rows }: EngineWork): EngineWork {
  const power = (n: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, 2 ** Math.round(Math.log2(n))));
  return {
    units: power(units, SMALLEST.units, LARGEST.units),
    rows: power(rows, SMALLEST.rows, LARGEST.rows),
  };
}

/** All units hear all, and are clipped. */
const relaxation = ({ units, rows }: EngineWork): Program => ({
  rows,
  groups: 1,
  buffers: { u: units, drive: units },
  weights: { w: { pre: units, post: units } },
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [
    { op: "project", out: "drive", terms: [{ from: "u", weights: "w" }] },
    {
      op: "map",
      out: "u",
      expression: clip(symbol("d"), number(-1), number(1)),
      sources: { d: { from: "buffer", name: "drive" } },
    },
  ],
  state: ["u"],
  outputs: [],
  watched: [],
});

/** Milliseconds a step of a circuit of that size takes. */
export async function millisecondsOf(engine: Engine, work: EngineWork): Promise<number> {
  const exe = engine.compile(relaxation(work));
  exe.setWeights("w", new Float64Array(work.units ** 2).fill(1 / work.units));
  const times: number[] = [];
  for (let call = 0; call <= CALLS; call++) {
    const from = performance.now();
    await exe.run(STEPS, STEPS * call);
    if (call > 0) times.push((performance.now() - from) / STEPS);
  }
  exe.dispose();
  return Math.min(...times);
}

const inWords = (ms: number): string => `${Number(ms.toPrecision(2))} ms`;

/** Tries both on what is to run. @param open makes an engine of this name, which is disposed of */
export async function quicker(
  work: EngineWork,
  open: (name: Choice["name"]) => Promise<Engine>,
): Promise<Choice> {
  const size = rounded(work);
  const timed = async (name: Choice["name"]): Promise<number | string> => {
    try {
      const engine = await open(name);
      try {
        return await millisecondsOf(engine, size);
      } finally {
        engine.dispose();
      }
    } catch (error) {
      return (error as { readonly fact?: string }).fact ?? String(error);
    }
  };
  const [simd, card] = [await timed("simd"), await timed("gpu:webgpu")];
  const told = (
    [
      ["simd", simd],
      ["gpu:webgpu", card],
    ] as const
  )
    .map(([name, time]) => `${name} ${typeof time === "number" ? inWords(time) : `does not run (${time})`}`)
    .join(", ");
  const isCard = typeof card === "number" && (typeof simd !== "number" || card < simd);
  return {
    name: isCard ? "gpu:webgpu" : "simd",
    chosen: `a step of ${size.units} units and ${size.rows} rows takes on ${told}`,
  };
}

const made = new Map<string, Promise<Choice>>();

/** What was found in this process for work of about this size, or is found now. */
export function choose(
  work: EngineWork = USUAL,
  open: (name: Choice["name"]) => Promise<Engine>,
): Promise<Choice> {
  const key = Object.values(rounded(work)).join();
  const found = made.get(key) ?? quicker(work, open);
  made.set(key, found);
  return found;
}
