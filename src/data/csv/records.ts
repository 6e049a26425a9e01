/**
 * The records of a CSV text (RFC 4180), one at a time, as places in its bytes: a line of numbers needs no
 * strings. Quoted cells may hold separators, line ends and doubled quotes; lines end as any system ends them;
 * blank ones are passed over.
 */
import type { Place } from "../../errors";
import { refuse } from "../refuse";

const MOST_COLUMNS = 1_000_000;
const [TAB, FEED, RETURN, SPACE, QUOTE] = [9, 10, 13, 32, 34];
/** Longest text of a cell that is shown, and how much of a line. */
const [LONGEST_SHOWN, LONGEST_LINE] = [40, 80];
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;
const blank = (bytes: Uint8Array, start: number, end: number): boolean =>
  bytes.subarray(start, end).every(isBlank);

export class Records {
  /** Cells of the present record. */
  count = 0;
  /** Line on which it begins, from 1. */
  line = 0;
  /** Where each cell begins and ends, without spaces and quotes around it. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  #begin = 0;
  #at = 0;
  #lines = 1;

  /**
   * @param delimiter the byte between two cells
   * @param strict whether a quoted cell must end with its quote: not while separators are tried
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly delimiter: number,
    readonly where: string,
    readonly strict = true,
  ) {}

  /** Goes on to the next record; false at the end. @throws OhmletError DATA-CSV */
  next(): boolean {
    do {
      this.#passLineEnds();
      if (this.#at >= this.bytes.length) return false;
      this.line = this.#lines;
      this.#begin = this.#at;
      this.#read();
    } while (this.count === 1 && this.ends[0] === this.starts[0]);
    return true;
  }

  /** A file may be nothing but lines without anything. */
  #passLineEnds(): void {
    const { bytes } = this;
    let at = this.#at;
    for (; bytes[at] === FEED || bytes[at] === RETURN; at++)
      if (bytes[at] === FEED || bytes[at + 1] !== FEED) this.#lines++;
    this.#at = at;
  }

  #read(): void {
    const { bytes, delimiter } = this;
    const { length } = bytes;
    let at = this.#at;
    this.count = 0;
    for (;;) {
      let start = at;
      while (start < length && isBlank(bytes[start]) && bytes[start] !== delimiter) start++;
      let end: number;
      if (bytes[start] === QUOTE) {
        end = this.#closing(start);
        at = end + 1;
        start++;
        const after = at;
        while (at < length && bytes[at] !== delimiter && bytes[at] !== FEED && bytes[at] !== RETURN) at++;
        if (this.strict && !blank(bytes, after, at))
          this.fail(
            this.count,
            "DATA-CSV",
            "there is more in a cell after its closing quote",
            'write a quote within a quoted cell twice:  ""',
          );
      } else {
        let byte = 0;
        at = start;
        while (at < length && (byte = bytes[at]) !== delimiter && byte !== FEED && byte !== RETURN) at++;
        end = at;
        while (end > start && isBlank(bytes[end - 1])) end--;
      }
      if (this.count === this.starts.length) this.#grow();
      this.starts[this.count] = start;
      this.ends[this.count++] = end;
      if (at < length && bytes[at] === delimiter) at++;
      else break;
    }
    if (at < length) {
      if (bytes[at] === RETURN && bytes[at + 1] === FEED) at++;
      at++;
      this.#lines++;
    }
    this.#at = at;
  }

  /** Where the quote that opens at `open` closes. */
  #closing(open: number): number {
    const { bytes } = this;
    for (let at = open + 1; at < bytes.length; at++) {
      if (bytes[at] === FEED) this.#lines++;
      if (bytes[at] !== QUOTE) continue;
      if (bytes[at + 1] !== QUOTE) return at;
      at++;
    }
    return refuse(
      { where: this.where, line: this.line },
      "DATA-CSV",
      "a quote opens on this line and does not close",
      "close it, or write a single quote without one",
    );
  }

  #grow(): void {
    if (this.count >= MOST_COLUMNS)
      refuse(
        { where: this.where, line: this.line },
        "DATA-CSV",
        `the line has more than ${MOST_COLUMNS} cells`,
        "give a line a sample",
      );
    for (const name of ["starts", "ends"] as const) {
      const longer = new Int32Array(2 * this.count);
      longer.set(this[name]);
      this[name] = longer;
    }
  }

  /** The text of a cell. @throws OhmletError DATA-TEXT where it is not UTF-8 */
  text(cell: number): string {
    const short = this.#plain(cell);
    if (short !== null) return short;
    try {
      return decoder
        .decode(this.bytes.subarray(this.starts[cell], this.ends[cell]))
        .replaceAll('""', '"')
        .trim()
        .normalize("NFC");
    } catch {
      return this.fail(cell, "DATA-TEXT", `cell ${cell + 1} is not UTF-8`, "save the file as CSV in UTF-8");
    }
  }

  /** A short cell of ASCII without quotes: most are, and there may be a million. */
  #plain(cell: number): string | null {
    const [start, end] = [this.starts[cell], this.ends[cell]];
    if (end - start > LONGEST_SHOWN) return null;
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at];
      if (byte >= 128 || byte === QUOTE) return null;
      text += String.fromCharCode(byte);
    }
    return text.trim();
  }

  texts(): string[] {
    return Array.from({ length: this.count }, (_, cell) => this.text(cell));
  }

  /** The text of a cell for an error: never long. */
  shown(cell: number): string {
    const [start, end] = [this.starts[cell], this.ends[cell]];
    const text = lenient.decode(this.bytes.subarray(start, Math.min(end, start + 4 * LONGEST_SHOWN)));
    return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  }

  /** Throws an error at a cell of the present record. */
  fail(cell: number, code: string, fact: string, remedy: string): never {
    const until = (end: number): string =>
      lenient.decode(this.bytes.subarray(this.#begin, Math.min(end, this.#begin + 4 * LONGEST_LINE)));
    const before = cell < this.count ? until(this.starts[cell]) : "";
    const excerpt = until(this.#begin + LONGEST_LINE).split(/[\r\n]/, 1)[0];
    const place: Place = {
      where: this.where,
      line: this.line,
      excerpt,
      ...(before.length < excerpt.length && cell < this.count && { column: before.length + 1 }),
    };
    return refuse(place, code, fact, remedy);
  }
}
