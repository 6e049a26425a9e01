/**
 * Files below a folder that the user named: the one way in which Ohmlet writes any. The named folder may
 * itself be a link, and so may those above it; below it no link is followed, neither to write nor to read.
 * Files are replaced by new ones whose names nobody can guess, or opened, looked at and only then written to.
 * A folder that was removed or replaced is not made anew.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  type Dirent,
} from "node:fs";
import { join } from "node:path";
import { OhmletError } from "../errors";
import {
  codeOf,
  enter,
  expectPlain,
  flush,
  found,
  identityOf,
  ignoring,
  leave,
  notRead,
  notWritten,
  openNew,
  openOwn,
  openToRead,
  partsOf,
  step,
  withTruePath,
  type Identity,
  type Place,
} from "./place";

const TEMPORARY = /^\.ohmlet-[0-9a-f]{24}\.tmp$/;
/** Levels of folders that are looked through for temporary files. */
const DEEPEST = 3;
/** A name that nobody can have made a link of before. */
export const temporaryName = (): string => `.ohmlet-${randomBytes(12).toString("hex")}.tmp`;

/**
 * All methods throw IO-LINK, IO-GONE, and what the file system refuses as Node throws it. Files are named
 * relative to the folder.
 */
export class Within {
  private constructor(
    readonly path: string,
    private readonly identity: Identity,
  ) {}

  /** A folder that is there. From now on it must stay the same one. */
  static open(path: string): Within {
    const place = enter(path);
    try {
      return new Within(path, identityOf(place));
    } finally {
      leave(place);
    }
  }

  /** The same folder, after it was renamed. */
  movedTo(path: string): Within {
    return new Within(path, this.identity);
  }

