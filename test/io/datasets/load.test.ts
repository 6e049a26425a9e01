import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/data/dataset";
import { writeIdx } from "../../../src/data/idx";
import { loadDataset } from "../../../src/io/datasets/load";
import { codeOf } from "../../refusal";
import { encodePng, greyFile } from "../png/encode";

const root = mkdtempSync(join(tmpdir(), "ohmlet-sets-"));
afterAll(() => rmSync(root, { recursive: true }));

type Files = Readonly<Record<string, Uint8Array | string>>;

let made = 0;
/** A folder with these files; a path ending in "/" is an empty folder. */
function folderWith(files: Files): string {
  const folder = join(root, `set-${made++}`);
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, bytes);
  }
  return folder;
}

function pixelsOf(dataset: Dataset, i: number): number[] {
  const out = new Float64Array(dataset.features);
  dataset.pixels(i, out, 0);
  return [...out];
}

/** A record of CIFAR: red, green and blue each of one level. */
const record = (label: number, ...levels: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : levels[Math.floor((i - 1) / 1024)]));
const CIFAR = {
  "data_batch_1.bin": Buffer.concat([record(3, 255, 51, 0), record(9, 0, 0, 0)]),
  "data_batch_2.bin.gz": gzipSync(record(1, 102, 102, 102)),
  "test_batch.bin": record(0, 0, 0, 255),
};
const PICTURES = {
  "train/cat/1.png": greyFile(2, 1, [0, 255]),
  "train/cat/2.png": greyFile(2, 1, [51, 51]),
  "train/cat/10.png": greyFile(2, 1, [102, 0]),
  "train/dog/1.png": greyFile(2, 1, [255, 0]),
  "test/dog/1.png": greyFile(2, 1, [0, 0]),
  "train/.hidden": "of some system",
};
const CSV_PAIR = {
  "train.csv": "a,b,label\n0,16,1\n4,8,0\n",
  "test.csv": "a,b,label\r\n16,16,0\r\n0,1,1\r\n\r\n",
};

