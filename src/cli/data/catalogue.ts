/** What `ohmlet data` finds by a name, and where it keeps what it fetched. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { PUBLIC_SETS, type PublicSet } from "../../data/catalogue";
import type { Dataset } from "../../data/dataset";
import { namesOf } from "../../data/split";
import type { DataWarning } from "../../data/refuse";
import { OhmletError } from "../../errors";
import { GENERATED } from "./generated";

export { GENERATED };
/** Where fetched sets go: a folder a set. */
const HOME = "data";

export const homeOf = (name: string): string => join(HOME, name);
export const publicSets: ReadonlyMap<string, PublicSet> = new Map(PUBLIC_SETS.map((set) => [set.name, set]));

export interface Shown {
  readonly name: string;
  readonly found: string;
  readonly format: string;
  readonly train: Dataset;
  readonly test: Dataset;
  /** By label. */
  readonly classNames: readonly string[];
  /** How files were read, and what is odd about them. */
  readonly notes: readonly string[];
  readonly warnings: readonly DataWarning[];
}

/** What the user says of files. */
export interface Reading {
  readonly label: string | undefined;
  readonly scale: number | undefined;
}

/**
 * A set by its path or by its name.
 * @throws OhmletError DATA-FOLDER with what to fetch, and those of the loaders
 */
export async function openSet(given: string, seed: number, { label, scale }: Reading): Promise<Shown> {
  if (given === GENERATED && !existsSync(given)) {
    const { strokeDigits } = await import("../../data/strokes");
    const [train, test] = (["train", "test"] as const).map((split) =>
      strokeDigits({ size: 16, samples: split === "train" ? 2000 : 1000, seed, split }),
    );
    return {
      name: given,
      found: "digits that Ohmlet draws itself, here at 16x16",
      format: GENERATED,
      train,
      test,
      classNames: namesOf(train),
      notes: [],
      warnings: [],
    };
  }
  const known = publicSets.get(given);
  const path = known !== undefined && !existsSync(given) ? homeOf(given) : given;
  if (known !== undefined && !existsSync(path))
    throw new OhmletError({
      code: "DATA-FOLDER",
      fact: "there is no such folder, and the public set of that name is not fetched yet",
      place: { where: given },
      remedy: `ohmlet data fetch ${given}  fetches it`,
    });
  const { loadDataset } = await import("../../io/datasets/load");
  const { found, format, train, test, notes, warnings } = loadDataset(path, { label, scale });
  const named = publicSets.get(basename(resolve(path)))?.classNames; // IDX files do not name their classes
  const classNames =
    train.classNames === undefined && named?.length === train.classes ? named : namesOf(train);
  return { name: path, found, format, train, test, classNames, notes, warnings };
}
