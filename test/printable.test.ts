import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../src/errors";
import {
  columns,
  cutTo,
  linesWithin,
  manyLines,
  oneLine,
  padTo,
  printableJson,
  widthOf,
} from "../src/printable";
import { OBEYED } from "./obeyed";

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      "a",
      "é",
      "漢",
      "e\u0301",
      "\u001b[2J",
      "\u001b]0;title\u0007",
      "\u009b31m",
      "\u007f",
      "\r",
      "\n",
      "\t",
      "\0",
      "\u2028",
      "\u202e",
      "\u2066",
      "\ud800",
      "\udc00",
      "\u{1f600}",
    ),
    maxLength: 20,
  }),
);

describe("text for people", () => {
  it("holds nothing that a terminal obeys, whatever it was made of", () => {
    fc.assert(fc.property(hostile, (text) => void expect(oneLine(text)).not.toMatch(OBEYED)));
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 1 }),
        (lines) => void expect(manyLines(lines).split("\n").length).toBe(lines.length),
      ),
    );
  });

  it("stays as it is where it is harmless, and shows what it takes away", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => void expect(oneLine(text)).toBe(text)));
    expect(oneLine("a\u001b[31mb\u202ec\td\ne\ud800")).toBe("a\\u001b[31mb\\u202ec d\\u000ae\\ud800");
  });

  it("of several lines that another wrote has none that passes for ours", () => {
    expect(linesWithin("a\nFORGED\n    at b")).toEqual(["a", "  FORGED", "  at b"]);
  });

  it("is harmless as JSON, too, and reads as the same value", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = printableJson({ [text]: [text] });
        expect(json).not.toMatch(OBEYED);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
      }),
    );
    expect(printableJson(undefined)).toBe("null");
    expect(printableJson([1, "é漢"])).toBe('[1,"é漢"]');
  });
});

describe("columns of a terminal", () => {
  it.each([
    ["abc", 3],
    ["", 0],
    ["é", 1],
    ["e\u0301", 1],
    ["漢字", 4],
    ["ｗ", 2],
    ["\u{1f600}", 2],
    ["a\u200db", 2],
    ["한", 2],
  ])("%j takes %d", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it("are kept to when a line is cut or filled up", () => {
    fc.assert(
      fc.property(hostile, fc.nat(30), (text, most) => {
        const line = oneLine(text);
        expect(widthOf(cutTo(line, most))).toBeLessThanOrEqual(most);
        expect(line.startsWith(cutTo(line, most))).toBe(true);
        expect(widthOf(padTo(line, most))).toBe(Math.max(most, widthOf(line)));
      }),
    );
    expect([cutTo("漢字", 3), cutTo("e\u0301e\u0301", 1), cutTo("abc", 0)]).toEqual(["漢", "e\u0301", ""]);
  });

  it("line up whatever stands in them", () => {
    expect(
      columns([
        ["漢字", "a"],
        ["b", "\u001b[2J"],
      ]),
    ).toEqual(["  漢字  a", "  b     \\u001b[2J"]);
    expect(columns([["a", "b"]], "")).toEqual(["a  b"]);
  });
});

describe("the message of an error", () => {
  const error = (text: string): OhmletError =>
    new OhmletError({
      code: "X-Y",
      fact: text,
      place: { where: text, line: 1, column: 3, excerpt: text, path: text },
      remedy: text,
    });

  it("is harmless, each field in lines of its own that no field can make", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = error(text).message.split("\n");
        for (const line of lines) expect(line).not.toMatch(OBEYED);
        expect(lines.filter((line) => !line.startsWith("  "))).toEqual([lines[0]]);
        // as it was given
        expect(error(text).toJSON()).toMatchObject({ fact: text, place: { excerpt: text } });
      }),
    );
    expect(error("a\nINTERNAL  b").message).not.toMatch(/^INTERNAL/m);
  });

  it("points at the letter, however wide what stands before it is", () => {
    const at = (excerpt: string, column: number): string | undefined =>
      new OhmletError({ code: "X-Y", fact: "f", place: { where: "w", line: 1, column, excerpt } }).message
        .split("\n")
        .at(-1);
    expect(at("漢字 = W", 6)).toBe(`  ${" ".repeat(7)}^`);
    expect(at("\u001b = W", 5)).toBe(`  ${" ".repeat(9)}^`);
    expect(at("a = W", 5)).toBe("      ^");
  });
});
