/** What resolving a config needs: where values stood, the devices it defines, and files beside it. */
import { OhmletError } from "../errors";
import type { DeviceConfig } from "./device-schema";
import { fieldOf } from "./composites";
import { placeOf, type Node, type Source } from "./node";
import type { Origins } from "./schema";

/**
 * Reads the file of that relative path beside another file. @throws OhmletError CONFIG-PATH, CONFIG-SIZE,
 * CONFIG-TEXT, FILE-…
 */
export type ReadBeside = (path: string, from: Source) => Source;

/**
 * What comes with a config that was read: where its parts stood, the devices that it defines, and how files
 * beside it are read.
 */
export interface Context {
  readonly origins: Origins;
  /** The devices of the config by name. */
  readonly devices: Readonly<Record<string, DeviceConfig>>;
  /** Absent where the config came without a file. */
  readonly readBeside?: ReadBeside;
  /** The file that a relative path starts from. */
  readonly source?: Source;
}

export const isFile = (name: string): boolean => /\.(ya?ml|json)$/.test(name);

/** The node of a key of an object that was read. */
export function nodeAt({ origins }: Context, parent: object, key: string): Node | undefined {
  const node = origins.get(parent);
  return node?.kind === "map" ? fieldOf(node, key) : undefined;
}

/**
 * @throws OhmletError CONFIG-PATH where no file can be beside, and what reading throws, at the place of the
 *   path
 */
export function sourceBeside(context: Context, path: string, node: Node | undefined): Source {
  const place = placeOf(node?.mark, node?.path ?? "");
  if (context.readBeside === undefined || context.source === undefined) {
    throw new OhmletError({
      code: "CONFIG-PATH",
      fact: `"${path}" names a file, and this config has no folder`,
      place,
      remedy: "write what the file holds in its place",
    });
  }
  return context.readBeside(path, context.source);
}
