import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { LARGEST_IDX, writeIdx } from "../../../src/data/idx";
import { loadIdxFolder } from "../../../src/io/datasets/idx";
import { codeOf } from "../../refusal";

const root = mkdtempSync(join(tmpdir(), "ohmlet-idx-"));
afterAll(() => rmSync(root, { recursive: true }));

/** The files of a tiny set: three training images, 0…16, and two test images. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": writeIdx([3, 1, 2], Uint8Array.of(0, 16, 8, 4, 2, 1)),
  "train-labels-idx1-ubyte": writeIdx([3], Uint8Array.of(0, 1, 2)),
  "t10k-images-idx3-ubyte": writeIdx([2, 1, 2], Uint8Array.of(4, 8, 12, 16)),
  "t10k-labels-idx1-ubyte": writeIdx([2], Uint8Array.of(1, 0)),
};

let made = 0;
/** A folder with these files instead of the good ones; null leaves one out. */
function folderWith(changes: Readonly<Record<string, Uint8Array | null>> = {}): string {
  const folder = join(root, `set-${made++}`);
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries({ ...FILES, ...changes }))
    if (bytes) writeFileSync(join(folder, name), bytes);
  return folder;
}

describe("a folder of IDX files", () => {
  it("gives both sets, scaled by the training images", () => {
    const { train, test } = loadIdxFolder(folderWith());
    const out = new Float64Array(2);
    test.pixels(0, out, 0);
    expect([...out]).toEqual([0.25, 0.5]);
    expect(train).toMatchObject({ samples: 3, features: 2, classes: 3, shape: [1, 2] });
    expect([...test.labels]).toEqual([1, 0]);
    expect(test.classes).toBe(3);
  });

  it("scales faint test images of 0…255 by the training images too", () => {
    const { test } = loadIdxFolder(
      folderWith({ "train-images-idx3-ubyte": writeIdx([3, 1, 2], Uint8Array.of(0, 255, 8, 4, 2, 1)) }),
    );
    const out = new Float64Array(2);
    test.pixels(1, out, 0);
    expect([...out]).toEqual([12 / 255, 16 / 255]);
  });

  it("reads gzipped files and takes so many, of each class its share", () => {
    const packed = Object.fromEntries(
      Object.entries(FILES).flatMap(([name, bytes]) => [
        [name, null],
        [`${name}.gz`, gzipSync(bytes)],
      ]),
    );
    const { train, test } = loadIdxFolder(folderWith(packed), { train: 2, test: 1 });
    expect([...train.labels, ...test.labels]).toEqual([0, 1, 0]);
  });

  it.each(Object.keys(FILES))("names %s where it is missing", (name) => {
    const folder = folderWith({ [name]: null });
    expect(codeOf(() => loadIdxFolder(folder))).toBe("DATA-FILE");
    expect(() => loadIdxFolder(folder)).toThrow(`there is no ${name} and no ${name}.gz`);
  });

  it.each<[string, string, Uint8Array]>([
    ["DATA-TRUNCATED", "train-images-idx3-ubyte", FILES["train-images-idx3-ubyte"].subarray(0, 20)],
    ["DATA-GZIP", "train-images-idx3-ubyte", gzipSync(FILES["train-images-idx3-ubyte"]).subarray(0, 20)],
    ["DATA-MAGIC", "t10k-labels-idx1-ubyte", new TextEncoder().encode("<html>not found</html>")],
    ["DATA-SHAPE", "t10k-labels-idx1-ubyte", writeIdx([3], Uint8Array.of(0, 1, 2))],
    ["DATA-SHAPE", "t10k-images-idx3-ubyte", writeIdx([2, 2, 1], Uint8Array.of(1, 2, 3, 4))],
    ["DATA-LABEL", "t10k-labels-idx1-ubyte", writeIdx([2], Uint8Array.of(0, 3))],
    ["DATA-LABEL", "train-labels-idx1-ubyte", writeIdx([3], Uint8Array.of(1, 1, 1))],
  ])("refuses with %s a wrong %s", (code, name, bytes) => {
    expect(codeOf(() => loadIdxFolder(folderWith({ [name]: bytes })))).toBe(code);
  });

  it("refuses what is no folder", () => {
    expect(codeOf(() => loadIdxFolder(join(root, "nowhere")))).toBe("DATA-FOLDER");
    expect(codeOf(() => loadIdxFolder("a\0b"))).toBe("DATA-FOLDER");
  });

  it("unpacks no more than it may", () => {
    const member = gzipSync(new Uint8Array(2 ** 24));
    const bomb = Buffer.concat(Array.from({ length: 1 + LARGEST_IDX / 2 ** 24 }, () => member));
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(codeOf(() => loadIdxFolder(folderWith({ "train-images-idx3-ubyte": bomb })))).toBe("DATA-SIZE");
  });
});

/** Real files, where they lie beside the project. */
const SHARED = resolve(__dirname, "../../../../shared/data");

describe.each([
  ["digits", { samples: 3823, test: 1797, features: 64, mean: 0.305 }],
  ["mnist", { samples: 60_000, test: 10_000, features: 784, mean: 0.1325 }],
])("the real set %s", (name, expected) => {
  it.skipIf(!existsSync(join(SHARED, name)))("has its published extents and mean", () => {
    const { train, test } = loadIdxFolder(join(SHARED, name));
    expect([train.samples, test.samples, train.features, test.classes]).toEqual([
      expected.samples,
      expected.test,
      expected.features,
      10,
    ]);
    const out = new Float64Array(test.features);
    let sum = 0;
    for (let i = 0; i < test.samples; i++) {
      test.pixels(i, out, 0);
      for (const value of out) sum += value;
    }
    expect(sum / test.samples / test.features).toBeCloseTo(expected.mean, 3);
  });
});
