/** Builds a page's script with Vite, in memory. */
import { resolve } from "node:path";
import { build } from "vite";

/** Path to text, for the server that a browser asks. */
export type Bundle = ReadonlyMap<string, string>;

const ROOT = resolve(__dirname, "../..");

/** @param entry the page's script, from the root of the repository */
export async function bundlePage(entry: string): Promise<Bundle> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    resolve: { alias: { vitest: resolve(__dirname, "vitest-in-page.ts") } },
    build: {
      write: false,
      target: "esnext",
      modulePreload: false,
      rolldownOptions: { input: resolve(ROOT, entry), output: { entryFileNames: "page.js" } },
    },
  });
  return new Map(
    built.output.map((part) => [`/${part.fileName}`, part.type === "chunk" ? part.code : part.source]),
  );
}
