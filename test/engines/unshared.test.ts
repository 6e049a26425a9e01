/** Where memory cannot be shared, as in a page without isolation, `simd` computes on one lane to the same numbers. */
import { expect, it } from "vitest";
import { execute } from "../cli/run";

const LEARN = `const { nonideal } = require("./build/circuits.js"), { adam, centred, strokeDigits, train } = require("./build/index.js");
const set = (split) => strokeDigits({ samples: 60, seed: 1, split });
(async () => {
  const chip = nonideal({ sizes: [64, 12, 10] }).fabricate({ seed: 1 });
  const estimator = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 });
  const options = { estimator, optimizer: adam({ rate: 0.01 }), dt: 1e-5, epochs: 1, engine: "simd", seed: 1 };
  for await (const { cost } of train(chip, { train: set("train"), test: set("test") }, options)) console.log(cost);
})();`;

it("trains to the same cost, though its memory grows and is then another buffer", async () => {
  const run = (before: string) => execute(process.execPath, ["-e", before + LEARN]);
  const [shared, own] = await Promise.all([run(""), run("delete globalThis.SharedArrayBuffer;\n")]);
  expect(shared).toMatchObject({ code: 0, err: "" });
  expect(own).toEqual(shared);
});
