/**
 * Commands that a message tells the user to type: whoever copies the line runs that command, whatever names
 * hold.
 */
import { shownAddress } from "../executors/bullmq/address";

/** Longest name of a file that a command is told with. */
const LONGEST = 1024;
/**
 * What a terminal or a reader may take for something else: control and format signs, line ends, spaces that
 * are none.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const PLAIN = /^[A-Za-z0-9_/.:,@%+-][A-Za-z0-9_/.:,@%+=-]*$/;

/** A text as a shell takes it for one word; `otherwise` where it cannot be shown as it is. */
export function shellWord(text: string, otherwise: string): string {
  if (text === "" || text.length > LONGEST || UNSEEN.test(text)) return otherwise;
  if (PLAIN.test(text)) return text;
  if (process.platform === "win32") return /["%!^&|<>`$]/.test(text) ? otherwise : `"${text}"`;
  // In single quotes shells leave all alone, but for the quote itself; and fish for a backslash.
  return text.includes("\\") ? otherwise : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A file or folder after a verb: one that begins with a dash is no option. */
const pathWord = (path: string, otherwise: string): string =>
  shellWord(path.startsWith("-") ? `./${path}` : path, otherwise);

const optionWords = (name: string, text: string): string =>
  `--${name}${text.startsWith("-") ? "=" : " "}${shellWord(text, name === "data" ? "FOLDER" : name.toUpperCase())}`;

/**
 * What to type to go on with a run or a study. @param data the folder of its data, where the command needs
 * one
 */
export const resumeCommand = (program: string, folder: string, data?: string): string =>
  [
    program,
    "resume",
    pathWord(folder, "RUN"),
    ...(data === undefined ? [] : [optionWords("data", data)]),
  ].join(" ");

/** What was typed after a verb. */
export interface Typed {
  readonly options: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  readonly given: ReadonlySet<string>;
}

/**
 * The same command once more, with other values for some options.
 * @param program as it was called
 */
export function commandAgain(
  program: string,
  verb: string,
  { options, positionals, given }: Typed,
  changed: Readonly<Record<string, string>> = {},
): string {
  const own = [...given]
    .filter((name) => !Object.hasOwn(changed, name))
    .map((name) => [name, options[name]] as const);
  const words = [...own, ...Object.entries(changed)].map(([name, value]) => {
    if (value === true) return `--${name}`;
    if (name === "redis") return optionWords(name, shownAddress(String(value))); // without a password
    return optionWords(name, Array.isArray(value) ? value.join(",") : String(value));
  });
  return [program, verb, ...positionals.map((word) => pathWord(word, "PATH")), ...words].join(" ");
}
