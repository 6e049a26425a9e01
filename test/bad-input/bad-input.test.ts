/**
 * The listed kinds of bad input, in one table: each is refused with its code, a place and a remedy, within a
 * second, and what lay in the folder lies there afterwards. docs/errors.md lists them; UPDATE_DOCS=1 writes
 * the list.
 */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ohmlet, ohmletProcess, ROOT } from "../cli/run";
import { CONFIGS } from "./configs";
import { ARRAYS, DATA } from "./data";
import { DOWNLOADS } from "./downloads";
import type { Kind, Refusal } from "./kind";
import { CIRCUITS, DEVICES, EQUATIONS } from "./models";
import { OPTIONS } from "./options";
import { COMMANDS, DISKS, makeStoppedRun, RUNS } from "./runs";
import { WIRINGS } from "./wirings";
import { makeStoppedStudies, QUESTIONS, STUDIES } from "./studies";
import { stopwatch } from "../stopwatch";

const AREAS: readonly (readonly [area: string, kinds: readonly Kind[]])[] = [
  ["equations", EQUATIONS],
  ["devices", DEVICES],
  ["circuits", CIRCUITS],
  ["wirings", WIRINGS],
  ["options", OPTIONS],
  ["configs", CONFIGS],
  ["data", DATA],
  ["arrays", ARRAYS],
  ["run folders", RUNS],
  ["studies", STUDIES],
  ["questions", QUESTIONS],
  ["disks", DISKS],
  ["downloads", DOWNLOADS],
  ["commands", COMMANDS],
];
const ALL = AREAS.flatMap(([area, kinds]) => kinds.map((kind) => [area, kind.what, kind] as const));

const root = mkdtempSync(join(tmpdir(), "ohmlet-bad-input-"));
let [removeRun, removeStudies] = [(): void => {}, (): void => {}];
beforeAll(async () => {
  removeRun = await makeStoppedRun();
  removeStudies = await makeStoppedStudies();
  await ohmlet("train", "--epochs", "0"); // what the command line loads is not what a row takes
});
afterAll(() => {
  removeRun();
  removeStudies();
  rmSync(root, { recursive: true });
});

/** Every file below a folder, with its bytes or where it links to. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => !lstatSync(join(folder, name)).isDirectory(),
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      lstatSync(join(folder, name)).isSymbolicLink()
        ? readlinkSync(join(folder, name))
        : readFileSync(join(folder, name), "latin1"),
    ]),
  );
}

async function refusalOf(action: () => unknown): Promise<Refusal> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Error && "code" in error && "fact" in error) return error as unknown as Refusal;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("bad input", () => {
  const trap = globalThis as { exploited?: boolean };

  it.each(ALL)("%s: %s", async (_area, what, { code, at, make, leavesMore }) => {
    const here = join(root, what.replace(/\W+/g, "-"));
    mkdirSync(here);
    const action = make(here);
    const before = contents(here);
    const elapsed = stopwatch();
    const refusal = await refusalOf(action);
    expect(elapsed(), "ms").toBeLessThan(1000);
    expect(refusal.code, refusal.fact).toBe(code);
    expect(refusal.place, `the place of ${refusal.fact}`).toBeDefined();
    const { where, line, path } = refusal.place!;
    expect([where, line === undefined ? [] : `line ${line}`, path ?? []].flat().join(", ")).toMatch(at);
    expect(refusal.remedy?.length, "a remedy").toBeGreaterThan(3);
    expect(refusal.fact.length).toBeLessThan(500);
    const after = contents(here);
    for (const file of Object.keys(before))
      expect(after[file] === before[file], `${file} is what it was`).toBe(true);
    if (leavesMore !== true) expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(trap.exploited).toBeUndefined();
  });

  it("ends a process as it ends here", async () => {
    for (const words of [
      ["train", "nowhere.yaml"],
      ["resume", root],
      ["data", "show", root],
    ]) {
      const [process, here] = [await ohmletProcess(...words, "--json"), await ohmlet(...words, "--json")];
      expect([process.code, process.err]).toEqual([2, ""]);
      expect(process.out).toBe(here.out);
    }
  });

  it("is of 60 kinds at least, and no row is there twice", () => {
    expect(ALL.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ALL.map(([, what]) => what)).size).toBe(ALL.length);
  });

  it("stands in docs/errors.md", () => {
    const path = join(ROOT, "docs/errors.md");
    const text = readFileSync(path, "utf8");
    const [head] = text.split("\n## What is tested\n");
    const rows = ALL.map(([area, what, { code }]) => `| ${area} | ${what} | \`${code}\` |`);
    const section =
      `\n## What is tested\n\n${ALL.length} kinds of bad input stand in one table, \`test/bad-input\`. ` +
      "Each must be refused with its code, a place and a remedy, within a second, and the files in the " +
      "folder must be what they were. Ohmlet opens no port of its own; the ports here are those that it " +
      "fetches from. [Fuzzing](performance.md#fuzzing) looks for what no table has.\n\n| area | kind | " +
      `code |\n|---|---|---|\n${rows.join("\n")}\n`;
    if (process.env.UPDATE_DOCS === "1") writeFileSync(path, head + section);
    expect(readFileSync(path, "utf8")).toBe(head + section);
  });
});
