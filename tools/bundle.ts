/**
 * The product as bundles: each public entry and each file that is started, sharing chunks, all in one folder.
 * CommonJS for the command line, and both formats for whoever imports.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown, type OutputAsset, type OutputChunk, type Plugin } from "rolldown";
import { dependencies, peerDependencies } from "../package.json";
import { MATHJS, PUBLIC, STARTED } from "./entries";

const ROOT = resolve(__dirname, "..");
/** The command line is one program: only what others may start from their own code comes in both formats. */
const COMMON_ONLY = ["main", "in-thread"];

export type Format = "cjs" | "esm";

/** Packages that stay where they are; mathjs is the one of which parts come along. */
const PACKAGES = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
const isOf = (id: string, name: string): boolean => id === name || id.startsWith(`${name}/`);

/**
 * In modules, in the place of src/robustness/arbitraries/load-fast-check.ts: they have no `require`, but may
 * wait. A file of its own: a bundle with one module that waits wraps all others.
 */
const FAST_CHECK = {
  source: /[\\/]load-fast-check(\.ts)?$/,
  name: "fast-check.mjs",
  code: `const found = await import("fast-check").then((kit) => () => kit, (error) => () => { throw error; });
export const requireFastCheck = () => found();
`,
};
/** How a wrapped module begins: `sideEffects` in package.json would let bundlers drop what unwraps it. */
const WRAPPED = /\b__esm(Min)?\(/;

/** What is started exports nothing: to be read as a module all the same, it has to say so. */
const started: Plugin = {
  name: "what-is-started-is-a-module",
  transform: (code, id) =>
    Object.values(STARTED).some((source) => id === resolve(ROOT, source))
      ? { code: `${code}\nexport {};\n`, map: null }
      : null,
};

/** Our sources are published beside the bundles: maps lead to them and need not hold them once more. */
function textOf(part: OutputChunk | OutputAsset): string | Uint8Array {
  if (part.type === "chunk") {
    if (WRAPPED.test(part.code)) throw new Error(`${part.fileName} holds modules that are wrapped`);
    return part.code;
  }
  if (!part.fileName.endsWith(".map")) return part.source;
  const map = JSON.parse(String(part.source)) as { sources: string[]; sourcesContent: (string | null)[] };
  const theirs = (source: string): boolean => source.includes("node_modules/");
  const sourcesContent = map.sources.map((source, i) => (theirs(source) ? map.sourcesContent[i] : null));
  return JSON.stringify({ ...map, sourcesContent });
}

async function write(
  entries: Readonly<Record<string, string>>,
  external: readonly string[],
  format: Format,
  folder: string,
  mathjs: string,
): Promise<readonly string[]> {
  const modules = format === "esm";
  const extension = modules ? "mjs" : "js";
  const bundle = await rolldown({
    cwd: ROOT,
    input: { ...entries },
    // Modules are for pages, too: nothing of Node may come in by itself.
    platform: modules ? "neutral" : "node",
    resolve: { mainFields: ["module", "main"], conditionNames: ["import", "node", "default"] },
    tsconfig: false,
    external: (id) =>
      id.startsWith("node:") ||
      external.some((name) => isOf(id, name)) ||
      (modules && FAST_CHECK.source.test(id)),
    transform: modules
      ? { define: { __filename: "import.meta.filename", __dirname: "import.meta.dirname" } }
      : {},
    plugins: [started],
    // A warning is a fault of the bundle.
    onLog: (level, log, tell) => tell(level === "warn" ? "error" : level, log),
  });
  try {
    const { output } = await bundle.generate({
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name]-[hash].${extension}`,
      paths: (id) => (id === "#mathjs" ? mathjs : FAST_CHECK.source.test(id) ? `./${FAST_CHECK.name}` : id),
      sourcemap: !Object.values(entries).includes(MATHJS),
      // What is parsed at every start takes less time without them; lines stay, since errors show them.
      comments: false,
    });
    mkdirSync(folder, { recursive: true });
    if (modules) writeFileSync(join(folder, FAST_CHECK.name), FAST_CHECK.code);
    for (const part of output) writeFileSync(join(folder, part.fileName), textOf(part));
    return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

/**
 * Writes the bundles of a format into a folder.
 * @param mathjs where they find what they need of it: as package.json says, or a file beside them
 * @returns the files that they are made of
 */
export async function bundle(
  format: Format,
  folder: string,
  mathjs = "#mathjs-parts",
): Promise<readonly string[]> {
  const own = Object.entries(STARTED).filter(([name]) => format === "cjs" || !COMMON_ONLY.includes(name));
  const others = PACKAGES.filter((name) => name !== "mathjs");
  const made = await Promise.all([
    write({ ...PUBLIC, ...Object.fromEntries(own) }, ["#mathjs", ...others], format, folder, mathjs),
    write({ mathjs: MATHJS }, others, format, folder, mathjs),
    ...(format === "esm" ? [write({ "mathjs-page": MATHJS }, PACKAGES, format, folder, mathjs)] : []),
  ]);
  return made.flat();
}
