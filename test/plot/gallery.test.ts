/**
 * The gallery: pictures as they are, to be looked at, and compared byte for byte.
 *
 * After a change that is meant: UPDATE_GALLERY=1 npx vitest run test/plot/gallery.test.ts writes them anew.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figureFiles } from "../../src/plot/figure";
import { GALLERY } from "./gallery";
import { readXml } from "./well-formed";

const FOLDER = join(__dirname, "gallery");
const drawn = figureFiles(GALLERY);

if (process.env.UPDATE_GALLERY === "1") {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  for (const { name, svg } of drawn) writeFileSync(join(FOLDER, name), svg);
}

describe("the gallery", () => {
  it.each(drawn)("has $name as it was", ({ name, svg }) => {
    expect(svg).toBe(readFileSync(join(FOLDER, name), "utf8"));
    readXml(svg);
  });

  it("is the same when drawn twice, in any order", () => {
    const again = [...GALLERY].reverse().map((figure) => figureFiles([figure])[0].svg);
    expect(again.reverse()).toEqual(drawn.map(({ svg }) => svg));
  });

  it("holds no id, and no number that a renderer could stumble over", () => {
    for (const { name, svg } of drawn)
      for (const [element, key, value] of readXml(svg).attributes) {
        expect(key, name).not.toBe("id");
        if (!["aria-label", "class", "href"].includes(key))
          expect(`${element} ${key} ${value}`, name).not.toMatch(/NaN|Infinity|undefined|\de[+-]/);
      }
  });

  it("tells very small numbers apart", () => {
    for (const { name, svg } of drawn)
      for (const text of readXml(svg).texts) expect(text, name).not.toMatch(/^[−-]?0\.0*$|⚠/);
  });
});
