/** One size of `bench scale` in a process of its own, so that its memory is its own. */
import { OhmletError } from "../src/index";
import { runOwn, type Line } from "./processes";
import type { ScaleRequest } from "./scaling";

/** @throws OhmletError BENCH-PROCESS where it fails */
export async function sizeInProcess(
  request: ScaleRequest & { readonly engine: string; readonly threads?: number },
): Promise<Line> {
  const { synapses, batch, steps, repeats, seed, engine, threads } = request;
  const given = Object.entries({ synapses, batch, steps, repeats, seed, engine, threads }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]),
  );
  const { code, lines, complaint } = await runOwn(["scale", ...given]);
  if (code === 0 && lines.length === 1) return lines[0];
  throw new OhmletError({
    code: "BENCH-PROCESS",
    fact:
      `the process for ${synapses} synapses ended with code ` +
      `${code}${complaint === "" ? "" : `: ${complaint}`}`,
    place: { where: "scale" },
    remedy: `run  scale --synapses ${synapses}  alone to see why`,
    category: "run",
  });
}
