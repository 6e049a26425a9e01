/** A thread that the system would not give is not asked for, and one that it refuses is no bug. */
import { describe, expect, it } from "vitest";
import { limitsFit } from "../../src/cli/thread";
import { systemFault } from "../../src/io/system-fault";

const limits = (addresses: string, files: string): string =>
  "Limit                     Soft Limit           Hard Limit           Units     \nMax " +
  "processes             1                    1                    processes \nMax open " +
  `files            ${files.padEnd(21)}1048576              files     \nMax address space         ` +
  `${addresses.padEnd(21)}unlimited            bytes     \n`;

describe("a thread", () => {
  it.each([
    ["unlimited", "1024", true],
    ["4294967296", "64", true],
    ["4294967295", "1024", false],
    ["unlimited", "20", false],
  ])("within %s bytes of addresses and %s open files: %s", (addresses, files, fits) => {
    expect(limitsFit(limits(addresses, files))).toBe(fits);
  });

  it("that is refused is told with what the system said", () => {
    const thrown = Object.assign(new Error("Worker initialization failure: EMFILE"), {
      code: "ERR_WORKER_INIT_FAILED",
    });
    expect(systemFault(thrown)).toMatchObject({
      code: "FILE-SYSTEM",
      fact: "the system refuses a thread (EMFILE)",
      category: "run",
    });
  });
});