  /**
   * Writes a file in one step: a reader sees the old content or the new one, and after a crash one of the two
   * is there.
   */
  replace(file: string, content: string | Uint8Array): void {
    this.#in(file, true, (place, name) => {
      expectPlain(place, name, notWritten);
      const temporary = temporaryName();
      const handle = openNew(place, temporary);
      try {
        try {
          writeFileSync(handle, content);
          fsyncSync(handle); // or a crash may leave the new name with no content
        } finally {
          closeSync(handle);
        }
        renameSync(join(place.at, temporary), join(place.at, name));
      } catch (error) {
        rmSync(join(place.at, temporary), { force: true });
        throw error;
      }
      flush(place);
    });
  }

  /** Adds to the end of a file, or begins it. */
  append(file: string, content: string | Uint8Array, { flush: flushed = false } = {}): void {
    const handle = this.openToWrite(file, "append");
    try {
      writeFileSync(handle, content);
      if (flushed) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }

  /** A handle to a file of its own, to write to piece by piece; the caller closes it. */
  openToWrite(file: string, how: "append" | "anew"): number {
    return this.#in(file, true, (place, name) => {
      const handle = openOwn(place, name, how === "append" ? constants.O_APPEND : 0);
      if (how === "anew") ftruncateSync(handle, 0);
      return handle;
    });
  }

  /**
   * Makes a file that has another name elsewhere (a hard link, as some backups have it) one of its own, by a
   * copy.
   */
  own(file: string, largest: number): void {
    const shared = this.#in(
      file,
      false,
      (place, name) => {
        const stat = expectPlain(place, name, notWritten);
        return stat?.isFile() === true && stat.nlink > 1n;
      },
      () => false,
    );
    const bytes = shared ? this.read(file, largest) : null;
    if (bytes !== null) this.replace(file, bytes);
  }

  /** Cuts a file that is there. */
  truncate(file: string, length: number): void {
    const handle = this.openToWrite(file, "append");
    try {
      ftruncateSync(handle, length);
    } finally {
      closeSync(handle);
    }
  }

  /** Makes an empty file; false where there is something of that name. */
  create(file: string): boolean {
    return this.#in(file, false, (place, name) => {
      try {
        closeSync(openNew(place, name));
        return true;
      } catch (error) {
        if (codeOf(error) === "EEXIST") return false;
        throw error;
      }
    });
  }

  /** Makes a folder; false where there is something of that name. */
  createFolder(name: string): boolean {
    return this.#in(name, false, (place, last) => {
      try {
        mkdirSync(join(place.at, last));
        return true;
      } catch (error) {
        if (codeOf(error) === "EEXIST" && found(place, last) !== undefined) return false;
        throw error;
      }
    });
  }

  /** Removes a file, where there is one. */
  remove(file: string): void {
    this.#in(
      file,
      false,
      (place, name) => {
        if (expectPlain(place, name, notWritten) !== undefined)
          ignoring("ENOENT", () => unlinkSync(join(place.at, name)));
      },
      () => undefined,
    );
  }

  /** Removes a folder that this process made under a name nobody else has, with all that is in it. */
  discardFolder(name: string): void {
    this.#in(name, false, (place, last) => rmSync(join(place.at, last), { recursive: true, force: true }));
  }

  /** Gives a file another name beside it, in place of the file of that name. */
  rename(from: string, to: string): void {
    this.#in(from, false, (place, name) => {
      for (const each of [name, to]) expectPlain(place, each, notWritten);
      renameSync(join(place.at, name), join(place.at, to));
      flush(place);
    });
  }

  /** Gives a folder another name beside it; false where something has that name. */
  renameFolder(from: string, to: string): boolean {
    return this.#in(from, false, (place, name) => {
      // Renaming replaces an empty folder without a word, and so looks first.
      if (found(place, to) !== undefined) return false;
      try {
        renameSync(join(place.at, name), join(place.at, to));
      } catch (error) {
        if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(codeOf(error)) && found(place, to) !== undefined)
          return false;
        throw error;
      }
      flush(place);
      return true;
    });
  }

  /**
   * The bytes of a plain file; null where there is none. @throws OhmletError RUN-FILE for anything else, and
   * for more bytes than `largest`
   */
  read(file: string, largest: number): Uint8Array | null {
    return this.#in(
      file,
      false,
      (place, name) => {
        const handle = openToRead(place, name);
        if (handle === null) return null;
        try {
          const { size } = fstatSync(handle);
          if (size > largest)
            throw notRead(`the file has ${size} bytes, at most ${largest} are read`, join(place.shown, name));
          return readFileSync(handle);
        } finally {
          closeSync(handle);
        }
      },
      () => null,
    );
  }

  /** Bytes of a plain file; null where there is none. */
  sizeOf(file: string): number | null {
    return this.#in(
      file,
      false,
      (place, name) => {
        const stat = expectPlain(place, name, notWritten);
        return stat === undefined ? null : Number(stat.size);
      },
      () => null,
    );
  }

  /**
   * @throws OhmletError IO-LINK for the first of the files that is no plain one, or lies behind a link; those
   *   that are not there are fine
   */
  expectPlain(files: readonly string[]): void {
    for (const file of files)
      this.#in(
        file,
        false,
        (place, name) => void expectPlain(place, name, notWritten),
        () => undefined,
      );
  }

  /** What lies in the folder itself. */
  entries(): Dirent[] {
    return this.#in("any", false, ({ at }) => readdirSync(at, { withFileTypes: true }));
  }

  /**
   * Removes the temporary files that killed processes left here and in folders within; of what a link leads
   * to, nothing.
   */
  sweep(): void {
    const look = (place: Place, depth: number): void => {
      for (const entry of readdirSync(place.at, { withFileTypes: true })) {
        if (entry.isFile() && TEMPORARY.test(entry.name))
          ignoring("ENOENT", () => unlinkSync(join(place.at, entry.name)));
        if (!entry.isDirectory() || depth === DEEPEST) continue;
        const next = step(place, entry.name, false);
        try {
          look(next, depth + 1);
        } finally {
          leave(next);
        }
      }
    };
    this.#in("any", false, (place) => look(place, 1));
  }

  /**
   * Runs an action in the folder of a file, all folders on the way held or looked at.
   * @param make makes those that are missing
   * @param absent what to give where one is missing
   */
  #in<T>(file: string, make: boolean, action: (place: Place, name: string) => T, absent?: () => T): T {
    const parts = partsOf(file);
    const name = parts.pop() as string;
    let place = this.#enter();
    try {
      for (const part of parts) {
        const next = step(place, part, make);
        leave(place);
        place = next;
      }
      return action(place, name);
    } catch (error) {
      const true_ = withTruePath(error, place);
      if (absent !== undefined && codeOf(true_) === "ENOENT") return absent();
      throw true_;
    } finally {
      leave(place);
    }
  }

  #enter(): Place {
    let place: Place;
    try {
      place = enter(this.path);
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error))) throw this.#gone();
      throw error;
    }
    const { dev, ino } = identityOf(place);
    if (dev === this.identity.dev && ino === this.identity.ino) return place;
    leave(place);
    throw this.#gone();
  }

  #gone(): OhmletError {
    return new OhmletError({
      code: "IO-GONE",
      fact: "the folder was removed, moved or replaced while it was in use",
      place: { where: this.path },
      remedy: "leave a folder where it is until the command has ended; what was in it is not made anew",
      category: "run",
    });
  }
}
