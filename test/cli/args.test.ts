import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArgs, type OptionSpecs } from "../../src/cli/args";
import { OhmletError } from "../../src/errors";

const SPECS = {
  rate: { type: "number", default: 0.1, above: 0, max: 1, help: "step" },
  epochs: { type: "integer", min: 1, help: "passes" },
  sizes: { type: "numbers", default: [64, 32, 10], integer: true, least: 2, min: 1, help: "units" },
  mode: { type: "string", default: "free", choices: ["free", "nudged"], help: "phase" },
  name: { type: "string", help: "anything" },
  json: { type: "flag", help: "JSON" },
} as const satisfies OptionSpecs;

const read = (...words: string[]) => readArgs(words, SPECS, { name: "FILE", help: "a file", most: 2 }, "test", "ohmlet");
const codeOf = (...words: string[]): string => {
  try {
    read(...words);
  } catch (error) {
    if (error instanceof OhmletError) return error.code;
    throw error;
  }
  return "none";
};

describe("options", () => {
  it("have their defaults", () => {
    expect(read().options).toEqual({ rate: 0.1, epochs: undefined, sizes: [64, 32, 10], mode: "free", name: undefined, json: false, help: false, debug: false });
  });

  it("are read by type, in any order, before and after positionals", () => {
    const { options, positionals, given } = read("a", "--epochs", "3", "--sizes", "8", "4", "2", "--json", "--rate=1e-3", "b");
    expect(options).toMatchObject({ epochs: 3, sizes: [8, 4, 2], json: true, rate: 1e-3 });
    expect(positionals).toEqual(["a", "b"]);
    expect([...given].sort()).toEqual(["epochs", "json", "rate", "sizes"]);
  });

  it.each([
    [["--rte", "1"], "CLI-OPTION"], [["-x"], "CLI-OPTION"], [["--toString"], "CLI-OPTION"], [["--__proto__", "1"], "CLI-OPTION"],
    [["--rate"], "CLI-VALUE"], [["--rate", "--json"], "CLI-VALUE"], [["--name="], "CLI-VALUE"], [["--json=1"], "CLI-VALUE"], [["--sizes", "3"], "CLI-VALUE"],
    [["--rate", "fast"], "CLI-NUMBER"], [["--rate", "0x10"], "CLI-NUMBER"], [["--rate", "Infinity"], "CLI-NUMBER"], [["--rate", "1e999"], "CLI-NUMBER"],
    [["--epochs", "2.5"], "CLI-NUMBER"], [["--epochs", "1e30"], "CLI-NUMBER"], [["--sizes", "8,x"], "CLI-NUMBER"],
    [["--rate", "0"], "CLI-RANGE"], [["--rate", "-1"], "CLI-RANGE"], [["--rate", "2"], "CLI-RANGE"], [["--epochs", "0"], "CLI-RANGE"],
    [["--mode", "fre"], "CLI-CHOICE"], [["a", "b", "c"], "CLI-ARGUMENT"],
  ])("refuse %j with %s", (words, code) => {
    expect(codeOf(...words)).toBe(code);
  });

  it("never fail in another way, whatever is typed", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom("--rate", "--sizes", "--json", "-1", "--", "=", "--=", "--rate=", "-h"));
    fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      expect(codeOf(...words)).toMatch(/^(none|CLI-[A-Z]+)$/);
    }));
  });

  it("read every finite number that JavaScript prints", () => {
    fc.assert(fc.property(fc.double({ min: 1e-300, max: 1, noNaN: true }), (value) => {
      expect(read("--rate", String(value)).options.rate).toBe(value);
    }));
  });
});
