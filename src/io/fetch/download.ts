/**
 * Downloads a file into a .part file, going on where an earlier attempt stopped (HTTP Range, RFC 9110 section
 * 14). Every byte is on its way to the disk before the next is read, so that whatever ends the process leaves
 * a part that can be continued. Bounded in length and in time. Whether the bytes are the right ones is
 * checked by others.
 */
import { closeSync, fsyncSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { basename, dirname, join } from "node:path";
import { OhmletError } from "../../errors";
import { Within } from "../within";
import { fault, reasonOf, shown } from "./fault";
import { readUrl, request } from "./request";
import { write } from "./write";

export interface DownloadRequest {
  readonly url: string;
  /** The file that grows. */
  readonly part: string;
  /** Bytes; a longer answer is refused. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  /** Told after each piece: bytes so far, and bytes in all where the server says so. */
  readonly received?: ((bytes: number, total: number | undefined) => void) | undefined;
  readonly patience?: Patience | undefined;
}

/** Milliseconds. */
export interface Patience {
  /** Longest silence. */
  readonly silence: number;
  /** Longest download, for servers that drip. */
  readonly whole: number;
}

const PATIENCE: Patience = { silence: 30_000, whole: 6 * 3_600_000 };

/**
 * @throws OhmletError FETCH-URL, FETCH-NETWORK, FETCH-REDIRECT, FETCH-STATUS, FETCH-RANGE, FETCH-LENGTH,
 *   FETCH-CUT, FETCH-TIMEOUT, FETCH-STOPPED, FETCH-DISK, IO-LINK
 */
export async function download({
  url: text,
  part: path,
  limit,
  signal,
  received,
  patience = PATIENCE,
}: DownloadRequest): Promise<void> {
  const url = readUrl(text);
  const part: Part = { folder: Within.open(dirname(path)), file: basename(path) };
  const where = shown(url);
  const guard = new Guard(where, patience, signal);
  try {
    for (const retry of [true, false]) {
      if (lengthOf(part) > limit) part.folder.remove(part.file);
      const have = lengthOf(part);
      const { answer, url: found } = await request(url, have, guard.signal);
      guard.heard();
      const start = startOf(answer, have, shown(found), retry);
      if (start === "complete") return;
      if (start !== "again")
        return await receive(answer, { part, start, limit, where: shown(found), guard, received });
      answer.destroy();
      part.folder.remove(part.file);
    }
  } catch (error) {
    if (error instanceof OhmletError && (error.code === "FETCH-RANGE" || error.code === "FETCH-LENGTH"))
      part.folder.remove(part.file); // nothing to go on with
    throw guard.reason ?? error;
  } finally {
    guard.end();
  }
}

interface Part {
  readonly folder: Within;
  readonly file: string;
}

const lengthOf = ({ folder, file }: Part): number => folder.sizeOf(file) ?? 0;

/** At which byte of the file the body begins. `again`: the part is of no use to this server. */
function startOf(
  answer: IncomingMessage,
  have: number,
  where: string,
  retry: boolean,
): number | "complete" | "again" {
  const range = answer.headers["content-range"] ?? "";
  switch (answer.statusCode) {
    case 200:
      return 0; // it ignores Range, or none was asked for
    case 206:
      if (have > 0 && range.startsWith(`bytes ${have}-`)) return have;
      answer.destroy();
      throw fault(
        "FETCH-RANGE",
        where,
        `the server sends another piece ("${range.slice(0, 60)}") than the one from byte ${have}`,
        "run the command again: it starts anew",
      );
    case 416:
      if (have > 0 && range === `bytes */${have}`) return (answer.destroy(), "complete");
      if (have > 0 && retry) return "again";
  }
  answer.destroy();
  throw fault(
    "FETCH-STATUS",
    where,
    `the server answers ${answer.statusCode} ${(answer.statusMessage ?? "").slice(0, 60)}`.trim(),
    "check the address, or give another source with --url",
  );
}

interface Reception {
  readonly part: Part;
  readonly start: number;
  readonly limit: number;
  readonly where: string;
  readonly guard: Guard;
  readonly received: DownloadRequest["received"];
}

async function receive(
  answer: IncomingMessage,
  { part, start, limit, where, guard, received }: Reception,
): Promise<void> {
  const length = Number(answer.headers["content-length"] ?? Number.NaN);
  const total = Number.isSafeInteger(length) ? start + length : undefined;
  const tooLong = (bytes: number) => {
    answer.destroy();
    return fault(
      "FETCH-LENGTH",
      where,
      `the answer has ${bytes} bytes or more, and the file at most ${limit}`,
      "this is another file: give another source with --url",
    );
  };
  if (total !== undefined && total > limit) throw tooLong(total);
  const file = part.folder.openToWrite(part.file, start === 0 ? "anew" : "append");
  let bytes = start;
  try {
    received?.(bytes, total);
    for await (const piece of pieces(answer, where)) {
      guard.heard();
      if (bytes + piece.length > limit) throw tooLong(bytes + piece.length);
      write(file, piece, join(part.folder.path, part.file));
      bytes += piece.length;
      received?.(bytes, total);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function* pieces(answer: IncomingMessage, where: string): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const piece of answer) yield piece as Buffer;
  } catch (error) {
    throw fault(
      "FETCH-CUT",
      where,
      `the connection broke off (${reasonOf(error)})`,
      "run the command again: it goes on where it stopped",
    );
  }
}

/** Ends a download that takes too long or that the user stops, and knows why. */
class Guard {
  readonly #stop = new AbortController();
  readonly #deadline: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;
  reason: OhmletError | undefined;

  constructor(
    private readonly where: string,
    private readonly patience: Patience,
    private readonly user: AbortSignal | undefined,
  ) {
    this.#deadline = setTimeout(this.#late, patience.whole);
    user?.addEventListener("abort", this.#stopped);
    if (user?.aborted) this.#stopped();
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The server said something: its silence begins anew. */
  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(this.#late, this.patience.silence);
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#deadline);
    this.user?.removeEventListener("abort", this.#stopped);
  }

  readonly #late = (): void => this.#give("FETCH-TIMEOUT", "the server is silent, or too slow");
  readonly #stopped = (): void => this.#give("FETCH-STOPPED", "the download was stopped");

  #give(code: string, fact: string): void {
    this.reason ??= fault(code, this.where, fact, "run the command again: it goes on where it stopped");
    this.#stop.abort();
  }
}
