/**
 * Commands that a message tells the user to type: whoever copies the line runs that command, whatever names
 * hold.
 */

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
export const pathWord = (path: string, otherwise: string): string =>
  shellWord(path.startsWith("-") ? `./${path}` : path, otherwise);

/** An option and its value; a value that a shell cannot be shown by a word that stands for it. */
export const optionWords = (name: string, text: string): string =>
  `--${name}${text.startsWith("-") ? "=" : " "}${shellWord(text, name === "data" ? "FOLDER" : name.toUpperCase())}`;

/** A call as a program writes it. */
const call = (name: string, path: string, rest = ""): string => `${name}(${JSON.stringify(path)}${rest})`;

/** How to go on with what lies in a folder: typed, or in a program. @param of what it is */
export const waysOn = (of: "run" | "study", path: string): string =>
  `${resumeCommand("ohmlet", path)}  (in a program,  ` +
  `${of === "run" ? call("resumeRun", path) : call("studyInto", path, ", STUDY")})`;

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
