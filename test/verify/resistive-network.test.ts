/** The kind `resistive-network`: cases of a plain script and of ngspice pass, and none once a number is altered. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { verdictLine, verifyCase } from "../../src/verify";
import { resistiveCase } from "../golden/plain/resistive-network";

const SHARED = resolve(__dirname, "../../../shared/goldens");
const shared = existsSync(SHARED)
  ? readdirSync(SHARED)
      .filter((file) => /^resistive-network-(8-8-2-seed1000|16-16-4-seed1003)\.json$/.test(file))
      .map((file): [string, string] => [file, readFileSync(join(SHARED, file), "utf8")])
  : [];
const times = [1e-12, 3e-11, 2e-10, 1e-9];
const own: [string, string][] = [
  ["one hidden layer", resistiveCase({ seed: 1, sizes: [5, 4, 3], vbias: 0.3, times, stop: 3e-9, C: 2e-12 })],
  [
    "two hidden layers, rails at 0 V",
    resistiveCase({ seed: 2, sizes: [3, 6, 2, 4], vbias: 0, times, stop: 3e-9 }),
  ],
  ["no hidden layer", resistiveCase({ seed: 3, sizes: [4, 2], vbias: 0.1, times, stop: 3e-9 })],
].map(([name, value]) => [name as string, JSON.stringify(value)]);

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

type Case = {
  op_voltages: number[][];
  diode: { IS: number };
  conductances_S: number[][][];
  tran: { end_voltages: number[][]; samples_at_accepted_timepoints: { v: number[][] }[] };
};

async function lineOf(
  text: string,
  change: (given: Case) => void = () => {},
  engine = reference,
): Promise<string> {
  const given = JSON.parse(text) as Case;
  change(given);
  return verdictLine(await verifyCase("case", JSON.stringify(given), { engine, reference }));
}

describe.each([...own, ...shared])("%s", (_, text) => {
  it("passes on reference and simd, with every number accounted for", async () => {
    expect(await lineOf(text)).toMatch(/^PASS (?!.*not-compared)/);
    expect(await lineOf(text, undefined, simd)).toMatch(/^PASS/);
  });

  it("fails once a number is altered by 0.1 %", async () => {
    const { op_voltages } = JSON.parse(text) as Case;
    const atRest = (change: (given: Case) => void): Promise<string> =>
      lineOf(text, (given) => {
        delete (given as Partial<Case>).tran;
        change(given);
      });
    expect(await atRest(() => {})).toMatch(/^PASS/);
    for (const k of op_voltages.keys())
      expect(await atRest((c) => (c.op_voltages[k][0] *= 1.001)), `layer ${k}`).toMatch(/^FAIL/);
    expect(await atRest((c) => (c.conductances_S[0][0][0] *= 1.001))).toMatch(/^FAIL/);
    const hasDiodes = op_voltages.length > 2;
    expect(await atRest((c) => (c.diode.IS *= 1.1))).toMatch(hasDiodes ? /^FAIL/ : /^PASS/);
    expect(
      await lineOf(text, (c) => (c.tran.end_voltages[0] = c.tran.end_voltages[0].map((v) => v * 1.001))),
    ).toMatch(/^FAIL/);
  });
});

it("tells what is wrong with a case", async () => {
  const [[, text]] = own;
  const lines = await Promise.all([
    lineOf(text, (c) => (c.conductances_S[0][0][0] = -1e-4)),
    lineOf(text, (c) => void ((c.tran as unknown as { spec: string }).spec = ".ac dec 1 1 1")),
    lineOf(text, (c) => void c.conductances_S.pop()),
    lineOf(text, (c) => void (c as unknown as { sizes: number[] }).sizes.splice(0, 3, 10_000_000)),
  ]);
  expect(lines.map((line) => /reason=.*$/.exec(line)?.[0])).toEqual([
    expect.stringContaining("below 0"),
    expect.stringContaining("no transient"),
    expect.stringContaining("are needed"),
    expect.stringContaining("VERIFY-CASE"),
  ]);
});
