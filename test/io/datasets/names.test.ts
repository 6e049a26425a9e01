/** IDX files under the names that public sets give them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { writeIdx } from "../../../src/data/idx";
import { loadDataset } from "../../../src/io/datasets/load";
import { codeOf } from "../../refusal";

const root = mkdtempSync(join(tmpdir(), "ohmlet-names-"));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

const LETTERS = [3, 1, 26];
/** The four files of a set, each under the name that `name` gives it. */
const named = (
  name: (split: "train" | "t10k", what: "images" | "labels", rank: number) => string,
  labels = LETTERS,
  images = [0, 128, 255],
) =>
  Object.fromEntries(
    (["train", "t10k"] as const).flatMap((split) => [
      [name(split, "images", 3), writeIdx([3, 1, 1], Uint8Array.from(images))],
      [name(split, "labels", 1), writeIdx([3], Uint8Array.from(labels))],
    ]),
  );

describe("IDX files", () => {
  it.each<[string, Parameters<typeof named>[0]]>([
    ["as MNIST has them", (split, what, rank) => `${split}-${what}-idx${rank}-ubyte`],
    ["as they are called once unpacked", (split, what, rank) => `${split}-${what}.idx${rank}-ubyte`],
    ["packed", (split, what, rank) => `${split}-${what}.idx${rank}-ubyte.gz`],
    [
      "as EMNIST has them",
      (split, what, rank) => `emnist-letters-${split.replace("t10k", "test")}-${what}-idx${rank}-ubyte`,
    ],
    ["with underscores", (split, what, rank) => `${split}_${what}_idx${rank}_ubyte`],
    ["short", (split, what) => `${split}-${what}.idx`],
  ])("are found %s, and their labels are counted from what they are", (_, name) => {
    const { format, train, test } = loadDataset(folderOf(named(name)));
    expect([format, train.classNames, [...train.labels], [...test.labels]]).toEqual([
      "idx",
      ["1", "3", "26"],
      [1, 0, 2],
      [1, 0, 2],
    ]);
  });

  it("of EMNIST say that rows and columns are swapped", () => {
    const { notes } = loadDataset(
      folderOf(
        named(
          (split, what, rank) => `emnist-letters-${split.replace("t10k", "test")}-${what}-idx${rank}-ubyte`,
        ),
      ),
    );
    expect(notes.join("; ")).toContain("rows and columns swapped");
  });

  it("of black and white alone reach to 1", () => {
    const { train, test, notes } = loadDataset(
      folderOf(named((split, what, rank) => `${split}-${what}-idx${rank}-ubyte`, [0, 1, 0], [0, 1, 0])),
    );
    const out = new Float64Array(1);
    for (const set of [train, test]) {
      set.pixels(1, out, 0);
      expect(out[0]).toBe(1);
    }
    expect(notes).toEqual(["values 0…1, as they are"]);
  });

  it("whose training is dark and whose test is not are refused, until the scale is said", () => {
    const usual = (split: string, what: string, rank: number): string => `${split}-${what}-idx${rank}-ubyte`;
    const folder = folderOf({
      ...named(usual, [0, 1, 0]),
      "train-images-idx3-ubyte": writeIdx([3, 1, 1], Uint8Array.of(0, 3, 16)),
    });
    expect(codeOf(() => loadDataset(folder))).toBe("DATA-RANGE");
    expect(() => loadDataset(folder)).toThrow("--scale 255");
    const out = new Float64Array(1);
    loadDataset(folder, { scale: 255 }).train.pixels(2, out, 0);
    expect(out[0]).toBe(16 / 255);
  });

  it("of floats that are not finite are refused as such", () => {
    const usual = (split: string, what: string, rank: number): string => `${split}-${what}-idx${rank}-ubyte`;
    for (const bits of [0x7f800000, 0x7fc00000]) {
      const bytes = Buffer.alloc(28);
      bytes.set([0, 0, 0x0d, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1]);
      bytes.writeUInt32BE(bits, 20);
      expect(codeOf(() => loadDataset(folderOf({ ...named(usual), "train-images-idx3-ubyte": bytes })))).toBe(
        "DATA-NAN",
      );
    }
  });

  it("of two sets, or one file in two ways, are refused", () => {
    const emnist = (set: string) =>
      named((split, what, rank) => `emnist-${set}-${split.replace("t10k", "test")}-${what}-idx${rank}-ubyte`);
    expect(() => loadDataset(folderOf({ ...emnist("letters"), ...emnist("digits") }))).toThrow(
      /DATA-FILE.*emnist-digits, emnist-letters/,
    );
    const usual = named((split, what, rank) => `${split}-${what}-idx${rank}-ubyte`);
    expect(() =>
      loadDataset(folderOf({ ...usual, "train-labels.idx1-ubyte": writeIdx([1], Uint8Array.of(1)) })),
    ).toThrow("keep one of the two");
    // Beside what it was unpacked from, a file is no second one.
    expect(
      loadDataset(folderOf({ ...usual, "train-labels-idx1-ubyte.gz": gzipSync("x") })).train.samples,
    ).toBe(3);
  });
});
