/**
 * The package's version, read where it is written: in package.json, beside src/ in a checkout, above dist/
 * when built.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export async function version(): Promise<string> {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = await readFile(join(folder, "package.json"), "utf8").then(
      (text) => JSON.parse(text) as { name?: string; version?: string },
      () => null,
    );
    if (found?.name === "ohmlet" && found.version !== undefined) return found.version;
  }
  return "unknown";
}
