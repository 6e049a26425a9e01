/**
 * Bundles the product once before the tests, into build/, so that tests that start it as a process start
 * what users start: a process that transpiles for itself takes a second longer, and there are hundreds.
 * Nothing is done where nothing has changed since.
 */
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "../tools/bundle";

const ROOT = resolve(__dirname, "..");
const SOURCES = ["src", "devices", "circuits", "tools", "package.json", "package-lock.json"];

const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
/** Folders count too: a file that is gone is a change. */
const within = (path: string): readonly string[] =>
  statSync(path).isDirectory()
    ? [path, ...readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))]
    : [path];

export async function setup(): Promise<void> {
  const built = changed(join(ROOT, "build/main.js"));
  const newest = Math.max(...SOURCES.flatMap((name) => within(join(ROOT, name))).map(changed));
  if (built > newest) return;
  // Under its own name only when it is whole: another run of the tests may start it right now.
  const fresh = join(ROOT, `build-${process.pid}`);
  await bundle("cjs", fresh, "./mathjs.js");
  rmSync(join(ROOT, "build"), { recursive: true, force: true });
  renameSync(fresh, join(ROOT, "build"));
}
