import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { refuseLinksOut } from "../../../src/io/datasets/links";
import { codeOf } from "../../refusal";
import { stopwatch } from "../../stopwatch";

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

it("links that go round are followed once, however many there are", () => {
  const folder = mkdtempSync(join(tmpdir(), "ohmlet-links-"));
  mkdirSync(join(folder, "deep", "a", "b"), { recursive: true });
  for (let i = 0; i < 300; i++) symlinkSync(".", join(folder, `l${i}`));
  for (let i = 0; i < 30; i++) symlinkSync("../..", join(folder, "deep", "a", `up${i}`));
  const elapsed = stopwatch();
  expect(codeOf(() => refuseLinksOut(folder))).toBeUndefined();
  expect(elapsed()).toBeLessThan(5000);
  // What lies deeper than sets are read is looked at where a link leads to it.
  mkdirSync(join(folder, "deep", "a", "b", "c", "d"), { recursive: true });
  symlinkSync("/etc", join(folder, "deep", "a", "b", "c", "d", "out"));
  expect(codeOf(() => refuseLinksOut(folder))).toBeUndefined();
  symlinkSync("deep/a/b/c/d", join(folder, "short"));
  expect(codeOf(() => refuseLinksOut(folder))).toBe("DATA-LINK");
  rmSync(folder, { recursive: true });
});
