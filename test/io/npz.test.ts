import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { packedNpz } from "./packed-npz";
import { writeNpy } from "../../src/io/npy";
import { largestNpz, readNpz, writeNpz } from "../../src/io/npz";
import { arrays } from "./arbitraries";
import { codeOf } from "../refusal";

const named = fc
  .dictionary(fc.constantFrom("w", "bias", "hidden/W", "constructor", "toString", "größe", "a:b"), arrays)
  .map((record) => new Map(Object.entries(record)));
const one = () => writeNpz([["weights", { shape: [3], data: Float64Array.of(1, 2, 3) }]]);

const folder = mkdtempSync(join(tmpdir(), "ohmlet-npz-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs Python with NumPy; null where there is none. */
function numpy(script: string): string | null {
  try {
    return execFileSync("python3", ["-c", `import numpy as np\n${script}`], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return null;
  }
}

describe(".npz", () => {
  it("reads what it wrote, and equal arrays are equal bytes", () => {
    fc.assert(
      fc.property(named, (all) => {
        expect(readNpz(writeNpz(all), "x")).toEqual(all);
        expect(writeNpz(all)).toEqual(writeNpz(all));
      }),
      { numRuns: 50 },
    );
  });

  it("refuses every truncation with a code", () => {
    const file = one();
    for (let end = 0; end < file.length; end++)
      expect(codeOf(() => readNpz(file.subarray(0, end), "x"))).toBe("NPZ-FORMAT");
  });

  it("is never silent about a damaged value, and never fails without a code", () => {
    const file = one();
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Uint8Array.from(file);
        damaged[at] ^= flip;
        let read: ReturnType<typeof readNpz> | undefined;
        const code = codeOf(() => (read = readNpz(damaged, "x")));
        if (code === undefined) expect([...read!.values()]).toEqual([...readNpz(file, "x").values()]);
      }),
      { numRuns: 500 },
    );
  });

  it("finds a flipped bit by the checksum", () => {
    const file = one();
    file[file.length - 22 - 46 - 11 - 1] ^= 1;
    expect(codeOf(() => readNpz(file, "x"))).toBe("NPZ-CHECKSUM");
  });

  it("refuses an archive that would unpack to more than it may", () => {
    const file = one();
    new DataView(file.buffer).setUint32(file.length - 22 - 11 - 46 + 24, 0xfffffff0, true);
    expect(codeOf(() => readNpz(file, "x"))).toBe("NPZ-SIZE");
  });

  it("unpacks nothing before it knows that all of it belongs there", () => {
    const most = largestNpz([3, 2]);
    const zeros = new Uint8Array(2 ** 26);
    const good = { name: "w", data: writeNpy({ shape: [3], data: Float64Array.of(1, 2, 3) }) };
    expect(readNpz(packedNpz([good]), "x", most).get("w")?.data).toEqual(Float64Array.of(1, 2, 3));
    const { arrayBuffers } = process.memoryUsage();
    const bombs = {
      "one that says so": packedNpz([good, { name: "bomb", data: zeros }]),
      "one that promises little": packedNpz([{ name: "bomb", data: zeros, promised: 100 }]),
      "one body for many names": packedNpz([
        good,
        ...Array.from({ length: 500 }, (_, i) => ({ ...good, name: `w${i}`, over: 0 })),
      ]),
      "many that promise nothing": packedNpz(
        Array.from({ length: 500 }, (_, i) => ({
          name: `w${i}`,
          data: zeros.subarray(0, 1000),
          promised: 0,
        })),
      ),
    };
    expect(Object.entries(bombs).map(([, bomb]) => codeOf(() => readNpz(bomb, "x", most)))).toEqual([
      "NPZ-SIZE",
      "NPZ-FORMAT",
      "NPZ-FORMAT",
      "NPZ-FORMAT",
    ]);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 ** 25);
  });

  it("refuses a member that the directory calls otherwise", () => {
    const file = packedNpz([{ name: "w", data: writeNpy({ shape: [], data: Float64Array.of(1) }) }]);
    file[30] ^= 1; // the name beside the bytes
    expect(codeOf(() => readNpz(file, "x"))).toBe("NPZ-FORMAT");
  });

  it.each(["", "../w", "/etc/w", "a//b", "a\\b", "a\0b"])("refuses %j as a name", (name) => {
    expect(codeOf(() => writeNpz([[name, { shape: [], data: Float64Array.of(1) }]]))).toBe("NPZ-NAME");
  });

  it("refuses one name twice", () => {
    const entry = ["w", { shape: [], data: Float64Array.of(1) }] as const;
    expect(codeOf(() => writeNpz([entry, entry]))).toBe("NPZ-NAME");
  });

  it.skipIf(numpy("") === null)("NumPy opens it, and it opens NumPy's, compressed or not", () => {
    writeFileSync(
      join(folder, "ours.npz"),
      writeNpz([
        ["hidden/W", { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4.5) }],
        ["b", { shape: [1], data: Float32Array.of(0.5) }],
      ]),
    );
    const said = numpy(`
a = np.load('ours.npz', allow_pickle=False)
print(sorted(a), a['hidden/W'].tolist(), a['b'].dtype)
np.savez('plain.npz', a=np.arange(6.).reshape(2, 3), b=np.float32([1, 2]))
np.savez_compressed('packed.npz', a=np.arange(6.).reshape(2, 3), b=np.float32([1, 2]))`);
    expect(said?.trim()).toBe("['b', 'hidden/W'] [[1.0, 2.0], [3.0, 4.5]] float32");
    for (const file of ["plain.npz", "packed.npz"]) {
      const read = readNpz(readFileSync(join(folder, file)), file);
      expect(read.get("a")).toEqual({ shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) });
      expect(read.get("b")).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
    }
  });
});
