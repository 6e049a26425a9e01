/**
 * What the core weighs in a browser: bundles the public entry (no command line) with Vite, minified, and
 * prints what a page loads at once and what only when a `gpu` engine is asked for, with and without the two
 * packages that it stands on.
 *
 *   npm run --silent bundle
 */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Chunk } from "vite";

const ROOT = resolve(__dirname, "..");

interface Weight {
  readonly bytes: number;
  /** Each file compressed by itself, as a server would. */
  readonly gzip: number;
}

async function chunksWithout(external: readonly string[]): Promise<Chunk[]> {
  const { output } = await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    build: {
      write: false,
      target: "esnext",
      minify: true,
      modulePreload: false,
      rolldownOptions: {
        input: resolve(ROOT, "src/index.ts"),
        external: [...external],
        preserveEntrySignatures: "strict",
      },
    },
  });
  return output.filter((part) => part.type === "chunk");
}

/** File names of the entry and of whatever it imports before it runs. */
function atOnce(chunks: readonly Chunk[]): ReadonlySet<string> {
  const names = new Set<string>();
  const enter = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || names.has(chunk.fileName)) return;
    names.add(chunk.fileName);
    for (const name of chunk.imports) enter(chunks.find(({ fileName }) => fileName === name));
  };
  enter(chunks.find(({ isEntry }) => isEntry));
  return names;
}

const weigh = (chunks: readonly Chunk[]): Weight => ({
  bytes: chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
  gzip: chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0),
});

/** The table, in thousands of bytes. */
export async function bundleTable(): Promise<string> {
  const found: Weight[][] = [];
  for (const external of [[], ["#mathjs", "gpu.js"]]) {
    const chunks = await chunksWithout(external);
    const first = atOnce(chunks);
    found.push([
      weigh(chunks.filter(({ fileName }) => first.has(fileName))),
      weigh(chunks.filter(({ fileName }) => !first.has(fileName))),
    ]);
  }
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);
  const row = (what: string, i: number): string =>
    "| " +
    `${[what, ...found.flatMap((weights) => [kilobytes(weights[i].bytes), kilobytes(weights[i].gzip)])].join(" | ")} ` +
    "|";
  return [
    "| loaded | kB | kB, gzip | without mathjs and GPU.js, kB | kB, gzip |",
    "| --- | --- | --- | --- | --- |",
    row("at once", 0),
    row("for a `gpu` engine", 1),
  ].join("\n");
}

if (require.main === module) void bundleTable().then((table) => process.stdout.write(`${table}\n`));
