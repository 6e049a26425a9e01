/** Sets in archives of NumPy. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { loadDataset } from "../../../src/io/datasets/load";
import { readNpyNumbers } from "../../../src/io/npy";
import { codeOf } from "../../refusal";

const root = mkdtempSync(join(tmpdir(), "ohmlet-npz-"));
afterAll(() => rmSync(root, { recursive: true }));

/** An array as numpy.save writes it; `bytes` are its values. */
function npy(type: string, shape: readonly number[], bytes: Uint8Array): Buffer {
  const header =
    `{'descr': '${type}', 'fortran_order': False, 'shape': ` +
    `(${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const padded = `${header.padEnd(118 - 1)}\n`;
  return Buffer.concat([
    Buffer.from("\u0093NUMPY\u0001\0", "latin1"),
    Buffer.from([padded.length, 0]),
    Buffer.from(padded, "latin1"),
    bytes,
  ]);
}

/** A zip archive as numpy.savez_compressed writes it. */
function zip(members: Readonly<Record<string, Buffer>>): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, data] of Object.entries(members)) {
    const [title, packed] = [Buffer.from(`${name}.npy`), deflateRawSync(data)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(title.length, 22);
    files.push(Buffer.from("PK\u0003\u0004", "latin1"), common, title, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\u0001\u0002", "latin1"), Buffer.from([20, 0]), common, tail, title);
    offset += 30 + title.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(files.length / 4, 8);
  end.writeUInt16LE(files.length / 4, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

let made = 0;
function archive(members: Readonly<Record<string, Buffer>>): string {
  const path = join(root, `set-${made++}.npz`);
  writeFileSync(path, zip(members));
  return path;
}

const images = npy("|u1", [4, 1, 2], Uint8Array.of(0, 51, 255, 0, 1, 2, 3, 4));
const labels = npy("<i8", [4], new Uint8Array(BigInt64Array.of(7n, 0n, 7n, 3n).buffer));
const KERAS = { x_test: images, x_train: images, y_train: labels, y_test: labels };
const first = (path: string): number[] => {
  const { train } = loadDataset(path);
  const out = new Float64Array(train.features);
  train.pixels(0, out, 0);
  return [...out];
};

describe("an .npz archive", () => {
  it("as Keras ships MNIST is read: bytes, and labels of 64 bits", () => {
    const { format, train, test } = loadDataset(archive(KERAS));
    expect([format, train.shape, train.classNames, [...train.labels], test.samples]).toEqual([
      "npz",
      [1, 2],
      ["0", "3", "7"],
      [2, 0, 2, 1],
      4,
    ]);
    expect(first(archive(KERAS))).toEqual([0, 0.2]);
  });

  it("may hold colour, rows of values, labels in a column, and other arrays beside", () => {
    const colour = npy("|u1", [2, 1, 2, 3], Uint8Array.of(255, 0, 51, 0, 102, 153, 1, 2, 3, 4, 5, 6));
    const column = npy("|u1", [2, 1], Uint8Array.of(0, 1));
    const { train } = loadDataset(
      archive({
        train_images: colour,
        train_labels: column,
        test_images: colour,
        test_labels: column,
        val_images: colour,
      }),
    );
    expect([train.channels, train.shape, train.features]).toEqual([3, [1, 2], 6]);
    expect(first(archive({ x_train: colour, y_train: column, x_test: colour, y_test: column }))).toEqual([
      1, 0, 0, 0.4, 0.2, 0.6,
    ]);
    const flat = npy("<f4", [2, 4], new Uint8Array(Float32Array.of(0, 0.5, 1, 0, -1, 0, 0, 2).buffer));
    expect(
      loadDataset(archive({ x_train: flat, y_train: column, x_test: flat, y_test: column })).notes[0],
    ).toBe("values -1…2, as they are");
  });

  it.each<[string, ArrayBufferView<ArrayBuffer>, readonly number[]]>([
    ["|b1", Uint8Array.of(0, 1), [0, 1]],
    ["|u1", Uint8Array.of(0, 255), [0, 255]],
    ["|i1", Int8Array.of(-1, 1), [-1, 1]],
    ["<u2", Uint16Array.of(1, 65535), [1, 65535]],
    ["<i2", Int16Array.of(-1, 300), [-1, 300]],
    ["<u4", Uint32Array.of(1, 4294967295), [1, 4294967295]],
    ["<i4", Int32Array.of(-1, 70000), [-1, 70000]],
    ["<i8", BigInt64Array.of(-1n, 5n), [-1, 5]],
    ["<u8", BigUint64Array.of(1n, 5n), [1, 5]],
    ["<f4", Float32Array.of(-0.5, 2), [-0.5, 2]],
    ["<f8", Float64Array.of(-0.1, 2), [-0.1, 2]],
    [">i2", Uint8Array.of(1, 0, 0, 2), [256, 2]],
  ])("reads numbers of type %s", (type, values, expected) => {
    const bytes = new Uint8Array(values.buffer);
    expect([...readNpyNumbers(npy(type, [2], bytes), "a.npy").data]).toEqual(expected);
  });

  it.each<[string, string, Readonly<Record<string, Buffer>>, string]>([
    ["DATA-FILE", "other arrays", { X: images, y: labels }, "x_train=x_train"],
    [
      "DATA-SHAPE",
      "labels of other images",
      { ...KERAS, y_train: npy("|u1", [3], Uint8Array.of(0, 1, 2)) },
      "y_train",
    ],
    ["DATA-SHAPE", "one-hot labels", { ...KERAS, y_train: npy("|u1", [4, 2], new Uint8Array(8)) }, "argmax"],
    ["DATA-SHAPE", "no images", { ...KERAS, x_train: npy("|u1", [8], new Uint8Array(8)) }, "x_train"],
    [
      "DATA-SHAPE",
      "images of another size in the test",
      { ...KERAS, x_test: npy("|u1", [4, 2, 2], new Uint8Array(16).fill(200)) },
      "2x2",
    ],
    [
      "DATA-LABEL",
      "half labels",
      { ...KERAS, y_train: npy("<f4", [4], new Uint8Array(Float32Array.of(0, 0.5, 1, 1).buffer)) },
      "0.5",
    ],
    ["NPY-TYPE", "pickled objects", { ...KERAS, y_train: npy("|O", [4], new Uint8Array(32)) }, "y_train"],
  ])("is refused with %s: %s", (code, _, members, said) => {
    const path = archive(members);
    expect(codeOf(() => loadDataset(path))).toBe(code);
    expect(() => loadDataset(path)).toThrow(said);
  });

  it("that would unpack to a gigabyte is refused before anything is unpacked", () => {
    const bytes = zip(KERAS);
    const entry = bytes.indexOf("PK\u0001\u0002", 0, "latin1");
    bytes.writeUInt32LE(2 ** 30 - 1, entry + 24);
    const path = join(root, "bomb.npz");
    writeFileSync(path, bytes);
    expect(codeOf(() => loadDataset(path))).toBe("NPZ-SIZE");
  });
});
