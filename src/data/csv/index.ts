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
  /**
   * Columns of numbers that are asked for, in the place of a label: their names, or their numbers. They are taken as
   * they are.
   */
  readonly targets?: readonly LabelName[];
  /** What means 1: values are divided by it. Found in the training values unless said. */
  readonly scale?: number;
}

/** Columns that are told of one by one. */
const MOST_TOLD = 6;

const readFile = optionsOf<CsvFile>("fromCsv, file", {
  needs: { where: check.text, bytes: check.numbers },
  takes: { named: check.text },
});
const readOptions = optionsOf<CsvOptions>("fromCsv", {
  takes: {
    label: check.either(check.text, check.numeric),
    targets: check.list(check.either(check.text, check.numeric)),
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
  const { label, targets, scale, ...limits } = readOptions(options);
  if (label !== undefined && targets !== undefined)
    refuse(
      train.where,
      "DATA-COLUMN",
      "a label and targets are asked for",
      "leave one of them out: a class, or numbers",
    );
  const trained = readTable(readFile(train), { label, targets });
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
        trained.roles.label === null
          ? `asked for are ${trained.roles.targets
              .slice(0, MOST_TOLD)
              .map((column) => told(column, trained))
              .join(", ")}${trained.roles.targets.length > MOST_TOLD ? ", …" : ""}`
          : `the label is ${told(trained.roles.label, trained)}`,
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

const rawOf = ({ where, values, label, targets, roles, names }: Table): Raw => ({
  where,
  values,
  label,
  ...(targets !== null && {
    targets: { values: targets, names: roles.targets.map((i) => names?.[i] ?? `column ${i + 1}`) },
  }),
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
  const asked = roles.label === null ? roles.targets : [roles.label];
  const lost = asked.find((column) => !places.has(wanted[column]));
  if (lost !== undefined)
    return fail(
      `there is no column ${JSON.stringify(wanted[lost].slice(0, 40))}, ` +
        `${roles.label === null ? "a target" : "the label"} of the training file`,
      "a test needs labels: give a file that has them, or only the training file, of which every " +
        "fifth sample is then kept for the test",
    );
  const placeOf = (column: number): number => places.get(wanted[column]) as number;
  const missing = roles.values.filter((i) => !places.has(wanted[i])).map((i) => wanted[i]);
  if (missing.length > 0)
    fail(
      `it lacks ${missing.length === 1 ? "a column" : `${missing.length} columns`} of the training ` +
        `file: ${listed(missing)}`,
      "give two files with the same columns; their order does not matter",
    );
  const known = new Set(wanted);
  const targets = roles.targets.map(placeOf);
  const label = roles.label === null ? null : placeOf(roles.label);
  const extra = rolesOf(
    head,
    label === null ? undefined : label + 1,
    targets.map((column) => column + 1),
  )
    .values.filter((i) => !known.has(own[i]))
    .map((i) => own[i]);
  if (extra.length > 0)
    fail(
      `it has ${extra.length === 1 ? "a column" : `${extra.length} columns`} that the training file ` +
        `lacks: ${listed(extra)}`,
      "give two files with the same columns; their order does not matter",
    );
  return {
    label,
    targets,
    values: roles.values.map(placeOf),
    notes: ["the columns are matched by their names"],
  };
}
