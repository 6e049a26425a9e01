/**
 * 06. Bring your own data: a folder of PNG pictures, one folder a class, is all that `ohmlet train --data`
 *     needs. This story draws such a folder, looks at it with `ohmlet data show`, and trains a chip on it.
 *     Run it with npm run --silent example 06 [FOLDER]
 *
 * With Ohmlet installed, the two commands are  ohmlet data show FOLDER  and  ohmlet train --data FOLDER.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32, deflateSync } from "node:zlib";

const SIDE = 8;
/** Whether a point is ink; x and y from the middle, in pixels. */
const SHAPES: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  bar: (x, y) => Math.abs(y) < 1 && Math.abs(x) < 3.5,
  cross: (x, y) => Math.abs(Math.abs(x) - Math.abs(y)) < 0.8 && Math.abs(x) < 3,
  disc: (x, y) => Math.hypot(x, y) < 2.6,
  post: (x, y) => Math.abs(x) < 1 && Math.abs(y) < 3.5,
};

/** A grey PNG, [SIDE, SIDE]: any program that draws writes the same. */
function png(levels: readonly number[]): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const [length, named, crc] = [Buffer.alloc(4), Buffer.concat([Buffer.from(type), body]), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    crc.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, crc]);
  };
  const header = Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 0]);
  const rows = Array.from({ length: SIDE }, (_, row) => [
    0,
    ...levels.slice(row * SIDE, (row + 1) * SIDE),
  ]).flat();
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Numbers in [0, 1) that are the same in every run (a linear congruential generator). */
let state = 1;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;

function draw(isInk: (x: number, y: number) => boolean): Buffer {
  const [dx, dy, ink] = [1.6 * (random() - 0.5), 1.6 * (random() - 0.5), 150 + 100 * random()];
  return png(
    Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [x, y] = [(i % SIDE) - (SIDE - 1) / 2 - dx, Math.floor(i / SIDE) - (SIDE - 1) / 2 - dy];
      return Math.min(255, Math.round((isInk(x, y) ? ink : 0) + 60 * random()));
    }),
  );
}

function ohmlet(...args: readonly string[]): void {
  console.log(`\n$ ohmlet ${args.join(" ")}`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register", "src/cli/main.ts", ...args],
    { cwd: resolve(__dirname, ".."), encoding: "utf8" },
  );
  process.stdout.write(stdout);
  if (status === 0) return;
  process.stderr.write(stderr);
  process.exit(status ?? 1);
}

const folder = resolve(process.argv.slice(2).find((argument) => !/^\d+$/.test(argument)) ?? "runs/shapes");
for (const [split, count] of [
  ["train", 60],
  ["test", 25],
] as const) {
  for (const [name, isInk] of Object.entries(SHAPES)) {
    mkdirSync(join(folder, split, name), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(join(folder, split, name, `${i}.png`), draw(isInk));
  }
}
console.log(
  `${folder}: ${Object.keys(SHAPES).join(", ")}; 60 pictures of each to train, 25 to test, ` +
    `${SIDE}x${SIDE} pixels, shifted and noisy`,
);

ohmlet("data", "show", folder, "--out", join(folder, "sheet.png"));
ohmlet(
  "train",
  "--data",
  folder,
  "--sizes",
  "64",
  "16",
  "4",
  "--epochs",
  "6",
  "--batch",
  "10",
  "--out",
  join(folder, "runs"),
);
