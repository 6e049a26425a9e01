/** Which definitions a line of text stands on. */
import type { Definition } from "./read";
import type { Line } from "./token";

/**
 * The definitions without arguments that a line names, or that what it names names, each after those that it
 * needs itself. Where they go round in a circle, the order says nothing: whoever expands them finds out.
 * @param isDone leaves out a definition, and what only that one needs
 */
export function inOrder(
  line: Line,
  definitions: ReadonlyMap<string, Definition>,
  isDone: (name: string) => boolean,
): readonly Definition[] {
  const namedIn = ({ tokens }: Line): Definition[] => {
    const names = new Set(tokens.map(({ text }) => text.replace(/'$/, "")));
    return [...names].reverse().flatMap((name) => (isDone(name) ? [] : (definitions.get(name) ?? [])));
  };
  const ordered = new Set<Definition>();
  const seen = new Set<Definition>();
  const pending = namedIn(line);
  for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
    const met = seen.has(next);
    seen.add(next);
    const waiting = met ? [] : namedIn(next.line).filter((each) => !seen.has(each));
    if (waiting.length > 0) {
      pending.push(...waiting);
      continue;
    }
    pending.pop();
    if (next.parameters === null) ordered.add(next);
  }
  return [...ordered];
}
