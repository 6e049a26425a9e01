/** Writes all of a piece, at once: a stream would hold pieces back that a killed process then loses. */
import { writeSync } from "node:fs";
import { fault, reasonOf } from "./fault";

/** @throws OhmletError FETCH-DISK */
export function write(file: number, piece: Buffer, path: string): void {
  try {
    for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
  } catch (error) {
    throw fault(
      "FETCH-DISK",
      path,
      `the file cannot be written (${reasonOf(error)})`,
      "make room and run the command again: it goes on where it stopped",
    );
  }
}
