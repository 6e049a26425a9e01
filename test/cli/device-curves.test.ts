/** `ohmlet devices NAME --curve …`: what is typed, what is printed, what is drawn. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ohmlet } from "./run";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-curves-"));
afterAll(() => rmSync(folder, { recursive: true }));

const json = async (...args: string[]) => {
  const { out: stdout, err: stderr } = await ohmlet("devices", ...args, "--json");
  expect(stderr).toBe("");
  return JSON.parse(stdout);
};

describe("devices --curve", () => {
  it("takes lists of settings and times in any unit, bare numbers in SI", async () => {
    const { device, curve, x, y } = await json(
      "pcm",
      "--curve",
      "drift",
      "--times",
      "1h",
      "1d",
      "90",
      "--set",
      "nu=0.06",
      "t_0=30",
    ).catch(() => ({}));
    expect(device).toBeUndefined(); // times run backwards
    expect(curve ?? x ?? y).toBeUndefined();
    const found = await json(
      "pcm",
      "--curve",
      "drift",
      "--times",
      "90",
      "1h",
      "1",
      "d",
      "--set",
      "nu=0.06",
      "t_0=30",
      "--devices",
      "2",
    );
    expect(found).toMatchObject({
      device: "pcm",
      curve: "drift",
      x: { unit: "s", values: [90, 3600, 86400] },
    });
    found.x.values.forEach((t: number, k: number) =>
      expect(found.y.mean[k]).toBeCloseTo((t / 30) ** -0.06, 12),
    );
    expect(found.y.sd).toEqual([0, 0, 0]);
  });

  it("begins pulses where it is told, and states where --set says", async () => {
    const { y } = await json(
      "soft-bounds",
      "--curve",
      "pulses",
      "--up",
      "1",
      "--down",
      "1",
      "--from=-0.5",
      "--set",
      "b_down=-2",
      "dw_down=0.1",
    );
    const up = -0.5 + 0.002 * (1 + 0.5 / 1.25);
    expect(y.mean).toEqual([up, up - 0.1 * (1 + up / 2)]);
  });

  it("draws a file of a device of one's own, with measured values beside it", async () => {
    mkdirSync(join(folder, "mine"));
    writeFileSync(join(folder, "mine", "steps.csv"), "dw (1)\n0.1\n0.3\n");
    writeFileSync(
      join(folder, "mine", "device.yaml"),
      "name: mine\nequations: |\n  I = w*rho_pre\n  w <- w + sign*dw_0 at pulse\nparameters:\n  dw_0: { values: steps.csv }\n",
    );
    const { y } = await json(
      join(folder, "mine", "device.yaml"),
      "--curve",
      "pulses",
      "--up",
      "2",
      "--down",
      "0",
      "--devices",
      "400",
    );
    expect(y.mean[1]).toBeCloseTo(0.4, 1);
    expect(y.sd[1]).toBeCloseTo(0.2, 1);
    writeFileSync(join(folder, "steps.csv"), "1\n");
    writeFileSync(
      join(folder, "mine", "out.yaml"),
      "name: mine\nequations: |\n  I = w*rho_pre\n  w <- w + sign*dw_0 at pulse\nparameters:\n  dw_0: { values: ../steps.csv }\n",
    );
    const { err: stderr } = await ohmlet("devices", join(folder, "mine", "out.yaml"));
    expect(stderr).toContain("CONFIG-PATH");
  });

  it("draws a picture where no data are asked for", async () => {
    const out = join(folder, "picture.svg");
    const { out: stdout } = await ohmlet("devices", "telegraph", "--curve", "spectrum", "--out", out);
    expect(stdout).toContain("one-sided density of I (A^2/Hz)");
    expect(existsSync(out) && readFileSync(out, "utf8")).toContain("<svg");
  });

  it("refuses what has no effect", async () => {
    for (const [args, code] of [
      [["soft-bounds", "--up", "3"], "CLI-IDLE"],
      [["soft-bounds", "--curve", "pulses", "--times", "1s"], "CLI-IDLE"],
      [["soft-bounds", "--curve", "shape"], "CLI-CHOICE"],
      [["soft-bounds", "--curve", "pulses", "--set", "dw_up"], "CLI-SET"],
    ] as const)
      expect((await ohmlet("devices", ...args)).err).toContain(code);
  });
});
