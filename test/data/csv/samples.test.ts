/** Samples from CSV as programs write them: what is label, what is value, and what must be asked. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromCsv, type CsvOptions } from "../../../src/data/csv";
import type { Dataset } from "../../../src/data/dataset";
import { namesOf } from "../../../src/data/split";
import { codeOf } from "../../refusal";
import { fewer } from "../../long";

const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;
const pair = (train: string | Uint8Array, test: string | Uint8Array, options?: CsvOptions) =>
  fromCsv(
    "set",
    { where: "train.csv", bytes: bytesOf(train) },
    { where: "test.csv", bytes: bytesOf(test) },
    options,
  );
const one = (text: string | Uint8Array, options?: CsvOptions) =>
  fromCsv("set", { where: "all.csv", bytes: bytesOf(text) }, undefined, options);

/** Values and label names of all samples. */
function rowsOf(set: Dataset): [number[], string][] {
  const names = namesOf(set);
  return Array.from({ length: set.samples }, (_, i) => {
    const out = new Float64Array(set.features);
    set.pixels(i, out, 0);
    return [[...out], names[set.labels[i]]];
  });
}

/** Twenty samples of three values, 0…255, and a label, two of a kind; `write` makes a line of each. */
const samples = Array.from({ length: 20 }, (_, i) => ({
  values: [(37 * i) % 256, 255 - i, (i * i) % 200],
  label: i % 2,
}));
const text = (head: string | null, write: (sample: (typeof samples)[number], i: number) => string): string =>
  [...(head === null ? [] : [head]), ...samples.map(write), ""].join("\n");
const expected = samples.map(({ values, label }): [number[], string] => [
  values.map((value) => value / 255),
  String(label),
]);
/** The usual text, to test on. */
const plain = text("a,b,c,label", ({ values, label }) => [...values, label].join(","));

const READ: Readonly<Record<string, string | Uint8Array>> = {
  "label last, by name": plain,
  "label first, by name": text("label,a,b,c", ({ values, label }) => [label, ...values].join(",")),
  "label in the middle": text("a,Class,b,c", ({ values: [a, b, c], label }) => [a, label, b, c].join(",")),
  "quoted names, as R and pandas write them": text('"a","b","c","label"', ({ values, label }) =>
    [...values, label].join(","),
  ),
  "everything quoted": text('"a","b","c","label"', ({ values, label }) =>
    [...values, label].map((value) => `"${value}"`).join(","),
  ),
  "a mark of bytes": `\uFEFF${plain}`,
  semicolons: plain.replaceAll(",", ";"),
  tabs: plain.replaceAll(",", "\t"),
  bars: plain.replaceAll(",", "|"),
  "spaces after commas": plain.replaceAll(",", ", "),
  "Excel's line of the separator": `sep=;\n${plain.replaceAll(",", ";")}`,
  "lines of Windows": plain.replaceAll("\n", "\r\n"),
  "lines of an old Mac": plain.replaceAll("\n", "\r"),
  "blank lines": plain.replaceAll("\n", "\n\n  \n"),
  "no end of the last line": plain.trimEnd(),
  "UTF-16, little end first": Buffer.from(`\uFEFF${plain}`, "utf16le"),
  "UTF-16 without a mark": Buffer.from(plain, "utf16le"),
  "UTF-16, big end first": Buffer.from(`\uFEFF${plain}`, "utf16le").swap16(),
  "numbers as floats": text("a,b,c,label", ({ values, label }) =>
    [...values, label].map((value) => value.toFixed(1)).join(","),
  ),
  "decimal commas": text("a;b;c;label", ({ values, label }) =>
    [...values.map((value) => `${value},00`), label].join(";"),
  ),
  "an index without a name, as pandas writes it": text(",a,b,c,label", ({ values, label }, i) =>
    [i, ...values, label].join(","),
  ),
  "row names in quotes, as R writes them": text('"","a","b","c","label"', ({ values, label }, i) =>
    [`"${i + 1}"`, ...values, label].join(","),
  ),
  "an index read back from pandas": text("Unnamed: 0,a,b,c,label", ({ values, label }, i) =>
    [i, ...values, label].join(","),
  ),
  "two of them": text("Unnamed: 0.1,Unnamed: 0,a,b,c,label", ({ values, label }, i) =>
    [i, i, ...values, label].join(","),
  ),
  "an id of words": text("id,a,b,c,label", ({ values, label }, i) =>
    [`img_${i}`, ...values, label].join(","),
  ),
  "a second label": text("label,a,b,c,target", ({ values, label }) => [label, ...values, label].join(",")),
  "names that are numbers, as pandas numbers columns": text("0,1,2,label", ({ values, label }) =>
    [...values, label].join(","),
  ),
  "a name called # by numpy": text("# a,b,c,label", ({ values, label }) => [...values, label].join(",")),
};

