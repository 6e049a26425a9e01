/**
 * Transpiles the product once before the tests, into build/, so that tests that start it as a process start
 * JavaScript: a process that transpiles for itself takes a second longer, and there are hundreds. Files that
 * have not changed since are left as they are.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { transformFileSync, type Options } from "@swc/core";

const ROOT = resolve(__dirname, "..");
const OPTIONS: Options = {
  jsc: { target: "es2022", parser: { syntax: "typescript" } },
  module: { type: "commonjs" },
  sourceMaps: "inline",
};

const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;

export function setup(): void {
  for (const folder of ["src", "devices", "circuits"]) {
    const sources = readdirSync(resolve(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const built = new Set(sources.map((name) => name.replace(/\.ts$/, ".js")));
    for (const name of sources) {
      const [source, target] = [
        resolve(ROOT, folder, name),
        resolve(ROOT, "build", folder, name.replace(/\.ts$/, ".js")),
      ];
      if (changed(target) > changed(source)) continue;
      mkdirSync(dirname(target), { recursive: true });
      // Under its own name only when it is whole: another run of the tests may start it right now.
      writeFileSync(`${target}.${process.pid}`, transformFileSync(source, OPTIONS).code);
      renameSync(`${target}.${process.pid}`, target);
    }
    for (const name of readdirSync(resolve(ROOT, "build", folder), { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".js") && !built.has(name)) rmSync(resolve(ROOT, "build", folder, name));
  }
}
