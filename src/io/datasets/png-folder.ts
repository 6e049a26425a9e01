/**
 * Sets of a folder of pictures: train/CLASS/*.png and test/CLASS/*.png. The names of the folders are the
 * classes.
 */
import { basename, join, resolve } from "node:path";
import { fromBytes } from "../../data/dataset";
import { LARGEST_IDX } from "../../data/idx";
import { refuse } from "../../data/refuse";
import { decodePng, type PngImage } from "../png/decode";
import { finished, type Found, type Limits } from "../../data/split";
import { isFolder, namesIn, readBytes } from "./files";
import { TWO_CLASSES } from "./read";

const PNG = /\.png$/i;
/** Longest file of a picture: sixteen bits, four samples a pixel, uncompressed, with room. */
const LONGEST_PICTURE = 2 ** 24;
const MOST_CLASSES = 256;

/**
 * Grey where all pictures are grey, colour otherwise; read as byte / 255. Classes are numbered in the order
 * of their names (numbers in them count as numbers); folders whose names are one in Unicode are one class.
 * Samples of the classes alternate, so that the first so many show all of them.
 * @throws OhmletError DATA-FOLDER, DATA-FILE, DATA-SIZE, DATA-SHAPE, DATA-LABEL and those of src/io/png
 */
export function loadPngFolder(folder: string, limits: Limits = {}): Found {
  const [trained, tested] = (["train", "test"] as const).map((split) => classesIn(join(folder, split)));
  const classNames = [...trained.keys()];
  const strange = [...tested.keys()].find((name) => !trained.has(name));
  if (strange !== undefined)
    refuse(
      join(folder, "test", strange),
      "DATA-LABEL",
      "the training pictures have no such class",
      "give both folders the same classes",
    );
  const size: PictureSize = { first: undefined, bytes: 0 };
  const [train, test] = (
    [
      ["train", trained],
      ["test", tested],
    ] as const
  ).map(([split, classes]) => {
    const pictures = alternating(classNames.map((name) => (classes.get(name) ?? []).flatMap(picturesIn)));
    if (pictures.length === 0)
      refuse(
        join(folder, split),
        "DATA-FILE",
        "there is no .png in its folders",
        "put pictures there: one folder a class",
      );
    const wanted = pictures.slice(0, limits[split] ?? pictures.length);
    return wanted.map(({ label, path }) => ({ label, image: readPicture(path, size) }));
  });
  const channels = [...train, ...test].some(({ image }) => image.channels === 3) ? 3 : 1;
  const build = (pictures: typeof train, split: string) => {
    const { width, height } = pictures[0].image;
    const features = channels * width * height;
    const bytes = new Uint8Array(pictures.length * features);
    pictures.forEach(({ image }, i) => {
      for (let c = 0; c < channels; c += image.channels)
        bytes.set(image.bytes, i * features + c * width * height);
    });
    const labels = Uint8Array.from(pictures, ({ label }) => label);
    return fromBytes({
      name: `${basename(resolve(folder))} (${split})`,
      labels,
      bytes,
      channels,
      shape: [height, width],
      classes: classNames.length,
      classNames,
      fullScale: 255,
    });
  };
  return finished(
    {
      train: build(train, "train"),
      test: build(test, "test"),
      notes: ["values 0…255, divided by 255"],
      warnings: [],
    },
    limits,
    TWO_CLASSES,
  );
}

/** The folders of each class, by its name: an archive of another system may write one name in two ways. */
function classesIn(folder: string): Map<string, string[]> {
  const classes = new Map<string, string[]>();
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (isFolder(path))
      classes.set(name.normalize("NFC"), [...(classes.get(name.normalize("NFC")) ?? []), path]);
  }
  if (classes.size === 0 || classes.size > MOST_CLASSES)
    refuse(
      folder,
      "DATA-FOLDER",
      `there are ${classes.size} folders of classes`,
      `put the pictures into one folder a class, ${MOST_CLASSES} classes at most`,
    );
  return classes;
}

function picturesIn(folder: string): string[] {
  const names = namesIn(folder);
  const other = names.find((name) => !PNG.test(name));
  if (other !== undefined)
    refuse(
      join(folder, other),
      "DATA-FILE",
      "this is not a .png",
      "leave only PNG pictures in the folders of the classes: convert others",
    );
  return names.map((name) => join(folder, name));
}

/** The first of every class, then the second of every class, … */
function alternating(
  classes: readonly (readonly string[])[],
): { readonly label: number; readonly path: string }[] {
  const most = classes.reduce((m, { length }) => Math.max(m, length), 0);
  return Array.from({ length: most }, (_, i) =>
    classes.flatMap((paths, label) => (i < paths.length ? [{ label, path: paths[i] }] : [])),
  ).flat();
}

interface PictureSize {
  /** The picture that the others must be like. */
  first: { readonly path: string; readonly width: number; readonly height: number } | undefined;
  /** Of all pictures so far. */
  bytes: number;
}

function readPicture(path: string, size: PictureSize): PngImage {
  const image = decodePng(readBytes(path, LONGEST_PICTURE), path);
  const { width, height } = image;
  size.first ??= { path, width, height };
  if (width !== size.first.width || height !== size.first.height) {
    refuse(
      path,
      "DATA-SHAPE",
      `the picture is ${width} x ${height} pixels, ${size.first.path} is ${size.first.width} x ` +
        `${size.first.height}`,
      "scale all pictures to one size",
    );
  }
  size.bytes += 3 * width * height;
  if (size.bytes > LARGEST_IDX)
    refuse(
      path,
      "DATA-SIZE",
      `the pictures up to this one hold more than ${LARGEST_IDX} values`,
      "give fewer or smaller pictures",
    );
  return image;
}
