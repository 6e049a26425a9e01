/** The command line in this process, as somebody who got a folder would type it. */
import { ProcessIo, type Streams } from "../../src/cli/io";
import { runProgram } from "../../src/cli/program";
import { OhmletError, type ErrorDetails } from "../../src/errors";

/**
 * @param until what is interrupted once a line holds it, as by Ctrl-C
 * @throws OhmletError what the command ended with
 */
export async function command(words: readonly string[], until?: string): Promise<void> {
  let last = "{}";
  const io = new ProcessIo(
    { stdout: keeping((text) => (last = text)), stderr: keeping(() => {}) },
    true,
    "ohmlet",
  );
  if (until !== undefined)
    io.print = (...lines) => void (lines.some((line) => line.includes(until)) && io.interrupt());
  await runProgram([...words, "--json"], io, () => {});
  const { error } = JSON.parse(last) as { readonly error?: ErrorDetails };
  if (error !== undefined) throw new OhmletError(error);
}

const keeping = (keep: (text: string) => void): Streams["stdout"] =>
  ({ isTTY: false, write: (text: string) => (keep(text), true) }) as unknown as Streams["stdout"];
