/** What names mean at one place of the hierarchy: parameters, models, subcircuits and nodes, from inside out. */
import { evaluate } from "../equations/evaluate";
import { notFinite, readExpression, type Names } from "./expression";
import { numberOf } from "./numbers";
import type { Definition, ModelCard, Written } from "./netlist";
import type { Card, Token } from "./text";

export class Scope {
  private readonly known = new Map<string, number>();
  private readonly open = new Set<string>();
  readonly names: Names;

  /** @param path "" at the top, "x1." and "x1.x2." below it; @param set parameters given where this is used */
  constructor(
    readonly definition: Definition,
    readonly parent: Scope | null,
    readonly path: string,
    readonly depth: number,
    readonly temperature: number,
    set: ReadonlyMap<string, number> = new Map(),
  ) {
    for (const [name, value] of set) this.known.set(name, value);
    this.names = {
      parameter: (name) => this.parameter(name),
      known: () => this.parameters(),
      temperature,
    };
  }

  /** @throws SPICE-CYCLE, SPICE-EXPRESSION, SPICE-NAME, SPICE-NUMBER */
  parameter(name: string): number | null {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const written = this.definition.parameters.get(name);
    if (written === undefined) return this.parent?.parameter(name) ?? null;
    if (this.open.has(name) || this.open.size > 200)
      throw written.card.fault(
        "SPICE-CYCLE",
        this.open.has(name)
          ? `the parameter "${name}" is defined by itself: ${[...this.open, name].slice(-8).join(" -> ")}`
          : `more than ${this.open.size - 1} parameters are defined one by the other`,
        written.start,
        "a parameter can only use what does not depend on it",
      );
    this.open.add(name);
    const value = this.value(written);
    this.open.delete(name);
    this.known.set(name, value);
    return value;
  }

  /** The number that a part of a line stands for. */
  value({ card, start, end }: Written): number {
    const text = card.text.slice(start, end);
    const plain = numberOf(text);
    const value = plain ?? evaluate(readExpression(card, start, end, this.names), {});
    if (!Number.isFinite(value)) throw notFinite(card, start, text);
    return value;
  }

  model(name: string): { readonly model: ModelCard; readonly scope: Scope } | null {
    const model = this.definition.models.get(name);
    return model === undefined ? (this.parent?.model(name) ?? null) : { model, scope: this };
  }

  subcircuit(name: string): Definition | null {
    return this.definition.subcircuits.get(name) ?? this.parent?.subcircuit(name) ?? null;
  }

  /** Names of models or subcircuits that can be seen from here. */
  visible(kind: "models" | "subcircuits"): string[] {
    return [...this.definition[kind].keys(), ...(this.parent?.visible(kind) ?? [])];
  }

  private parameters(): string[] {
    return [...this.definition.parameters.keys(), ...this.known.keys(), ...(this.parent?.parameters() ?? [])];
  }
}

/** Whether a token may be a value: a number, an expression, or the name of a parameter. */
export function mayBeValue(token: Token | undefined, scope: Scope): token is Token {
  if (token === undefined || token.kind === "sign") return false;
  return token.kind === "expression" || numberOf(token.text) !== null || scope.parameter(token.text) !== null;
}

/** A token as a part of its line. */
export const writtenOf = (card: Card, token: Token): Written =>
  token.kind === "expression"
    ? { card, start: token.start + 1, end: token.end - 1 }
    : { card, start: token.start, end: token.end };
