/** JSON of strangers: what JSON.parse reads, as long as it is not nested deep. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeOf } from "../src/config/node";
import { DEEPEST_JSON, parseJson, whyNotJson } from "../src/json-text";
import { CaseValue } from "../src/verify/case";
import { caught } from "./engines/caught";

const lists = (depth: number, inner = ""): string => "[".repeat(depth) + inner + "]".repeat(depth);

describe("parseJson", () => {
  it("reads what JSON.parse reads, and refuses what that refuses", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const [own, theirs] = [caught(() => parseJson(text)), caught(() => JSON.parse(text) as unknown)];
        expect(own === undefined).toBe(theirs === undefined);
      }),
    );
  });

  it("counts brackets that are open, and none within texts", () => {
    expect(parseJson(lists(DEEPEST_JSON))).toBeDefined();
    expect(parseJson(JSON.stringify([lists(1000), `\\"${lists(1000)}`, '"', "\\"]))).toHaveLength(4);
    expect(parseJson(`[${Array.from({ length: 1000 }, () => "[]").join()}]`)).toHaveLength(1000);
  });

  it.each([
    ["lists", lists(DEEPEST_JSON + 1)],
    ["a million lists", lists(1_000_000)],
    ["objects", `${'{"a":'.repeat(1_000_000)}1${"}".repeat(1_000_000)}`],
    ["lists that never end", "[".repeat(1_000_000)],
    ["both, after a text", `["${"\\\\".repeat(1000)}",${'[{"a":'.repeat(100_000)}`],
  ])("refuses %s, and says why", (_, text) => {
    const error = caught(() => parseJson(text));
    expect(error).toBeInstanceOf(SyntaxError);
    expect(whyNotJson(error)).toContain(`nested too deep: more than ${DEEPEST_JSON}`);
  });

  it("a case to verify is read by it", () => {
    expect(caught(() => CaseValue.parse(lists(1_000_000)))).toMatchObject({
      code: "VERIFY-CASE",
      fact: expect.stringContaining("nested too deep"),
    });
  });
});

describe("plain data", () => {
  it("is not followed for ever", () => {
    const ring: unknown[] = [];
    ring.push(ring);
    const deep = Array.from({ length: 100_000 }, () => 0).reduce<unknown>((inner) => ({ inner }), {});
    for (const data of [ring, deep])
      expect(caught(() => nodeOf(data))).toMatchObject({ code: "CONFIG-DEPTH", place: { where: "config" } });
  });
});
