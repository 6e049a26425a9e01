/** The other experiments in short forms: seconds, and what each shows is gone when its mechanism is broken. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { laborieuxCifar } from "../../src/reproduce/experiments/laborieux-cifar";
import { laborieuxHomeostasis, laborieuxLoop } from "../../src/reproduce/experiments/laborieux-homeostasis";
import { oconnorLocalGlobal } from "../../src/reproduce/experiments/oconnor-local-global";
import { oconnorMnist } from "../../src/reproduce/experiments/oconnor-mnist";
import { scellierCnn } from "../../src/reproduce/experiments/scellier-cnn";
import { LONG } from "../long";
import { agreesIn, inShort, oursIn, writeDigits } from "./short";

const root = mkdtempSync(join(tmpdir(), "ohmlet-reproduce-"));
let digits = "";
beforeAll(() => {
  digits = writeDigits(join(root, "digits"), 400, 60);
});
afterAll(() => rmSync(root, { recursive: true }));
const short = <S>(settings: S) => ({ settings, seeds: 1, differs: [] });
const at = (name: string): string => join(root, name);

/** Pictures under the names of CIFAR-10's files: each class has a brightness of its own. */
function writeCifar(folder: string, samples: number): string {
  mkdirSync(folder, { recursive: true });
  const records = (from: number): Uint8Array => {
    const bytes = new Uint8Array(samples * 3073);
    for (let i = 0; i < samples; i++) {
      const label = (i + from) % 10;
      bytes[i * 3073] = label;
      for (let k = 0; k < 3072; k++) bytes[i * 3073 + 1 + k] = (25 * label + ((k * 7 + i) % 13)) % 256;
    }
    return bytes;
  };
  writeFileSync(join(folder, "data_batch_1.bin"), records(0));
  writeFileSync(join(folder, "test_batch.bin"), records(3));
  return folder;
}

describe("experiments", () => {
  it.runIf(LONG)("laborieux-homeostasis: the Jacobian becomes more symmetric, and only with it", async () => {
    const settings = { train: 200, test: 60, epochs: 2, width: 12, rate: 0.02, probe: 3 };
    const planned = laborieuxHomeostasis.planWith(short(settings));
    const end = await inShort(laborieuxHomeostasis, planned, at("homeostasis"), digits);
    const name = "symmetry of the Jacobian, S/(S + A): homeostasis of the drive less without homeostasis";
    expect(agreesIn(end).get(name)).toBe(true);
    expect(oursIn(end).get(name)).toBeGreaterThan(0.002);
  });
  it.runIf(LONG)(
    "laborieux-loop: the authors' loss is weight decay there, and the state's is told beside it",
    async () => {
      const settings = { train: 150, test: 20, epochs: 2, width: 10, rate: 0.02, probe: 2, coefficient: 8 };
      const end = await inShort(laborieuxLoop, laborieuxLoop.planWith(short(settings)), at("loop"), digits);
      const [ours, agrees] = [oursIn(end), agreesIn(end)];
      const skew = "skew part of the Jacobian, |A|: without homeostasis less homeostasis of the drive";
      // Both are 0 to five digits, or below, without the loss.
      expect(ours.get(skew)).toBeGreaterThan(0.3);
      expect(agrees.get(skew)).toBe(true);
      const state = "symmetry of the Jacobian of the states, after the last epoch less after the first";
      expect(ours.get(state)).toBeGreaterThan(0.004);
      expect([...ours.keys()].filter((key) => key.endsWith("test error"))).toHaveLength(3);
    },
  );
  it.runIf(LONG)(
    "oconnor-mnist: few negative steps learn with a forward net, and hardly without",
    async () => {
      const settings = {
        train: 300,
        test: 60,
        epochs: 4,
        width: 20,
        steps: [4, 12] as const,
        lambdas: [0.05],
        large: { train: 100, test: 60, epochs: 1, width: 10, steps: [9, 12] as const },
      };
      const end = await inShort(oconnorMnist, oconnorMnist.planWith(short(settings)), at("mnist"), digits);
      const ours = oursIn(end);
      const name = "test error: plain, 4 negative steps less initialized, 4 negative steps";
      expect(ours.get(name)).toBeGreaterThan(4);
      const tied = "error of the forward net after the first epoch: own first weights less tied ones";
      expect(ours.get(tied)).not.toBeNull();
      expect(
        ours.get("large net, initialized, 12 negative steps, lambda 0, global loss: test error"),
      ).toBeLessThan(100);
    },
  );
  it("oconnor-local-global: local losses do as well, and come to point along the global one", async () => {
    const settings = {
      width: 16,
      depth: 4,
      toySamples: 200,
      batch: 20,
      iterations: 200,
      readings: 4,
      nets: 8,
      samples: 30,
      hidden: 10,
      batches: 25,
    };
    const end = await inShort(oconnorLocalGlobal, oconnorLocalGlobal.planWith(short(settings)), at("toy"));
    const [ours, agrees] = [oursIn(end), agreesIn(end)];
    expect(agrees.get("local losses: global loss at the end over that at the start")).toBe(true);
    expect(agrees.get("alignment of the local with the distant gradient, at the end less at the start")).toBe(
      true,
    );
    expect(ours.get("global loss, locally trained over globally trained")).toBeLessThan(1.3);
    for (const [name, agreed] of agrees)
      // What the targets of another net make of few random nets is chance.
      if (name.startsWith("appendix") && !/another net|then$/.test(name))
        expect(agreed, `${name}: ${ours.get(name)}`).toBe(true);
    expect(ours.get("the net's first loss, tied over own first weights")).toBeLessThan(0.8);
    for (const first of ["own", "tied"])
      expect(
        ours.get(
          `${first} first weights: steps of the chip from the trained net's prediction over those from zero`,
        ),
      ).toBeLessThan(0.95);
  });
  it.runIf(LONG)("scellier-cnn: untied kernels learn", async () => {
    const settings = {
      train: 600,
      test: 100,
      epochs: 4,
      channels: [4, 6] as const,
      freeSteps: 24,
      nudgedSteps: 10,
    };
    const more = writeDigits(at("more-digits"), 600, 100);
    const end = await inShort(scellierCnn, scellierCnn.planWith(short(settings)), at("cnn"), more);
    expect(oursIn(end).get("5x5, ReLU, untied kernels: test error below guessing")).toBeGreaterThan(20);
  });
  it.runIf(LONG)(
    "laborieux-cifar: every cell of the table is run, on pictures of three channels",
    async () => {
      const settings = {
        epochs: 1,
        channels: [2, 2, 2, 2],
        freeSteps: 14,
        nudgedSteps: 10,
        coefficient: 15,
        probe: 0,
      };
      const data = writeCifar(at("cifar"), 10);
      const end = await inShort(
        laborieuxCifar,
        laborieuxCifar.planWith(short(settings)),
        at("cifar-out"),
        data,
      );
      expect(end.lines.every(({ ours }, k) => ours !== null || k === end.lines.length - 1)).toBe(true);
      await expect(
        inShort(laborieuxCifar, laborieuxCifar.planWith(short(settings)), at("other"), digits),
      ).rejects.toMatchObject({ code: "REPRODUCE-DATA" });
    },
  );
});
