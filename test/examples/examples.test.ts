/**
 * The stories of examples/, each run as a user runs it, and held to the figures that it tells. What 07 to 09
 * ask is asked in short by test/runs/shipped-studies.test.ts, what 04, 05, 06, 10 and 11 tell is held by
 * test/properties/symmetry.test.ts, test/learning/oscillating.test.ts, test/cli/data.test.ts, test/cli/convolutional.test.ts and
 * test/learning/ep-beside-bptt.test.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { execute, ROOT } from "../cli/run";
import { LONG } from "../long";

const run = async (file: string, ...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await execute(process.execPath, [
    "-r",
    "ts-node/register",
    `examples/${file}`,
    ...args,
  ]);
  expect([code, err]).toEqual([0, ""]);
  return out;
};

/** The number in `text` that the first group of `pattern` matches. */
const figure = (text: string, pattern: RegExp): number => {
  expect(text).toMatch(pattern);
  return Number(pattern.exec(text)?.[1]);
};

describe("the examples", () => {
  it("01 settles at the voltage that balances the current, with the spread of kT/C", async () => {
    const out = await run("01-settle-a-neuron.ts");
    expect(out).toContain("settled after");
    expect(figure(out, /the mean voltage is ([\d.]+) mV/)).toBeCloseTo(50, 1);
    expect(figure(out, / 20 us +([\d.]+) mV/)).toBeCloseTo(50 * (1 - Math.exp(-1)), 0);
    const physics = Math.sqrt((1.380649e-23 * 300) / 1e-12) * 1e6;
    expect(Math.abs(figure(out, /deviates by ([\d.]+) uV/) / physics - 1)).toBeLessThan(0.04);
    expect(figure(out, /noise floor of ([\d.]+) uV/)).toBeCloseTo(physics, 1);
  });

  it("02 prints the datasheet, shows a refused unit, and settles", async () => {
    const out = await run("02-define-a-device.ts");
    for (const text of [
      "self-limiting neuron (neuron)",
      "g_leak   50 nS   +- 5 %",
      "EQ-DIMENSION",
      "divide it by a quantity in V",
      "11 neurons",
    ])
      expect(out).toContain(text);
    expect(out.match(/settled after \d+ steps/g)).toHaveLength(2);
    expect(out).not.toMatch(/NaN|timedOut|diverged/);
  });

  it("13 moves a divider as it says by hand, learns, and prints its netlist", async () => {
    const out = await run("13-a-divider-that-learns.ts");
    expect(figure(out, /beta 0\.1 mS +([\d.]+) V/)).toBeCloseTo(1.05 / 4.1, 6);
    expect(figure(out, /g1 +([\d.]+) V\^2/)).toBeCloseTo(0.046875, 3);
    expect(figure(out, /g2 +(-[\d.]+) V\^2/)).toBeCloseTo(-0.015625, 3);
    expect(figure(out, /after 20 .* mS, ([\d.]+) V/)).toBeCloseTo(0.5, 4);
    expect(out).toMatch(/r0_0_0 input_0 output_0 425\.\d+\nr0_1_0 input_1 output_0 425\.\d+\n\.op/);
  });

  it("14 learns digits with conductances, along the true error", async () => {
    const out = await run("14-digits-on-a-resistive-chip.ts", "800", "2");
    const epochs = [...out.matchAll(/test accuracy ([\d.]+) %.*l1 ([\d.]+), output ([\d.]+)/g)];
    expect(epochs).toHaveLength(2);
    const [, accuracy, hidden, output] = epochs[1].map(Number);
    expect(accuracy).toBeGreaterThan(60);
    expect(Math.min(hidden, output)).toBeGreaterThan(0.99);
    expect(out).not.toMatch(/LEARN-/);
  });

  it("03 trains a chip to a good accuracy along the true error", async () => {
    const out = await run("03-train-a-chip.ts");
    const epochs = [...out.matchAll(/test accuracy ([\d.]+) %.*output ([\d.]+)/g)];
    expect(epochs).toHaveLength(4);
    const [, accuracy, cosine] = epochs[3];
    expect(Number(accuracy)).toBeGreaterThan(85);
    expect(Number(cosine)).toBeGreaterThan(0.9);
  });

  it.runIf(LONG)("04 measures the true gradient at 0 degrees, and loses it as Eq. 11 says", async () => {
    const rows = (await run("04-asymmetry-and-the-true-gradient.ts"))
      .split("\n")
      .map((line) => line.trim().split(/ +/).map(Number))
      .filter((row) => row.length === 7 && row.every(Number.isFinite));
    expect(rows.map(([angle]) => angle)).toEqual([0, 1, 5, 15, 30, 45, 60, 75, 90]);
    expect(rows[0].slice(1)).toEqual([1, 1, 1, 1, 0, 0]);
    for (const [, , , output, , apart, unexplained] of rows.slice(1)) {
      expect(output).toBeGreaterThan(0.9);
      expect(unexplained).toBeLessThan(apart);
    }
    const [first, last] = [rows.map(([, l1]) => l1), rows.map(([, , , , ratio]) => ratio)];
    for (const falling of [first, last]) expect(falling).toEqual([...falling].sort((a, b) => b - a));
    // To first order: at 1 degree nearly nothing is left over.
    expect(rows[1][6] / rows[1][5]).toBeLessThan(0.05);
  });

  it.runIf(LONG)(
    "05 loses the lag with omega squared, keeps the real lock-in's bias, and draws it all",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
      const file = join(folder, "picture.svg");
      const out = await run("05-an-oscillating-nudge.ts", file);
      const rows = out
        .split("\n")
        .map((line) => line.trim().replace(" us", "").split(/ +/).map(Number))
        .filter((row) => row.every(Number.isFinite));
      const [swept, biases] = [
        rows.filter((row) => row.length === 7),
        rows.filter((row) => row.length === 4),
      ];
      expect(swept).toHaveLength(6);
      const [, , error, order, , lagOrder, real] = swept[5];
      expect(order).toBeCloseTo(2, 1);
      expect(lagOrder).toBeCloseTo(1, 1);
      expect(error).toBeLessThan(1e-3);
      expect(real).toBeGreaterThan(1e-2);
      for (const [, lockIn, pair] of biases.slice(2, 4))
        expect(Math.abs(lockIn / pair - 0.75)).toBeLessThan(0.03);
      expect(figure(out, /order ([\d.]+) of the real/)).toBeCloseTo(2, 1);
      const svg = readFileSync(file, "utf8");
      expect(svg.match(/fill="none" stroke="var\(--series/g)).toHaveLength(14);
      for (const text of ["The orbit", "The running estimate", "The lag", "The bias"])
        expect(svg).toContain(text);
      rmSync(folder, { recursive: true });
    },
  );

  it.runIf(LONG)("06 draws pictures of its own, shows them, and a chip learns them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
    const out = await run("06-bring-your-own-data.ts", folder);
    for (const text of [
      "folders of PNG pictures",
      "240 samples to train, 100 to test; 8x8, grey: 64 inputs; 4 classes",
      "bar    60     25",
    ])
      expect(out).toContain(text);
    expect(figure(out, /epoch 6\/6 +test ([\d.]+) %/)).toBeGreaterThan(80);
    expect(readFileSync(join(folder, "sheet.png")).subarray(1, 4).toString()).toBe("PNG");
    rmSync(folder, { recursive: true });
  });

  it.runIf(LONG)(
    "07 finds how much asymmetry a chip survives, between what holds and what fails, and replays it",
    async () => {
      const out = await run("07-how-much-asymmetry.ts");
      const [fails, passes] = [
        figure(out, /margin +angle: fails at ([\d.]+)/),
        figure(out, /angle: fails at [\d.]+, passes at ([\d.]+)/),
      ];
      expect(fails - passes).toBe(3);
      expect(fails).toBeGreaterThan(90);
      expect(figure(out, /asymmetry: holds at ([\d.]+)/)).toBeGreaterThan(0.5);
      expect(out).toContain("the same votes and the same accuracies, to the last digit");
      expect(out).toContain("no single step towards the ideal breaks the claim");
    },
  );

  it.runIf(LONG)("08 tells how many bits a synapse needs, with the yield that they give", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
    const out = await run("08-which-precision.ts", "2", join(folder, "study"));
    const rows = [...out.matchAll(/^ +(\d) +(\d+) +([\d.]+) %/gm)].map(([, bits, levels, accuracy]) =>
      [bits, levels, accuracy].map(Number),
    );
    expect(rows.map(([bits, levels]) => [bits, levels])).toEqual(
      [4, 5, 6, 7, 8, 9].map((bits) => [bits, 2 ** bits]),
    );
    expect(rows[5][2] - rows[0][2]).toBeGreaterThan(15);
    expect(out).toMatch(
      /\d bits are enough: they give a yield of 100.0 % \(Wilson \d+\.\d % to 100.0 %\), \d bits only/,
    );
    expect(readFileSync(join(folder, "study", "report.html"), "utf8")).toContain("circuit.levels");
    rmSync(folder, { recursive: true });
  });

  it.runIf(LONG)("09 finds the best nudge, larger where there is more noise", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
    const out = await run("09-noise-and-nudge.ts", "1", join(folder, "study"));
    const moves = [
      ...out.matchAll(/the best amplitude goes from ([\d.]+) at 0.01 % noise to ([\d.]+) at 1 %/g),
    ];
    expect(moves).toHaveLength(3);
    for (const [, least, most] of moves) expect(Number(most)).toBeGreaterThan(Number(least));
    expect(readFileSync(join(folder, "study", "report.html"), "utf8")).toContain("estimator.amplitude");
    rmSync(folder, { recursive: true });
  });

  it.runIf(LONG)(
    "10 learns by kernels, shows them, and tells what errors of their devices cost",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
      const file = join(folder, "kernels.svg");
      const out = await run("10-a-convolutional-chip.ts", file);
      expect(out).toContain("convolution: 9 × 8");
      const epochs = [...out.matchAll(/test accuracy ([\d.]+) %.*l1 ([\d.]+)/g)];
      expect(epochs).toHaveLength(5);
      const [, accuracy, cosine] = epochs[4];
      expect(Number(accuracy)).toBeGreaterThan(90);
      expect(Number(cosine)).toBeGreaterThan(0.95);
      expect(out.match(/^( {2}( [.+#=-]){3}){8}$/gm)).toHaveLength(3);
      const rows = [...out.matchAll(/^\S.*?([\d.]+) % +([\d.]+) %$/gm)].map((row) =>
        row.slice(1).map(Number),
      );
      expect(rows).toHaveLength(5);
      // Nothing but mismatch is as good as where it was trained; fewer levels and more noise are worse.
      for (const share of rows[0]) expect(Math.abs(share - Number(accuracy))).toBeLessThan(2);
      for (const kind of [0, 1]) {
        expect(rows[1][kind]).toBeGreaterThan(rows[2][kind]);
        expect(rows[3][kind]).toBeGreaterThan(rows[4][kind] + 10);
      }
      for (const [one, each] of rows.slice(1)) expect(one).toBeGreaterThan(each);
      expect(out).toContain("takes 80 pairs of devices in the place of 1280");
      expect(readFileSync(file, "utf8").match(/Kernel \d</g)).toHaveLength(8);
      rmSync(folder, { recursive: true });
    },
  );

  it.runIf(LONG)(
    "11 finds the paths of both the same where there is an energy, and saw-teeth in the map",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
      const file = join(folder, "paths.svg");
      const out = await run("11-two-ways-to-a-gradient.ts", file);
      const rows = [...out.matchAll(/^(0\.[01]+) +(\S+) +(\S+) +(\S+) +([\d.]+) %/gm)].map((row) =>
        row.slice(1).map(Number),
      );
      expect(rows.map(([beta]) => beta)).toEqual([0.1, 0.01, 0.001, 0.1, 0.01, 0.001]);
      const [smooth, map] = [rows.slice(0, 3), rows.slice(3)];
      for (const layer of [1, 2, 3]) {
        // Of first order in the nudge, or not at all.
        expect(smooth[0][layer] / smooth[1][layer]).toBeGreaterThan(7);
        expect(smooth[1][layer] / smooth[2][layer]).toBeGreaterThan(5);
        expect(map[1][layer] / map[2][layer]).toBeLessThan(1.2);
      }
      expect(smooth[2][4]).toBeGreaterThan(99.5);
      expect(map[2][4]).toBeLessThan(95);
      expect(out).toContain("l1      1 2 4 6 8 10\n");
      expect(out).toContain("l2      1 3 5 7 9\n");
      expect(out).toContain("output  2 4 6 8 10\n");
      for (const method of ["one-sided nudge", "backpropagation"])
        // At the edge of what the rate allows, roundings decide how well the last epoch goes.
        expect(figure(out, new RegExp(`${method} .* ([\\d.]+) %$`, "m"))).toBeGreaterThan(80);
      expect(readFileSync(file, "utf8")).toContain("The saw-tooth of the map");
      rmSync(folder, { recursive: true });
    },
  );

  it.runIf(LONG)("12 repairs an asymmetric chip: symmetry, cosines and accuracy rise together", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-example-"));
    const file = join(folder, "homeostasis.svg");
    const out = await run("12-homeostasis.ts", file);
    // Epoch, test, symmetry, cosines of l1, l2 and output, angles of both feedbacks.
    const rows = [...out.matchAll(/^(\d+) +([\d.]+) % +([\d.]+) +(.*)$/gm)].map((row) => [
      ...row.slice(1, 4).map(Number),
      ...row[4].trim().split(/ +/).map(Number),
    ]);
    expect(rows.map(([epoch]) => epoch)).toEqual([1, 5, 10, 15, 1, 5, 10, 15]);
    const [plain, repaired] = [rows[3], rows[7]];
    expect(plain[1]).toBeLessThan(60);
    expect(repaired[1]).toBeGreaterThan(70);
    expect(plain[2]).toBeLessThan(0.8);
    expect(repaired[2]).toBeGreaterThan(0.88);
    for (const layer of [3, 4]) {
      expect(plain[layer]).toBeLessThan(0.5);
      expect(repaired[layer]).toBeGreaterThan(0.7);
    }
    expect(readFileSync(file, "utf8")).toContain("with homeostasis");
    rmSync(folder, { recursive: true, force: true });
  });

  it.runIf(LONG)(
    "15 programs one chip into others: those that differ more do worse, and learn it again",
    async () => {
      const out = await run("15-one-chip-and-a-hundred-others.ts", "10", "2");
      // Mismatch, the taught chip, median and worst of the others, the same after an epoch, the copy.
      const rows = [...out.matchAll(/^ +[\d.]+ %.*$/gm)].map(([row]) =>
        [...row.matchAll(/([\d.]+) %/g)].map((figure) => Number(figure[1])),
      );
      expect(rows.map(([mismatch]) => mismatch)).toEqual([0, 2, 5, 10, 20]);
      const [same, apart] = [rows[0], rows[4]];
      expect(same[2]).toBeCloseTo(same[1], 5);
      expect(apart[2]).toBeLessThan(apart[1] - 5);
      expect(apart[4]).toBeGreaterThan(apart[2] + 5);
      for (const row of rows) expect(row[6]).toBeGreaterThan(80);
    },
  );

  it("are all listed by the command that runs them", async () => {
    const list = await run("index.ts");
    const stories = readdirSync(resolve(ROOT, "examples")).filter((file) => /^\d\d-/.test(file));
    expect(stories).toHaveLength(15);
    for (const story of stories) expect(list).toContain(`example ${story.slice(0, 2)} `);
    expect(
      (await execute(process.execPath, ["-r", "ts-node/register", "examples/index.ts", "99"])).code,
    ).toBe(2);
  });
});
