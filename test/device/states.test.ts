/** The language of states, events and draws: what a text says, and that today's texts are cases of it. */
import { describe, expect, it } from "vitest";
import { defineNoise } from "../../src/device/noise-source";
import { defineSynapse } from "../../src/device/synapse";
import { show } from "../../src/equations/show";
import { describeDimension } from "../../src/units/dimension";
import { crossbar } from "../../devices/index";

const CELL = {
  name: "cell",
  equations: `
    I     = G_now*V_read*rho_pre*(1 + sigma_r*xi) : A
    G_now = G*(1 + age/t_0)^(-nu) : S
    dage/dt = 1
    G   <- max(0, G_now + dw/V_read + s_p*xi_p) at write : S
    age <- 0 at write : s
    nu  <- abs(mu_nu + s_nu*xi_nu) at write : 1
  `,
  parameters: { V_read: "0.1 V", sigma_r: 0.01, t_0: "20 s", s_p: "1 uS", mu_nu: 0.05, s_nu: 0.01 },
};

describe("a synapse with states and events", () => {
  const cell = defineSynapse(CELL);

  it("reads each state with its events, rates and units", () => {
    expect(Object.keys(cell.stored)).toEqual(["age", "G", "nu"]);
    expect(Object.values(cell.stored).map(({ dimension }) => describeDimension(dimension))).toEqual([
      "s",
      "S",
      "1",
    ]);
    expect(show(cell.weight)).toBe("G*(1 + age/t_0)^(-nu)*V_read");
    expect(show(cell.stored.nu.events.write!)).toBe("abs(mu_nu + s_nu*xi_nu)");
    expect(show(cell.stored.age.leak!)).toBe("1");
    expect(cell.stored.age.events.write).toEqual({ kind: "number", value: 0 });
    expect(cell.plain).toBe(false);
    expect(describeDimension(cell.dimensions.time)).toBe("s");
  });

  it("prints what it was given", () => {
    expect(`${cell}`).toContain("G       <- max(0, G_now + dw/V_read + s_p*xi_p) at write");
    expect(defineSynapse(cell)).toEqual(cell);
  });

  it("takes reads of several names, and an offset of the column", () => {
    const { reads, readNoise, offset, parameters } = defineSynapse({
      name: "read",
      equations: "I = w*rho_pre*(1 + a*xi_a + b*xi_b) + I_os\nw <- w + dw\nI_os per column : 1",
      parameters: { a: 3, b: 4, I_os: { value: 0, sd: 0.1 } },
    });
    expect(Object.keys(reads)).toEqual(["xi_a", "xi_b"]);
    expect(show(readNoise!)).toBe("sqrt(w*a*(w*a) + w*b*(w*b))");
    expect(show(offset!)).toBe("I_os");
    expect(parameters.I_os.extent).toBe("column");
  });

  it("takes a word of the language as a name where the text gives it to something else", () => {
    const device = defineSynapse({
      name: "old",
      equations: "I = w*rho_pre*eta_0*keeps\nkeeps = at\nw <- w + dw",
      parameters: { eta_0: 2, at: 3 },
    });
    expect(show(device.weight)).toBe("w*eta_0*at");
    expect(device.plain).toBe(true);
  });

  it("is plain where it only is written and leaks, as texts were before", () => {
    expect(defineSynapse(crossbar({ retention: "1 s", readNoise: "1 %" })).plain).toBe(true);
  });

  it("expands flicker noise to states that relax", () => {
    const source = defineNoise({
      name: "source",
      equations: "I = 2*i_n : A\ni_n = flicker(S, 1 Hz, f_high, 1) : A keeps",
      parameters: { S: "1e-20 A^2/Hz", f_high: "1 kHz" },
    });
    expect(Object.keys(source.stored)).toEqual(["i_n_1", "i_n_2", "i_n_3", "i_n_4"]);
    expect(show(source.output)).toBe("2*(i_n_1 + i_n_2 + i_n_3 + i_n_4)");
    expect(Object.values(source.stored).every(({ keeps }) => keeps)).toBe(true);
    expect(Object.keys(source.stored.i_n_3.noise)).toEqual(["xi_i_n_3"]);
  });
});
