/**
 * What the core weighs in a browser: bundles the public entry (no command line) with Vite, minified, and prints each file of
 * the result, with and without the two packages that it stands on.
 *
 *   npm run --silent bundle
 */
import { gzipSync } from "node:zlib";
import { resolve } from "node:path";
import { build } from "vite";

const ROOT = resolve(__dirname, "..");

interface Weight {
  readonly what: string;
  readonly bytes: number;
  readonly gzip: number;
}

/** Each file of the bundle, with `external` left out of it. */
async function weigh(external: readonly string[]): Promise<Weight[]> {
  const { output } = await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    build: {
      write: false,
      target: "esnext",
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: resolve(ROOT, "src/index.ts"), external: [...external], preserveEntrySignatures: "strict", output: { entryFileNames: "core.js" } },
    },
  });
  return output.map((part) => {
    const text = part.type === "chunk" ? part.code : part.source;
    const name = part.fileName.replace(/^assets\//, "").replace(/-[\w-]{8}\.js$/, "");
    return { what: part.type === "chunk" && part.isEntry ? "core" : name, bytes: Buffer.byteLength(text), gzip: gzipSync(text).length };
  });
}

async function main(): Promise<void> {
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);
  const rows: string[] = [];
  for (const [title, external] of [["with mathjs and GPU.js", []], ["without them", ["mathjs", "gpu.js"]]] as const) {
    for (const { what, bytes, gzip } of await weigh(external)) rows.push(`| ${what}, ${title} | ${kilobytes(bytes)} | ${kilobytes(gzip)} |`);
  }
  process.stdout.write(`| file | kB | kB, gzip |\n| --- | --- | --- |\n${rows.join("\n")}\n`);
}

void main();
