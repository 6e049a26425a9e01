/**
 * The program as users start it, for tests and benchmarks that start it: the product bundled into build/, once,
 * and again where something has changed since. A process that transpiles for itself takes a second longer.
 */
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "..");
const SOURCES = ["src", "devices", "circuits", "tools", "package.json", "package-lock.json"];
/** What a process of Node is given to run. */
export const PROGRAM = join(ROOT, "build/main.js");

const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
/** Folders count too: a file that is gone is a change. */
const within = (path: string): readonly string[] =>
  statSync(path).isDirectory()
    ? [path, ...readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))]
    : [path];

export async function buildProgram(): Promise<void> {
  const newest = Math.max(...SOURCES.flatMap((name) => within(join(ROOT, name))).map(changed));
  if (changed(PROGRAM) > newest) return;
  // Under its own name only when it is whole: another run of the tests may start it right now.
  const fresh = join(ROOT, `build-${process.pid}`);
  const { bundle } = await import("./bundle"); // takes time to load
  await bundle("cjs", fresh, "./mathjs.js");
  rmSync(join(ROOT, "build"), { recursive: true, force: true });
  renameSync(fresh, join(ROOT, "build"));
}
