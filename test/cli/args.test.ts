import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArgs, type OptionSpecs } from "../../src/cli/args";
import { withQuantities } from "../../src/cli/quantities";
import { OhmletError } from "../../src/errors";

const SPECS = {
  rate: { type: "number", default: 0.1, above: 0, max: 1, help: "step" },
  epochs: { type: "integer", min: 1, help: "passes" },
  sizes: { type: "numbers", default: [64, 32, 10], integer: true, least: 2, min: 1, help: "units" },
  mode: { type: "string", default: "free", choices: ["free", "nudged"], help: "phase" },
  name: { type: "string", help: "anything" },
  json: { type: "flag", help: "JSON" },
} as const satisfies OptionSpecs;

const read = (...words: string[]) =>
  readArgs(words, SPECS, { name: "FILE", help: "a file", most: 2 }, "test", "ohmlet");
const codeOf = (...words: string[]): string => {
  try {
    read(...words);
  } catch (error) {
    if (error instanceof OhmletError) return error.code;
    throw error;
  }
  return "none";
};

describe("options that count in a unit", () => {
  const COUNTED = {
    dt: { type: "number", unit: "s", above: 0, max: 1, or: "auto", help: "time step" },
    mismatch: { type: "number", unit: "%", min: 0, max: 24, default: 5, help: "spread" },
    temperature: { type: "number", unit: "K", min: 0, max: 1000, help: "of the noise" },
  } as const satisfies OptionSpecs;
  const readAll = async (...words: string[]) =>
    withQuantities(
      readArgs(words, COUNTED, { name: "FILE", help: "a file" }, "test", "ohmlet"),
      COUNTED,
      "test",
    );

  it.each([
    [["--dt", "10us"], { dt: 1e-5 }],
    [["--dt", "10 us"], { dt: 1e-5 }],
    [["--dt=10us"], { dt: 1e-5 }],
    [["--dt", "10", "us"], { dt: 1e-5 }],
    [["--dt", "10", "µs"], { dt: 1e-5 }],
    [["--dt", "1e-5"], { dt: 1e-5 }],
    [["--dt", "auto"], { dt: "auto" }],
    [["--mismatch", "7%"], { mismatch: 7 }],
    [["--mismatch", "7", "%"], { mismatch: 7 }],
    [["--mismatch", "7"], { mismatch: 7 }],
    [["--temperature", "300K"], { temperature: 300 }],
    [[], { dt: undefined, mismatch: 5 }],
  ])("are read with it and without: %j", async (words, expected) => {
    const { options, positionals } = await readAll(...words);
    expect(options).toMatchObject(expected);
    expect(positionals).toEqual([]);
  });

  it("tell those that had one", async () => {
    expect([...(await readAll("--dt", "10us", "--mismatch", "3")).withUnit]).toEqual(["dt"]);
    expect((await readAll("--dt", "10", "us", "a")).positionals).toEqual(["a"]);
  });

  it.each([
    [["--dt", "10mV"], "UNIT-DIMENSION"],
    [["--dt", "2s"], "CLI-RANGE"],
    [["--dt", "10 Us"], "UNIT-UNKNOWN"],
    [["--mismatch", "30%"], "CLI-RANGE"],
    [["--mismatch", "5 K"], "UNIT-DIMENSION"],
    [["--temperature", "20 degC"], "UNIT-UNKNOWN"],
    [["--dt", "fast"], "CLI-NUMBER"],
    [["--dt", "5 %"], "UNIT-DIMENSION"],
  ])("are refused: %j with %s", async (words, code) => {
    await expect(readAll(...words)).rejects.toMatchObject({ code, place: { where: `test, ${words[0]}` } });
  });
});

describe("options", () => {
  it("have their defaults", () => {
    expect(read().options).toEqual({
      rate: 0.1,
      epochs: undefined,
      sizes: [64, 32, 10],
      mode: "free",
      name: undefined,
      json: false,
      help: false,
      debug: false,
    });
  });

  it("are read by type, in any order, before and after positionals", () => {
    const { options, positionals, given } = read(
      "a",
      "--epochs",
      "3",
      "--sizes",
      "8",
      "4",
      "2",
      "--json",
      "--rate=1e-3",
      "b",
    );
    expect(options).toMatchObject({ epochs: 3, sizes: [8, 4, 2], json: true, rate: 1e-3 });
    expect(positionals).toEqual(["a", "b"]);
    expect([...given].sort()).toEqual(["epochs", "json", "rate", "sizes"]);
  });

  it.each([
    [["--rte", "1"], "CLI-OPTION"],
    [["-x"], "CLI-OPTION"],
    [["--toString"], "CLI-OPTION"],
    [["--__proto__", "1"], "CLI-OPTION"],
    [["--rate"], "CLI-VALUE"],
    [["--rate", "--json"], "CLI-VALUE"],
    [["--name="], "CLI-VALUE"],
    [["--json=1"], "CLI-VALUE"],
    [["--sizes", "3"], "CLI-VALUE"],
    [["--rate", "fast"], "CLI-NUMBER"],
    [["--rate", "0x10"], "CLI-NUMBER"],
    [["--rate", "Infinity"], "CLI-NUMBER"],
    [["--rate", "1e999"], "CLI-NUMBER"],
    [["--epochs", "2.5"], "CLI-NUMBER"],
    [["--epochs", "1e30"], "CLI-NUMBER"],
    [["--sizes", "8,x"], "CLI-NUMBER"],
    [["--rate", "0"], "CLI-RANGE"],
    [["--rate", "-1"], "CLI-RANGE"],
    [["--rate", "2"], "CLI-RANGE"],
    [["--epochs", "0"], "CLI-RANGE"],
    [["--mode", "fre"], "CLI-CHOICE"],
    [["a", "b", "c"], "CLI-ARGUMENT"],
  ])("refuse %j with %s", (words, code) => {
    expect(codeOf(...words)).toBe(code);
  });

  it("never fail in another way, whatever is typed", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("--rate", "--sizes", "--json", "-1", "--", "=", "--=", "--rate=", "-h"),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(codeOf(...words)).toMatch(/^(none|CLI-[A-Z]+)$/);
      }),
    );
  });

  it("read every finite number that JavaScript prints", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1, noNaN: true }), (value) => {
        expect(read("--rate", String(value)).options.rate).toBe(value);
      }),
    );
  });
});
