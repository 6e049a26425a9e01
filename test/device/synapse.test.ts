import { describe, expect, it } from "vitest";
import { defineSynapse, readSynapse } from "../../src/device/synapse";
import { evaluate } from "../../src/equations/evaluate";
import { show } from "../../src/equations/show";
import { describeDimension } from "../../src/units/dimension";

const units = (dimensions: object): Record<string, string> =>
  Object.fromEntries(Object.entries(dimensions).map(([name, d]) => [name, describeDimension(d)]));

const PAIR = {
  name: "pair",
  equations: `
    I = (G_plus - G_minus)*V_read*rho_pre*(1 + sigma_read*xi) : A
    G_plus <- clip(G_plus + dw/(2*V_read), G_min, G_max) : S
    G_minus <- clip(G_minus - dw/(2*V_read), G_min, G_max) : S
    dG_plus/dt = -(G_plus - G_min)/retention
  `,
  parameters: { G_min: "1 nS", G_max: "200 nS", V_read: "0.1 V", sigma_read: "1 %", retention: "1e5 s" },
  initial: { G_plus: "(G_min + G_max)/2" },
};

describe("a synapse", () => {
  const pair = defineSynapse(PAIR);

  it("has a weight without noise and the noise apart", () => {
    expect(show(pair.weight)).toBe("(G_plus - G_minus)*V_read");
    expect(show(pair.readNoise!)).toBe("(G_plus - G_minus)*V_read*sigma_read");
    expect(units(pair.dimensions)).toEqual({ weight: "A", I: "A", rho: "1", time: "s" });
  });

  it("programs by dw, within its range", () => {
    const at = { G_plus: 1e-7, dw: 1e-9, V_read: 0.1, G_min: 1e-9, G_max: 2e-7 };
    expect(evaluate(pair.stored.G_plus.program, at)).toBeCloseTo(1.05e-7, 15);
    expect(evaluate(pair.stored.G_minus.program, { ...at, G_minus: 1e-9 })).toBe(1e-9);
  });

  it("leaks what says so, and starts where it says", () => {
    expect(show(pair.stored.G_plus.leak!)).toBe("-(G_plus - G_min)/retention");
    expect(pair.stored.G_minus.leak).toBeNull();
    expect(show(pair.stored.G_plus.initial)).toBe("(G_min + G_max)/2");
    expect(pair.stored.G_minus.initial).toEqual({ kind: "number", value: 0 });
    expect(Object.keys(pair.stored)).toEqual(["G_plus", "G_minus"]);
  });

  it("without any unit is an ideal weight", () => {
    const ideal = readSynapse({ kind: "synapse", name: "ideal", equations: "I = w*rho_pre\nw <- w + dw" });
    expect(show(ideal.weight)).toBe("w");
    expect(ideal.readNoise).toBeNull();
    expect(units(ideal.dimensions)).toEqual({ weight: "1", I: "1", rho: "1", time: "1" });
    expect(`${ideal}`).toBe("ideal (synapse)\n  equations\n    I =  w*rho_pre  : 1\n    w <- w + dw     : 1");
  });
});
