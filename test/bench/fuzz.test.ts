/** A short fuzz run over all targets, and a target that fails in every way that a run must see. */
import { describe, expect, it } from "vitest";
import { fuzz, type Failure } from "../../bench/fuzz/run";
import type { Target } from "../../bench/fuzz/target";
import { TARGETS } from "../../bench/fuzz/targets";
import { OhmletError } from "../../src/errors";
import { LONG } from "../long";
import { bench } from "./run";

describe("fuzzing", () => {
  it("finds coded errors only, and samples that are right before they are spoilt", async () => {
    const targets = TARGETS.filter(({ apart }) => !apart);
    const { failures, acceptedBy, codes } = await fuzz({
      targets,
      cases: (LONG ? 80 : 25) * targets.length,
      seed: 11,
    });
    expect(failures).toEqual([]);
    for (const [name, accepted] of Object.entries(acceptedBy)) expect(accepted, name).toBeGreaterThan(0);
    expect(Object.keys(codes).length).toBeGreaterThan(40);
  });

  it.runIf(LONG)(
    "finds no more where a case may hang, fill the memory or write elsewhere",
    async () => {
      const targets = TARGETS.filter(({ apart }) => apart);
      const { failures, acceptedBy, memoryApart } = await fuzz({
        targets,
        cases: 24 * targets.length,
        seed: 11,
      });
      expect(failures).toEqual([]);
      // A few cases of one reader may all be spoilt; not those of all.
      expect(Object.values(acceptedBy).filter((accepted) => accepted > 0).length).toBeGreaterThan(
        targets.length / 2,
      );
      expect(memoryApart.length).toBe(3);
    },
    120_000,
  );

  it("repeats a case from its seed and number", async () => {
    const seen: unknown[] = [];
    const target: Target = { name: "seen", attempt: (dice) => seen.push([dice.next(), dice.below(1000)]) };
    await fuzz({ targets: [target], cases: 5, seed: 3 });
    await fuzz({ targets: [target], cases: 1, seed: 3, from: 4 });
    expect(seen[5]).toEqual(seen[4]);
  });

  it("reports what has no code, no place or no remedy", async () => {
    const place = { where: "there" };
    const thrown = [
      new TypeError("plain"),
      new OhmletError({ code: "EQ-NAME", fact: "f", remedy: "r" }),
      new OhmletError({ code: "EQ-NAME", fact: "f", place }),
      new OhmletError({ code: "INTERNAL", fact: "f", place, remedy: "r" }),
      new OhmletError({ code: "EQ-NAME", fact: "f", place, remedy: "r" }),
    ];
    const targets = thrown.map((error, i): Target => ({
      name: `t${i}`,
      attempt: () => {
        throw error;
      },
    }));
    const told: Failure[] = [];
    const { failures } = await fuzz({
      targets,
      cases: targets.length,
      seed: 1,
      failed: (failure) => told.push(failure),
    });
    expect(failures.map(({ target }) => target)).toEqual(["t0", "t1", "t2", "t3"]);
    expect(told).toEqual(failures);
  });

  it("is a benchmark with targets by name", async () => {
    const { code, lines } = await bench("fuzz", "npz", "png", "--cases", "20", "--json");
    expect([code, lines[0]]).toMatchObject([0, { bench: "fuzz", cases: 20, failures: [] }]);
    expect((await bench("fuzz", "npzz")).err).toContain("CLI-ARGUMENT");
  });
});
