/** `ohmlet data list`: the sets that have a name. */
import { PUBLIC_SETS, sizeOf } from "../../data/catalogue";
import type { Io } from "../io";
import { columns } from "../../printable";
import { GENERATED, homeOf } from "./catalogue";

export async function list(io: Io): Promise<number> {
  const { isFolder } = await import("../../io/datasets/files");
  const sets = PUBLIC_SETS.map((set) => ({ set, here: isFolder(homeOf(set.name)) }));
  const rows = sets.map(({ set, here }) => [
    set.name,
    set.summary,
    `${Math.round(sizeOf(set) / 1e6)} MB unpacked`,
    here ? `in ${homeOf(set.name)}` : "not fetched",
  ]);
  io.print(
    "Sets of data",
    ...columns([
      [GENERATED, "digits that Ohmlet draws itself, grey, any size from 8x8 to 28x28", "", "always here"],
      ...rows,
    ]),
  );
  io.print(
    "",
    `${io.program} data fetch NAME  fetches one`,
    `${io.program} data show NAME   draws a contact sheet`,
    `${io.program} train --data ${homeOf("NAME")}`,
  );
  io.emit({
    sets: [
      { name: GENERATED, summary: "digits that Ohmlet draws itself" },
      ...sets.map(({ set, here }) => ({
        name: set.name,
        summary: set.summary,
        source: set.base,
        licence: set.licence,
        cite: set.cite,
        bytes: sizeOf(set),
        folder: here ? homeOf(set.name) : null,
        classes: set.classNames,
      })),
    ],
  });
  return 0;
}
