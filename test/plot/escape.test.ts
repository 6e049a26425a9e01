import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText } from "../../src/plot/escape";
import { element } from "../../src/plot/markup";
import { decode, readXml } from "./well-formed";

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      "a",
      ";",
      "]]>",
      "-->",
      "javascript:",
      "\0",
      "\u001b",
      "\u009b",
      "\u202e",
      "\u2066",
      "\uD800",
      "\uFFFE",
    ),
    maxLength: 20,
  }),
);

describe("escaping", () => {
  it("leaves nothing that markup would read", () => {
    fc.assert(fc.property(hostile, (text) => !/[<>"']|&(?!(amp|lt|gt|quot|#39);)/.test(escapeText(text))));
  });

  it("keeps every legal text as it was", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        (text) => void expect(decode(escapeText(text))).toBe(text),
      ),
    );
  });

  it("replaces what XML cannot hold", () => {
    expect(escapeText("a\0b\uD800c\u{1F600}\t\uFFFF")).toBe("a\uFFFDb\uFFFDc\u{1F600}\t\uFFFD");
  });

  it("replaces what a terminal obeys and what turns letters around", () => {
    expect(escapeText("a\u001b[2J\u009b2J\u007f\u202etxt\u2066\u2069 אב\u200f")).toBe(
      "a\uFFFD[2J\uFFFD2J\uFFFD\uFFFDtxt\uFFFD\uFFFD אב\u200f",
    );
  });
});

describe("elements", () => {
  it("carry any text, as a child and as an attribute", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { texts, attributes } = readXml(
          element("text", { "aria-label": text, x: 1 }, "from ", text).markup,
        );
        const shown = decode(escapeText(text));
        expect(texts.join("")).toBe(`from ${shown}`);
        expect(attributes).toEqual([
          ["text", "aria-label", shown],
          ["text", "x", "1"],
        ]);
      }),
    );
  });

  it("leave out what is absent", () => {
    expect(element("g", { class: undefined }, false, null, ["a", [element("b")]]).markup).toBe(
      "<g>a<b></b></g>",
    );
  });

  it("refuse a coordinate that is none", () => {
    expect(() => element("circle", { r: NaN })).toThrow("NaN is no coordinate");
    expect(element("circle", { r: -0.001 }).markup).toBe('<circle r="0"></circle>');
  });
});
