/**
 * The benchmarks without the process around them: finds the verb, reads its options, runs it, reports faults.
 */
import { readArgs } from "../src/cli/args";
import { DONE, reportingFaults, WRONG_INPUT } from "../src/cli/report-error";
import { verbHelp } from "../src/cli/help";
import type { Io } from "../src/cli/io";
import type { Verb } from "../src/cli/verb";
import { nearest } from "../src/equations/functions";
import { OhmletError } from "../src/errors";
import { columns } from "../src/printable";
import { VERBS } from "./verbs";

/** @returns the exit code */
export function runBench(argv: readonly string[], io: Io, stderr: (text: string) => void): Promise<number> {
  return reportingFaults(() => dispatch(argv, io), argv, io, stderr);
}

async function dispatch([name, ...rest]: readonly string[], io: Io): Promise<number> {
  const helps = name === undefined || name.startsWith("-");
  if (helps) {
    io.print(...help(io.program).split("\n"));
    return name === undefined ? WRONG_INPUT : DONE;
  }
  const verb = find(name);
  if (!rest.includes("--help") && !rest.includes("-h"))
    return verb.run(readArgs(rest, verb.options, verb.positionals, verb.name, io.program), io);
  io.print(...verbHelp(verb, io.program).split("\n"));
  return DONE;
}

function find(name: string): Verb {
  const found = VERBS.find((verb) => verb.name === name);
  if (found !== undefined) return found;
  const names = VERBS.map((verb) => verb.name);
  const near = nearest(name.slice(0, 40), names);
  throw new OhmletError({
    code: "CLI-VERB",
    fact: `there is no benchmark "${name.slice(0, 40)}"`,
    place: { where: "bench" },
    remedy: near === null ? `benchmarks: ${names.join(", ")}` : `did you mean  ${near}?`,
  });
}

function help(program: string): string {
  const verbs = columns(VERBS.map(({ name, summary }) => [name, summary]));
  return [
    "Benchmarks of Ohmlet. Times mean something beside others of the same run on the same machine only.",
    "",
    "usage",
    `  ${program} VERB [OPTIONS]`,
    "",
    "verbs",
    ...verbs,
    "",
    `${program} VERB --help  tells what a benchmark does`,
  ].join("\n");
}
