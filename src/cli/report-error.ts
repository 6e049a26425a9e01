/**
 * Whatever was thrown, as an exit code and a text. Only what is not the user's or the run's is called a bug.
 */
import { linesWithin, manyLines } from "../printable";
import { OhmletError, Stopped } from "../errors";
import { systemFault } from "../io/system-fault";
import type { Io } from "./io";

export const DONE = 0;
export const FAILED = 1;
export const WRONG_INPUT = 2;
export const INTERRUPTED = 130;

export interface Fault {
  readonly code: number;
  /** For people. */
  readonly text: string;
  /** For `--json`: the value of "error". */
  readonly data: object;
}

export function faultOf(thrown: unknown, debug: boolean): Fault {
  const known = thrown instanceof OhmletError ? thrown : systemFault(thrown);
  if (known !== null) {
    const stack = debug && known.stack !== undefined ? `\n${known.stack}` : "";
    return {
      code: known.category === "run" ? FAILED : WRONG_INPUT,
      text: `${known.message}${stack}`,
      data: known.toJSON(),
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  const remedy = "this is a bug in Ohmlet: please report it, with the command and the output of --debug";
  return {
    code: FAILED,
    text: `INTERNAL  ${debug ? (stack ?? message) : manyLines(linesWithin(message))}\n  ${remedy}`,
    data: {
      code: "INTERNAL",
      fact: message,
      category: "run",
      remedy,
      ...(debug && stack !== undefined && { stack }),
    },
  };
}

/** Runs a command and turns whatever it throws into its text (or JSON) and its exit code. */
export async function reportingFaults(
  run: () => Promise<number>,
  argv: readonly string[],
  io: Io,
  stderr: (text: string) => void,
): Promise<number> {
  try {
    return await run();
  } catch (thrown) {
    io.progress().end();
    if (thrown instanceof Stopped) return INTERRUPTED;
    const fault = faultOf(thrown, argv.includes("--debug"));
    if (io.json) io.emit({ error: fault.data });
    else stderr(fault.text);
    return fault.code;
  }
}
