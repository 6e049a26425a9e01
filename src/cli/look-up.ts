/** Finds what a user named in a catalogue. */
import { nearest } from "../equations/functions";
import { OhmletError } from "../errors";

/** @throws OhmletError CLI-NAME with the nearest name, or all of them */
export function choose<T>(name: string, kind: string, entries: ReadonlyMap<string, T>): T {
  const found = entries.get(name);
  if (found !== undefined) return found;
  const near = nearest(name, entries.keys());
  throw new OhmletError({
    code: "CLI-NAME",
    fact: `the catalogue has no ${kind} "${name.slice(0, 60)}"`,
    place: { where: `${kind}s` },
    remedy: near === null ? `${kind}s: ${[...entries.keys()].join(", ")}` : `did you mean "${near}"?`,
  });
}
