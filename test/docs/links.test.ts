/** Links between documents lead somewhere, and what is typed in them exists. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERBS } from "../../src/cli/verbs";
import { codeBlocks, DOCUMENTS, ROOT, textOf } from "./markdown";

/** Anchors of a document's headings, as GitHub makes them. */
const anchors = (document: string): string[] =>
  [...textOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe.each(DOCUMENTS)("%s", (document) => {
  it("links to files and headings that are there", () => {
    const broken = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(
      ([, path, anchor]) => {
        const target = path === "" ? document : join(dirname(document), path);
        return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
      },
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it("links to nothing but what is packed with it", () => {
    const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
    const outside = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].filter(
      ([, path]) => {
        const [top] = join(dirname(document), path).split("/");
        return !files.includes(top);
      },
    );
    expect(outside.map(([link]) => link)).toEqual([]);
  });

  it("names files of the tree that are there", () => {
    const named = [
      ...textOf(document).matchAll(/`((?:src|devices|circuits|test|examples|docs)\/[\w./-]*)`/g),
    ].map(([, path]) => path);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("types verbs, options and scripts that exist", async () => {
    const typed = codeBlocks(document)
      .filter(({ info }) => info === "sh")
      .flatMap(({ code }) => code.split("\n"));
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const line of typed.map((text) => text.replace(/#.*$/, "").trim())) {
      const script = /npm run (?:--silent )?(\w+)/.exec(line);
      if (script !== null) expect(Object.keys(scripts)).toContain(script[1]);
      const [, rest] = /^(?:npm run --silent ohmlet --|ohmlet) (.*)$/.exec(line) ?? [];
      if (rest === undefined) continue;
      const [verb, ...words] = rest.split(/\s+/);
      if (["VERB", "--help", "--version"].includes(verb)) continue;
      expect([...VERBS.keys()], line).toContain(verb);
      const { options } = await VERBS.get(verb)!();
      for (const word of words.filter((w) => w.startsWith("--") && w !== "--help"))
        expect(Object.keys(options), line).toContain(word.slice(2).replace(/=.*/, ""));
    }
  });
});
