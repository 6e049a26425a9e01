/**
 * One name of a noise source is one source: written twice it is refused, with a sum of variances that reads.
 */
import { describe, expect, it } from "vitest";
import { readNeuron } from "../../src/device/neuron";
import { readSynapse } from "../../src/device/synapse";
import { evaluate } from "../../src/equations/evaluate";

import { refusal } from "../refusal";

const PARAMETERS = { C: "1 pF", g: "50 nS", T: "300 K", I_b: "5 nA", u_s: "1 V" };
const neuron = (noise: string, definitions = "", motion = "C*du/dt = -g*u + I + I_nudge") =>
  readNeuron({
    kind: "neuron",
    name: "n",
    equations: `${motion} ${noise} : V\n${definitions}\nrho = u/u_s + 0*T*I_b/(T*I_b)`,
    unitDrive: "g*u_s",
    parameters: PARAMETERS,
  });
const map = (noise: string, definitions = "") =>
  readNeuron({
    kind: "neuron",
    name: "n",
    equations: `u <- I + I_nudge ${noise}\n${definitions}\nrho = a*u + 0*b`,
    parameters: { a: 0.3, b: 0.4 },
  });
const synapse = (current: string, definitions = "") =>
  readSynapse({
    kind: "synapse",
    name: "s",
    equations: `I = ${current} : A\n${definitions}\ng <- g + dw/V : S`,
    parameters: { V: "0.1 V", s: "5 %", r: "2 %" },
  });
const written = (read: () => unknown): string =>
  /write one {2}(.*)$/.exec(refusal(read).remedy ?? "")?.[1] ?? "";

describe("a noise source that is named twice", () => {
  it.each<readonly [string, () => unknown]>([
    ["thermal and shot noise", () => neuron("+ sqrt(2*k_B*T*g)*xi + sqrt(q_e*I_b)*xi")],
    ["a difference", () => map("+ a*xi - b*xi")],
    ["without factors", () => map("+ xi + xi")],
    ["through a definition that is used twice", () => map("+ n + n", "n = a*xi")],
    ["through two definitions", () => map("+ n + m", "n = a*xi\nm = b*xi")],
    ["through a function of it", () => map("+ f(xi)", "f(x) = a*x + b*x")],
    ["in one branch and beside it", () => map("+ where(0 < u, a*xi, 0) + b*xi")],
    ["in the two halves of a pair", () => synapse("(g*(1 + s*xi) - 2*g*(1 + r*xi))*V*rho_pre")],
    ["many times", () => map(`+ ${Array(12).fill("a*xi").join(" + ")}`)],
    [
      "more often than can be told apart",
      () =>
        map(
          "+ n9 + b*xi",
          Array.from({ length: 10 }, (_, k) =>
            k === 0 ? "n0 = a*xi" : `n${k} = n${k - 1} + n${k - 1}`,
          ).join("\n"),
        ),
    ],
  ])("%s", (_, read) =>
    expect(refusal(read)).toMatchObject({
      code: "EQ-NOISE",
      place: { line: 1 },
      remedy: expect.stringContaining("write one  ") as string,
    }),
  );

  it.each<readonly [string, () => unknown]>([
    ["one source of two factors", () => map("+ (a + b)*xi")],
    ["a definition that is used once", () => map("+ b*n", "n = a*xi")],
    ["branches that are never at once", () => map("+ where(0 < u, a*xi, b*xi)")],
    [
      "a pair with one source",
      () => synapse("(g - 2*g)*V*rho_pre + s*sqrt(g^2 + (2*g)^2)*V*rho_pre*xi + r*0*V*g*rho_pre"),
    ],
  ])("is not %s", (_, read) => expect(read).not.toThrow());

  it("is to be written as one of the root of summed squares, with the factors of the text", () => {
    expect(written(() => neuron("+ sqrt(2*k_B*T*g)*xi + sqrt(q_e*I_b)*xi"))).toBe(
      "sqrt(2*k_B*T*g + q_e*I_b)*xi",
    );
    expect(written(() => map("- a*xi + b*xi"))).toBe("sqrt(a^2 + b^2)*xi");
    expect(written(() => map("+ n + n", "n = a*xi"))).toBe("sqrt(a^2 + a^2)*xi");
    expect(written(() => synapse("(g*(1 + s*xi) - 2*g*(1 + r*xi))*V*rho_pre"))).toMatch(
      /^sqrt\(.*\)\*xi\*rho_pre$/,
    );
  });

  it("reads when it is typed, with the sum of the variances", () => {
    const { dynamics } = neuron(`+ ${written(() => neuron("+ sqrt(2*k_B*T*g)*xi + sqrt(q_e*I_b)*xi"))}`);
    const [k, T, g, q, I] = [1.380649e-23, 300, 50e-9, 1.602176634e-19, 5e-9];
    const amplitude = evaluate(dynamics.diffusion!, { k_B: k, T, g, q_e: q, I_b: I, C: 1e-12 }) * 1e-12;
    expect(amplitude ** 2 / (2 * k * T * g + q * I)).toBeCloseTo(1, 12);
    const { readNoise } = synapse(
      `(g - 2*g)*V*rho_pre + ${written(() => synapse("(g*(1 + s*xi) - 2*g*(1 + r*xi))*V*rho_pre"))}`,
    );
    expect(evaluate(readNoise!, { g: 3, V: 0.1, s: 0.05, r: 0.02 })).toBeCloseTo(
      0.1 * Math.hypot(3 * 0.05, 6 * 0.02),
      12,
    );
  });
});
