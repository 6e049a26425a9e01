/**
 * Cases that are unreadable, inconsistent or hostile end as FAIL with a reason, soon, and never as a crash.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { verdictLine, verifyCase, type Verdict } from "../../src/verify";
import { stopwatch } from "../stopwatch";

type Tree = { [key: string]: never } & Record<string, unknown>;

const read = (name: string): string =>
  readFileSync(join(__dirname, "../golden/cases", `${name}.json`), "utf8");
const TEXTS = ["vector-field-tiny", "holomorphic-mlp-tiny", "ep-train-step-tiny"].map(read);
const [FIELD, HOLOMORPHIC, TRAIN] = TEXTS;

let reference: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
});
const verdictOf = (text: string, strict = false): Promise<Verdict> =>
  verifyCase("case", text, { engine: reference, reference, strict });

/** The case with the value at a path replaced; undefined takes it out. */
function replaced(text: string, path: readonly string[], value: unknown): string {
  const root = JSON.parse(text) as Tree;
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, root);
  const last = path[path.length - 1];
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(root);
}

const BAD: [string, string, RegExp][] = [
  ["an empty file", "", /not JSON/],
  ["a truncated file", FIELD.slice(0, 900), /not JSON/],
  ["NaN, as Python writes it", FIELD.replace(/-?0\.\d+/, "NaN"), /not JSON/],
  ["a list", "[]", /object/],
  ["null", "null", /object/],
  ["no kind", replaced(FIELD, ["kind"], undefined), /"kind" is missing/],
  ["a kind that is no text", replaced(FIELD, ["kind"], 7), /text/],
  ["a hundred thousand brackets", "[".repeat(100_000) + "]".repeat(100_000), /object|nested too deep/],
  [
    "deep nesting inside",
    FIELD.replace("{", `{"extra":${"[".repeat(5000)}1${"]".repeat(5000)},`),
    /nested too deep/,
  ],
  ["missing parameters", replaced(FIELD, ["params", "W10"], undefined), /params: "W10" is missing/],
  ["missing expectations", replaced(FIELD, ["nu_exact", "b0"], undefined), /nu_exact: "b0" is missing/],
  ["no nudged phases", replaced(FIELD, ["nudged"], {}), /nudged: 0 entries/],
  [
    "a ragged matrix",
    replaced(FIELD, ["params", "W01", "0"], [1]),
    /params\/W01\/0: 1 entries, 3 are needed/,
  ],
  ["null in a matrix", replaced(FIELD, ["params", "W01", "0"], [null, 0, 0]), /null where a finite number/],
  [
    "a text in a matrix",
    replaced(FIELD, ["params", "W01", "0"], ["1", 0, 0]),
    /a string where a finite number/,
  ],
  ["an infinite weight", FIELD.replace(/"b0":\[[^,]+/, '"b0":[1e999'), /finite number/],
  ["sizes that do not fit", replaced(FIELD, ["hyper", "sizes"], [4, 5, 2]), /are needed/],
  ["one layer", replaced(FIELD, ["hyper", "sizes"], [4]), /layers/],
  ["a fractional size", replaced(FIELD, ["hyper", "sizes"], [4, 2.5, 2]), /whole number/],
  ["a giant size", replaced(FIELD, ["hyper", "sizes"], [4, 1e9, 2]), /whole number/],
  ["endless phases", replaced(FIELD, ["hyper", "T"], 1e15), /whole number/],
  [
    "long phases of many samples",
    replaced(FIELD, ["hyper", "T"], 1e6).replace(/"x":\[/, `"x":[${"[0,0,0,0],".repeat(1000)}`),
    /more than can be verified/,
  ],
  ["an unknown rho", replaced(FIELD, ["hyper", "rho"], "constructor"), /not known/],
  ["a negative step", replaced(FIELD, ["hyper", "eps"], -1), /time step/],
  ["an amplitude that is none", replaced(FIELD, ["nudged"], { __proto__x: {} }), /amplitude/],
  ["a hostile name", FIELD.replace('"nudged":{', '"nudged":{"__proto__":{"a":1},'), /amplitude/],
  ["an unknown kernel", replaced(HOLOMORPHIC, ["kernels", "out-in"], [[1]]), /"out-in"/],
  [
    "no hidden layer",
    replaced(HOLOMORPHIC, ["sizes"], { x: 3, out: 2, classes: 2, batch: 2 }),
    /hidden layers/,
  ],
  ["an estimate without points", replaced(HOLOMORPHIC, ["estimates"], { "beta=0.5": {} }), /named/],
  ["too many points", replaced(HOLOMORPHIC, ["estimates"], { "beta=0.5,N=100000": {} }), /points/],
  ["an unknown column", replaced(HOLOMORPHIC, ["eq11", "columns"], ["constructor", "b", "c"]), /column/],
  ["no truncated run", replaced(HOLOMORPHIC, ["code_like_T20_T6"], undefined), /truncated run/],
  ["an unknown model", replaced(TRAIN, ["cases"], { hasOwnProperty: {} }), /no known model/],
  ["no model", replaced(TRAIN, ["cases"], {}), /0 entries/],
  ["a map with a step", replaced(TRAIN, ["cases", "P-2h", "hyper", "eps"], 0.5), /steps of 1/],
  ["a rate for one layer only", replaced(TRAIN, ["cases", "P-2h", "hyper", "lr"], [0.1]), /3 are needed/],
];

describe("a bad case fails with its reason", () => {
  it.each(BAD)("%s", async (_name, text, reason) => {
    const elapsed = stopwatch();
    const verdict = await verdictOf(text);
    expect(verdict.status).toBe("FAIL");
    expect(verdict.reason).toMatch(reason);
    expect(elapsed()).toBeLessThan(5000);
  });

  it("whatever is broken in it", async () => {
    const junk = fc.constantFrom<unknown>(null, "x", [], {}, [[]], -1, 1e308, true, undefined, { "": 0 });
    const broken = fc
      .constantFrom(...TEXTS)
      .chain((text) =>
        fc
          .constantFrom(
            ...Object.keys(JSON.parse(text) as Tree).filter(
              (k) => !/description|model|symmetry|minus_JinvT|weight_angle|residual/.test(k),
            ),
          )
          .chain((key) => junk.map((value) => replaced(text, [key], value))),
      );
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        const verdict = await verdictOf(text);
        const unsupported = verdict.status === "SKIP" && verdict.kind !== null;
        expect(unsupported || verdict.status === "FAIL").toBe(true);
        expect(verdict.reason ?? verdict.failed.join()).not.toBe("");
        expect(verdict.reason ?? "").not.toMatch(/could not be run/);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the line", () => {
  it("skips a kind that is not supported, or fails it when strict", async () => {
    const text = '{"kind":"not-yet-known"}';
    expect(verdictLine(await verdictOf(text))).toBe(
      "SKIP not-yet-known case worst=- tolerance=- quantity=- reason=kind not supported yet",
    );
    expect((await verdictOf(text, true)).status).toBe("FAIL");
  });

  it("stays one line without control characters, whatever a case is called", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), async (kind, name) => {
        const line = verdictLine(
          await verifyCase(name, JSON.stringify({ kind }), { engine: reference, reference }),
        );
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(line).toMatch(/^(SKIP|FAIL) \S+ \S+ worst=\S+ tolerance=\S+ quantity=\S+/);
      }),
    );
  });

  it("names numbers that nothing accounts for", async () => {
    const verdict = await verdictOf(
      replaced(
        FIELD,
        ["surprise"],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    );
    expect(verdict.unknown).toEqual(["surprise"]);
    expect(verdictLine(verdict)).toMatch(/^PASS .* not-compared=surprise$/);
  });
});
