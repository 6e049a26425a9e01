/**
 * The mechanism that checks objects of options: what it refuses, that its remedies work, that the compiler
 * holds tables to types.
 */
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { OhmletError } from "../../src/errors";
import { check, expectValue, optionsOf, type OptionTable } from "../../src/options";
import { refusal } from "../refusal";

interface Pour {
  readonly litres: number;
  readonly into: "cup" | "glass";
  readonly ice?: boolean;
  readonly straws?: number;
  readonly share?: number;
}

const TABLE = {
  needs: { litres: check.positive, into: check.oneOf("cup", "glass") },
  takes: { ice: check.flag, straws: check.whole(1, 4), share: check.share },
} as const satisfies OptionTable<Pour>;
const read = optionsOf<Pour>("pour", TABLE);
const GOOD: Pour = { litres: 0.3, into: "cup", ice: true, straws: 2 };
const given = (options: object): OhmletError => refusal(() => read(options as Pour));

describe("options", () => {
  it("are returned as they are given", () => {
    expect(read(GOOD)).toBe(GOOD);
    expect(read({ litres: 1, into: "glass", ice: undefined })).toEqual({ litres: 1, into: "glass" });
  });

  it("are refused by name", () => {
    expect(given({ ...GOOD, strawz: 1 })).toMatchObject({
      code: "OPTION-UNKNOWN",
      place: { where: "pour" },
      fact: 'there is no option "strawz"',
      remedy: expect.stringContaining('did you mean "straws"?'),
    });
    expect(given({ into: "cup" })).toMatchObject({
      code: "OPTION-MISSING",
      fact: 'the option "litres" is missing',
    });
    for (const litres of ["3", NaN, 0, -1, Infinity, null, {}, [1]])
      expect(given({ ...GOOD, litres })).toMatchObject({ code: "OPTION-VALUE" });
    for (const straws of ["3", NaN, 0, 5, 1.5])
      expect(given({ ...GOOD, straws })).toMatchObject({ code: "OPTION-VALUE" });
    for (const odd of [null, 3, "text", [GOOD], undefined])
      expect(given(odd as unknown as object)).toMatchObject({ code: "OPTION-VALUE" });
    expect(given(JSON.parse('{"litres": 1, "into": "cup", "__proto__": 1}') as object)).toMatchObject({
      code: "OPTION-UNKNOWN",
    });
    expect(given({ ...GOOD, constructor: 1 })).toMatchObject({ code: "OPTION-UNKNOWN" });
  });

  it("tell what works when it is typed", () => {
    const broken = fc.record(
      {
        litres: fc.anything(),
        into: fc.anything(),
        ice: fc.anything(),
        straws: fc.anything(),
        share: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(broken, (options) => {
        let mended: Record<string, unknown> = options;
        // Each refusal names one key and what to write for it: written, it is not refused again.
        for (let round = 0; round <= 5; round++) {
          try {
            read(mended as unknown as Pour);
            return;
          } catch (error) {
            const [, key, value] =
              /^(?:add|write) {2}(\w+): (.+?) {2}\(/.exec((error as OhmletError).remedy ?? "") ?? [];
            mended = { ...mended, [key]: JSON.parse(value) as unknown };
          }
        }
        throw new Error("five keys, and a sixth refusal");
      }),
    );
  });

  it("propose the number that a text holds, and the nearest word", () => {
    expect(given({ ...GOOD, straws: "3" }).remedy).toContain("straws: 3 ");
    expect(given({ ...GOOD, into: "glas" }).remedy).toContain('into: "glass"');
  });

  it("check a value alone", () => {
    expect(() => expectValue("f", "floor", 0.5, check.share)).not.toThrow();
    expect(refusal(() => expectValue("f", "floor", "x", check.share))).toMatchObject({
      code: "OPTION-VALUE",
      place: { where: "f" },
    });
  });
});

describe("a table, to the compiler", () => {
  it("has every key of its type, each in its group and of its kind, and no other", () => {
    const { needs, takes } = TABLE;
    type Table = OptionTable<Pour>;
    expectTypeOf<{ needs: typeof needs; takes: typeof takes }>().toExtend<Table>();
    expectTypeOf<{ needs: typeof needs; takes: Omit<typeof takes, "ice"> }>().not.toExtend<Table>();
    expectTypeOf<{ needs: Omit<typeof needs, "litres">; takes: typeof takes }>().not.toExtend<Table>();
    expectTypeOf<{
      needs: typeof needs;
      takes: Omit<typeof takes, "ice"> & { ice: typeof check.positive };
    }>().not.toExtend<Table>();
    expectTypeOf<{ needs: typeof needs }>().not.toExtend<Table>();
    expectTypeOf<{ takes: { ice: typeof check.flag } }>().toExtend<OptionTable<{ ice?: boolean }>>();
    expectTypeOf<keyof Table["needs"] | keyof Table["takes"]>().toEqualTypeOf<keyof Pour>();
  });
});
