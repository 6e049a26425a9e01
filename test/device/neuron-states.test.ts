/** Neurons of several states, as they are read: what each line says, and what is refused. */
import { describe, expect, it } from "vitest";
import { defineNeuron } from "../../src/device/neuron";
import { show } from "../../src/equations/show";

const read = (equations: string, parameters = {}, more = {}) =>
  defineNeuron({ name: "n", equations, parameters, ...more });

describe("a neuron of several states", () => {
  it("says how each moves, in its unit, within its bounds, with its noise", () => {
    const { dynamics, internal, dimensions } = read(
      `0 <= q <= q_max
       dq/dt = I_nudge + I - q/tau + s_1*xi_1 + s_2*xi_2 : C
       tau*du/dt = q/C - u + s*xi : V
       rho = u`,
      {
        tau: "1 ms",
        C: "1 pF",
        q_max: "1 pC",
        s: "1 V/s^0.5*s",
        s_1: "1 A/s^-0.5",
        s_2: "2 A/s^-0.5",
        I_u: "1 nA",
      },
      { unitDrive: "I_u" },
    );
    expect(Object.keys(internal)).toEqual(["q"]);
    const { q } = internal;
    expect(q.dynamics.kind === "continuous" && show(q.dynamics.drift)).toBe("I_nudge + I - q/tau");
    expect(show(q.dynamics.diffusion!)).toBe("sqrt(s_1*s_1 + s_2*s_2)");
    expect(dynamics.kind === "continuous" && show(dynamics.drift)).toBe("(q/C - u)/tau");
    expect(show(q.bounds!.upper!)).toBe("q_max");
    expect([q.dimension, dimensions.u]).toEqual([
      [0, 0, 1, 1, 0],
      [1, 2, -3, -1, 0],
    ]);
  });

  it.each([
    ["dv/dt = I + I_nudge - v\nrho = v", "DEVICE-DYNAMICS", "the state of a neuron is u, not v"],
    ["du/dt = I + I_nudge - u\ndu/dt = I\nrho = u", "DEVICE-DYNAMICS", "a second line says how u moves"],
    ["du/dt = v - u\nv <- I + I_nudge\nrho = u", "DEVICE-DYNAMICS", "v moves as a map, and u in time"],
    ["du/dt = v - u\ndv/dt = -v\nrho = u", "DEVICE-PORT", "I, does not reach u"],
    ["du/dt = v - u + I\ndv/dt = -v\nrho = u", "DEVICE-PORT", "I_nudge, does not reach u"],
    ["du/dt = I + I_nudge - u\ndv/dt = u - v\nrho = u", "DEVICE-PORT", "the state v does not reach u"],
    [
      "du/dt = I + I_nudge - v + xi\ndv/dt = u - v + xi\nrho = u",
      "EQ-NOISE",
      "xi stands in the equations of two",
    ],
    ["du/dt = I + I_nudge - u + xi*xi_b\nrho = u", "EQ-NOISE", "multiplies"],
    ["du/dt = I + I_nudge - u + xi_b + xi_b\nrho = u", "EQ-NOISE", "xi_b occurs more than once"],
    ["du/dt = I + I_nudge - v\ndv/dt = u - v\nrho = u + v", "DEVICE-OUTPUT", "rho depends on v"],
    ["du/dt = I + I_nudge - rho\ndrho/dt = u\nrho = u", "EQ-DUPLICATE", '"rho" is already'],
    ["du/dt = I + I_nudge - k\ndk/dt = u - k\nrho = u", "EQ-DUPLICATE", '"k" is already'],
    [
      "du/dt = I + I_nudge - v\ndv/dt = u - v\nrho = u\n0 <= v\n1 <= v",
      "DEVICE-BOUNDS",
      "v has two lower bounds",
    ],
    ["du/dt = I + I_nudge - v : V\ndv/dt = u - v : A\nrho = u", "EQ-DIMENSION", ""],
  ])("%j is refused: %s", (equations, code, fact) => {
    expect(() => read(equations, { ...(/dk/.test(equations) && { k: 1 }) })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(fact) }),
    );
  });
});