describe("a CSV", () => {
  it.each(Object.entries(READ))("with %s is read as what it means", (what, given) => {
    const { test, notes } = pair(given, given, what === "a second label" ? { label: "label" } : {});
    expect(rowsOf(test)).toEqual(expected);
    if (/index|row names|id of words|two of them/.test(what))
      expect(notes.join("; ")).toMatch(/names the samples: left out/);
    if (what === "a second label")
      expect(notes.join("; ")).toContain('column 5 ("target") is another label: left out');
  });

  it("without names tells its label by its shape: the last or the first", () => {
    const [last, first] = [
      text(null, ({ values, label }) => [...values, label].join(",")),
      text(null, ({ values, label }) => [label, ...values].join(",")),
    ];
    expect([pair(last, last), pair(first, first)].map(({ test }) => rowsOf(test))).toEqual([
      expected,
      expected,
    ]);
    // The usual MNIST: a label, then pixels of which the last is always black.
    const dark = text(null, ({ values, label }) => [label, ...values, 0].join(","));
    expect(rowsOf(pair(dark, dark).test).map(([, label]) => label)).toEqual(
      expected.map(([, label]) => label),
    );
    expect(pair(dark, dark).train.features).toBe(4);
  });

  it("without names and with counted lines leaves the count out", () => {
    const counted = text(null, ({ values, label }, i) => [i, ...values, label].join(","));
    const { test, notes } = pair(counted, counted);
    expect(rowsOf(test)).toEqual(expected);
    expect(notes).toContain("column 1 counts the samples: left out");
    const labelled = text(null, ({ values, label }, i) => [i + 5, label, ...values].join(","));
    expect(rowsOf(pair(labelled, labelled).test)).toEqual(expected);
  });

  it("with words as labels gives the classes their names, in order", () => {
    const words = text(null, ({ values, label }) =>
      [...values, ["zebra", 'an "ape"'][label].replaceAll('"', '""')].map((value) => `"${value}"`).join(","),
    );
    const { train } = pair(words, words);
    expect([train.classNames, [...train.labels].slice(0, 3)]).toEqual([
      ['an "ape"', "zebra"],
      [1, 0, 1],
    ]);
  });

  it.each<[string, readonly (string | number)[], readonly string[] | undefined]>([
    ["0 and 255", [0, 255], ["0", "255"]],
    ["a gap", [0, 1, 3, 7], ["0", "1", "3", "7"]],
    ["counted from 1", [1, 2, 3], ["1", "2", "3"]],
    ["negative ones", [-1, 1], ["-1", "1"]],
    ["written as floats", ["0.0", "1.0"], undefined],
    ["one name in two forms of Unicode", ["caf\u00E9", "tee", "cafe\u0301"], ["caf\u00E9", "tee"]],
    [
      "more than nine",
      Array.from({ length: 12 }, (_, i) => 12 - i),
      Array.from({ length: 12 }, (_, i) => String(i + 1)),
    ],
  ])("with labels of %s has a class for each", (_, labels, names) => {
    const lines = `a,label\n${Array.from({ length: 40 }, (_, i) => `${i},${labels[i % labels.length]}\n`).join("")}`;
    const { train, test } = one(lines);
    expect([train.classNames, train.classes, test.classes]).toEqual([
      names,
      names?.length ?? 2,
      names?.length ?? 2,
    ]);
  });

  it("of which a part is taken shows each class in its share, sorted or not", () => {
    const sorted = `a,label\n${Array.from({ length: 200 }, (_, i) => `${i % 50},${Number(i >= 150)}\n`).join("")}`;
    const { train, test, warnings } = one(sorted, { train: 40, test: 20 });
    expect([train, test].map(({ labels }) => labels.reduce((a, b) => a + b, 0) / labels.length)).toEqual([
      0.25, 0.25,
    ]);
    expect(warnings).toEqual([]);
    const [few, more] = [one(sorted, { train: 40 }), one(sorted, { train: 70 })].map(
      (found) => new Set(rowsOf(found.train).map(String)),
    );
    expect([...few].every((row) => more.has(row))).toBe(true);
    // Labels that go round in fives: every fifth line is of one class.
    const round = `a,label\n${Array.from({ length: 50 }, (_, i) => `${i},${i % 5}\n`).join("")}`;
    expect([...one(round).test.labels].sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(one(round, { train: 3 }).warnings).toEqual([
      { code: "DATA-CLASS", text: 'the 3 training samples hold 3 of 5 classes: none of "3", "4"' },
    ]);
  });

  it("has its test columns matched by their names, whatever their order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
        const moved = text(order.map((i) => ["a", "b", "c", "label"][i]).join(","), ({ values, label }) =>
          order.map((i) => [...values, label][i]).join(","),
        );
        expect(rowsOf(pair(plain, moved).test)).toEqual(expected);
      }),
    );
  });

  it("with an index in one of two files has none in either", () => {
    const indexed = text(",a,b,c,label", ({ values, label }, i) => [i, ...values, label].join(","));
    expect([pair(plain, indexed), pair(indexed, plain)].map(({ test }) => rowsOf(test))).toEqual([
      expected,
      expected,
    ]);
  });

  it.each<[string, string | number, string]>([
    ["a name", "kind", "a,b,kind"],
    ["a number from 1", 3, "a,b,kind"],
    ["a number as a text", "3", "a,b,kind"],
    ["a number without names", 3, ""],
  ])("takes the label's column that is asked for: %s", (_, label, head) => {
    const lines = `${head === "" ? "" : `${head}\n`}${Array.from({ length: 12 }, (_, i) => `${i % 3},${i % 4},${i % 2}\n`).join("")}`;
    expect(one(lines, { label }).train.classes).toBe(2);
    expect(one(lines, { label: head === "" ? 1 : "a" }).train.classes).toBe(3);
  });

  it("takes y for the label, and not beside x", () => {
    expect(one(`y,a\n${"0,5\n1,6\n".repeat(5)}`).notes[0]).toBe('the label is column 1 ("y")');
    expect(one(`x,y,kind\n${"0.5,1.5,0\n0.25,2.5,1\n".repeat(5)}`).notes[0]).toBe(
      'the label is column 3 ("kind")',
    );
  });

  it.each<[string, readonly (number | string)[], number, string]>([
    ["0 and 1", [0, 1, 1], 1, "values 0…1, as they are"],
    ["0…16", [0, 8, 16], 16, "values 0…16, divided by 16"],
    ["0…255", [0, 17, 255], 255, "values 0…255, divided by 255"],
    ["fractions", [0, 0.25, 1], 1, "values 0…1, as they are"],
    ["a sign", [-1.5, 0, 2.25], 1, "values -1.5…2.25, as they are"],
    ["exponents", ["1e-2", "5E-1", "+1"], 1, "values 0.01…1, as they are"],
  ])("of %s is scaled so, and says it", (_, values, scale, note) => {
    const lines = `a,b,c,label\n${`${values.join(",")},0\n${values.join(",")},1\n`.repeat(5)}`;
    const { train, notes } = one(lines);
    expect(rowsOf(train)[0][0].map((value) => Math.fround(value * scale))).toEqual(
      values.map((value) => Math.fround(Number(value))),
    );
    expect(notes).toContain(note);
  });

  it("takes the scale that is said, for both files", () => {
    const { train, test } = pair("a,label\n1,0\n16,1\n", "a,label\n255,0\n51,1\n", { scale: 255 });
    expect([rowsOf(train), rowsOf(test)].map((rows) => rows.map(([[value]]) => value))).toEqual([
      [1 / 255, 16 / 255],
      [1, 0.2],
    ]);
  });

  it("warns where a whole test is faint", () => {
    for (const test of ["1,0\n0,1\n", "16,0\n5,1\n"])
      expect(pair("a,label\n255,0\n16,1\n", `a,label\n${test}`).warnings).toMatchObject([
        { code: "DATA-SCALE" },
      ]);
  });

  const small = (lines: string): string => `a,b,label\n1,2,0\n3,4,1\n${lines}`;
  it.each<[string, string, string | Uint8Array, string, CsvOptions?]>([
    [
      "DATA-COLUMN",
      "both ends look like labels",
      Array.from({ length: 12 }, (_, i) => `${i % 3},${i},${i % 2}\n`).join(""),
      "--label 1  or  --label 3",
    ],
    [
      "DATA-COLUMN",
      "nothing looks like labels",
      Array.from({ length: 12 }, (_, i) => `${i + 0.5},${i},${i / 3}\n`).join(""),
      "--label 1  or  --label 3",
    ],
    [
      "DATA-COLUMN",
      "words and numbers that look like labels",
      Array.from({ length: 12 }, (_, i) => `${["m", "f"][i % 2]},${i},${i % 2}\n`).join(""),
      "--label",
    ],
    ["DATA-COLUMN", "two columns called label", `label,a,class\n${"0,1,2\n".repeat(5)}`, '"label", "class"'],
    ["DATA-COLUMN", "a column that is not there", small(""), 'there is no column "kind"', { label: "kind" }],
    ["DATA-COLUMN", "a column beyond the last", small(""), "counted from 1", { label: 4 }],
    ["DATA-COLUMN", "a column before the first", small(""), "counted from 1", { label: 0 }],
    ["DATA-COLUMN", "no column", small(""), "said to be nothing", { label: " " }],
    [
      "DATA-COLUMN",
      "a name that is the number of another",
      "2,1,label\n1,2,0\n1,2,1\n",
      "is the name of column 1",
      { label: "2" },
    ],
    ["DATA-LABEL", "one class", `a,label\n${"1,0\n2,0\n".repeat(5)}`, "one class"],
    [
      "DATA-LABEL",
      "a constant column that is asked for",
      small("5,6,1\n5,6,1\n5,6,1\n").replaceAll(/^(\d),/gm, "7,"),
      "one class",
      { label: 1 },
    ],
    ["DATA-LABEL", "half a label", small("1,1,0.5\n"), "all.csv, line 4"],
    ["DATA-LABEL", "a label in hexadecimal", small("1,1,0x1\n"), "0x1"],
    ["DATA-LABEL", "an infinite label", small("1,1,inf\n"), "inf"],
    [
      "DATA-LABEL",
      "257 labels",
      `a,label\n${Array.from({ length: 300 }, (_, i) => `1,${i}\n`).join("")}`,
      "line 258",
    ],
    ["DATA-CSV", "a missing label", small("1,1,\n"), 'line 4: the label, column 3 ("label"), is missing'],
    ["DATA-CSV", "a missing value", small("1,,0\n"), 'line 4: the value of column 2 ("b") is missing'],
    [
      "DATA-CSV",
      "a missing value in the first line",
      "0,,1\n0,1,1\n1,1,0\n",
      "line 1: the value of column 2 is missing",
    ],
    [
      "DATA-CSV",
      "NA in the first line",
      "0,NA,1\n0,1,1\n1,1,0\n",
      'line 1: the value of column 2 is missing: "NA"',
    ],
    ["DATA-CSV", "a question mark", small("?,1,0\n"), "line 4"],
    ["DATA-CSV", "NaN", small("1,NaN,0\n"), "line 4"],
    ["DATA-CSV", "an infinite value", small("1,1e999,0\n"), "line 4"],
    ["DATA-CSV", "a value that float32 cannot hold", small("1,1e39,0\n"), "1e39"],
    ["DATA-CSV", "a word", small("1,cat,0\n"), '"cat", which is not a number'],
    ["DATA-CSV", "a word in the first line", "0,cat,1\n0,1,1\n1,1,0\n", "line 1"],
    ["DATA-CSV", "hexadecimal", small("1,0x10,0\n"), "0x10"],
    ["DATA-CSV", "underscores", small("1,1_000,0\n"), "1_000"],
    ["DATA-CSV", "40,000 digits", small(`1,${"7".repeat(40_000)},0\n`), "40000 characters"],
    ["DATA-CSV", "a short line", small("1,2\n"), "line 4: there are fewer cells than the 3"],
    ["DATA-CSV", "a long line", small("1,2,3,4\n"), "line 4: there are more cells than the 3"],
    ["DATA-CSV", "a quote that does not close", small('1,"2,0\n1,2,0\n'), "line 4"],
    ["DATA-CSV", "spaces between values", "1 2 0\n3 4 1\n", "not by spaces"],
    [
      "DATA-CSV",
      "points and commas",
      "a;b;label\n1.5;2;0\n1,5;2;1\n",
      "line 3: there are decimal commas and decimal points",
    ],
    ["DATA-CSV", "nothing", "", "the file is empty"],
    ["DATA-CSV", "nothing but blank lines", "\n \n\n", "the file is empty"],
    ["DATA-CSV", "only names", "a,b,label\n", "no samples"],
    ["DATA-CSV", "only labels", "label,id\n0,1\n1,2\n", "no value"],
    ["DATA-TEXT", "a zero byte", small("1,\0,0\n"), "line 4"],
    ["DATA-TEXT", "half of UTF-16", Uint8Array.of(0xff, 0xfe, 0x00, 0xd8, 0x31), "UTF-16"],
    [
      "DATA-TEXT",
      "names of another encoding",
      Buffer.from("gr\u00FCn,label\n1,0\n2,1\n", "latin1"),
      "line 1",
    ],
    ["DATA-RANGE", "values beyond 255", `a,label\n${"65535,0\n1,1\n".repeat(5)}`, "--scale 65535"],
    ["DATA-RANGE", "bytes with a sign", `a,label\n${"-128,0\n127,1\n".repeat(5)}`, "--scale 128"],
    ["DATA-RANGE", "a scale of zero", small("1,2,0\n1,2,1\n5,5,0\n"), "divides nothing", { scale: 0 }],
    ["DATA-COUNT", "four samples", "a,label\n1,0\n1,1\n1,0\n1,1\n", "5 samples or more"],
  ])("is refused with %s: %s", (code, _, given, said, options) => {
    expect(codeOf(() => one(given, options))).toBe(code);
    expect(() => one(given, options)).toThrow(said);
  });

  const train = "a,b,label\n1,255,0\n3,4,1\n";
  it.each<[string, string, string, string]>([
    ["DATA-COLUMN", "no labels", "a,b\n1,2\n", 'no column "label"'],
    ["DATA-COLUMN", "a column missing", "a,label\n1,0\n", 'lacks a column of the training file: "b"'],
    ["DATA-COLUMN", "a column more", "a,b,c,label\n1,2,3,0\n", 'that the training file lacks: "c"'],
    ["DATA-COLUMN", "another width without names", "1,2,3,0\n", "4 cells"],
    ["DATA-COLUMN", "a name twice", "a,a,label\n1,2,0\n", 'two columns are called "a"'],
    [
      "DATA-LABEL",
      "a class that training lacks",
      "a,b,label\n1,2,7\n1,2,7\n1,2,0\n",
      "2 test samples are of a class that the training data lack: 7",
    ],
    ["DATA-RANGE", "values that reach farther", "a,b,label\n1,65535,0\n", "not scaled alike"],
    ["DATA-RANGE", "fractions where training has bytes", "a,b,label\n0.5,1,0\n", "not scaled alike"],
    ["DATA-RANGE", "a sign where training has none", "a,b,label\n-0.5,1,0\n", "not scaled alike"],
  ])("of which the test differs is refused with %s: %s", (code, _, test, said) => {
    expect(codeOf(() => pair(train, test))).toBe(code);
    expect(() => pair(train, test)).toThrow(said);
    expect(() => pair(train, test)).toThrow("test.csv");
  });

  it("of a million columns or of anything else is refused or read without delay, and never but with a code", () => {
    const started = process.cpuUsage();
    codeOf(() => one(`${"1,".repeat(999_999)}1\n`));
    codeOf(() => one(`${"a,".repeat(999_999)}label\n${"1,".repeat(999_999)}1\n`));
    codeOf(() => one(",".repeat(1_100_000)));
    codeOf(() => one('"'.repeat(1_000_001)));
    codeOf(() => one("\n".repeat(1_000_000)));
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(8);
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("0", "1", "a", ",", ";", '"', "\n", "\r", " ", ".", "-", "é"),
          maxLength: 60,
        }),
        (given) => {
          codeOf(() => one(given));
          codeOf(() => pair(plain, given));
        },
      ),
      { numRuns: fewer(300) },
    );
  });
});
