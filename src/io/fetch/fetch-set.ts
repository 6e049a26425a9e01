/**
 * Fetches a public set into a folder: what is there and right is kept, what is missing is downloaded, checked
 * and renamed.
 */
import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { basename, join } from "node:path";
import type { Content, Download, PublicSet } from "../../data/catalogue";
import { OhmletError } from "../../errors";
import { isFile } from "../datasets/files";
import { makeFolder } from "../make-folder";
import { lockRun, type RunLock } from "../run-lock";
import { Within } from "../within";
import { holds, unpacked } from "./check";
import { download, type Patience } from "./download";
import { fault } from "./fault";
import { readTar } from "./tar";
import { write } from "./write";

export interface FetchOptions {
  /** Where the files are, instead of the set's own source. */
  readonly base?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each file before it is fetched. */
  readonly starting?: ((file: string) => void) | undefined;
  readonly progress?: ((file: string, bytes: number, total: number | undefined) => void) | undefined;
  readonly patience?: Patience | undefined;
}

export interface Fetched {
  readonly file: string;
  /** False where it was there already. */
  readonly fetched: boolean;
}

/** Room for what packing adds to bytes that cannot be packed, and for small files beside the wanted ones. */
const ROOM = 2 ** 20;

/**
 * @throws OhmletError those of download, FETCH-CHECKSUM, FETCH-EXISTS where a file of that name holds
 *   something else, FETCH-ARCHIVE, FETCH-DISK, RUN-BUSY where another process fetches into the folder,
 *   IO-LINK where a link lies in it in place of what is written; faults of the file system as Node throws
 *   them
 */
export async function fetchSet(
  { base, downloads }: Pick<PublicSet, "base" | "downloads">,
  folder: string,
  options: FetchOptions = {},
): Promise<Fetched[]> {
  makeFolder(folder);
  const fetched: Fetched[] = [];
  let lock: RunLock | undefined;
  try {
    for (const item of downloads) {
      const missing = await missingOf(item, folder);
      const names = item.kind === "gz" ? [item.file] : item.contents.map(({ name }) => name);
      if (missing.length > 0) {
        lock ??= lockRun(folder, "set"); // two that write one part would spoil it
        await fetchOne(item, missing, folder, options, options.base ?? base);
      }
      fetched.push(
        ...names.map((file) => ({
          file: join(folder, file),
          fetched: missing.length > 0 && (item.kind === "gz" || missing.some(({ name }) => name === file)),
        })),
      );
    }
    return fetched;
  } finally {
    lock?.release();
  }
}

/** The contents that are not there yet. */
async function missingOf({ contents }: Download, folder: string): Promise<Content[]> {
  const missing: Content[] = [];
  for (const content of contents) {
    const path = [join(folder, content.name), join(folder, `${content.name}.gz`)].find(isFile);
    if (path === undefined) missing.push(content);
    else if (!(await holds(path, content, path.endsWith(".gz")))) {
      throw new OhmletError({
        code: "FETCH-EXISTS",
        fact: "this file is there and holds something else than the public set",
        place: { where: path },
        remedy: "move it away, or name another folder with --to",
      });
    }
  }
  return missing;
}

async function fetchOne(
  item: Download,
  missing: readonly Content[],
  path: string,
  { signal, starting, progress, patience }: FetchOptions,
  base: string,
): Promise<void> {
  const folder = Within.open(path);
  const [file, part] = [item.kind === "plain" ? item.contents[0].name : item.file, `${item.file}.part`];
  const limit = ROOM + item.contents.reduce((sum, { bytes }) => sum + bytes, 0);
  // Before anything is asked of a server.
  folder.expectPlain([file, part, ...missing.flatMap(({ name }) => [name, partOf(name)])]);
  starting?.(item.file);
  const received =
    progress && ((bytes: number, total: number | undefined) => progress(item.file, bytes, total));
  await download({
    url: `${base.replace(/\/*$/, "/")}${item.file}`,
    part: join(path, part),
    limit,
    signal,
    received,
    patience,
  });
  if (item.kind === "tar.gz") {
    await takeOut(part, missing, folder, limit);
    folder.remove(part);
  } else if (await holds(join(path, part), item.contents[0], item.kind === "gz")) {
    folder.rename(part, file);
  } else {
    folder.remove(part);
    throw wrong(join(path, file));
  }
}

const partOf = (name: string): string => `${name}.part`;

const wrong = (path: string): OhmletError =>
  fault(
    "FETCH-CHECKSUM",
    path,
    "what was downloaded is not the public set: its SHA-256 is another; it was thrown away",
    "run the command again, or give another source with --url",
  );

/** Writes the wanted files of an archive, by the last part of their names; all of them, or none. */
async function takeOut(
  archive: string,
  wanted: readonly Content[],
  folder: Within,
  limit: number,
): Promise<void> {
  const where = join(folder.path, archive);
  const right = new Set<Content>();
  let current:
    | { content: Content; hash: ReturnType<typeof createHash>; file: number; left: number }
    | undefined;
  const close = (): void => {
    if (current === undefined) return;
    closeSync(current.file);
    if (current.left === 0 && current.hash.digest("hex") === current.content.sha256)
      right.add(current.content);
    current = undefined;
  };
  try {
    for await (const event of readTar(unpacked(where, limit), where)) {
      if (!Buffer.isBuffer(event)) {
        close();
        const content = wanted.find(
          ({ name, bytes }) => name === basename(event.name) && bytes === event.size,
        );
        if (content)
          current = {
            content,
            hash: createHash("sha256"),
            file: folder.openToWrite(partOf(content.name), "anew"),
            left: event.size,
          };
      } else if (current) {
        current.hash.update(event);
        current.left -= event.length;
        write(current.file, event, join(folder.path, partOf(current.content.name)));
      }
    }
    close();
    if (right.size < wanted.length) throw wrong(where.replace(/\.part$/, ""));
    for (const { name } of wanted) folder.rename(partOf(name), name);
  } catch (error) {
    if (current) closeSync(current.file);
    // nothing more is touched
    if (error instanceof OhmletError && (error.code === "IO-LINK" || error.code === "IO-GONE")) throw error;
    for (const { name } of wanted) folder.remove(partOf(name));
    if (!(error instanceof OhmletError) || error.code !== "FETCH-DISK") folder.remove(archive);
    throw error;
  }
}
