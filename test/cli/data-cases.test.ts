/**
 * Files of data as users have them, after reports about other programs: each ends in the right classes and
 * values, or in words that say what to do. Through the command line, as users meet them.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeIdx } from "../../src/data/idx";
import { ohmlet } from "./run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-data-cases-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function folderWith(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(root, String(made++));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** Samples of nine pixels: of class 0 the even ones are bright, of class 1 the odd ones. */
const samples = Array.from({ length: 60 }, (_, i) => ({
  label: i % 2,
  pixels: Array.from({ length: 9 }, (_unused, j) =>
    j % 2 === i % 2 ? 150 + ((37 * i + 11 * j) % 105) : (23 * i + 7 * j) % 60,
  ),
}));
type Sample = (typeof samples)[number];
const lines = (
  head: string | null,
  write: (sample: Sample, i: number) => readonly (string | number)[],
  of = samples,
): string =>
  [...(head === null ? [] : [head]), ...of.map((sample, i) => write(sample, i).join(",")), ""].join("\n");
const names = Array.from({ length: 9 }, (_, j) => `px${j}`);

const show = async (path: string, ...more: readonly string[]) => {
  const { code, out } = await ohmlet(
    "data",
    "show",
    path,
    ...more,
    "--json",
    "--out",
    join(root, "sheet.png"),
  );
  return {
    code,
    ...(JSON.parse(out) as {
      error?: { code: string; remedy: string };
      features?: number;
      classes?: { name: string; train: number; test: number }[];
      notes?: string[];
      warnings?: { code: string }[];
    }),
  };
};
const train = (path: string, ...more: readonly string[]) =>
  ohmlet(
    "train",
    "--data",
    path,
    "--sizes",
    "9",
    "8",
    "2",
    "--epochs",
    "5",
    "--rate",
    "0.05",
    "--engine",
    "reference",
    "--out",
    join(root, "runs"),
    ...more,
  );
const lastAccuracies = (out: string): string | undefined =>
  /.*epoch 5\/5 {2}(test [\d.]+ % {2}train [\d.]+ %)/s.exec(out)?.[1];

