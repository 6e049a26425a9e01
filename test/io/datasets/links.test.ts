import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { refuseLinksOut } from "../../../src/io/datasets/links";
import { codeOf } from "../coded";

it("links may lead about within a folder, not out of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "ohmlet-links-"));
  mkdirSync(join(folder, "train", "cat"), { recursive: true });
  writeFileSync(join(folder, "a.csv"), "");
  symlinkSync(join(folder, "a.csv"), join(folder, "train", "cat", "inside"));
  symlinkSync(folder, join(folder, "train", "circle"));
  expect(codeOf(() => refuseLinksOut(folder))).toBeUndefined();
  for (const target of ["/etc/hostname", join(folder, "nowhere"), "../../.."]) {
    const link = join(folder, "train", "cat", "1.png");
    symlinkSync(target, link);
    expect(codeOf(() => refuseLinksOut(folder))).toBe("DATA-LINK");
    rmSync(link);
  }
  rmSync(folder, { recursive: true });
});
