import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NpyArray, readNpy, writeNpy } from "../../src/io/npy";
import { arrays } from "./arbitraries";
import { codeOf } from "../refusal";

/** A .npy file with this header and as many bytes of values. */
function handmade(header: string, bytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...text,
    ...new Uint8Array(bytes),
  );
}

describe(".npy", () => {
  it("reads what it wrote, to the bit", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(readNpy(writeNpy(array), "x")).toEqual(array);
      }),
    );
  });

  it("is laid out as NumPy wants it: its values begin at a multiple of 64", () => {
    const bytes = writeNpy({ shape: [2], data: Float64Array.of(1, -2) });
    expect(new TextDecoder().decode(bytes.subarray(10, 128)).trimEnd()).toBe(
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
    );
    expect(bytes.length).toBe(128 + 16);
    expect([...bytes.subarray(128)]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
  });

  it("refuses every truncation and every appended byte with a code", () => {
    fc.assert(
      fc.property(arrays, fc.nat(), (array, at) => {
        const file = writeNpy(array);
        expect(codeOf(() => readNpy(file.subarray(0, at % file.length), "x"))).toMatch(
          /^NPY-(MAGIC|TRUNCATED)$/,
        );
        expect(codeOf(() => readNpy(Uint8Array.of(...file, 0), "x"))).toBe("NPY-TRAILING");
      }),
    );
  });

  it("never fails without a code, whatever the header", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.nat(20), (header, bytes) => {
        codeOf(() => readNpy(handmade(header, bytes), "x"));
      }),
    );
  });

  it.each([
    ["{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n", 4, "NPY-TYPE"],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", 8, "NPY-TYPE"],
    ["{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1), }\n", 8, "NPY-TYPE"],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1 1,), }\n", 8, "NPY-HEADER"],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }\n", 8, "NPY-HEADER"],
    [
      "{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991), }\n",
      8,
      "NPY-TRUNCATED",
    ],
    ["__import__('os')\n", 8, "NPY-HEADER"],
  ])("refuses %j", (header, bytes, code) => {
    expect(codeOf(() => readNpy(handmade(header, bytes), "x"))).toBe(code);
  });

  it("refuses to write values that do not fit their shape", () => {
    const wrong: NpyArray = { shape: [2, 2], data: new Float64Array(3) };
    expect(codeOf(() => writeNpy(wrong))).toBe("NPY-SHAPE");
  });
});
