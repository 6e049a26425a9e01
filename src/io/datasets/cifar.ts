/**
 * CIFAR-10 from a folder of its binary batches, gzipped or not: data_batch_1.bin … to train, test_batch.bin
 * to test.
 */
import { basename, join, resolve } from "node:path";
import { fromBytes } from "../../data/dataset";
import { CIFAR_CLASSES, CIFAR_SHAPE, readCifar } from "../../data/cifar";
import { refuse } from "../../data/refuse";
import { finished, type Found, type Limits } from "../../data/split";
import { namesIn, readBytes } from "./files";
import { TWO_CLASSES } from "./read";

export const TRAIN_BATCH = /^data_batch_\w+\.bin(\.gz)?$/;
const TEST_BATCH = /^test_batch\w*\.bin(\.gz)?$/;
/** Most files of a split: CIFAR-10 has five. */
const MOST_BATCHES = 100;

/**
 * Colour, three planes of 32x32, read as byte / 255.
 * @throws OhmletError DATA-FOLDER, DATA-FILE, DATA-GZIP, DATA-SIZE, DATA-TRUNCATED, DATA-LABEL
 */
export function loadCifarFolder(folder: string, limits: Limits = {}): Found {
  const names = namesIn(folder);
  const read = (pattern: RegExp, wanted: string, split: string) => {
    const chosen = names.filter((name) => pattern.test(name));
    if (chosen.length === 0)
      refuse(
        folder,
        "DATA-FILE",
        `there is no ${wanted}`,
        "put data_batch_1.bin … data_batch_5.bin and test_batch.bin, gzipped or not, into one folder",
      );
    const twice = chosen.find((name) => chosen.includes(`${name}.gz`));
    if (twice !== undefined)
      refuse(folder, "DATA-FILE", `there is a ${twice} and a ${twice}.gz`, "keep one of the two");
    if (chosen.length > MOST_BATCHES)
      refuse(folder, "DATA-SIZE", `there are ${chosen.length} batches`, `give at most ${MOST_BATCHES}`);
    const files = chosen.map((name) => ({ where: join(folder, name), bytes: readBytes(join(folder, name)) }));
    const { labels, bytes } = readCifar(files);
    const name = `${basename(resolve(folder))} (${split})`;
    return fromBytes({
      name,
      labels,
      bytes,
      shape: CIFAR_SHAPE,
      channels: 3,
      classes: CIFAR_CLASSES.length,
      classNames: CIFAR_CLASSES,
      fullScale: 255,
    });
  };
  const split = {
    train: read(TRAIN_BATCH, "data_batch_1.bin[.gz]", "train"),
    test: read(TEST_BATCH, "test_batch.bin[.gz]", "test"),
  };
  return finished({ ...split, notes: ["values 0…255, divided by 255"], warnings: [] }, limits, TWO_CLASSES);
}
