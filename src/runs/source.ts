/** Runs and studies as a script has them: the path of a file, a text of settings, or plain data. */
import { basename } from "node:path";
import { readRun, readStudy, runFrom, studyFrom, type AskedStudy, type Run } from "../config";
import { nodeOf, type Source } from "../config/node";
import { readBeside, readTextFile } from "../io/config-files";
import { shellWord } from "./shell";

/** What is no file: files that it names lie in the folder in which the program runs, or below it. */
const here = (where: string, text = ""): Source => ({ where, text });

const isPath = (text: string): boolean => /^[^\n]*\.(ya?ml|json)$/.test(text);

/** @throws OhmletError CONFIG-… */
export function runIn(given: string | object): Run {
  if (typeof given !== "string") return runFrom(nodeOf(given), here("run"), readBeside);
  return readRun(isPath(given) ? readTextFile(given) : here("run", given), readBeside);
}

/** @throws OhmletError CONFIG-…, STUDY-… */
export function studyIn(given: string | object): AskedStudy {
  if (typeof given !== "string") return studyFrom(nodeOf(given), here("study"), readBeside);
  return readStudy(isPath(given) ? readTextFile(given) : here("study", given), readBeside);
}

/**
 * The script that runs, for reports that say what was typed. Not its arguments: they are nobody's business.
 */
export const thisScript = (): string => `node ${shellWord(basename(process.argv[1] ?? ""), "SCRIPT")}`;
