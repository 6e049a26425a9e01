/**
 * Resuming on GPU.js engines: what a kill in the middle of an epoch leaves on the disk comes to the bytes of
 * the run that went on.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { LONG } from "../long";
import { ohmlet } from "./run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-resume-gpu-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = (...parts: string[]): string => readFileSync(join(...parts), "utf8");
const untimed = (path: string): string => read(path, "curves.csv").replace(/,[^,\r]+,[^,\r]+\r\n/g, "\n");
const runIn = (folder: string): string | null =>
  existsSync(folder)
    ? (readdirSync(folder)
        .filter((name) => !name.startsWith("."))
        .map((name) => join(folder, name))[0] ?? null)
    : null;

/**
 * Copies the folder of a run, as it is at that moment, once a checkpoint within its second epoch is there.
 */
function copyMidway(from: string, to: string): { readonly stop: () => void; readonly made: () => boolean } {
  const poll = (): void => {
    const path = runIn(from);
    if (path === null || existsSync(to) || !existsSync(join(path, "checkpoint.json"))) return;
    const { about } = JSON.parse(read(path, "checkpoint.json")) as {
      about: { position: { epoch: number; batch: number } };
    };
    if (about.position.epoch === 2 && about.position.batch > 0)
      cpSync(path, to, { recursive: true, filter: (file) => !file.endsWith("lock.json") });
  };
  let going = true;
  const turn = (): void => {
    poll();
    if (going) setImmediate(turn);
  };
  turn();
  return { stop: () => void (going = false), made: () => existsSync(to) };
}

describe("ohmlet resume on gpu engines", () => {
  it.each(LONG ? ["gpu:cpu", "gpu:webasm"] : ["gpu:webasm"])(
    "comes to the same bytes: %s",
    async (engine) => {
      const [folder, copy] = [
        join(root, engine.replace(":", "-")),
        join(root, `${engine.replace(":", "-")}-killed`),
      ];
      const copying = copyMidway(folder, copy);
      const args = [
        "--train",
        "120",
        "--test",
        "20",
        "--sizes",
        "64",
        "6",
        "10",
        "--epochs",
        "3",
        "--probe",
        "0",
        "--checkpoint-every",
        "2",
        "--engine",
        engine,
      ];
      const { code, err } = await ohmlet("train", ...args, "--out", folder);
      copying.stop();
      expect([code, copying.made()], err).toEqual([0, true]);
      const whole = runIn(folder)!;
      expect(readFileSync(join(copy, "weights.npz")).equals(readFileSync(join(whole, "weights.npz")))).toBe(
        false,
      );
      const resumed = await ohmlet("resume", copy);
      expect(resumed.err).toContain("from epoch 2");
      expect(resumed.code).toBe(0);
      expect(readFileSync(join(copy, "weights.npz")).equals(readFileSync(join(whole, "weights.npz")))).toBe(
        true,
      );
      expect(untimed(copy)).toBe(untimed(whole));
      expect((JSON.parse(read(copy, "run.json")) as { result: object }).result).toEqual(
        (JSON.parse(read(whole, "run.json")) as { result: object }).result,
      );
    },
  );
});
