import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Content, Download } from "../../../src/data/catalogue";
import { OhmletError } from "../../../src/errors";
import { fetchSet, type FetchOptions } from "../../../src/io/fetch/fetch-set";
import { onFullDisk } from "../full-disk";
import { files, type Handler, serve, type Served } from "./server";

const root = mkdtempSync(join(tmpdir(), "ohmlet-fetch-"));
afterAll(() => rmSync(root, { recursive: true }));
let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const contentOf = (name: string, bytes: Buffer): Content => ({
  name,
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
/** Bytes that cannot be packed. */
function noise(length: number, seed: number): Buffer {
  let x = seed;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      x ^= x << 13;
      x ^= x >>> 17;
      return (x ^= x << 5);
    }),
  );
}
const [PLAIN, SMALL] = [noise(300_000, 1), noise(1000, 2)];
const PACKED = gzipSync(PLAIN);
const GZ: Download = { file: "images.gz", kind: "gz", contents: [contentOf("images", PLAIN)] };

function tarOf(entries: Readonly<Record<string, Buffer>>): Buffer {
  const blocks = Object.entries(entries).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(bytes.length.toString(8).padStart(11, "0"), 124);
    header.write(name.endsWith("/") ? "5" : "0", 156);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
const TAR: Download = {
  file: "all.tar.gz",
  kind: "tar.gz",
  contents: [contentOf("a.bin", PLAIN), contentOf("b.bin", SMALL)],
};
const ARCHIVE = tarOf({
  "set/": Buffer.alloc(0),
  "set/readme.html": Buffer.from("hello"),
  "set/a.bin": PLAIN,
  "set/b.bin": SMALL,
});

let made = 0;
const newFolder = (): string => join(root, `set-${made++}`);

/** Fetches from a server; gives what came or the code of the error. */
async function attempt(
  download: Download,
  handler: Handler,
  folder = newFolder(),
  options: FetchOptions = {},
) {
  await served?.close();
  served = await serve(handler);
  try {
    return {
      folder,
      done: await fetchSet({ base: served.base, downloads: [download] }, folder, options),
      code: undefined,
    };
  } catch (error) {
    if (!(error instanceof OhmletError)) throw error;
    return { folder, done: undefined, code: error.code };
  }
}
const listed = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

describe("fetching a public set", () => {
  it("keeps a file that is not packed under the name of its content", async () => {
    const plain: Download = { file: "digits.tra", kind: "plain", contents: [contentOf("train.csv", SMALL)] };
    const { folder, done } = await attempt(plain, files({ "digits.tra": SMALL }));
    expect([done, listed(folder)]).toEqual([
      [{ file: join(folder, "train.csv"), fetched: true }],
      ["train.csv"],
    ]);
    expect((await attempt(plain, files({}), folder)).done).toEqual([
      { file: join(folder, "train.csv"), fetched: false },
    ]);
    expect((await attempt(plain, files({ "digits.tra": noise(1000, 5) }))).code).toBe("FETCH-CHECKSUM");
  });

  it("lets only one process at a time fetch into a folder", async () => {
    const folder = newFolder();
    let go = (): void => {};
    const asked = new Promise<void>((resolve) => (go = resolve));
    let answer = (): void => {};
    const first = attempt(
      GZ,
      (_, response) => {
        answer = () => void response.end(PACKED);
        go();
      },
      folder,
    );
    await asked;
    await expect(fetchSet({ base: "http://127.0.0.1:1/", downloads: [GZ] }, folder)).rejects.toMatchObject({
      code: "RUN-BUSY",
    });
    answer();
    expect([(await first).code, listed(folder)]).toEqual([undefined, ["images.gz"]]);
  });

  it("brings a file, tells how far it is, and does not fetch it again", async () => {
    const told: number[] = [];
    const { folder, done } = await attempt(GZ, files({ "images.gz": PACKED }), newFolder(), {
      progress: (_, bytes, total) => told.push(bytes / (total ?? NaN)),
    });
    expect(done).toEqual([{ file: join(folder, "images.gz"), fetched: true }]);
    expect(readFileSync(join(folder, "images.gz")).equals(PACKED)).toBe(true);
    expect([told[0], told.at(-1)]).toEqual([0, 1]);
    expect(listed(folder)).toEqual(["images.gz"]);
    const again = await attempt(GZ, files({}), folder);
    expect([again.done?.[0].fetched, served?.requests]).toEqual([false, []]);
  });

  it("goes on where a broken connection stopped, to the same bytes", async () => {
    const cuts = [100_000, 120_000];
    const handler = files({ "images.gz": PACKED }, { cutAfter: () => cuts.shift() ?? Infinity });
    const folder = newFolder();
    expect((await attempt(GZ, handler, folder)).code).toBe("FETCH-CUT");
    expect(statSync(join(folder, "images.gz.part")).size).toBe(100_000);
    expect((await attempt(GZ, handler, folder)).code).toBe("FETCH-CUT");
    const { done } = await attempt(GZ, handler, folder);
    expect(served?.requests).toEqual(["GET /images.gz bytes=220000-"]);
    expect([
      done?.[0].fetched,
      readFileSync(join(folder, "images.gz")).equals(PACKED),
      listed(folder),
    ]).toEqual([true, true, ["images.gz"]]);
  });

  it("goes on after it was stopped", async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const half: Handler = (_, response) =>
      void response.writeHead(200, { "content-length": PACKED.length }).write(PACKED.subarray(0, 50_000));
    const options = {
      signal: stop.signal,
      progress: (_: string, bytes: number) => bytes >= 50_000 && stop.abort(),
    };
    expect((await attempt(GZ, half, folder, options)).code).toBe("FETCH-STOPPED");
    expect(statSync(join(folder, "images.gz.part")).size).toBe(50_000);
    expect((await attempt(GZ, files({ "images.gz": PACKED }), folder)).done).toHaveLength(1);
    expect(served?.requests).toEqual(["GET /images.gz bytes=50000-"]);
  });

  it("starts anew where the server ignores Range, and takes a part that was whole already", async () => {
    for (const [ranges, have] of [
      [false, PACKED.subarray(0, 999)],
      [true, PACKED],
      [true, Buffer.concat([PACKED, SMALL])],
    ] as const) {
      const { folder } = await attempt(GZ, files({}));
      writeFileSync(join(folder, "images.gz.part"), have);
      const { done } = await attempt(GZ, files({ "images.gz": PACKED }, { ranges }), folder);
      expect([done?.length, readFileSync(join(folder, "images.gz")).equals(PACKED)]).toEqual([1, true]);
    }
  });

  it("takes the wanted files out of an archive, and only those", async () => {
    const { folder, done } = await attempt(TAR, files({ "all.tar.gz": ARCHIVE }));
    expect([done?.length, listed(folder)]).toEqual([2, ["a.bin", "b.bin"]]);
    expect(readFileSync(join(folder, "a.bin")).equals(PLAIN)).toBe(true);
    rmSync(join(folder, "b.bin"));
    const again = await attempt(TAR, files({ "all.tar.gz": ARCHIVE }), folder);
    expect(again.done?.map(({ fetched }) => fetched)).toEqual([false, true]);
  });

  it("follows redirects", async () => {
    const good = files({ "there.gz": PACKED });
    const { done } = await attempt(GZ, (request, response) =>
      request.url === "/images.gz"
        ? void response.writeHead(302, { location: "/there.gz" }).end()
        : good(request, response),
    );
    expect(done).toHaveLength(1);
  });

  const hang: Handler = () => undefined;
  const body =
    (
      status: number,
      headers: Readonly<Record<string, string | number>>,
      bytes: Buffer | string = "",
    ): Handler =>
    (_, response) =>
      void response.writeHead(status, headers).end(bytes);
  const endless: Handler = (_, response) => {
    const more = (): void => void (response.destroyed || response.write(Buffer.alloc(2 ** 16), more));
    more();
  };
  const drip: Handler = (_, response) => {
    const timer = setInterval(() => response.write("x"), 10);
    response.on("close", () => clearInterval(timer));
  };
  it.each<[string, string, Download, Handler]>([
    ["FETCH-STATUS", "404", GZ, files({})],
    ["FETCH-STATUS", "500", GZ, body(500, {}, "sorry")],
    ["FETCH-STATUS", "an empty success", GZ, body(204, {})],
    ["FETCH-CHECKSUM", "another file", GZ, files({ "images.gz": gzipSync(SMALL) })],
    ["FETCH-CHECKSUM", "a page of a portal", GZ, body(200, {}, "<html>log in</html>")],
    [
      "FETCH-CHECKSUM",
      "a changed byte",
      GZ,
      files({ "images.gz": gzipSync(Buffer.from(PLAIN.map((b, i) => (i === 7 ? b ^ 1 : b)))) }),
    ],
    ["FETCH-CHECKSUM", "an empty file", GZ, body(200, {})],
    ["FETCH-CHECKSUM", "a bomb of 64 MiB", GZ, files({ "images.gz": gzipSync(Buffer.alloc(2 ** 26)) })],
    ["FETCH-LENGTH", "a length beyond all bounds", GZ, body(200, { "content-length": 9e12 })],
    ["FETCH-LENGTH", "an answer without an end", GZ, endless],
    [
      "FETCH-RANGE",
      "a piece that nobody asked for",
      GZ,
      body(206, { "content-range": "bytes 5-9/10" }, "12345"),
    ],
    ["FETCH-STATUS", "416 to a request for all", GZ, body(416, {})],
    ["FETCH-REDIRECT", "a circle", GZ, body(302, { location: "/images.gz" })],
    ["FETCH-REDIRECT", "a redirect to a file", GZ, body(302, { location: "file:///etc/passwd" })],
    ["FETCH-REDIRECT", "a redirect to nowhere", GZ, body(301, {})],
    ["FETCH-TIMEOUT", "silence", GZ, hang],
    [
      "FETCH-TIMEOUT",
      "silence after a beginning",
      GZ,
      (_, response) => void response.writeHead(200).write("abc"),
    ],
    ["FETCH-TIMEOUT", "a drop now and then", GZ, drip],
    ["FETCH-NETWORK", "no answer of HTTP", GZ, ({ socket }) => void socket.end("SSH-2.0\r\n")],
    [
      "FETCH-NETWORK",
      "a headers' flood",
      GZ,
      ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(999)}\r\n`.repeat(99)}`),
    ],
    [
      "FETCH-ARCHIVE",
      "an archive that is none",
      TAR,
      files({ "all.tar.gz": gzipSync(Buffer.alloc(2048, "z")) }),
    ],
    [
      "FETCH-ARCHIVE",
      "an archive that ends too early",
      TAR,
      files({
        "all.tar.gz": gzipSync(
          Buffer.concat([
            Buffer.from("a.bin".padEnd(124, "\0") + "00001000000".padEnd(32, "\0") + "0".padEnd(356, "\0")),
            SMALL,
          ]),
        ),
      }),
    ],
    [
      "FETCH-CHECKSUM",
      "an archive without the files",
      TAR,
      files({ "all.tar.gz": tarOf({ "set/a.bin": PLAIN }) }),
    ],
    [
      "FETCH-CHECKSUM",
      "an archive with others under their names",
      TAR,
      files({ "all.tar.gz": tarOf({ "a.bin": noise(300_000, 9), "b.bin": SMALL }) }),
    ],
  ])("ends with %s: %s", async (code, _, download, handler) => {
    const found = await attempt(download, handler, newFolder(), { patience: { silence: 150, whole: 600 } });
    expect(found.code).toBe(code);
    const left = listed(found.folder);
    expect(left.filter((name) => !name.endsWith(".part"))).toEqual([]);
    if (/CHECKSUM|ARCHIVE|LENGTH|RANGE/.test(code)) expect(left).toEqual([]);
  });

  it("never leaves its folder, whatever an archive's names say", async () => {
    const { folder, done } = await attempt(
      TAR,
      files({
        "all.tar.gz": tarOf({
          "../../outside.bin": SMALL,
          "/../a.bin": PLAIN,
          "..\\b.bin": SMALL,
          "x/../../b.bin": SMALL,
        }),
      }),
    );
    expect([
      done?.length,
      listed(folder),
      existsSync(join(root, "outside.bin")),
      existsSync(join(root, "a.bin")),
    ]).toEqual([2, ["a.bin", "b.bin"], false, false]);
  });

  it("does not touch a file that holds something else", async () => {
    const { folder } = await attempt(GZ, files({}));
    for (const name of ["images", "images.gz"]) {
      writeFileSync(join(folder, name), "mine");
      expect((await attempt(GZ, files({ "images.gz": PACKED }), folder)).code).toBe("FETCH-EXISTS");
      expect(readFileSync(join(folder, name), "utf8")).toBe("mine");
      rmSync(join(folder, name));
    }
  });

  it("says so where the disk is full", async () => {
    const { folder } = await attempt(GZ, files({}));
    expect(
      (await onFullDisk(() => attempt(GZ, files({ "images.gz": PACKED }), folder), { small: true })).code,
    ).toBe("FETCH-DISK");
    expect((await attempt(GZ, files({ "images.gz": PACKED }), folder)).code).toBeUndefined();
  });

  it.each([
    ["FETCH-URL", "ftp://example.org/"],
    ["FETCH-URL", "not an address"],
    ["FETCH-URL", "file:///etc/"],
    ["FETCH-NETWORK", "http://127.0.0.1:1/"],
    ["FETCH-NETWORK", "http://nowhere.invalid/"],
  ])("ends with %s at %s", async (code, base) => {
    await expect(fetchSet({ base, downloads: [GZ] }, newFolder())).rejects.toMatchObject({ code });
  });
});
