/** package.json says what the list of entries says. */
import { expect, it } from "vitest";
import manifest from "../../package.json";
import { fieldsOfPackage, STARTED } from "../../tools/entries";

it("package.json follows from tools/entries.ts; `npm run build` writes it", () => {
  for (const [field, value] of Object.entries(fieldsOfPackage()))
    expect(manifest[field as keyof typeof manifest], field).toEqual(value);
});

it("what is started is never dropped by a bundler, in the sources or in the bundles", () => {
  const kept = manifest.sideEffects.map((pattern) => pattern.replace(/\*$/, ""));
  for (const [name, source] of Object.entries(STARTED))
    for (const file of [`./dist/${name}.js`, `./${source}`])
      expect(
        kept.some((start) => file.startsWith(start)),
        file,
      ).toBe(true);
});
