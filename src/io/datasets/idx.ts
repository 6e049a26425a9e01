/** Sets of images from a folder of IDX files under MNIST's names, gzipped or not. */
import { basename, join, resolve } from "node:path";
import { fullScaleOf } from "../../data/dataset";
import { fromIdx, readIdxImages, readIdxLabels } from "../../data/idx";
import { limited, type Limits, type Split } from "./split";
import { fail, isFile, isFolder, readBytes } from "./files";

/**
 * The two sets of a folder: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
 * t10k-labels-idx1-ubyte, each as it is or with .gz. Both are scaled by what the training images show (0…16 or 0…255)
 * and have the classes of the training labels.
 * @param limits takes only the first so many samples
 * @throws OhmletError DATA-FOLDER, DATA-FILE, DATA-GZIP, DATA-SIZE, and those of src/data/idx.ts
 */
export function loadIdxFolder(folder: string, limits: Limits = {}): Split {
  if (!isFolder(folder)) {
    fail(folder, "DATA-FOLDER", "this is not a folder", "give a folder that holds train-images-idx3-ubyte[.gz] and its three companions");
  }
  const read = (split: string) => {
    const [imagesPath, labelsPath] = [find(folder, `${split}-images-idx3-ubyte`), find(folder, `${split}-labels-idx1-ubyte`)];
    return { images: readIdxImages(readBytes(imagesPath), imagesPath), labels: readIdxLabels(readBytes(labelsPath), labelsPath) };
  };
  const [trainFiles, testFiles] = [read("train"), read("t10k")];
  const [trainShape, testShape] = [trainFiles.images.shape.join("x"), testFiles.images.shape.join("x")];
  if (trainShape !== testShape) fail(folder, "DATA-SHAPE", `training images are ${trainShape}, test images ${testShape}`, "give two sets of one kind");
  const name = basename(resolve(folder));
  const fullScale = fullScaleOf(trainFiles.images.bytes);
  const train = fromIdx(trainFiles.images, trainFiles.labels, { name: `${name} (train)`, fullScale });
  const test = fromIdx(testFiles.images, testFiles.labels, { name: `${name} (test)`, fullScale, classes: train.classes });
  return limited({ train, test }, limits);
}

/** The file of that name in the folder, as it is or gzipped. */
function find(folder: string, name: string): string {
  const candidates = [join(folder, name), join(folder, `${name}.gz`)];
  const found = candidates.find(isFile);
  return found ?? fail(folder, "DATA-FILE", `there is no ${name} and no ${name}.gz`, "put the four IDX files of the set, under MNIST's names, into one folder");
}
