/**
 * Public sets of images: where they are, what they hold, and by which checksums it is known. A table, no
 * network.
 */
import { CIFAR_CLASSES } from "./cifar";

/** A file as it lies in the set, unpacked. */
export interface Content {
  readonly name: string;
  readonly bytes: number;
  /** Of the unpacked bytes: archives are packed anew by every mirror, what is in them stays. */
  readonly sha256: string;
}

/** What is downloaded in one piece. */
export interface Download {
  readonly file: string;
  /**
   * gz: kept as it is, one content. plain: one content, kept under its name. tar.gz: its contents are taken
   * out and the archive goes.
   */
  readonly kind: "gz" | "plain" | "tar.gz";
  readonly contents: readonly Content[];
}

export interface PublicSet {
  readonly name: string;
  readonly summary: string;
  /** Where its files are; a file is at `base + file`. */
  readonly base: string;
  readonly licence: string;
  readonly cite: string;
  /** By label. */
  readonly classNames: readonly string[];
  readonly downloads: readonly Download[];
}

/**
 * The four files of MNIST and its kin; `hashes` in the order of training images and labels, test images and
 * labels.
 */
function idxFiles(hashes: readonly [string, string, string, string]): Download[] {
  const files = [
    ["train-images-idx3-ubyte", 47_040_016],
    ["train-labels-idx1-ubyte", 60_008],
    ["t10k-images-idx3-ubyte", 7_840_016],
    ["t10k-labels-idx1-ubyte", 10_008],
  ] as const;
  return files.map(([name, bytes], i) => ({
    file: `${name}.gz`,
    kind: "gz",
    contents: [{ name, bytes, sha256: hashes[i] }],
  }));
}

const CIFAR_BATCHES: Readonly<Record<string, string>> = {
  "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
  "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
  "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
  "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
  "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
  "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
};

export const PUBLIC_SETS: readonly PublicSet[] = [
  {
    name: "mnist",
    summary: "handwritten digits, grey 28x28: 60,000 to train, 10,000 to test",
    base: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    licence: "CC BY-SA 3.0, as commonly stated",
    cite: "LeCun, Bottou, Bengio, Haffner 1998",
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    downloads: idxFiles([
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ]),
  },
  {
    name: "fashion-mnist",
    summary: "clothes, grey 28x28: 60,000 to train, 10,000 to test",
    base: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    licence: "MIT",
    cite: "Xiao, Rasul, Vollgraf 2017",
    classNames: [
      "T-shirt",
      "trouser",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
    downloads: idxFiles([
      "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ]),
  },
  {
    name: "cifar10",
    summary: "photographs, colour 32x32: 50,000 to train, 10,000 to test",
    base: "https://www.cs.toronto.edu/~kriz/",
    licence: "none stated; a citation is asked for",
    cite: "Krizhevsky 2009",
    classNames: CIFAR_CLASSES,
    downloads: [
      {
        file: "cifar-10-binary.tar.gz",
        kind: "tar.gz",
        contents: Object.entries(CIFAR_BATCHES).map(([name, sha256]) => ({
          name,
          bytes: 30_730_000,
          sha256,
        })),
      },
    ],
  },
  {
    name: "digits",
    summary: "optical digits, grey 8x8: 3,823 to train, 1,797 to test by other writers",
    base: "https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/",
    licence: "CC BY 4.0",
    cite: "Alpaydin, Kaynak 1998",
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    downloads: [
      {
        file: "optdigits.tra",
        kind: "plain",
        contents: [
          {
            name: "train.csv",
            bytes: 563_639,
            sha256: "e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd",
          },
        ],
      },
      {
        file: "optdigits.tes",
        kind: "plain",
        contents: [
          {
            name: "test.csv",
            bytes: 264_712,
            sha256: "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8",
          },
        ],
      },
    ],
  },
];

/** Unpacked bytes of a set. */
export const sizeOf = ({ downloads }: PublicSet): number =>
  downloads.flatMap(({ contents }) => contents).reduce((sum, { bytes }) => sum + bytes, 0);
