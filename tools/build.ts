/**
 * `npm run build`: what is published. Bundles in both formats, types for both, the fields of package.json that
 * follow from the list of entries, and the JSON Schemas.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "./bundle";
import { fieldsOfPackage, PUBLIC, typesOf } from "./entries";
import { writeNotices } from "./notices";
import { writeSchemas } from "./schemas";

const ROOT = resolve(__dirname, "..");
const DIST = join(ROOT, "dist");

/**
 * Declarations of what the entries reach, with maps to the sources, which are published too. Whether the types
 * are right, `npm run types` asks.
 */
function writeTypes(): void {
  const entries = Object.values(PUBLIC).map((source) => `../${source}`);
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    noCheck: true,
    declarationMap: true,
    rootDir: "..",
    outDir: "types",
  };
  const config = join(DIST, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions, files: entries, include: [] }),
  );
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript-7/bin/tsc"), "-p", config], {
    stdio: "inherit",
  });
  rmSync(config);
  // Declarations are those of CommonJS; for whoever imports, the same under the name of a module.
  for (const name of Object.keys(PUBLIC))
    writeFileSync(
      join(DIST, `${name}.d.mts`),
      `export * from "${typesOf(name)
        .replace("./dist/", "./")
        .replace(/\.d\.ts$/, ".js")}";\n`,
    );
}

/** Writes what follows from the list of entries, where it is not there yet. */
function writeFields(): void {
  const file = join(ROOT, "package.json");
  const text = readFileSync(file, "utf8");
  const updated = `${JSON.stringify({ ...(JSON.parse(text) as object), ...fieldsOfPackage() }, null, 2)}\n`;
  if (updated === text) return;
  writeFileSync(file, updated);
  console.log("package.json: brought up to the list of entries (tools/entries.ts)");
}

async function build(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  writeFields();
  writeSchemas();
  const modules = [...(await bundle("cjs", DIST)), ...(await bundle("esm", DIST))];
  writeNotices(join(DIST, "THIRD-PARTY-NOTICES.txt"), modules);
  chmodSync(join(DIST, "main.js"), 0o755);
  writeTypes();
}

void build();
