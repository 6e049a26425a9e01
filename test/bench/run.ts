/** Runs the benchmarks in this process. */
import { runBench } from "../../bench/program";
import { linesOf, type Line } from "../../bench/processes";
import { ProcessIo } from "../../src/cli/io";
import { keptStreams, type Finished } from "../cli/run";

export async function bench(
  ...args: readonly string[]
): Promise<Finished & { readonly lines: readonly Line[] }> {
  const { text, streams } = keptStreams();
  const code = await runBench(
    args,
    new ProcessIo(streams, args.includes("--json"), "bench"),
    (line) => void (text.err += `${line}\n`),
  );
  return { code, ...text, lines: linesOf(text.out) };
}

/** The single line of a benchmark that is done. */
export async function line(...args: readonly string[]): Promise<Line> {
  const { code, lines } = await bench(...args, "--engine", "reference", "--json");
  if (code !== 0 || lines.length !== 1) throw new Error(`code ${code}, ${JSON.stringify(lines)}`);
  return lines[0];
}
