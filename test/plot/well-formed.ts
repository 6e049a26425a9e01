/**
 * A strict reader for the XML we write: tags that nest, quoted attributes, known entities, no stray special
 * character.
 */

export interface Reading {
  /** Text content, decoded, in order; style sheets left out. */
  readonly texts: string[];
  /** Every attribute as [element, attribute, decoded value]. */
  readonly attributes: [string, string, string][];
}

const TAG = /^<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z][\w:-]*="[^"<>]*")*)\s*(\/?)>/;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** Reads one element with all it holds; throws where an XML parser would. */
export function readXml(source: string): Reading {
  const texts: string[] = [];
  const attributes: [string, string, string][] = [];
  const open: string[] = [];
  let rest = source.replace(/^<!DOCTYPE html>\n|^<\?xml [^?]*\?>\n/, "").trim();
  do {
    const tag = TAG.exec(rest);
    if (tag) {
      const [whole, closing, name, list, selfClosing] = tag;
      for (const [, key, value] of list.matchAll(/([\w:-]+)="([^"]*)"/g))
        attributes.push([name, key, decode(value)]);
      if (closing && open.pop() !== name) throw new Error(`</${name}> closes what is not open`);
      if (!closing && !selfClosing) open.push(name);
      rest = rest.slice(whole.length);
      continue;
    }
    const text = /^[^<]+/.exec(rest)?.[0];
    if (text === undefined) throw new Error(`not a tag: ${rest.slice(0, 60)}`);
    if (open[open.length - 1] !== "style") texts.push(decode(text));
    rest = rest.slice(text.length);
  } while (open.length > 0 && rest !== "");
  if (open.length > 0 || rest !== "") throw new Error(`left over: ${open.join(" ")} ${rest.slice(0, 60)}`);
  return { texts, attributes };
}

/** The text that `escaped` stands for; throws on anything that is neither an entity nor plain. */
export function decode(escaped: string): string {
  // eslint-disable-next-line no-control-regex -- what XML forbids is what is looked for
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/.test(escaped))
    throw new Error("a character that XML does not allow");
  if (/\p{Surrogate}/u.test(escaped)) throw new Error("a lone surrogate");
  return escaped.replace(/&([^;]{0,8};)?/g, (_whole, name?: string) => {
    const character = ENTITIES[name?.slice(0, -1) ?? ""];
    if (character === undefined) throw new Error(`& that is no entity: ${escaped.slice(0, 60)}`);
    return character;
  });
}
