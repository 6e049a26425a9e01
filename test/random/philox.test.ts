import { describe, expect, it } from "vitest";
import { philox } from "../../src/random/philox";

/** Known-answer vectors published with Random123 for philox4x32, 10 rounds: counter, key, result. */
const KNOWN = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
] as const;

const words = (text: string): number[] => text.split(" ").map((word) => Number.parseInt(word, 16));

describe("philox", () => {
  it.each(KNOWN)("encrypts %s under %s as published", (counter, key, result) => {
    const out = new Uint32Array(4);
    const [c0, c1, c2, c3] = words(counter);
    const [k0, k1] = words(key);
    philox(out, c0, c1, c2, c3, k0, k1);
    expect([...out]).toEqual(words(result));
  });

  it("takes words as signed integers too", () => {
    const out = new Uint32Array(4);
    philox(out, -1, -1, -1, -1, -1, -1);
    expect([...out]).toEqual(words(KNOWN[1][2]));
  });
});
