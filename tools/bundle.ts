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

/** In the place of the file that asks `require` for fast-check at once: modules have no `require`, but may wait. */
const fastCheckInModules: Plugin = {
  name: "fast-check-in-modules",
  transform: {
    filter: { id: /arbitraries[\\/]load-fast-check\.ts$/ },
    handler: () => ({
      code:
        `const found = await import("fast-check").then((fc) => () => fc, (error) => () => { throw error; });\n` +
        `export const requireFastCheck = () => found();\n`,
      moduleType: "js",
      map: null,
    }),
  },
};

/** Sources are published beside the bundles: maps lead to them and need not hold them once more. */
function textOf(part: OutputChunk | OutputAsset): string | Uint8Array {
  if (part.type === "chunk") return part.code;
  if (!part.fileName.endsWith(".map")) return part.source;
  const { sourcesContent: _, ...map } = JSON.parse(String(part.source)) as { sourcesContent?: unknown };
  return JSON.stringify(map);
}

async function write(
  entries: Readonly<Record<string, string>>,
  external: readonly string[],
  format: Format,
  folder: string,
): Promise<void> {
  const modules = format === "esm";
  const extension = modules ? "mjs" : "js";
  const bundle = await rolldown({
    cwd: ROOT,
    input: { ...entries },
    platform: "node",
    tsconfig: false,
    external: (id) => id.startsWith("node:") || external.some((name) => isOf(id, name)),
    transform: modules
      ? { define: { __filename: "import.meta.filename", __dirname: "import.meta.dirname" } }
      : {},
    plugins: modules ? [fastCheckInModules] : [],
    // A warning is a fault of the bundle.
    onLog: (level, log, tell) => tell(level === "warn" ? "error" : level, log),
  });
  try {
    const { output } = await bundle.generate({
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name]-[hash].${extension}`,
      paths: { "#mathjs": `./mathjs.${extension}` },
      sourcemap: !Object.values(entries).includes(MATHJS),
    });
    mkdirSync(folder, { recursive: true });
    for (const part of output) writeFileSync(join(folder, part.fileName), textOf(part));
  } finally {
    await bundle.close();
  }
}

/** Writes the bundles of a format into a folder. */
export async function bundle(format: Format, folder: string): Promise<void> {
  const started = Object.entries(STARTED).filter(([name]) => format === "cjs" || !COMMON_ONLY.includes(name));
  const others = PACKAGES.filter((name) => name !== "mathjs");
  await Promise.all([
    write({ ...PUBLIC, ...Object.fromEntries(started) }, ["#mathjs", ...others], format, folder),
    write({ mathjs: MATHJS }, others, format, folder),
    ...(format === "esm" ? [write({ "mathjs-page": MATHJS }, PACKAGES, format, folder)] : []),
  ]);
}
