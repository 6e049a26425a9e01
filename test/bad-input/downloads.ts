/**
 * Downloads that must end with an error. Ohmlet itself opens no port; those of others may be taken by
 * something else.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Download } from "../../src/data/catalogue";
import { fetchSet } from "../../src/io/fetch/fetch-set";
import { onFullDisk } from "../io/full-disk";
import { files, serve, type Handler } from "../io/fetch/server";
import { write, type Kind } from "./kind";

const CONTENT = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) >> 3));
const PACKED = gzipSync(CONTENT);
const SET: Download = {
  file: "images.gz",
  kind: "gz",
  contents: [
    { name: "images", bytes: CONTENT.length, sha256: createHash("sha256").update(CONTENT).digest("hex") },
  ],
};

async function fetchFrom(handler: Handler, here: string): Promise<void> {
  const served = await serve(handler);
  try {
    await fetchSet({ base: served.base, downloads: [SET] }, here);
  } finally {
    await served.close();
  }
}
const download = (
  what: string,
  code: string,
  at: RegExp,
  handler: Handler,
  prepare: (here: string) => void = () => {},
  around: (fetch: () => Promise<void>) => Promise<void> = (fetch) => fetch(),
): Kind => ({
  what,
  code,
  at,
  leavesMore: true,
  make: (here) => {
    prepare(here);
    return () => around(() => fetchFrom(handler, here));
  },
});
const good = files({ "images.gz": PACKED });

export const DOWNLOADS: readonly Kind[] = [
  download(
    "an interrupted download",
    "FETCH-CUT",
    /images\.gz/,
    files({ "images.gz": PACKED }, { cutAfter: () => 20 }),
  ),
  download(
    "a wrong checksum",
    "FETCH-CHECKSUM",
    /images\.gz/,
    files({ "images.gz": gzipSync(CONTENT.subarray(1)) }),
  ),
  download("a file that is there and holds something else", "FETCH-EXISTS", /images\.gz/, good, (here) =>
    write(here, { "images.gz": gzipSync("mine") }),
  ),
  download(
    "a disk that is full while something is fetched",
    "FETCH-DISK",
    /images\.gz/,
    good,
    undefined,
    (fetch) => onFullDisk(fetch, { small: true }),
  ),
  download(
    "a port in use by something that speaks no HTTP",
    "FETCH-NETWORK",
    /127\.0\.0\.1/,
    ({ socket }) => void socket.end("SSH-2.0\r\n"),
  ),
  {
    what: "a port on which nobody answers",
    code: "FETCH-NETWORK",
    at: /127\.0\.0\.1/,
    leavesMore: true,
    make: (here) => () => fetchSet({ base: "http://127.0.0.1:1/", downloads: [SET] }, here),
  },
  {
    what: "an address that is none",
    code: "FETCH-URL",
    at: /address/,
    leavesMore: true,
    make: (here) => () => fetchSet({ base: "file:///etc/", downloads: [SET] }, here),
  },
];
