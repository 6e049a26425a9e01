/**
 * Labelled samples as comma-separated values, a line a sample: two files, or one of which every fifth sample
 * is kept for the test. Works on bytes that somebody else has read, in a page too.
 */
import { check, optionsOf } from "../../options";
import { assembled, shapeOf, type Raw } from "../assemble";
import { listed, refuse } from "../refuse";
import { finished, type Found, type Limits } from "../split";
import { rolesOf, told, type Head, type LabelName, type Roles } from "./columns";
import { readTable, type CsvFile, type Table } from "./table";

export type { LabelName } from "./columns";
export type { CsvFile } from "./table";

/** How a table becomes images with labels; what is left out is found in the table. */
export interface CsvOptions extends Limits {
  /**
   * The column of the label: its name, or its number counted from 1. Where its name or its shape tells, it
   * need not be said.
   */
  readonly label?: LabelName;
  /** What means 1: values are divided by it. Found in the training values unless said. */
  readonly scale?: number;
}

const readFile = optionsOf<CsvFile>("fromCsv, file", {
  needs: { where: check.text, bytes: check.numbers },
  takes: { named: check.text },
});
const readOptions = optionsOf<CsvOptions>("fromCsv", {
  takes: {
    label: check.either(check.text, check.numeric),
    scale: check.numeric,
    train: check.numeric,
    test: check.numeric,
  },
});

/**
 * The training and the test set of one file or two.
 * @param name of the set
 * @throws OhmletError DATA-CSV, DATA-TEXT, DATA-COLUMN, DATA-LABEL, DATA-RANGE, DATA-COUNT
 */
export function fromCsv(
  name: string,
  train: CsvFile,
  test: CsvFile | undefined,
  options: CsvOptions = {},
): Found {
  const { label, scale, ...limits } = readOptions(options);
  const trained = readTable(readFile(train), { label });
  if (trained.roles.values.length === 0)
    refuse(
      train.where,
      "DATA-CSV",
      "there is a label and no value",
      "give a line a sample: its values and its label",
    );
  const tested =
    test === undefined ? undefined : readTable(readFile(test), (head) => rolesLike(trained, head));
  const { notes, ...found } = assembled(name, rawOf(trained), tested && rawOf(tested), scale);
  return finished(
    {
      ...found,
      notes: [
        `the label is ${told(trained.roles.label, trained)}`,
        ...notes,
        ...(trained.separator === "commas"
          ? []
          : [`separated by ${trained.separator}${trained.hasComma ? ", with decimal commas" : ""}`]),
        ...trained.roles.notes,
        ...(tested?.roles.notes ?? [])
          .filter((note) => !trained.roles.notes.includes(note))
          .map((note) => `in the test, ${note}`),
      ],
    },
    limits,
    "name the label's column, by its name or its number counted from 1:  --label COLUMN",
  );
}

const rawOf = ({ where, values, label, roles }: Table): Raw => ({
  where,
  values,
  label,
  channels: 1,
  shape: shapeOf(roles.values.length),
});

/**
 * What the columns of a test are, by the names or the places of the training's.
 * @throws OhmletError DATA-COLUMN
 */
function rolesLike(train: Table, head: Head): Roles {
  const { roles, names } = train;
  const fail = (fact: string, remedy: string): never => refuse(head.where, "DATA-COLUMN", fact, remedy);
  if (names === null || head.names === null) {
    if (head.columns !== train.columns)
      fail(
        `its lines have ${head.columns} cells, those of the training file ${train.columns}`,
        "give two files with the same columns, the label among them in both",
      );
    return {
      ...roles,
      notes:
        names === head.names
          ? roles.notes
          : [
              ...roles.notes,
              "the columns are those of the training file by their places, since only one of the two " +
                "names them",
            ],
    };
  }
  const [wanted, own] = [names, head.names];
  if (wanted.length === own.length && wanted.every((column, i) => column === own[i])) return roles;
  const twice = own.find((column, i) => own.indexOf(column) !== i);
  if (twice !== undefined)
    fail(
      `two columns are called ${JSON.stringify(twice.slice(0, 40))}, and the columns are not those of ` +
        "the training file",
      "give every column a name of its own",
    );
  const places = new Map(own.map((column, i) => [column, i]));
  const label = wanted[roles.label];
  const labelAt = places.get(label);
  if (labelAt === undefined)
    return fail(
      `there is no column ${JSON.stringify(label.slice(0, 40))}, the label of the training file`,
      "a test needs labels: give a file that has them, or only the training file, of which every " +
        "fifth sample is then kept for the test",
    );
  const missing = roles.values.filter((i) => !places.has(wanted[i])).map((i) => wanted[i]);
  if (missing.length > 0)
    fail(
      `it lacks ${missing.length === 1 ? "a column" : `${missing.length} columns`} of the training ` +
        `file: ${listed(missing)}`,
      "give two files with the same columns; their order does not matter",
    );
  const known = new Set(wanted);
  const extra = rolesOf(head, labelAt + 1)
    .values.filter((i) => !known.has(own[i]))
    .map((i) => own[i]);
  if (extra.length > 0)
    fail(
      `it has ${extra.length === 1 ? "a column" : `${extra.length} columns`} that the training file ` +
        `lacks: ${listed(extra)}`,
      "give two files with the same columns; their order does not matter",
    );
  return {
    label: labelAt,
    values: roles.values.map((i) => places.get(wanted[i]) as number),
    notes: ["the columns are matched by their names"],
  };
}
