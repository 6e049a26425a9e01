/** A netlist from a file that the user named. What it names itself is not looked at. */
import { readFileSync, statSync } from "node:fs";
import { OhmletError } from "../../errors";
import { readCircuit, type Circuit, type ReadOptions } from "../../spice";

/** Bytes. */
const LARGEST = 16 * 2 ** 20;

/** @throws OhmletError SPICE-FILE, and those of readCircuit */
export function netlistFile(path: string, options?: ReadOptions): Circuit {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "SPICE-FILE", fact, place: { where: path }, remedy });
  };
  const found = statSync(path);
  if (!found.isFile()) fail("this is not a file", "name a netlist");
  if (found.size > LARGEST)
    fail(`the file has ${found.size} bytes, at most ${LARGEST} are read`, "name a smaller netlist");
  return readCircuit(new TextDecoder().decode(readFileSync(path)), path, options);
}
