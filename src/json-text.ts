/**
 * JSON of strangers. `JSON.parse` reads lists within lists as deep as memory allows, and whatever walks its
 * answer then runs out of stack; nothing that Ohmlet reads is nested deep, so that is looked at first.
 */

/** Levels of lists and objects within each other. */
export const DEEPEST_JSON = 64;

/** What is wrong with a text that was cut short, or is something else altogether. */
const DAMAGED = "this is not JSON, or its end is missing";

class TooDeep extends SyntaxError {
  constructor(offset: number) {
    super(
      `it is nested too deep: more than ${DEEPEST_JSON} lists and objects within each other at ` +
        `character ${offset + 1}`,
    );
  }
}

/** The value of a JSON text. @throws SyntaxError where it is none, or is nested too deep */
export function parseJson(text: string): unknown {
  let [depth, quoted] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) quoted = false;
    } else if (c === QUOTE) quoted = true;
    else if (c === LIST || c === OBJECT) {
      if (++depth > DEEPEST_JSON) throw new TooDeep(i);
    } else if (c === LIST_END || c === OBJECT_END) depth--;
  }
  return JSON.parse(text) as unknown;
}

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = ['"', "\\", "[", "]", "{", "}"].map((c) =>
  c.charCodeAt(0),
);

/** What to say of an error of `parseJson`. */
export const whyNotJson = (error: unknown): string => (error instanceof TooDeep ? error.message : DAMAGED);
