/** What is counted does not depend on the machine, so it can be held exactly. */
import { describe, expect, it } from "vitest";
import { DYNAMICS, MODELS } from "../../bench/networks";
import { sizesFor } from "../../bench/scaling";
import { spreadOf } from "../../bench/timing";
import { devices, multiplyAdds, weightsAndStates } from "../../bench/workload";

const [a, b, c, d] = [7, 5, 4, 3];

describe("multiply-adds of a step", () => {
  it("are those of both directions between unclamped layers, for every row", () => {
    const once = 2 * (b * c + c * d);
    for (const name of ["prototypical", "energy", "rate"] as const)
      expect(multiplyAdds(DYNAMICS[name].build([a, b, c, d]), { samples: 6 })).toBe(6 * once);
    expect(
      multiplyAdds(DYNAMICS.holomorphic.build([a, b, c, d]), { samples: 6, nudges: [{ re: 0, im: 1 }] }),
    ).toBe(2 * 6 * once);
    expect(
      multiplyAdds(DYNAMICS.holomorphic.build([a, b, c, d]), {
        samples: 6,
        nudges: [
          { re: 1, im: 0 },
          { re: -1, im: 0 },
        ],
      }),
    ).toBe(2 * 6 * once);
  });

  it("are PyTorch's script's for the papers' networks", () => {
    const counted = (name: "prototypical" | "holomorphic"): number => {
      const { build, sizes, batch, nudge } = DYNAMICS[name];
      return multiplyAdds(build(sizes), { samples: batch, ...(nudge && { nudges: [nudge] }) });
    };
    expect(counted("prototypical")).toBe(20 * 2 * (512 * 512 + 512 * 10));
    expect(counted("holomorphic")).toBe(50 * 2 * (256 * 256 + 256 * 10) * 2);
  });
});

describe("a chip's size", () => {
  it("counts devices once where two directions share them", () => {
    expect(devices(DYNAMICS.prototypical.build([a, b, c, d]))).toBe(a * b + b * c + c * d);
    expect(devices(DYNAMICS.holomorphic.build([a, b, c, d]))).toBe(a * b + 2 * (b * c + c * d));
    expect(weightsAndStates(DYNAMICS.prototypical.build([a, b, c, d]), 6, 4)).toBe(
      4 * (a * b + b * c + c * d + 6 * (b + c + d)),
    );
  });

  it("comes close to the synapses asked for", () => {
    for (const wanted of [1e4, 1e5, 1e6, 1e7]) {
      const [inputs, hidden, again, outputs] = sizesFor(wanted);
      expect(again).toBe(hidden);
      expect(Math.abs((inputs * hidden + hidden * hidden + hidden * outputs) / wanted - 1)).toBeLessThan(
        0.02,
      );
    }
  });
});

it("has a rate for each layer of each model", () => {
  for (const { build, rates } of Object.values(MODELS))
    if (typeof rates !== "number") expect(rates).toHaveLength(build().populations.length - 1);
});

it("sums times up by median and quartiles", () => {
  expect(spreadOf([5, 1, 2, 4, 3])).toEqual({ median: 3, quartiles: [2, 4], least: 1 });
  expect(spreadOf([1, 2])).toEqual({ median: 1.5, quartiles: [1.25, 1.75], least: 1 });
  expect(() => spreadOf([])).toThrow(RangeError);
});
