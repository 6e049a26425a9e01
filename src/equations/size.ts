/** How large an expression is as a tree. Sub-expressions are shared, so a short text can stand for a huge tree. */
import { children, type Expression } from "./expression";
import { LIMITS } from "./token";

/** False where the tree has too many nodes, or is too deep, to be handled; stops counting as soon as that is known. */
export function isManageable(e: Expression): boolean {
  const pending: [Expression, number][] = [[e, 1]];
  let nodes = 0;
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const [node, depth] = item;
    if (++nodes > LIMITS.nodes || depth > LIMITS.depth) return false;
    for (const child of children(node)) pending.push([child, depth + 1]);
  }
  return true;
}