describe("data as users have them", () => {
  it("quoted names, an index and a label in front are told apart", async () => {
    for (const [head, write] of [
      [
        `"label",${names.map((name) => `"${name}"`).join(",")}`,
        ({ label, pixels }: Sample) => [label, ...pixels],
      ],
      [`,${names.join(",")},label`, ({ label, pixels }: Sample, i: number) => [i, ...pixels, label]],
      [null, ({ label, pixels }: Sample) => [label, ...pixels.slice(0, 8), 0]],
    ] as const) {
      const { features, classes } = await show(folderWith({ "all.csv": lines(head, write) }));
      expect([features, classes]).toEqual([
        9,
        [
          { label: 0, name: "0", train: 24, test: 6 },
          { label: 1, name: "1", train: 24, test: 6 },
        ],
      ]);
    }
  });

  it("a label in front trains as one at the end does", async () => {
    const [first, last] = [
      folderWith({ "a.csv": lines(`label,${names.join(",")}`, ({ label, pixels }) => [label, ...pixels]) }),
      folderWith({ "a.csv": lines(`${names.join(",")},label`, ({ label, pixels }) => [...pixels, label]) }),
    ];
    const [one, other] = [await train(first), await train(last)];
    expect(lastAccuracies(one.out)).toBe("test 100.0 %  train 100.0 %");
    expect(lastAccuracies(other.out)).toBe(lastAccuracies(one.out));
    expect(one.out).toContain("9 inputs; 2 classes, samples to train + test: 0: 24 + 6, 1: 24 + 6\n");
    expect(one.out).toContain(
      'the label is column 1 ("label"); values 1…254, divided by 255; every fifth sample of a class ' +
        "is for the test\n",
    );
  });

  it("where two columns look like labels nothing is guessed, and what is said to be typed works", async () => {
    const path = join(
      folderWith({ "set/two ends.csv": lines(null, ({ label, pixels }, i) => [label, ...pixels, i % 3]) }),
      "set",
      "two ends.csv",
    );
    const { error } = await show(path);
    expect(error).toMatchObject({ code: "DATA-COLUMN" });
    const [, typed] = /ohmlet data show ('.*') --label 1 {2}or {2}--label 11/.exec(
      error!.remedy,
    ) as RegExpExecArray;
    expect(typed).toBe(`'${path}'`);
    expect((await show(path, "--label", "11")).classes?.map(({ name }) => name)).toEqual(["0", "1", "2"]);
    const config = join(dirname(path), "..", "run.yaml");
    writeFileSync(
      config,
      `circuit: { topology: nonideal, sizes: [10, 4, 2] }
data: { kind: folder, folder: set, label: 1, train: 20 }
estimator: { kind: centred, amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 }
dt: 10 us
optimizer: { kind: adam, rate: 0.01 }
epochs: 1
engine: reference
`,
    );
    const out = join(root, "labelled");
    expect((await ohmlet("train", config, "--out", out)).out).toContain(
      "10 inputs; 2 classes, samples to train + test: 0: 10 + 6, 1: 10 + 6",
    );
    const [run] = readdirSync(out);
    // The record of the run says it, too: it can be run again, and gone on with.
    expect(readFileSync(join(out, run, "config.yaml"), "utf8")).toMatch(/label: 1\n/);
    expect((await ohmlet("train", join(out, run, "config.yaml"), "--data", path, "--out", out)).code).toBe(0);
    expect((await ohmlet("train", config, "--label", "11", "--out", out)).err).toContain(
      "there are 3 classes",
    );
  });

  it("samples sorted by class are cut to a share of each", async () => {
    const sorted = [...samples].sort((a, b) => a.label - b.label);
    const path = folderWith({
      "sorted.csv": lines(`${names.join(",")},label`, ({ label, pixels }) => [...pixels, label], sorted),
    });
    expect((await train(path, "--train", "20", "--test", "4")).out).toContain("0: 10 + 2, 1: 10 + 2");
    const { err } = await train(path, "--train", "1");
    expect(err).toContain('DATA-CLASS  the 1 training samples hold 1 of 2 classes: none of "1"');
  });

  it("labels of 0 and 255 are two classes", async () => {
    const { classes } = await show(
      folderWith({ "all.csv": lines(null, ({ label, pixels }) => [...pixels, 255 * label]) }),
    );
    expect(classes?.map(({ name }) => name)).toEqual(["0", "255"]);
  });

  it("black and white images train as bright ones do", async () => {
    const idx = (white: number) =>
      Object.fromEntries(
        ["train", "t10k"].flatMap((split) => [
          [
            `${split}-images.idx3-ubyte`,
            writeIdx(
              [60, 3, 3],
              Uint8Array.from(
                samples.flatMap(({ pixels }) => pixels.map((pixel) => (pixel > 100 ? white : 0))),
              ),
            ),
          ],
          [
            `${split}-labels.idx1-ubyte`,
            writeIdx(
              [60],
              Uint8Array.from(samples, ({ label }) => label),
            ),
          ],
        ]),
      );
    const [bright, binary] = [await train(folderWith(idx(255))), await train(folderWith(idx(1)))];
    const epochs = (out: string): string[] => [...out.matchAll(/epoch .*cost [\d.]+/g)].map(([line]) => line);
    expect(epochs(binary.out)).toEqual(epochs(bright.out));
    expect(epochs(binary.out)).toHaveLength(5);
  });

  it("two files of one kind are matched by names, two of different kinds are refused", async () => {
    const usual = lines(`${names.join(",")},label`, ({ label, pixels }) => [...pixels, label]);
    const order = [3, 0, 8, 1, 2, 7, 4, 6, 5];
    const moved = lines(`label,${order.map((j) => names[j]).join(",")}`, ({ label, pixels }) => [
      label,
      ...order.map((j) => pixels[j]),
    ]);
    expect(lastAccuracies((await train(folderWith({ "train.csv": usual, "test.csv": moved }))).out)).toBe(
      "test 100.0 %  train 100.0 %",
    );
    const unlabelled = lines(names.join(","), ({ pixels }) => pixels);
    expect((await train(folderWith({ "train.csv": usual, "test.csv": unlabelled }))).err).toMatch(
      /DATA-COLUMN.*test\.csv: there is no column "label"/,
    );
    const scaled = lines(`${names.join(",")},label`, ({ label, pixels }) => [
      ...pixels.map((pixel) => pixel / 255),
      label,
    ]);
    for (const [one, other] of [
      [scaled, usual],
      [usual, scaled],
    ]) {
      const { code, err } = await train(folderWith({ "train.csv": one, "test.csv": other }));
      expect([code, err]).toEqual([2, expect.stringMatching(/DATA-RANGE.*test\.csv: .*not scaled alike/)]);
    }
  });

  it("standardised values are drawn and trained", async () => {
    const path = folderWith({
      "z.csv": lines(`${names.join(",")},label`, ({ label, pixels }) => [
        ...pixels.map((pixel) => ((pixel - 110) / 80).toFixed(4)),
        label,
      ]),
    });
    expect((await show(path)).notes?.join("; ")).toMatch(/values -1\.\d+…1\.8, as they are/);
    expect(lastAccuracies((await train(path)).out)).toMatch(/test (100|9\d)\.\d %/);
  });

  it("options for files are refused where there is none", async () => {
    for (const option of [
      ["--label", "1"],
      ["--scale", "255"],
    ]) {
      expect((await ohmlet("train", ...option)).err).toContain("CLI-IDLE");
      expect((await ohmlet("data", "show", "generated", ...option)).err).toContain("CLI-IDLE");
    }
  });
});
