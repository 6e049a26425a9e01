/**
 * Whoever has no fast-check loads the entry, tries laws and searches; what needs it says so, and what to
 * install.
 */
import { describe, expect, it } from "vitest";
import { execute } from "../cli/run";

/** fast-check is hidden from the process before anything is loaded. */
const HIDING = `const Module = require("node:module"); const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (/^fast-check(\\/|$)/.test(name)) throw Object.assign(new Error("Cannot find module " + name), { code: "MODULE_NOT_FOUND" });
  return resolve.call(this, name, ...rest);
};
const kit = require("./build/robustness.js"); const { nonideal } = require("./build/circuits.js");`;

const inProcess = async (code: string): Promise<string> => {
  const { code: exit, out, err } = await execute(process.execPath, ["-e", `${HIDING}${code}`]);
  expect([exit, err]).toEqual([0, ""]);
  return out.trim();
};

describe("ohmlet/robustness without fast-check", () => {
  it("loads, tries laws, imperfections and searches", async () => {
    expect(
      await inProcess(`
      const { laws, weakestPoint, rangesOf, imperfect } = kit;
      Promise.all([laws.permutation(nonideal({ sizes: [2, 2, 2] })), weakestPoint({ a: "< 3" }, { x: [0, 1, 2, 3, 4] }, ({ x }) => ({ a: x }), { seeds: 1 })])
        .then(([law, { margins }]) => console.log(law.applies, margins[0].failsAt, Object.keys(rangesOf("angle")).join(), imperfect({ angle: 3 }).chip.circuit.name, require.cache[Object.keys(require.cache).find((file) => file.includes("fast-check/"))] === undefined));`),
    ).toBe("true 3 angle imperfect-4-3-2 true");
  });

  it("tells what to install where an arbitrary or a property is made", async () => {
    const calls = [
      "kit.circuits()",
      "kit.chips()",
      "kit.neurons()",
      "kit.synapses()",
      "kit.points({ x: [0, 1] })",
      "kit.imperfections()",
      "kit.expressions.map((e) => e)",
      "kit.smoothExpressions.map((e) => e)",
      'kit.survives({ a: "> 0" }, { x: [0, 1] }, () => ({ a: 1 }))',
    ];
    const told = await inProcess(
      `console.log([${calls.map((call) => `() => ${call}`).join(", ")}].map((call) => { try { call(); ` +
        `return "no error"; } catch (error) { return error.code + " " + error.remedy; } }).join("\\n"));`,
    );
    expect(told.split("\n")).toEqual(
      calls.map(() => "PROPERTY-PACKAGE npm install --save-dev fast-check;  laws and weakestPoint need none"),
    );
  });
});
