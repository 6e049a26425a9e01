/** The JSON Schemas that are shipped are those of the code, and every shipped config names its own. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { schemaFiles, SCHEMAS, writeSchemas } from "../../tools/schemas";

const CONFIGS = resolve(__dirname, "../../configs");

if (process.env.UPDATE_DOCS === "1") writeSchemas();

describe("schemas/", () => {
  it("holds what the code says; `npm run build` writes it", () => {
    expect(readdirSync(SCHEMAS).sort()).toEqual([...schemaFiles().keys()].sort());
    for (const [name, text] of schemaFiles())
      expect(readFileSync(join(SCHEMAS, name), "utf8"), name).toBe(text);
  });

  it("is known by addresses of its own, which name the files of the package", () => {
    for (const [name, text] of schemaFiles())
      expect((JSON.parse(text) as { $id: string }).$id).toBe(`https://unpkg.com/ohmlet/schemas/${name}`);
  });

  const configs = readdirSync(CONFIGS, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".yaml"),
  );
  it.each(configs)("is named by configs/%s, for editors", (name) => {
    const file = join(CONFIGS, name);
    const [first] = readFileSync(file, "utf8").split("\n");
    const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first)?.[1] ?? "";
    expect(existsSync(resolve(dirname(file), schema)), first).toBe(true);
    const kind = { studies: "study", weakest: "weakest" }[dirname(name)] ?? "run";
    expect(schema.split("/").at(-1)).toBe(`${kind}.json`);
  });
});
