/**
 * The benchmark that kills studies, in short; and what it must see. Runs are killed in
 * test/cli/resume.test.ts.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { killWork } from "../../bench/kills/kill";
import { smallStudy, studySubject } from "../../bench/kills/studies";
import type { Subject } from "../../bench/kills/target";
import { LONG } from "../long";

const KILLS = 4;

const root = mkdtempSync(join(tmpdir(), "ohmlet-kill-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("kills", () => {
  // One kill of a study is in test/cli/study.test.ts.
  it.runIf(LONG)("of a study at random moments leave no trace", async () => {
    const { text, trials } = smallStudy(1, 60);
    const file = join(root, "study.json");
    writeFileSync(file, text);
    const count = await killWork({
      subject: studySubject({ file, trials }),
      kills: KILLS,
      folder: join(root, "study"),
      seed: 6,
    });
    expect(count.faults).toEqual([]);
    expect(count).toMatchObject({ what: "study", kills: KILLS });
  });

  it("are told where they leave one", async () => {
    // Counts how often it was looked at: no two are the same.
    let looks = 0;
    const subject: Subject = {
      what: "restless",
      victims: ["process"],
      begin: (folder) => {
        mkdirSync(folder, { recursive: true });
        return ["devices"];
      },
      folderIn: (folder) => (existsSync(folder) ? folder : null),
      goOn: () => ["devices"],
      figuresOf: () => ({ looks: String(looks++) }),
      faultsOf: (folder) => (folder.endsWith("whole") ? [] : ["a lock was left behind"]),
    };
    const { faults, done } = await killWork({ subject, kills: 1, folder: join(root, "restless"), seed: 1 });
    expect(done).toBe(1);
    expect(faults.map((fault) => fault.split(": ")[1])).toEqual([
      "looks is not as in the work that nobody disturbed",
      "a lock was left behind",
    ]);
  });

  it("see a trial that a table misses or tells of twice", () => {
    const { faultsOf } = studySubject({ file: "", trials: 3 });
    const folder = join(root, "tables");
    mkdirSync(folder);
    writeFileSync(join(folder, "results.csv"), "point,chip,seed\r\n0,1,5\r\n0,2,6\r\n0,2,6\r\n");
    writeFileSync(
      join(folder, "journal.jsonl"),
      [1, 2, 3].map((chip) => `{"key":"{\\"x\\":1} ${chip}","point":0}\n`).join(""),
    );
    expect(faultsOf(folder)).toEqual([
      "results.csv tells of 2 trials, not of 3",
      "results.csv tells of 1 trials twice",
    ]);
    expect(readFileSync(join(folder, "journal.jsonl"), "utf8")).toContain('{\\"x\\":1} 1');
  });
});
