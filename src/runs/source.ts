/** Runs and studies as a script has them: the path of a file, a text of settings, or plain data. */
import { basename } from "node:path";
import {
  readRun,
  readStudy,
  runFrom,
  studyFrom,
  type AskedStudy,
  type Run,
  type RunConfig,
  type StudyConfig,
} from "../config";
import { nodeOf, type Source } from "../config/node";
import { readBeside, readTextFile } from "../io/config-files";
import { expectValue } from "../options";
import type { Check } from "../options/checks";
import { shellWord } from "./shell";

/** What is no file: files that it names lie in the folder in which the program runs, or below it. */
const here = (where: string, text = ""): Source => ({ where, text });

const isPath = (text: string): boolean => /^[^\n]*\.(ya?ml|json)$/.test(text);

/** @throws OhmletError OPTION-VALUE */
function expectConfig(given: unknown, where: string, name: string): void {
  expectValue(where, name, given, CONFIG);
}

const CONFIG: Check<string | object> = {
  wanted: "the path of a .yaml or .json file, its text, or the same as plain data",
  example: `"config.yaml"`,
  accepts: (value: unknown): value is string | object =>
    typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value)),
};

/** @param where who takes it. @throws OhmletError OPTION-VALUE, CONFIG-… */
export function runIn(given: string | RunConfig, where: string): Run {
  expectConfig(given, where, "run");
  if (typeof given !== "string") return runFrom(nodeOf(given), here("run"), readBeside);
  return readRun(isPath(given) ? readTextFile(given) : here("run", given), readBeside);
}

/** @param where who takes it. @throws OhmletError OPTION-VALUE, CONFIG-…, STUDY-… */
export function studyIn(given: string | StudyConfig, where: string): AskedStudy {
  expectConfig(given, where, "study");
  if (typeof given !== "string") return studyFrom(nodeOf(given), here("study"), readBeside);
  return readStudy(isPath(given) ? readTextFile(given) : here("study", given), readBeside);
}

/**
 * The script that runs, for reports that say what was typed. Not its arguments: they are nobody's business.
 */
export const thisScript = (): string => `node ${shellWord(basename(process.argv[1] ?? ""), "SCRIPT")}`;