describe("a folder of data", () => {
  it("of CIFAR's batches gives colour in the order of the files", () => {
    const { format, train, test } = loadDataset(folderWith(CIFAR));
    expect([format, train.samples, test.samples, train.channels, train.features, train.classes]).toEqual([
      "cifar",
      3,
      1,
      3,
      3072,
      10,
    ]);
    expect(train.shape).toEqual([32, 32]);
    expect([...train.labels].map((label) => train.classNames?.[label])).toEqual([
      "cat",
      "truck",
      "automobile",
    ]);
    const first = pixelsOf(train, 0);
    expect([first[0], first[1023], first[1024], first[2048], pixelsOf(train, 2)[3071]]).toEqual([
      1, 1, 0.2, 0, 0.4,
    ]);
  });

  it("of pictures gives the classes by the names of their folders, one after the other", () => {
    const { format, train, test } = loadDataset(folderWith(PICTURES));
    expect([format, train.channels, train.classNames, train.shape]).toEqual([
      "png",
      1,
      ["cat", "dog"],
      [1, 2],
    ]);
    expect([...train.labels]).toEqual([0, 1, 0, 0]);
    expect([0, 2, 3].map((i) => pixelsOf(train, i))).toEqual([
      [0, 1],
      [0.2, 0.2],
      [0.4, 0],
    ]);
    expect([[...test.labels], test.classes]).toEqual([[1], 2]);
    expect(loadDataset(folderWith(PICTURES), { train: 2 }).train.samples).toBe(2);
  });

  it("of pictures is colour where one of them is", () => {
    const colour = encodePng({
      width: 2,
      height: 1,
      type: 2,
      depth: 8,
      rows: [Uint8Array.of(255, 0, 0, 0, 255, 51)],
    });
    const { train } = loadDataset(folderWith({ ...PICTURES, "train/cat/1.png": colour }));
    expect([train.channels, train.features]).toEqual([3, 6]);
    expect([pixelsOf(train, 0), pixelsOf(train, 1)]).toEqual([
      [1, 0, 0, 1, 0, 0.2],
      [1, 0, 1, 0, 1, 0],
    ]);
  });

  it("passes over what systems leave behind", () => {
    const left = {
      "__MACOSX/train/cat/._1.png": "x",
      ".DS_Store": "x",
      "Thumbs.db": "x",
      "train/.DS_Store": "x",
      "train/cat/._1.png": "x",
      "train/cat/Thumbs.db": "x",
      "train/__MACOSX/cat/._1.png": "x",
      "test/dog/desktop.ini": "x",
    };
    const { train, test } = loadDataset(folderWith({ ...PICTURES, ...left }));
    expect([train.classNames, train.samples, test.samples]).toEqual([["cat", "dog"], 4, 1]);
  });

  it("of pictures takes one name in two forms of Unicode for one class", () => {
    const [one, other] = ["caf\u00E9", "cafe\u0301"];
    const pictures = {
      [`train/${one}/1.png`]: greyFile(2, 1, [1, 2]),
      [`train/${other}/2.png`]: greyFile(2, 1, [3, 4]),
      "train/tea/1.png": greyFile(2, 1, [5, 6]),
      [`test/${other}/1.png`]: greyFile(2, 1, [7, 8]),
    };
    const { train, test, warnings } = loadDataset(folderWith(pictures));
    expect([train.classNames, [...train.labels], [...test.labels]]).toEqual([[one, "tea"], [0, 1, 0], [0]]);
    expect(warnings.map(({ code }) => code)).toEqual(["DATA-CLASS"]);
  });

  it("of CSV finds the pair by the ends of its names", () => {
    const lines = "label,a,b\n0,16,1\n1,8,0\n";
    const { train, test, notes } = loadDataset(
      folderWith({ "mnist_train.csv": lines, "mnist_test.csv": lines, "sample_submission.csv": "1,2" }),
    );
    expect([train.samples, test.samples, notes.at(-1)]).toEqual([2, 2, "passed over: sample_submission.csv"]);
    expect(
      loadDataset(folderWith({ "all.tsv": "label\ta\n0\t1\n1\t2\n0\t3\n1\t4\n0\t5\n" }), { label: "label" })
        .train.samples,
    ).toBe(4);
  });

  it.each(["idx", "png"])("of %s has no column that could be the label", (format) => {
    const labels = writeIdx([2], Uint8Array.of(0, 1));
    const images = writeIdx([2, 1, 1], Uint8Array.of(0, 1));
    const idx = {
      "train-images-idx3-ubyte": images,
      "train-labels-idx1-ubyte": labels,
      "t10k-images-idx3-ubyte": images,
      "t10k-labels-idx1-ubyte": labels,
    };
    expect(codeOf(() => loadDataset(folderWith(format === "idx" ? idx : PICTURES), { label: 1 }))).toBe(
      "DATA-FORMAT",
    );
  });

  it("of CSV whose label is not clear says what to type, for the folder", () => {
    const lines = "0,5,1\n1,6,1\n0,7,0\n1,8,0\n";
    const folder = folderWith({ "train.csv": lines, "test.csv": lines });
    expect(() => loadDataset(folder)).toThrow(`ohmlet data show ${folder} --label 1  or  --label 3`);
    expect(loadDataset(folder, { label: "3" }).test.samples).toBe(4);
  });

  it("of CSV scales both files alike", () => {
    const { format, train, test } = loadDataset(folderWith(CSV_PAIR));
    expect([format, pixelsOf(train, 0), pixelsOf(train, 1), pixelsOf(test, 1)]).toEqual([
      "csv",
      [0, 1],
      [0.25, 0.5],
      [0, 0.0625],
    ]);
    expect([[...train.labels], [...test.labels], train.shape]).toEqual([
      [1, 0],
      [0, 1],
      [1, 2],
    ]);
  });

  it("of one CSV file keeps every fifth sample for the test; names of columns tell the label", () => {
    const lines = ["Label,a,b,c,d", ...Array.from({ length: 10 }, (_, i) => `${i % 3},${i},0,0,255`)].join(
      "\n",
    );
    for (const path of [
      folderWith({ "mine.csv.gz": gzipSync(lines) }),
      join(folderWith({ "mine.csv": lines }), "mine.csv"),
    ]) {
      const { train, test } = loadDataset(path);
      // By class: 0 3 6 9, 1 4 7, 2 5 8; every fifth of them.
      expect([[...test.labels], train.samples, train.shape, test.classes]).toEqual([[1, 2], 8, [2, 2], 3]);
      expect(pixelsOf(test, 1)[0]).toBeCloseTo(8 / 255, 6);
    }
  });

  it("of IDX files is taken before a CSV beside them", () => {
    const idx = (count: number) => [
      writeIdx([count, 1, 1], new Uint8Array(count)),
      writeIdx(
        [count],
        Uint8Array.from({ length: count }, (_, i) => i % 2),
      ),
    ];
    const [[a, b], [c, d]] = [idx(3), idx(2)];
    const folder = folderWith({
      "train-images-idx3-ubyte": a,
      "train-labels-idx1-ubyte": b,
      "t10k-images-idx3-ubyte.gz": gzipSync(c),
      "t10k-labels-idx1-ubyte": d,
      "digits.csv": "1,2,3",
    });
    expect(loadDataset(folder)).toMatchObject({ format: "idx", train: { samples: 3 }, test: { samples: 2 } });
  });

  it.each<[string, string, Files, string]>([
    ["DATA-FORMAT", "nothing", {}, "train/CLASS/*.png"],
    ["DATA-FORMAT", "other things", { "notes.txt": "" }, "train-images-idx3-ubyte"],
    ["DATA-FILE", "one file of IDX", { "train-images-idx3-ubyte": "" }, "train-labels-idx1-ubyte"],
    ["DATA-FILE", "CIFAR without a test", { "data_batch_1.bin": record(0, 1, 2, 3) }, "test_batch.bin"],
    ["DATA-FILE", "a batch twice", { ...CIFAR, "data_batch_1.bin.gz": gzipSync("") }, "keep one"],
    [
      "DATA-TRUNCATED",
      "half a record of CIFAR",
      { ...CIFAR, "data_batch_1.bin": new Uint8Array(3072) },
      "data_batch_1.bin",
    ],
    ["DATA-TRUNCATED", "no record of CIFAR", { ...CIFAR, "test_batch.bin": "" }, "test_batch.bin"],
    ["DATA-LABEL", "a record of CIFAR-100", { ...CIFAR, "test_batch.bin": record(10, 0, 0, 0) }, "record 0"],
    [
      "DATA-GZIP",
      "a batch whose end is missing",
      { ...CIFAR, "data_batch_2.bin.gz": gzipSync(record(1, 2, 3, 4)).subarray(0, 20) },
      "data_batch_2.bin.gz",
    ],
    ["DATA-FOLDER", "no test pictures", { "train/a/1.png": greyFile(1, 1, [0]) }, "test"],
    [
      "DATA-FOLDER",
      "pictures without classes",
      { "train/1.png": greyFile(1, 1, [0]), "test/": "" },
      "one folder a class",
    ],
    [
      "DATA-FOLDER",
      "257 classes",
      Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`train/${i}/`, ""])),
      "256",
    ],
    ["DATA-FILE", "empty classes", { "train/a/": "", "test/a/1.png": greyFile(1, 1, [0]) }, "train"],
    [
      "DATA-LABEL",
      "a class that is only tested",
      { ...PICTURES, "test/cow/1.png": greyFile(2, 1, [0, 0]) },
      "cow",
    ],
    [
      "DATA-SHAPE",
      "pictures of two sizes",
      { ...PICTURES, "test/dog/2.png": greyFile(1, 2, [0, 0]) },
      join("dog", "2.png"),
    ],
    ["DATA-FILE", "a JPEG among pictures", { ...PICTURES, "train/dog/2.jpg": "" }, "2.jpg"],
    [
      "PNG-SIGNATURE",
      "a JPEG that is called PNG",
      { ...PICTURES, "train/dog/2.png": "\u00FF\u00D8\u00FF" },
      join("dog", "2.png"),
    ],
    [
      "DATA-FILE",
      "a folder that is called PNG",
      { ...PICTURES, "train/dog/2.png/": "" },
      join("dog", "2.png"),
    ],
    ["DATA-FILE", "CSV files without a pair", { "train.csv": "1,2\n", "tests.csv": "1,2\n" }, "no pair"],
    ["DATA-CSV", "an empty CSV", { ...CSV_PAIR, "test.csv": "\n\n" }, "test.csv"],
    ["DATA-CSV", "a CSV of names only", { ...CSV_PAIR, "test.csv": "a,b,label\n" }, "no samples"],
    ["DATA-CSV", "a CSV of one column", { ...CSV_PAIR, "test.csv": "1\n2\n" }, "one cell"],
    ["DATA-CSV", "a short line", { ...CSV_PAIR, "train.csv": "0,1,1\n0,1\n" }, "line 2"],
    ["DATA-CSV", "a text among numbers", { ...CSV_PAIR, "train.csv": "0,1,1\n0,cat,1\n" }, "cat"],
    ["DATA-CSV", "an empty cell", { ...CSV_PAIR, "train.csv": "0,1,1\n0,,1\n" }, "line 2"],
    ["DATA-CSV", "not a number", { ...CSV_PAIR, "train.csv": "0,1,1\n0,NaN,1\n" }, "line 2"],
    ["DATA-LABEL", "half a class", { ...CSV_PAIR, "train.csv": "a,b,label\n0,1,0.5\n" }, "0.5"],
    [
      "DATA-RANGE",
      "a value far below zero",
      { ...CSV_PAIR, "train.csv": "a,b,label\n0,-17,1\n0,0,0\n" },
      "-17",
    ],
    [
      "DATA-RANGE",
      "a value above 255",
      { ...CSV_PAIR, "train.csv": "a,b,label\n0,256,1\n0,0,0\n" },
      "--scale",
    ],
    ["DATA-COLUMN", "CSV files of two widths", { ...CSV_PAIR, "test.csv": "1,2,3,0\n" }, "test.csv"],
    ["DATA-COUNT", "four lines of CSV", { "a.csv": "a,label\n1,0\n1,1\n1,0\n1,1\n" }, "5 samples"],
  ])("is refused with %s: %s", (code, _, files, said) => {
    const folder = folderWith(files);
    expect(codeOf(() => loadDataset(folder))).toBe(code);
    expect(() => loadDataset(folder)).toThrow(said);
  });

  it("is refused where it is none", () => {
    expect(codeOf(() => loadDataset(join(root, "nowhere")))).toBe("DATA-FOLDER");
    expect(codeOf(() => loadDataset(join(folderWith({ "a.txt": "" }), "a.txt")))).toBe("DATA-FOLDER");
    expect(codeOf(() => loadDataset("a\0b"))).toBe("DATA-FOLDER");
  });
});

/** Real files, where they lie beside the project. */
const SHARED = resolve(__dirname, "../../../../shared/data");

describe.each([
  ["fashion-mnist", "idx", 60_000, 10_000, 784, 0.2868],
  ["cifar10", "cifar", 4000, 1000, 3072, 0.474],
  ["digits/digits.csv.gz", "csv", 1438, 359, 64, 0.305],
])("the real set %s", (path, format, samples, tested, features, mean) => {
  it.skipIf(!existsSync(join(SHARED, path)))("has its published extents and mean", () => {
    const { train, test, ...rest } = loadDataset(join(SHARED, path));
    expect([rest.format, train.samples, test.samples, train.features, test.classes]).toEqual([
      format,
      samples,
      tested,
      features,
      10,
    ]);
    const out = new Float64Array(features);
    let sum = 0;
    for (let i = 0; i < test.samples; i++) {
      test.pixels(i, out, 0);
      for (const value of out) sum += value;
    }
    expect(Math.abs(sum / test.samples / features - mean)).toBeLessThan(0.01);
  });
});
