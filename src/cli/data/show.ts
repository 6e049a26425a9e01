/** `ohmlet data show`: what a set holds, and a contact sheet with a row a class. */
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset } from "../../data/dataset";
import { rangeOf } from "../../data/range";
import { countsOf } from "../../data/split";
import { OhmletError } from "../../errors";
import { makeFolder } from "../../io/make-folder";
import type { GridImage } from "../../plot/report-types";
import type { Io } from "../io";
import { columns } from "../../printable";
import { openSet, type Reading } from "./catalogue";
import { extentsOf } from "../../runs/training/data-summary";

/** Samples of a class on the sheet, and rows. */
const SAMPLES = 12;
const MOST_ROWS = 20;
/** An SVG has so many beside each other: then a class is a row there, too. */
const SVG_SAMPLES = 10;
/** Values of all images on the sheet; where images are large, it shows fewer. */
const MOST_VALUES = 2 ** 23;

export async function show(
  given: string,
  { out, seed, ...reading }: { readonly out: string | undefined; readonly seed: number } & Reading,
  io: Io,
): Promise<number> {
  const ending = out === undefined ? "png" : /\.(png|svg)$/i.exec(out)?.[1].toLowerCase();
  if (ending === undefined)
    throw new OhmletError({
      code: "CLI-CHOICE",
      fact: `"${out!.slice(-60)}" is no name of a picture that can be drawn`,
      place: { where: "data show, --out" },
      remedy: "choices: FILE.png, FILE.svg",
    });
  const { name, found, format, train, test, classNames, notes, warnings } = await openSet(
    given,
    seed,
    reading,
  );
  const { contactSheet } = await import("../../plot/contact-sheet");
  const { imageGrid } = await import("../../plot/image-grid");
  const { standaloneSvg } = await import("../../plot/standalone");
  const { writeAtomically } = await import("../../io/atomic");
  const file = out ?? join("runs", `${basename(resolve(name))}.png`);
  const rows = rowsOf(train);
  const images = (): GridImage[] =>
    rows.flatMap((row, label) =>
      row.slice(0, SVG_SAMPLES).map((pixels) => ({ pixels: [...pixels], caption: classNames[label] })),
    );
  const sheet =
    ending === "png"
      ? contactSheet({
          shape: train.shape,
          channels: train.channels,
          rows,
          labels: classNames.slice(0, rows.length),
        })
      : standaloneSvg(imageGrid({ title: name, caption: "", size: train.shape, images: images() }));
  makeFolder(dirname(file));
  writeAtomically(file, sheet);

  const [trained, tested] = [countsOf(train), countsOf(test)];
  const classes = classNames.map((label, i) => ({
    label: i,
    name: label,
    train: trained[i],
    test: tested[i],
  }));
  const kind = train.channels === 3 ? "colour" : "grey";
  io.print(
    `${name}: ${found}`,
    `${train.samples} samples to train, ${test.samples} to test; ${train.shape.join("x")}, ${kind}: ` +
      `${extentsOf({ train, test })}`,
    ...(notes.length > 0 ? [notes.join("; ")] : []),
    ...columns([
      ["class", "name", "train", "test"],
      ...classes
        .slice(0, MOST_ROWS)
        .map((c) => [String(c.label), c.name.slice(0, 40), String(c.train), String(c.test)]),
    ]),
    ...(classes.length > MOST_ROWS ? [`  … and ${classes.length - MOST_ROWS} classes more`] : []),
    `${file}: ${ending === "png" ? "a row a class in this order, " : ""}the first samples to train of ` +
      "each class",
  );
  io.warn(...warnings);
  io.emit({
    name,
    format,
    found,
    notes,
    warnings,
    train: train.samples,
    test: test.samples,
    shape: train.shape,
    channels: train.channels,
    features: train.features,
    classes,
    sheet: file,
  });
  return 0;
}

/** The first samples of each class. */
function rowsOf(dataset: Dataset): Float64Array[][] {
  const rows: Float64Array[][] = Array.from({ length: Math.min(MOST_ROWS, dataset.classes) }, () => []);
  const most = Math.max(1, Math.min(SAMPLES, Math.floor(MOST_VALUES / (dataset.features * rows.length))));
  for (let i = 0; i < dataset.samples; i++) {
    const row = rows[dataset.labels[i]];
    if (row === undefined || row.length >= most) continue;
    const pixels = new Float64Array(dataset.features);
    dataset.pixels(i, pixels, 0);
    row.push(pixels);
  }
  return shades(rows);
}

/** Values with a sign have no shade of their own: the least is drawn black then, the largest white. */
function shades(rows: Float64Array[][]): Float64Array[][] {
  const { least, largest } = rows
    .flat()
    .map(rangeOf)
    .reduce(
      (all, one) => ({ least: Math.min(all.least, one.least), largest: Math.max(all.largest, one.largest) }),
      { least: 0, largest: 1 },
    );
  if (least >= 0 && largest <= 1) return rows;
  return rows.map((row) => row.map((pixels) => pixels.map((value) => (value - least) / (largest - least))));
}
