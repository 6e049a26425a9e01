/** Writing a file that the user named, so that a reader sees the old content or the new one, never a half. */
import { basename, dirname } from "node:path";
import { Within } from "./within";

/** Says at once what `writeAtomically` would say after long work. Errors are the same. */
export function expectReplaceable(path: string): void {
  Within.open(dirname(path)).expectPlain([basename(path)]);
}

/**
 * Replaces the content of `path` in one step. Errors are those of `node:fs`; then `path` is as it was before.
 * @throws OhmletError IO-LINK where the file is a link; its folder may be one
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  Within.open(dirname(path)).replace(basename(path), content);
}
