/**
 * Looks at the tokens of a text before it is parsed: what a config has no use for is refused here (aliases,
 * tags, directives, several documents), and so is whatever would take the parser long or deep. Linear in the
 * text.
 */
import { CST, Lexer } from "yaml";
import { OhmletError } from "../errors";
import { clip, DEEPEST, placeOf, type Source } from "./node";

/** Longest text, UTF-16 units. The longest shipped config has 2,000. */
const LONGEST_TEXT = 256 * 1024;
const MOST_TOKENS = 40_000;
/** Columns of indentation: the parser recurses, and builds expressions as long as the indentation. */
const WIDEST_INDENT = 128;

/** What no editor shows must not decide anything. */
const UNSEEN = /(?![\t\n\r\u0080-\u009f])[\p{Cc}\p{Cs}]/u;

/** @throws OhmletError CONFIG-SIZE, -TEXT, -DEPTH, -ALIAS, -TAG, -SYNTAX */
export function guard(source: Source): void {
  const { text } = source;
  const fail = (offset: number, code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: placeOf({ source, offset }, ""), remedy });
  };
  if (text.length > LONGEST_TEXT)
    throw new OhmletError({
      code: "CONFIG-SIZE",
      fact: `the text has more than ${LONGEST_TEXT} characters`,
      place: { where: source.where },
      remedy: "a config names data, it does not hold them: write less",
    });
  const control = UNSEEN.exec(text);
  if (control !== null)
    fail(
      control.index,
      "CONFIG-TEXT",
      "there is a character that is no text",
      "save the file as plain text in UTF-8",
    );
  const wide = new RegExp(`^[ \\t]{${WIDEST_INDENT}}`, "m").exec(text);
  if (wide !== null)
    fail(
      wide.index,
      "CONFIG-DEPTH",
      `a line is indented by more than ${WIDEST_INDENT} columns`,
      "nest less; two columns a level are usual",
    );

  let [offset, tokens, flow, compact, documents, scalar] = [0, 0, 0, 0, 0, false];
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === CST.SCALAR || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END) {
      scalar = lexeme === CST.SCALAR;
      continue;
    }
    if (++tokens > MOST_TOKENS)
      fail(
        offset,
        "CONFIG-SIZE",
        `there are more than ${MOST_TOKENS} keys, values and signs`,
        "a config names data, it does not hold them: write less",
      );
    const type = scalar ? "scalar" : CST.tokenType(lexeme);
    scalar = false;
    if (type === "anchor" || type === "alias")
      fail(
        offset,
        "CONFIG-ALIAS",
        `"${clip(lexeme)}" is ${type === "anchor" ? "an anchor" : "an alias"}, and aliases are not followed`,
        "define a device under devices: and use its name, or write the value again; a text that " +
          "begins with & or * needs quotes",
      );
    if (type === "tag")
      fail(
        offset,
        "CONFIG-TAG",
        `"${clip(lexeme)}" is a tag, and tags are not followed`,
        "write the plain value; a text that begins with ! needs quotes",
      );
    if (type === "directive-line")
      fail(
        offset,
        "CONFIG-TAG",
        `"${clip(lexeme)}" is a directive, and directives are not followed`,
        "leave the line out",
      );
    if (type === "doc-start" && ++documents > 1)
      fail(
        offset,
        "CONFIG-SYNTAX",
        "a second document begins here",
        "one file holds one config: leave out the line ---",
      );
    if (type === "newline") compact = 0;
    else if (type === "flow-map-start" || type === "flow-seq-start") flow++;
    else if (type === "flow-map-end" || type === "flow-seq-end") flow--;
    else if (
      flow === 0 &&
      (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind")
    )
      compact++;
    if (flow > DEEPEST || compact > DEEPEST)
      fail(offset, "CONFIG-DEPTH", `lists and maps are nested more than ${DEEPEST} deep`, "nest less");
    offset += lexeme.length;
  }
}
