/** Workers hold the data that they have against those that a study began with. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { taskOf } from "../../src/runs/studying/conduct";
import { fingerprintOfStudy } from "../../src/runs/studying/data";
import { workOf, WHOLE, type StudyWork } from "../../src/runs/studying/folder";
import { experimentOfTask } from "../../src/runs/studying/experiment-of-task";
import { readStudy } from "../../src/config";
import { tinyRun } from "./tiny-run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-study-data-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const line = (i: number): string => `${i % 2},${i % 3},${i % 5},${i % 7},${i % 2}\n`;
const write = (samples: number): void => {
  for (const split of ["train", "test"])
    writeFileSync(join(root, `${split}.csv`), Array.from({ length: samples }, (_, i) => line(i)).join(""));
};

async function workFor(vary: string): Promise<StudyWork> {
  const text = `name: data
${tinyRun({ sizes: [4, 3, 2], data: "{ kind: folder, test: 6, label: 5 }" })}vary:
  ${vary}
measure: [accuracy]
`;
  const work = workOf(readStudy({ where: "study.yaml", text }), WHOLE, { data: root });
  return { ...work, fingerprint: await fingerprintOfStudy(work) };
}

it("a worker whose data are the same does the task, one whose data differ refuses it", async () => {
  write(12);
  const work = await workFor("circuit.levels: [8, 0]");
  expect(work.fingerprint).toMatchObject({
    train: { samples: 12, shape: [1, 2, 2], classes: 2 },
    test: { samples: 6 },
  });
  const task = JSON.parse(JSON.stringify(taskOf(work))) as ReturnType<typeof taskOf>;
  expect((await experimentOfTask(task)(work.trials.slice(0, 1)))[0].measures.accuracy).toBeGreaterThanOrEqual(
    0,
  );
  write(13);
  await expect(experimentOfTask(task)(work.trials.slice(0, 1))).rejects.toMatchObject({
    code: "DATA-CHANGED",
    fact: expect.stringContaining("12 samples, and have 13") as string,
  });
});

it("of a knob that sets how many samples there are, the most are looked at", async () => {
  write(12);
  const work = await workFor("data.train: [4, 9]");
  expect(work.fingerprint).toMatchObject({ train: { samples: 9 }, test: { samples: 6 } });
  const task = taskOf(work);
  write(30); // the same beginning: what nobody takes may change
  expect((await experimentOfTask(task)(work.trials.slice(0, 1)))[0].fault).toBeUndefined();
});
