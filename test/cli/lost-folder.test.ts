/** A folder that goes away under a command that is at work in it: an error, and nothing is made anew. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ProcessIo } from "../../src/cli/io";
import { runProgram } from "../../src/cli/program";
import { conduct } from "../../src/runs/studying/conduct";
import { WHOLE, workOf } from "../../src/runs/studying/folder";
import { readStudy } from "../../src/config";
import { keptStreams } from "./run";
import { tinyRun } from "./tiny-run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-lost-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

/** Does something once a certain line is printed. */
class Watching extends ProcessIo {
  constructor(
    private readonly line: RegExp,
    private readonly act: () => void,
  ) {
    super(keptStreams().streams, false, "ohmlet");
  }
  override print(text: string): void {
    if (this.line.test(text)) this.act();
  }
}

/** What may happen to a folder, and what is left of it in the end. */
const LOSSES: readonly (readonly [string, string, (path: string) => void, (path: string) => string[]])[] = [
  ["is removed", "IO-GONE", (path) => rmSync(path, { recursive: true }), () => []],
  ["is moved", "IO-GONE", (path) => renameSync(path, `${path}-moved`), () => []],
  [
    "is replaced by another",
    "IO-GONE|RUN-LOST",
    (path) => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      writeFileSync(join(path, "mine"), "");
    },
    () => ["mine"],
  ],
  ["loses its lock", "RUN-LOST", (path) => rmSync(join(path, "lock.json")), (path) => readdirSync(path)],
  [
    "is taken by another",
    "RUN-BUSY",
    (path) => writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: 1, host: hostname() })),
    (path) => readdirSync(path),
  ],
];

/** Names and bytes, times left out. */
const bytesOf = (path: string): object =>
  existsSync(path)
    ? Object.fromEntries(readdirSync(path).map((file) => [file, readFileSync(join(path, file), "latin1")]))
    : {};

describe.each(LOSSES)("a folder that %s", (_, code, lose, left) => {
  it("ends a training", async () => {
    const runs = join(root, String(made++));
    let [path, after] = ["", {}];
    let err = "";
    const io = new Watching(/^epoch 1\//, () => {
      path = join(runs, readdirSync(runs)[0]);
      lose(path);
      after = bytesOf(path);
    });
    expect(
      await runProgram(
        [
          "train",
          "--train",
          "40",
          "--test",
          "20",
          "--sizes",
          "64",
          "3",
          "10",
          "--epochs",
          "3",
          "--probe",
          "0",
          "--engine",
          "reference",
          "--out",
          runs,
        ],
        io,
        (text) => void (err += text),
      ),
    ).not.toBe(0);
    expect(err).toMatch(new RegExp(`^(${code}) `));
    expect(existsSync(path) ? readdirSync(path) : []).toEqual(left(path));
    expect(bytesOf(path)).toEqual(after);
  });

  it("ends a study", async () => {
    const path = join(root, `study-${made++}`);
    const work = workOf(
      readStudy({
        where: "study.yaml",
        text:
          `name: lost\n${tinyRun({ sizes: [64, 3, 10], train: 20, test: 10 })}vary: { circuit.levels: ` +
          "[4, 0] }\nchips: 2\nmeasure: [accuracy]\n",
      }),
      WHOLE,
    );
    let after = {};
    const done = conduct(
      work,
      path,
      {
        name: "here",
        async run(_task, jobs, tell) {
          for (const [k, { id, trials }] of jobs.entries()) {
            if (k === 1) {
              lose(path);
              after = bytesOf(path);
            }
            await tell({
              id,
              results: trials.map(({ key }) => ({ key, measures: { accuracy: 0.5 } })),
              seconds: 0,
              worker: "here",
            });
          }
        },
      },
      { typed: "", withData: () => "" },
      new Watching(/^$/, () => {}),
    );
    await expect(done).rejects.toMatchObject({
      code: expect.stringMatching(new RegExp(`^(${code})$`)) as string,
    });
    expect(existsSync(path) ? readdirSync(path) : []).toEqual(left(path));
    expect(bytesOf(path)).toEqual(after);
  });
});
