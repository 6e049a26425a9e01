/** CSV as a spreadsheet opens it and as a program reads it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine } from "../../src/io/csv";
import { stopwatch } from "../stopwatch";

/** The cells of one line, by RFC 4180. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|\r\n)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
/** What docs/studies.md tells to do with texts that are read back. */
const asItWas = (text: string): string =>
  text.replace(
    /^'(?=[\s\p{Cc}'"]*[=+\-@＝＋－＠])|(?<=[;\t\r\n])'(?=(?:(?![\t\r\n])[\s\p{Cc}'"])*[=+\-@＝＋－＠])/gu,
    "",
  );
/**
 * The pieces that spreadsheets make of a line: at commas, or at semicolons and tabs too, with and without a
 * regard for quotes.
 */
const pieces = (line: string): string[] => [
  ...cellsOf(line),
  ...cellsOf(line).flatMap((cell) => cell.split(/[;\t\r\n]/)),
  ...line.split(/[;\t\r\n]/).slice(1),
];
const isFormula = (piece: string): boolean =>
  /^[\s\p{Cc}"]*[=+\-@＝＋－＠]/u.test(piece) &&
  !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*(,.*)?$/i.test(piece.replaceAll('"', ""));

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "＝",
      "＋",
      "－",
      "＠",
      "1",
      "e",
      ".",
      '"',
      ",",
      ";",
      "\t",
      "\n",
      "\r",
      " ",
      "\u00a0",
      "'",
      "a",
      "\0",
      "é",
    ),
    maxLength: 12,
  }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

describe("a line of CSV", () => {
  it("holds no formula, however a spreadsheet splits it", () => {
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: fc.constantFrom("a", "1"), maxLength: 3 }),
        (cell, before) => void expect(pieces(csvLine([before, cell])).filter(isFormula)).toEqual([]),
      ),
      { numRuns: 2000 },
    );
  });

  it("reads back as it was written", () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        (cells) => void expect(cellsOf(csvLine(cells)).map(asItWas)).toEqual(cells),
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    "=1+1",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    '"=1',
    "＝1+1",
    "－a",
    "a;=1",
    "a\n=1",
    "-5 mV",
    "+",
    "-inf",
  ])("does not let %j be one", (cell) => {
    expect(pieces(csvLine(["x", cell])).filter(isFormula)).toEqual([]);
    expect(cellsOf(csvLine([cell])).map(asItWas)).toEqual([cell]);
  });

  it.each([
    [-1.5, "-1.5"],
    [1e-7, "1e-7"],
    [-2e300, "-2e+300"],
    ["-70", "-70"],
    ["+1", "+1"],
    ["-1.5E-3", "-1.5E-3"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
    [true, "true"],
    ["a-b", "a-b"],
    ["50 nS", "50 nS"],
    ["x = 1", "x = 1"],
    ["'quoted'", "'quoted'"],
  ] as const)("leaves %j as it is", (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  it("has names of columns that are safe, too", () => {
    expect(csvLine(["=evil", "epoch", "cosine_l1"])).toBe("'=evil,epoch,cosine_l1\r\n");
  });

  it("does not take long, however long a cell is", () => {
    const elapsed = stopwatch();
    for (const cell of [
      "1".repeat(1e5),
      `${"1".repeat(1e5)}x`,
      " ".repeat(1e5),
      "\t".repeat(1e5),
      ";=".repeat(1e5),
      "; ".repeat(1e5),
      "'".repeat(1e5),
    ])
      csvLine([cell]);
    expect(elapsed()).toBeLessThan(1000);
  });
});
