/**
 * The command line without the process around it: finds the verb, reads its options, runs it, reports faults.
 */
import { nearest } from "../equations/functions";
import { OhmletError } from "../errors";
import { readArgs } from "./args";
import { DONE, reportingFaults } from "./report-error";
import { programHelp, verbHelp } from "./help";
import type { Io } from "./io";
import { atOptions } from "./name-options";
import { withQuantities } from "./quantities";
import type { Verb } from "./verb";
import { VERBS } from "./verbs";
import { version } from "../runs/version";

/** @returns the exit code */
export function runProgram(argv: readonly string[], io: Io, stderr: (text: string) => void): Promise<number> {
  return reportingFaults(() => dispatch(argv, io), argv, io, stderr);
}

/** Whether a command has something to save when it is told to stop. */
export async function savesWork([name, ...rest]: readonly string[]): Promise<boolean> {
  if (rest.includes("--help") || rest.includes("-h")) return false;
  return (await VERBS.get(name ?? "")?.())?.saves === true;
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const wantsHelp = words.includes("--help") || words.includes("-h") || words[0] === "help";
  const [name, ...rest] = words[0] === "help" ? argv.slice(1) : argv;
  if (name === "--version" || name === "-v") return show(io, await version(), (text) => ({ version: text }));
  if (wantsHelp && (name === undefined || name.startsWith("-")))
    return show(io, programHelp(await allVerbs(), io.program), helpData);
  const verb = await findVerb(name, io.program);
  if (wantsHelp) return show(io, verbHelp(verb, io.program), helpData);
  const args = readArgs(rest, verb.options, verb.positionals, verb.name, io.program);
  try {
    return await verb.run(await withQuantities(args, verb.options, verb.name), io);
  } catch (error) {
    throw atOptions(error, verb.name, verb.options, args);
  }
}

const helpData = (help: string): object => ({ help });

function show(io: Io, text: string, data: (text: string) => object): number {
  io.print(...text.split("\n"));
  io.emit(data(text));
  return DONE;
}

async function findVerb(name: string | undefined, program: string): Promise<Verb> {
  const load = VERBS.get(name ?? "");
  if (load !== undefined) return load();
  const near = name === undefined ? null : nearest(name.slice(0, 40), VERBS.keys());
  throw new OhmletError({
    code: "CLI-VERB",
    fact: name === undefined ? "a verb is missing" : `there is no verb "${name.slice(0, 40)}"`,
    place: { where: program },
    remedy:
      near === null
        ? `verbs: ${[...VERBS.keys()].join(", ")}; see  ${program} --help`
        : `did you mean  ${program} ${near}?`,
  });
}

function allVerbs(): Promise<Verb[]> {
  return Promise.all([...VERBS.values()].map((load) => load()));
}
