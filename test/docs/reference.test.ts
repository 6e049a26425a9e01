/**
 * The reference: every public name has a sentence, every type that a public signature shows is public, and every
 * name that a user imports stands in a document. The entries are those of typedoc.json.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LONG } from "../long";

/** What TypeDoc writes of a declaration, as far as it is read here. */
interface Declared {
  readonly name: string;
  readonly kind: number;
  readonly comment?: Comment;
  readonly children?: readonly Declared[];
  readonly signatures?: readonly Declared[];
  readonly getSignature?: Declared;
  readonly inheritedFrom?: object;
  readonly sources?: readonly { readonly fileName: string }[];
}
interface Comment {
  readonly summary?: readonly { readonly text: string }[];
}

/** ReflectionKind of TypeDoc. */
const KIND = {
  namespace: 4,
  variable: 32,
  function: 64,
  class: 128,
  interface: 256,
  method: 2048,
  accessor: 262144,
  alias: 2097152,
} as const;
const NAMED: readonly number[] = [KIND.variable, KIND.class, KIND.interface, KIND.alias];
const CALLED: readonly number[] = [KIND.function, KIND.method];
const VALUES: readonly number[] = [KIND.namespace, KIND.variable, KIND.function, KIND.class];

const says = ({ comment }: Declared): boolean =>
  (comment?.summary ?? []).some(({ text }) => text.trim() !== "");

/** Names without a sentence: "src.train"; what is inherited has it elsewhere. */
function silent(of: Declared, path = ""): string[] {
  return (of.children ?? []).flatMap((child) => {
    const name = path === "" ? child.name : `${path}.${child.name}`;
    if (child.sources?.some(({ fileName }) => fileName.includes("node_modules")) === true) return [];
    const calls = CALLED.includes(child.kind) ? (child.signatures ?? []) : [];
    const spoken =
      child.inheritedFrom !== undefined ||
      ((!NAMED.includes(child.kind) || says(child)) &&
        calls.every(says) &&
        (child.getSignature === undefined || says(child.getSignature)));
    return [...(spoken ? [] : [name]), ...silent(child, name)];
  });
}

const folder = mkdtempSync(join(tmpdir(), "ohmlet-reference-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let output = "";
let project: Declared;
beforeAll(() => {
  if (!LONG) return;
  const file = join(folder, "reference.json");
  const ran = spawnSync(
    process.execPath,
    // Whether types are right, `npm run types` asks.
    ["node_modules/typedoc/bin/typedoc", "--json", file, "--logLevel", "Warn", "--skipErrorChecking"],
    { encoding: "utf8" },
  );
  output = stripVTControlCharacters(`${ran.stdout}${ran.stderr}`);
  project = JSON.parse(readFileSync(file, "utf8")) as Declared;
});

describe.runIf(LONG)("the reference", () => {
  it("is made without a warning: types that are shown are public, tags and links lead somewhere", () => {
    expect(output).toBe("");
  });

  it("has a sentence for every public name", () => {
    expect(silent(project)).toEqual([]);
  });

  it("would see a name that says nothing", () => {
    const said = { summary: [{ text: "Says." }] };
    const found = silent({
      name: "",
      kind: 1,
      children: [
        { name: "a", kind: KIND.interface },
        { name: "b", kind: KIND.function, signatures: [{ name: "b", kind: 4096, comment: { summary: [] } }] },
        {
          name: "c",
          kind: KIND.class,
          comment: said,
          children: [{ name: "d", kind: KIND.method, signatures: [{ name: "d", kind: 4096 }] }],
        },
        { name: "e", kind: KIND.alias, comment: said },
      ],
    });
    expect(found).toEqual(["a", "b", "c.d"]);
  });

  it("shares its names with the documents: what a user imports stands in one of them", () => {
    const documents = [
      "README.md",
      ...readdirSync("docs")
        .filter((n) => n.endsWith(".md"))
        .map((n) => `docs/${n}`),
    ];
    const words = new Set(
      documents.flatMap((path) => readFileSync(path, "utf8").match(/[A-Za-z_]\w*/g) ?? []),
    );
    const modules = project.children ?? [];
    expect(modules.length).toBeGreaterThan(4);
    const lost = modules.flatMap(({ name, children = [] }) =>
      children.filter((c) => VALUES.includes(c.kind) && !words.has(c.name)).map((c) => `${name}: ${c.name}`),
    );
    expect(lost).toEqual([]);
  });
});
