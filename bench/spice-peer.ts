/** The time of ngspice on a network of these sizes, by the peer's script. */
import { resolve } from "node:path";
import type { Io } from "../src/cli/io";
import { figure, runProcess } from "./processes";

/** Microseconds of one solve within a running process; null, and told, where it cannot run. */
export async function peerOf(
  folder: string,
  python: string,
  sizes: readonly number[],
  what: string,
  io: Pick<Io, "print">,
): Promise<number | null> {
  const { code, lines, complaint } = await runProcess(python, [
    resolve(folder, "spice_net.py"),
    "--sizes",
    ...sizes.map(String),
    "--repeats",
    "3",
  ]);
  if (code === 0) return 1000 * figure(lines[0], `inside_${what}_ms`);
  io.print(`not compared: ${complaint === "" ? `${python} ended with code ${code}` : complaint}`);
  return null;
}
