/** What is left of a line while it is read, word by word. */
import { spanOf, type Written } from "./netlist";
import { mayBeValue, writtenOf, type Scope } from "./scope";
import type { Card, Token } from "./text";

/** What is left of a line, taken from left to right. */
export class Rest {
  private next: number;

  constructor(
    readonly card: Card,
    readonly scope: Scope,
    from: number,
    private readonly usage: string,
  ) {
    this.next = from;
  }

  get token(): Token | undefined {
    return this.card.tokens[this.next];
  }

  word(what: string): Token {
    const token = this.token;
    if (token === undefined || token.kind !== "word") throw this.missing(what);
    this.next++;
    return token;
  }

  takes(text: string): boolean {
    if (this.token?.text !== text || this.token.kind === "expression") return false;
    this.next++;
    return true;
  }

  /** Whether `key =` comes next; then it is taken. */
  takesKey(...keys: readonly string[]): string | null {
    const [key, sign] = [this.token, this.card.tokens[this.next + 1]];
    if (key?.kind !== "word" || sign?.text !== "=" || sign.kind !== "sign" || !keys.includes(key.text))
      return null;
    this.next += 2;
    return key.text;
  }

  get atValue(): boolean {
    return mayBeValue(this.token, this.scope);
  }

  value(what: string): number {
    const token = this.token;
    if (!mayBeValue(token, this.scope)) throw this.missing(what);
    this.next++;
    return this.scope.value(writtenOf(this.card, token));
  }

  /** All that is left, as one expression. */
  all(what: string): Written {
    const tokens = this.card.tokens.slice(this.next);
    if (tokens.length === 0) throw this.missing(what);
    this.next = this.card.tokens.length;
    return spanOf(this.card, tokens);
  }

  /** @throws SPICE-SYNTAX where something is left */
  end(): void {
    const token = this.token;
    if (token !== undefined)
      throw this.card.fault(
        "SPICE-SYNTAX",
        `"${token.text.slice(0, 40)}" does not belong here`,
        token,
        `write  ${this.usage}`,
      );
  }

  missing(what: string): Error {
    const { token, card } = this;
    const near = token ?? card.tokens[card.tokens.length - 1];
    return card.fault(
      "SPICE-SYNTAX",
      token === undefined ? `${what} is missing` : `${what} is expected, not "${token.text.slice(0, 40)}"`,
      near,
      `write  ${this.usage}`,
    );
  }
}
