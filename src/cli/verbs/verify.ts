/** `ohmlet verify`: reference cases, file by file, a line each. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Verdict } from "../../verify";
import { OhmletError } from "../../errors";
import { DONE, FAILED } from "../report-error";
import { COMMON, IDLE, defineVerb } from "../verb";

/** Largest case that is read, bytes. */
const LARGEST = 64 * 2 ** 20;

export const verify = defineVerb({
  name: "verify",
  summary: "check reference cases: models rebuilt, run and compared",
  description: `A reference case is a JSON file with a model, its inputs and the results that an independent program found. The model is
    rebuilt from the circuits and devices that come with Ohmlet, run, and every expected quantity compared. One line a case:
    PASS, FAIL or SKIP, the kind, the name, and the error, the tolerance and the name of the quantity nearest to its
    tolerance. States, estimates and updates come from the engine; exact quantities always from reference.`,
  positionals: { name: "PATH", help: "files, or folders of .json files", least: 1, most: 10_000 },
  options: {
    seed: IDLE.seed,
    engine: { ...COMMON.engine, default: "reference" },
    strict: { type: "flag", help: "a kind of case that is not supported yet fails instead of being skipped" },
    json: COMMON.json,
  },
  examples: [
    { command: "verify cases", what: "every case in a folder" },
    { command: "verify cases/a.json --engine gpu:webasm", what: "one case, on another engine" },
  ],
  async run({ options, positionals }, io) {
    const files = (await Promise.all(positionals.map((path) => casesIn(path)))).flat();
    const [{ createEngine }, { verifyCase, unreadable, verdictLine }] = await Promise.all([
      import("../../engines/select"),
      import("../../verify"),
    ]);
    const reference = await createEngine("reference");
    const engine = options.engine === "reference" ? reference : await createEngine(options.engine);
    const verdicts: Verdict[] = [];
    for (const [i, file] of files.entries()) {
      io.progress().update(i / files.length, `${i} of ${files.length} cases`);
      const name = basename(file, ".json");
      const text = await textOf(file);
      const verdict = text.ok
        ? await verifyCase(name, text.text, { engine, reference, strict: options.strict })
        : unreadable(name, text.reason);
      verdicts.push(verdict);
      io.print(verdictLine(verdict));
    }
    io.progress().end();
    const count = (status: Verdict["status"]): number => verdicts.filter((v) => v.status === status).length;
    const [passed, failed, skipped] = [count("PASS"), count("FAIL"), count("SKIP")];
    const { name, precision, fallbackReason } = engine.info;
    io.note(
      `${passed} passed, ${failed} failed, ${skipped} skipped on ${name} ` +
        `(${precision})${fallbackReason === undefined ? "" : `: ${fallbackReason}`}`,
    );
    io.emit({ engine: engine.info, passed, failed, skipped, cases: verdicts });
    engine.dispose();
    return failed > 0 ? FAILED : DONE;
  },
});

/**
 * A path itself (whatever is wrong with what is there is its verdict), or the .json files of a folder and of those in
 * it, by name.
 */
async function casesIn(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === "ENOENT" || found === "ENOTDIR")
    throw new OhmletError({
      code: "VERIFY-PATH",
      fact: "there is no such file or folder",
      place: { where: path },
      remedy: "check the path: a file of a case, or a folder with .json files",
    });
  if (typeof found !== "object" || !found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0)
    throw new OhmletError({
      code: "VERIFY-EMPTY",
      fact: "there are no cases in this folder",
      place: { where: path },
      remedy: "name a folder with .json files, or a file",
    });
  return files.sort();
}

type Text = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

async function textOf(file: string): Promise<Text> {
  try {
    const found = await stat(file);
    if (!found.isFile()) return { ok: false, reason: "not a file" };
    if (found.size > LARGEST)
      return { ok: false, reason: `${found.size} bytes, at most ${LARGEST} are read` };
    return { ok: true, text: await readFile(file, "utf8") };
  } catch (error) {
    return { ok: false, reason: `it cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  }
}
