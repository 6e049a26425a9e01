/** The command as it was typed, for files that tell how something was made. Nothing secret is among it. */
import { shownAddress } from "../executors/bullmq/address";
import { shellWord } from "../runs/shell";

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
