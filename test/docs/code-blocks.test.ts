/**
 * Code in the documents is true: every ```ts block type-checks against the sources, every ```ts run block
 * runs, and where a ```text block follows, prints exactly that. "ohmlet" and its catalogues stand for the
 * sources.
 *
 * After a change that is meant: UPDATE_DOCS=1 npx vitest run test/docs writes what is printed into the
 * documents.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { compilerOptions } from "../../tsconfig.json";
import { codeBlocks, DOCUMENTS, ROOT, textOf, type CodeBlock } from "./markdown";

/** What an installed package is imported as, and where that lies in a checkout. */
const ENTRIES: Readonly<Record<string, string>> = {
  ohmlet: "src/index",
  "ohmlet/devices": "devices/index",
  "ohmlet/circuits": "circuits/index",
  "ohmlet/config": "src/config/index",
  "ohmlet/plot": "src/plot/index",
  "ohmlet/robustness": "src/robustness/index",
  "ohmlet/runs": "src/runs/index",
};

const TSC = join(ROOT, "node_modules/typescript-7/bin/tsc");

const all = DOCUMENTS.flatMap((document) => codeBlocks(document));
const blocks = all.filter(({ info }) => /^ts\b/.test(info));

/**
 * Faults of all blocks, "README.md:12: …". The blocks are files in a folder laid over the checkout, so that relative
 * imports mean what they say.
 */
function faults(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "ohmlet-blocks-"));
  const files = new Map(
    blocks.map((block) => [block.document.replace(/\.md$/, `.line-${block.line}.ts`), block]),
  );
  for (const [name, { code }] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${code}export {};\n`);
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const paths = Object.fromEntries(
    Object.entries({ ...compilerOptions.paths, ...ENTRIES }).map(([name, path]) => [
      name,
      [path].flat().map((file) => join(ROOT, file)),
    ]),
  );
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { rootDirs: [folder, ROOT], paths, noUnusedLocals: false },
    files: [...files.keys()],
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [TSC, "-p", folder], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true, force: true });
  const line = /^(\S+?)\((\d+),\d+\): (.*)/;
  return stdout
    .split("\n")
    .filter((said) => said !== "")
    .map((said) => {
      const [, name, at, message] = line.exec(said) ?? [];
      const block = files.get(name);
      return block === undefined ? said : `${block.document}:${block.line + Number(at) - 1}: ${message}`;
    });
}

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...names: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs a block; what it prints. */
async function outputOf({ document, code }: CodeBlock): Promise<string> {
  const modules = new Map<string, unknown>();
  for (const [, name] of code.matchAll(/^import .* from "([^"]+)"/gm)) {
    const ours = resolve(ROOT, ENTRIES[name] ?? join(document, "..", name));
    modules.set(name, await import(name.startsWith("node:") ? name : ours));
  }
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  let printed = "";
  const print = { log: (...words: unknown[]) => void (printed += `${words.join(" ")}\n`) };
  await new AsyncFunction("require", "exports", "console", outputText)(
    (name: string) => modules.get(name),
    {},
    print,
  );
  return printed;
}

const running = blocks
  .filter(({ info }) => info === "ts run")
  .map((block) => [`${block.document}:${block.line}`, block] as const);

/** The ```text block that follows a block, with nothing but empty lines between them. */
function toldBy(block: CodeBlock): CodeBlock | null {
  const next = all[all.indexOf(block) + 1];
  const end = block.line + block.code.split("\n").length;
  return next?.document === block.document && next.info === "text" && next.line === end + 2 ? next : null;
}

function update({ document, code }: CodeBlock, told: string, printed: string): void {
  const [before, after] = ["```ts run\n" + code + "```\n\n```text\n", "```"];
  writeFileSync(
    join(ROOT, document),
    textOf(document).replace(before + told + after, () => before + printed + after),
  );
}

describe("code in the documents", () => {
  it("is there", () => {
    expect(blocks.length).toBeGreaterThan(10);
    expect(
      all
        .filter(
          ({ info }) =>
            ![
              "ts",
              "ts run",
              "text",
              "sh",
              // test/runs/initialized.test.ts runs it.
              "python",
              "json",
              "yaml run",
              "yaml circuit",
              "yaml device",
              "yaml weakest",
              "yaml study",
            ].includes(info),
        )
        .map(({ document, line, info }) => `${document}:${line}: ${info}`),
    ).toEqual([]);
  });

  it("type-checks", () => {
    expect(faults()).toEqual([]);
  });

  it.each(running)("runs and prints what it says, %s", async (_, block) => {
    const printed = await outputOf(block);
    const told = toldBy(block);
    if (told === null) expect(printed).not.toBe("");
    else if (process.env.UPDATE_DOCS === "1") update(block, told.code, printed);
    else expect(printed).toBe(told.code);
  });
});
