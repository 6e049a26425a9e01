/** `ohmlet data`: sets of data, public ones and one's own. */
import { OhmletError } from "../../errors";
import { existsSync } from "node:fs";
import { nearest } from "../../equations/functions";
import { GENERATED } from "../data/generated";
import { refuseIdle } from "../unused-options";
import { COMMON, IDLE, LABEL, SCALE, defineVerb } from "../verb";

const ACTIONS = ["list", "fetch", "show"] as const;

export const data = defineVerb({
  name: "data",
  saves: true,
  summary: "list sets of data, fetch a public one, or draw a contact sheet of one",
  description:
    "list says which sets have a name. fetch NAME downloads a public one into data/NAME; stopped or " +
    "broken off, the same command goes on where it stopped, and nothing gets its name before its " +
    "checksum is right. show FOLDER_OR_NAME says what a set holds and draws the first samples of each " +
    "class.\n\nA folder may hold IDX files, the binary batches of CIFAR-10, CSV (train.csv and " +
    "test.csv, or one file), an .npz archive of NumPy or pictures (train/CLASS/*.png and " +
    "test/CLASS/*.png); train --data reads the same. Of a CSV whose label is told neither by a name " +
    "nor by the shape of its columns, --label says which column it is.",
  options: {
    to: { type: "string", value: "FOLDER", help: "where fetch puts the files (default: data/NAME)" },
    url: {
      type: "string",
      value: "BASE",
      help: "where fetch gets them, instead of the set's own source; checksums stay the same",
    },
    label: LABEL,
    scale: SCALE,
    out: {
      type: "string",
      value: "FILE",
      help: "the contact sheet that show draws, .png or .svg (default: runs/NAME.png)",
    },
    json: COMMON.json,
    ...IDLE,
    seed: { ...COMMON.seed, help: "keys what show draws of the generated digits" },
  },
  positionals: {
    name: "ACTION [NAME]",
    help: "list (the default), fetch NAME, show FOLDER_OR_NAME",
    most: 2,
  },
  examples: [
    { command: "data list", what: "the sets that have a name" },
    {
      command: "data fetch fashion-mnist",
      what: "60,000 pieces of clothing, 31 MB, into data/fashion-mnist",
    },
    { command: "data show generated", what: "the digits that train uses, on one picture" },
    { command: "data show path/to/pictures --out sheet.png", what: "a look at a folder of your own" },
    { command: "data show path/to/samples.csv --label 1", what: "a CSV whose first column is the label" },
  ],
  async run(
    { options: { to, url, label, scale, out, seed }, positionals: [action = "list", name], given },
    io,
  ) {
    refuseIdle(given, [
      ...(["to", "url"] as const).map((option) => ({
        name: option,
        idle: action !== "fetch",
        why: "only fetch brings files",
      })),
      { name: "out", idle: action !== "show", why: "only show draws" },
      ...(["label", "scale"] as const).map((option) => ({
        name: option,
        idle: action !== "show" || (name === GENERATED && !existsSync(name)),
        why: "it tells how show reads files",
      })),
    ]);
    if (action === "list" && name !== undefined)
      throw new OhmletError({
        code: "CLI-ARGUMENT",
        fact: `"${name.slice(0, 60)}" is one argument too many`,
        place: { where: "data list" },
        remedy: `${io.program} data show ${name.slice(0, 60)}  shows one`,
      });
    if (action === "list") return (await import("../data/list")).list(io);
    if (action !== "fetch" && action !== "show") throw unknown(action);
    if (name === undefined)
      throw new OhmletError({
        code: "CLI-ARGUMENT",
        fact: "a name is missing",
        place: { where: `data ${action}` },
        remedy: `usage: ${io.program} data ${action} NAME; ${io.program} data list  says what there is`,
      });
    return action === "fetch"
      ? (await import("../data/fetch")).fetch(name, { to, url }, io)
      : (await import("../data/show")).show(name, { out, seed, label, scale }, io);
  },
});

function unknown(action: string): OhmletError {
  const near = nearest(action.slice(0, 40), ACTIONS);
  return new OhmletError({
    code: "CLI-CHOICE",
    fact: `data cannot "${action.slice(0, 40)}"`,
    place: { where: "data" },
    remedy: near === null ? `write one of ${ACTIONS.join(", ")}` : `did you mean "${near}"?`,
  });
}
