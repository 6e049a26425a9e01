/**
 * The command as it was typed, for files that tell how something was made; and again with other options, for
 * messages that tell what to type. Nothing secret is among it.
 */
import { shownAddress } from "../executors/bullmq/address";
import { optionWords, pathWord, shellWord } from "../runs/shell";

/** @param words what followed the program's name */
export function commandLine(program: string, words: readonly string[] = process.argv.slice(2)): string {
  // The address of a Redis may hold a password.
  const shown = words.map((word, i) =>
    words[i - 1] === "--redis"
      ? shownAddress(word)
      : word.startsWith("--redis=")
        ? `--redis=${shownAddress(word.slice(8))}`
        : word,
  );
  return [program, ...shown.map((word) => shellWord(word, "…"))].join(" ");
}

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
