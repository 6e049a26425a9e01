/**
 * Equal parts of expressions as one node, so that being equal is being the same object. Whoever compares or
 * counts parts, or writes them out, keeps a table of his own for as long as that takes: a table for all would
 * never be emptied.
 */
import { children, fold, rebuild, type Expression } from "./expression";

export class Shared {
  /** By what a node is (`nameOf`), then by the numbers of its children. */
  private readonly nodes = new Map<string, Map<number | string, Expression>>();
  private readonly ids = new Map<Expression, number>();
  private readonly known = new Map<Expression, Expression>();

  /** The one node that stands for all expressions equal to this one. */
  of(e: Expression): Expression {
    return fold(e, (node, of) => this.one(node, children(node).map(of)), { known: this.known });
  }

  /** A number for an expression; equal ones have the same. */
  idOf(e: Expression): number {
    return this.ids.get(this.of(e)) as number;
  }

  private one(e: Expression, parts: readonly Expression[]): Expression {
    const name = nameOf(e);
    const alike = this.nodes.get(name) ?? new Map<number | string, Expression>();
    this.nodes.set(name, alike);
    const key = this.keyOf(parts);
    const found = alike.get(key);
    if (found !== undefined) return found;
    const node = children(e).every((part, i) => part === parts[i]) ? e : rebuild(e, parts);
    alike.set(key, node);
    this.ids.set(node, this.ids.size);
    this.known.set(node, node);
    return node;
  }

  private keyOf(parts: readonly Expression[]): number | string {
    const id = (i: number): number => this.ids.get(parts[i]) as number;
    if (parts.length > 2) return parts.map((_, i) => id(i)).join();
    return parts.length === 2 ? id(0) * 2 ** 26 + id(1) : parts.length === 1 ? id(0) : 0;
  }
}

function nameOf(e: Expression): string {
  switch (e.kind) {
    case "number":
      return `number ${e.value}`;
    case "symbol":
      return `symbol ${e.name}`;
    case "negate":
      return "negate";
    case "call":
      return e.fn;
    case "binary":
      return e.op;
    case "where":
      return `where ${e.test.comparison}`;
  }
}

/**
 * How often each node is read: by nodes that differ, and as one of the whole expressions. Equal parts must be
 * the same node.
 */
export function usesOf(all: readonly Expression[]): ReadonlyMap<Expression, number> {
  const uses = new Map<Expression, number>();
  const read = (e: Expression): void => void uses.set(e, (uses.get(e) ?? 0) + 1);
  const known = new Map<Expression, void>();
  for (const e of all) {
    fold<void>(e, (node) => children(node).forEach(read), { known });
    read(e);
  }
  return uses;
}

/** The different parts of expressions, each once. */
export function partsOf(...all: readonly Expression[]): Expression[] {
  const shared = new Shared();
  const known = new Map<Expression, void>();
  const parts: Expression[] = [];
  for (const e of all) fold<void>(shared.of(e), (node) => void parts.push(node), { known });
  return parts;
}

/** How many nodes expressions are made of; equal ones count as often as they are there. */
export function nodesOf(...all: readonly Expression[]): number {
  const known = new Map<Expression, void>();
  for (const e of all) fold<void>(e, () => undefined, { known });
  return known.size;
}
