/** `ohmlet data show`: what a set holds, and a contact sheet with a row a class. */
import { mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset } from "../../data/dataset";
import type { Io } from "../io";
import { columns } from "../text";
import { openSet } from "./catalogue";

/** Samples of a class on the sheet, and rows. */
const SAMPLES = 12;
const MOST_ROWS = 20;

export async function show(given: string, { out, seed }: { readonly out: string | undefined; readonly seed: number }, io: Io): Promise<number> {
  const { name, found, format, train, test, classNames } = await openSet(given, seed);
  const { contactSheet } = await import("../../plot");
  const { writeAtomically } = await import("../../io/atomic");
  const file = out ?? join("runs", `${basename(resolve(name))}.png`);
  const sheet = contactSheet({ shape: train.shape, channels: train.channels, rows: rowsOf(train) });
  mkdirSync(dirname(file), { recursive: true });
  writeAtomically(file, sheet);

  const [trained, tested] = [countsOf(train), countsOf(test)];
  const classes = classNames.map((label, i) => ({ label: i, name: label, train: trained[i], test: tested[i] }));
  const kind = train.channels === 3 ? "colour" : "grey";
  io.print([
    `${name}: ${found}`,
    `${train.samples} samples to train, ${test.samples} to test; ${train.shape.join("x")}, ${kind}: ${train.features} inputs; ${train.classes} classes`,
    ...columns([["class", "name", "train", "test"], ...classes.slice(0, MOST_ROWS).map((c) => [String(c.label), c.name.slice(0, 40), String(c.train), String(c.test)])]),
    ...(classes.length > MOST_ROWS ? [`  … and ${classes.length - MOST_ROWS} classes more`] : []),
    `${file}: a row a class in this order, the first samples to train of each`,
  ].join("\n"));
  io.emit({ name, format, found, train: train.samples, test: test.samples, shape: train.shape, channels: train.channels, features: train.features, classes, sheet: file });
  return 0;
}

function countsOf({ labels, classes }: Dataset): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** The first samples of each class. */
function rowsOf(dataset: Dataset): Float64Array[][] {
  const rows: Float64Array[][] = Array.from({ length: Math.min(MOST_ROWS, dataset.classes) }, () => []);
  for (let i = 0; i < dataset.samples; i++) {
    const row = rows[dataset.labels[i]];
    if (row === undefined || row.length >= SAMPLES) continue;
    const pixels = new Float64Array(dataset.features);
    dataset.pixels(i, pixels, 0);
    row.push(pixels);
  }
  return rows;
}
