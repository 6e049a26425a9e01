/** The records of CSV texts, held against csv-parse. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Records } from "../../../src/data/csv/records";
import { codeOf } from "../../refusal";

function ours(text: string, delimiter: string): string[][] {
  const records = new Records(new TextEncoder().encode(text), delimiter.charCodeAt(0), "a.csv");
  const all: string[][] = [];
  while (records.next()) all.push(records.texts());
  return all;
}

/** Cells with all that needs quoting, and numbers; no spaces around, which csv-parse is asked to leave. */
const cell = fc.oneof(
  fc.integer().map(String),
  fc
    .string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r\n", " ", "1", "."), maxLength: 6 })
    .map((text) => text.trim()),
);
const quoted = (text: string, always: boolean): string =>
  always || /[",;\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const table = fc.integer({ min: 2, max: 5 }).chain((columns) =>
  fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: columns, maxLength: columns }), {
    minLength: 1,
    maxLength: 6,
  }),
);

describe("the records of a CSV text", () => {
  it("are those that csv-parse finds, whatever is quoted and however lines end", () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(",", ";", "\t"),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (rows, delimiter, end, last) => {
          const text =
            rows.map((row) => row.map(([value, always]) => quoted(value, always)).join(delimiter)).join(end) +
            (last ? end : "");
          const expected = (
            parse(text, {
              delimiter,
              record_delimiter: ["\n", "\r\n"],
              relax_column_count: true,
            }) as string[][]
          ).map((row) => row.map((value) => value.trim()));
          expect(ours(text, delimiter)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("tell the line on which each begins, past line ends within quotes and blank lines", () => {
    const records = new Records(new TextEncoder().encode('a,"b\n\nc"\n\n  \r\n1,2\r3,4'), 44, "a.csv");
    const lines: number[] = [];
    while (records.next()) lines.push(records.line);
    expect(lines).toEqual([1, 6, 7]);
  });

  it("take spaces around cells and quotes for nothing", () => {
    expect(ours(' 1 ,\t"a ""b"" c"  , 3\n', ",")).toEqual([["1", 'a "b" c', "3"]]);
  });

  it.each([
    ["DATA-CSV", '1,"2\n3,4\n', "line 1: a quote opens"],
    ["DATA-CSV", '1,2\n3,"4"5\n', "line 2: there is more in a cell"],
    ["DATA-CSV", `${"1,".repeat(1_100_000)}1\n`, "line 1: the line has more than 1000000 cells"],
  ])("are refused with %s: %j", (code, text, said) => {
    expect(codeOf(() => ours(text, ","))).toBe(code);
    expect(() => ours(text, ",")).toThrow(said);
  });
});
