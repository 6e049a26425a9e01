/** Points at the line of a config where a later layer found a fault: it knows names and texts, not files. */
import { OhmletError, type Place } from "../errors";
import { fieldOf } from "./composites";
import { placeOf, type Node } from "./node";

/** Runs what reads a value that stood at a node. @throws OhmletError the same, with the place in the file */
export function at<T>(node: Node | undefined, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw located(error, node);
  }
}

/**
 * The error with its place in the file; as it is where the node came from no file, or the place is known
 * already.
 */
export function located(error: unknown, node: Node | undefined): unknown {
  if (!(error instanceof OhmletError) || node === undefined || error.place?.path !== undefined) return error;
  const { code, fact, remedy, category, place } = error;
  return new OhmletError({ code, fact, remedy, category, place: placeIn(node, place) });
}

function placeIn(node: Node, place: Place | undefined): Place {
  const part = partNamed(node, place?.where ?? "");
  const inner = (part === node ? equationPlace(node, place) : null) ?? placeOfNode(part);
  const named =
    place?.where === undefined || inner.path === undefined
      ? inner.path
      : [inner.path, place.where].filter((each) => each !== "").join(": ");
  return { ...inner, path: named };
}

const placeOfNode = (node: Node): Place => placeOf(node.mark, node.path);

/** A line of an equation text written as a block: its line and column in the file. */
function equationPlace(node: Node, place: Place | undefined): Place | null {
  const equations = node.kind === "map" ? fieldOf(node, "equations") : undefined;
  if (equations?.mark === undefined || place?.line === undefined || place.excerpt === undefined) return null;
  const { source, offset } = equations.mark;
  const header = source.text.slice(0, offset).split("\n").length;
  const lines = source.text.split("\n");
  // The text of a block begins below its sign; a text in quotes or on one line begins where it stands.
  for (const line of [header + place.line, header + place.line - 1]) {
    const found = lines[line - 1]?.indexOf(place.excerpt.trim()) ?? -1;
    if (found < 0) continue;
    const column = found + (place.column ?? 1) - (place.excerpt.length - place.excerpt.trimStart().length);
    return {
      where: source.where,
      line,
      column: Math.max(1, column),
      excerpt: lines[line - 1],
      path: equations.path,
    };
  }
  return null;
}

/**
 * The parameter, population or projection that a text names in quotes, where the node is a device or a
 * circuit that has it.
 */
function partNamed(node: Node, where: string): Node {
  if (node.kind !== "map") return node;
  const parameter = /, parameter "([^"]+)"/.exec(where)?.[1];
  if (parameter !== undefined) {
    const own = fieldOf(node, "parameters");
    return (own?.kind === "map" ? fieldOf(own, parameter) : fieldOf(node, parameter)) ?? node;
  }
  if (where.endsWith(", unitDrive")) return fieldOf(node, "unitDrive") ?? node;
  for (const [, list, name] of where.matchAll(/(population|projection) "([^"]+)"/g)) {
    const parts = fieldOf(node, `${list}s`);
    const found =
      parts?.kind === "list"
        ? parts.items.find((item) => item.kind === "map" && isText(fieldOf(item, "name"), name))
        : undefined;
    if (found !== undefined) return found;
  }
  const port = /(input|output|cost)/.exec(where)?.[1];
  return (port === undefined ? undefined : fieldOf(node, port)) ?? node;
}

const isText = (node: Node | undefined, text: string): boolean =>
  node?.kind === "scalar" && node.value === text;
