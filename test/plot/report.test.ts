import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { figureFiles } from "../../src/plot/figure";
import { reportHtml } from "../../src/plot/report";
import type { Report } from "../../src/plot/report-types";
import { readXml } from "./well-formed";

/** A report with `text` wherever a text goes. */
const report = (text: string): Report => ({
  title: text,
  summary: text,
  headline: [{ label: text, value: text, detail: text }],
  facts: [[text, text]],
  question: text,
  commands: [{ command: text, what: text }],
  tables: [{ title: text, caption: text, columns: [text, text], rows: [[text, text]] }],
  figures: [
    {
      kind: "curves",
      group: text,
      title: text,
      caption: text,
      xLabel: text,
      yLabel: text,
      level: { y: 0.7, name: text },
      series: [{ name: text, x: [1, 2], y: [0.5, null] }],
    },
    {
      kind: "curves",
      title: text,
      caption: text,
      xLabel: text,
      yLabel: text,
      xNames: [text, text],
      series: [{ name: text, x: [0, 1], y: [0.5, 1], band: { low: [0, null], high: [1, 1] } }],
    },
    {
      kind: "heat map",
      title: text,
      caption: text,
      xLabel: text,
      yLabel: text,
      x: [text],
      y: [text],
      values: [[0.5]],
    },
    {
      kind: "tornado",
      title: text,
      caption: text,
      xLabel: text,
      base: 1,
      bars: [{ name: text, low: { setting: text, outcome: 0 }, high: { setting: text, outcome: 2 } }],
    },
    {
      kind: "ranking",
      title: text,
      caption: text,
      xLabel: text,
      bars: [text],
      rows: [{ name: text, values: [0.5] }],
    },
    {
      kind: "histogram",
      title: text,
      caption: text,
      values: [1, 2, 3],
      unit: text,
      of: text,
      mark: { x: 2, name: text },
    },
    {
      kind: "images",
      title: text,
      caption: text,
      size: [1, 1],
      images: [{ pixels: [0.5], caption: text, wrong: true }],
    },
  ],
  notes: [
    { kind: "warning", text },
    { kind: "note", text },
  ],
});

const empty: Report = {
  title: "t",
  summary: "s",
  headline: [],
  facts: [],
  commands: [],
  figures: [],
  notes: [],
};

describe("a report", () => {
  it("fetches nothing and runs nothing", () => {
    const html = reportHtml(report("plain"));
    expect(html).not.toMatch(/https?:|\/\/|url\(|@import|<script|<link|<iframe|\bon\w+=/i);
    const targets = readXml(html).attributes.filter(([, key]) => /^(href|src|action|data)$/.test(key));
    expect(targets.length).toBe(1);
    for (const [, , value] of targets) expect(value).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+$/);
    for (const rule of ["default-src 'none'", "base-uri 'none'", "form-action 'none'"])
      expect(html).toContain(rule.replaceAll("'", "&#39;"));
    expect(html).not.toContain("script-src");
  });

  it("escapes every text it is given", () => {
    const hostile = `</style></title><script>alert("1")</script><img src=x onerror='y'>&`;
    const html = reportHtml(report(hostile));
    expect(html).not.toMatch(/<script|<img|<\/style><\/title>/);
    const { texts } = readXml(html);
    // Whole where it has room; in pictures also broken into lines, or cut.
    expect(texts.filter((text) => text === hostile).length).toBeGreaterThanOrEqual(30);
  });

  it("is well-formed whatever the texts", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.string({ unit: fc.constantFrom("<", ">", "&", "'", '"', "\0", "\uD800", "-", "a"), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (any) => void readXml(reportHtml(report(any)))),
      { numRuns: 20 },
    );
  });

  it("has pictures as files of their own, as harmless, under names that are plain", () => {
    for (const text of [
      `</svg><script>alert(1)</script>`,
      "]]>",
      "javascript:alert(1)",
      "../../x",
      "a\0\u001b[2J\u202e\ud800",
      "\u0000",
    ]) {
      const files = figureFiles(report(text).figures);
      expect(files.length).toBe(7);
      for (const { name, svg } of files) {
        expect(name).toMatch(/^\d\d-[a-z0-9-]+\.svg$/);
        expect(svg).not.toMatch(/<script|<foreignObject|<!\[CDATA|\bon\w+=/i);
        const { attributes } = readXml(svg);
        for (const [, key, value] of attributes)
          if (/href|src/.test(key)) expect(value).toMatch(/^data:image\/png;base64,/);
      }
    }
  });

  it("tells first what was asked and what came out, and warns before it shows", () => {
    const html = reportHtml({
      ...report("x"),
      title: "TITLE",
      question: "QUESTION",
      commands: [{ command: "COMMAND", what: "" }],
      summary: "SUMMARY",
      headline: [{ label: "l", value: "FIGURE" }],
      notes: [
        { kind: "note", text: "NOTE" },
        { kind: "warning", text: "WARNING" },
      ],
    });
    const body = html.slice(html.indexOf("<body>"));
    const places = ["TITLE", "QUESTION", "SUMMARY", "FIGURE", "WARNING", "<svg", "COMMAND", "NOTE"].map(
      (part) => body.indexOf(part),
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it("leaves out what it has nothing for", () => {
    const body = reportHtml(empty).split("<body>")[1];
    expect(body.trim()).toBe(
      '<main><header><h1>t</h1><p class="summary">s</p></header></main></body></html>',
    );
  });

  it("is the same, byte for byte, for the same data", () => {
    expect(reportHtml(report("a"))).toBe(reportHtml(report("a")));
  });
});
