/** Sets of images from a folder of IDX files under the names of MNIST and its kin, gzipped or not. */
import { basename, join, resolve } from "node:path";
import { assembled, type Raw } from "../../data/assemble";
import { labelColumn } from "../../data/classes";
import { readIdxImages, readIdxLabels } from "../../data/idx";
import { refuse } from "../../data/refuse";
import { finished, type Found } from "../../data/split";
import { namesIn, readBytes } from "./files";
import { TWO_CLASSES, type ReadOptions } from "./read";

/** train-images-idx3-ubyte, train-images.idx3-ubyte, emnist-letters-test-labels-idx1-ubyte.gz, … */
const IDX =
  /^(?<set>.*?)[-_.]?(?<split>train|t10k|test)[-_.](?<what>images|labels)[-_.]idx\d?([-_.]\w+)?(?<packed>\.gz)?$/i;

export const isIdx = (name: string): boolean => IDX.test(name);

/**
 * The two sets of a folder: images and labels to train, images and labels to test (t10k or test), each as it
 * is or with .gz. Both are scaled by what the training images show and have the classes of the training
 * labels.
 * @throws OhmletError DATA-FOLDER, DATA-FILE, DATA-GZIP, DATA-SIZE, DATA-SHAPE, DATA-LABEL, DATA-RANGE and
 *   those of src/data/idx.ts
 */
export function loadIdxFolder(folder: string, { scale, ...limits }: ReadOptions = {}): Found {
  const files = namesIn(folder).flatMap((name) => {
    const { set, split, what, packed } = IDX.exec(name)?.groups ?? {};
    return what === undefined
      ? []
      : [
          {
            name,
            set,
            split: split.toLowerCase() === "train" ? "train" : "t10k",
            what: what.toLowerCase(),
            packed: packed !== undefined,
          },
        ];
  });
  const sets = [...new Set(files.map(({ set }) => set))];
  if (sets.length > 1)
    refuse(
      folder,
      "DATA-FILE",
      `there are IDX files of ${sets.length} sets: ${sets
        .slice(0, 6)
        .map((set) => (set === "" ? "one without a name" : set))
        .join(", ")}`,
      "put the four files of one set into a folder of their own",
    );
  const find = (split: string, what: string, wanted: string): string => {
    const found = files.filter((file) => file.split === split && file.what === what);
    const plain = found.filter(({ packed }) => !packed);
    const [chosen, other] = plain.length > 0 ? plain : found;
    if (chosen === undefined)
      return refuse(
        folder,
        "DATA-FILE",
        `there is no ${wanted} and no ${wanted}.gz`,
        "put the four IDX files of the set, under MNIST's names, into one folder",
      );
    if (other !== undefined)
      refuse(folder, "DATA-FILE", `there is a ${chosen.name} and a ${other.name}`, "keep one of the two");
    return join(folder, chosen.name);
  };
  const read = (split: string): Raw => {
    const [imagesPath, labelsPath] = [
      find(split, "images", `${split}-images-idx3-ubyte`),
      find(split, "labels", `${split}-labels-idx1-ubyte`),
    ];
    const { count, shape, values } = readIdxImages(readBytes(imagesPath), imagesPath);
    const labels = readIdxLabels(readBytes(labelsPath), labelsPath);
    if (count !== labels.length)
      refuse(
        labelsPath,
        "DATA-SHAPE",
        `there are ${count} images and ${labels.length} labels`,
        "give the labels that belong to the images",
      );
    return { where: imagesPath, values, shape, channels: 1, label: labelColumn(labels, labelsPath) };
  };
  const found = assembled(basename(resolve(folder)), read("train"), read("t10k"), scale);
  const emnist = /emnist/i.test(sets[0]);
  return finished(
    {
      ...found,
      notes: [
        ...found.notes,
        ...(emnist
          ? [
              "EMNIST's images are stored with rows and columns swapped, in training and test alike: " +
                "they are read as they are",
            ]
          : []),
      ],
    },
    limits,
    TWO_CLASSES,
  );
}
