/** Commands that docs/performance.md tells to type name benchmarks and options that exist. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VERBS } from "../../bench/verbs";
import { ROOT } from "../cli/run";

const commands = [
  ...readFileSync(join(ROOT, "docs/performance.md"), "utf8").matchAll(/\bbench -- ([^`\n#]+)/g),
].map(([, words]) => words.trim().split(/\s+/));

it.each(commands.map((words) => [words.join(" "), words] as const))("%s", (_, [name, ...words]) => {
  const verb = VERBS.find((v) => v.name === name);
  expect(verb?.name).toBe(name);
  for (const word of words.filter((w) => w.startsWith("--")))
    expect(Object.keys(verb!.options)).toContain(word.slice(2));
});

it("finds commands to check", () => {
  expect(new Set(commands.map(([name]) => name))).toEqual(new Set(VERBS.map(({ name }) => name)));
});
