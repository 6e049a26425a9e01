/**
 * The text of a netlist as logical lines of tokens, each of which knows where it stands: comments and
 * continuations are undone here, and what a line means is not known. Nothing is read but the text itself.
 */
import { OhmletError, type Place } from "../errors";

/** What a file may be at most, so that a hostile one ends within a second. */
const MOST = {
  characters: 16 * 2 ** 20,
  lines: 200_000,
  /** Of one logical line, continuations and all. */
  line: 200_000,
  name: 200,
} as const;

export interface Token {
  /** In lower case: netlists know no capitals. */
  readonly text: string;
  /** `expression`: what stood in braces or between quotes, without these. */
  readonly kind: "word" | "sign" | "expression";
  /** Offsets in the logical line. */
  readonly start: number;
  readonly end: number;
}

/** A line with its continuations, and where each part of it stands in the file. */
export class Card {
  readonly tokens: readonly Token[];

  /** @param pieces offset in `text`, and the line and the column from which that piece of the file begins */
  constructor(
    readonly source: Source,
    readonly text: string,
    private readonly pieces: readonly {
      readonly from: number;
      readonly line: number;
      readonly column: number;
    }[],
  ) {
    this.tokens = tokensOf(this);
  }

  /** Where an offset of the logical line is in the file. */
  place(offset = 0): Place {
    const piece = this.pieces.filter(({ from }) => from <= offset).pop() ?? this.pieces[0];
    return this.source.place(piece.line, piece.column + offset - piece.from);
  }

  /** A fault at a token, or at an offset; without either at the first word. */
  fault(
    code: string,
    fact: string,
    at: Token | number | undefined,
    remedy: string | readonly string[],
  ): OhmletError {
    const offset = typeof at === "number" ? at : (at?.start ?? 0);
    return new OhmletError({ code, fact, place: this.place(offset), remedy });
  }
}

/** A netlist file: its name for errors, and its lines as they were written. */
export class Source {
  readonly lines: readonly string[];

  /** @throws SPICE-SIZE */
  constructor(
    readonly where: string,
    text: string,
  ) {
    const refuse = (fact: string, remedy: string): never => {
      throw new OhmletError({ code: "SPICE-SIZE", fact, place: { where, line: 1, column: 1 }, remedy });
    };
    if (text.length > MOST.characters)
      refuse(
        `the netlist has ${text.length} characters, more than ${MOST.characters}`,
        "write a smaller one",
      );
    let lines = 1;
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1))
      if (++lines > MOST.lines)
        refuse(`the netlist has more than ${MOST.lines} lines`, "write a smaller one, with subcircuits");
    this.lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  }

  place(line: number, column: number): Place {
    return { where: this.where, line, column, excerpt: this.lines[line - 1] ?? "" };
  }
}

/** The title, and the logical lines after it up to `.end`. @throws SPICE-SIZE, SPICE-SYNTAX */
export function cardsOf(source: Source): { readonly title: string; readonly cards: readonly Card[] } {
  const cards: Card[] = [];
  let text = "";
  let pieces: { from: number; line: number; column: number }[] = [];
  let ended = false;
  const finish = (): void => {
    if (pieces.length === 0) return;
    const card = new Card(source, text, pieces);
    [text, pieces] = ["", []];
    if (card.tokens.length === 0) return;
    if (card.tokens[0].text === ".end") ended = true;
    else cards.push(card);
  };
  // The first line is a title, whatever it says.
  for (let i = 1; i < source.lines.length; i++) {
    const code = withoutComment(source.lines[i]);
    const first = code.search(/\S/);
    if (first < 0) continue;
    const continues = code[first] === "+";
    if (!continues) finish();
    if (ended) break;
    if (continues && pieces.length === 0)
      throw new OhmletError({
        code: "SPICE-SYNTAX",
        fact: "there is no line that this one could continue",
        place: source.place(i + 1, first + 1),
        remedy: "take the + out, or put the line after the one that it continues",
      });
    const begin = continues ? first + 1 : first;
    if (continues) text += " ";
    pieces.push({ from: text.length, line: i + 1, column: begin + 1 });
    text += code.slice(begin).toLowerCase();
    if (text.length > MOST.line)
      throw new OhmletError({
        code: "SPICE-SIZE",
        fact: `a line has, with its continuations, more than ${MOST.line} characters`,
        place: source.place(i + 1, 1),
        remedy: "split it",
      });
  }
  finish();
  return { title: source.lines[0] ?? "", cards };
}

/** `*` begins a line of comment, `;`, `//` and a `$` that stands alone the rest of one. */
function withoutComment(line: string): string {
  if (/^\s*[*#]/.test(line)) return "";
  const at = line.search(/;|\/\/|(?:^|\s)\$(?=\s|$)/);
  return at < 0 ? line : line.slice(0, at);
}

const WORD = /[^\s,()={}']+/y;

function tokensOf(card: Card): Token[] {
  const { text } = card;
  const tokens: Token[] = [];
  for (let i = 0; i < text.length;) {
    const character = text[i];
    if (/[\s,]/.test(character)) i++;
    else if ("()=".includes(character)) tokens.push({ text: character, kind: "sign", start: i, end: ++i });
    else if (character === "{" || character === "'") {
      const end = character === "{" ? closing(card, i) : text.indexOf("'", i + 1);
      if (end < 0) throw card.fault("SPICE-SYNTAX", "a quote is not closed", i, "write  '2*a'  or  {2*a}");
      tokens.push({ text: text.slice(i + 1, end), kind: "expression", start: i, end: end + 1 });
      i = end + 1;
    } else if (character === "}")
      throw card.fault("SPICE-SYNTAX", "a closing brace has no opening one", i, "take it out");
    else {
      WORD.lastIndex = i;
      const word = WORD.exec(text)?.[0] ?? character;
      if (word.length > MOST.name)
        throw card.fault(
          "SPICE-SYNTAX",
          `a word of ${word.length} characters is too long`,
          i,
          `names and numbers have at most ${MOST.name} characters`,
        );
      tokens.push({ text: word, kind: "word", start: i, end: i + word.length });
      i += word.length;
    }
  }
  return tokens;
}

/** The brace that closes the one at `open`. */
function closing(card: Card, open: number): number {
  let depth = 0;
  for (let i = open; i < card.text.length; i++) {
    if (card.text[i] === "{") depth++;
    if (card.text[i] === "}" && --depth === 0) return i;
  }
  throw card.fault("SPICE-SYNTAX", "a brace is not closed", open, "close it with  }");
}
