/** Devices side by side: events, draws and time, against what is known of them. */
import { describe, expect, it } from "vitest";
import { flicker, telegraph } from "../../devices/index";
import { StateArray } from "../../src/circuit/state-array";
import { readDevice } from "../../src/device/read-device";
import { readNoise } from "../../src/device/noise-source";
import { readSynapse } from "../../src/device/synapse";
import type { NoiseSource, NoiseSpec, Synapse } from "../../src/device/types";

const array = (device: Synapse | NoiseSource, columns = 1, seed = 1, rows = 1): StateArray => {
  const made = new StateArray(device, { rows, columns, key: "test" }, seed);
  made.reset();
  return made;
};
const noise = (equations: string, parameters: NoiseSpec["parameters"] = {}): NoiseSource =>
  readNoise({ kind: "noise", name: "noise", equations, parameters });
const synapse = (equations: string, parameters = {}): Synapse =>
  readSynapse({ kind: "synapse", name: "device", equations, parameters });
const of = (made: StateArray, name: string): Float64Array => made.stored.get(name) as Float64Array;
const variance = (values: readonly number[] | Float64Array): number => {
  const mean = [...values].reduce((a, b) => a + b, 0) / values.length;
  return [...values].reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
};

describe("states in time", () => {
  const OU = noise("I = x : A\ndx/dt = -x/tau + sigma*sqrt(2/tau)*xi_x : A", { tau: "1 s", sigma: "2 A" });

  it("begin as noise has made them, and stay so over steps of any length", () => {
    const made = array(OU, 20_000);
    expect(variance(of(made, "x"))).toBeGreaterThan(3.85);
    for (const seconds of [1e-3, 0.3, 50]) {
      made.age(seconds);
      expect(Math.abs(variance(of(made, "x")) / 4 - 1)).toBeLessThan(0.04);
    }
  });

  it("of a slow source nearly cancel in a difference of phases", () => {
    const made = array(OU, 40_000);
    const before = of(made, "x").slice();
    made.age(250e-6);
    const change = Math.sqrt(variance(of(made, "x").map((v, k) => v - before[k])));
    expect(change / 2).toBeGreaterThan(0.97 * 0.022359);
    expect(change / 2).toBeLessThan(1.03 * 0.022359);
    const fresh = array(OU, 40_000, 2);
    expect(Math.sqrt(variance(of(fresh, "x").map((v, k) => v - before[k]))) / 2).toBeCloseTo(Math.SQRT2, 1);
  });

  it("come to where their rates lead: exactly where these are linear, else to a tolerance", () => {
    const one = array(
      synapse("I = w*rho_pre\nw <- w + dw : 1\nage <- 0 at write : s\ndw/dt = -w/tau\ndage/dt = 1", {
        tau: "2 s",
      }),
    );
    one.happen("write", (into) => into.fill(1));
    one.age(3);
    expect(of(one, "w")[0]).toBeCloseTo(Math.exp(-1.5), 14);
    expect(of(one, "age")[0]).toBe(3);
    // A rate that another state moves: x' = -x/(1 + t) from 1 is 1/(1 + t).
    const coupled = array(
      synapse("I = w*rho_pre\nw <- w + dw : 1\nage <- 0 at write : s\ndw/dt = -w/(tau + age)\ndage/dt = 1", {
        tau: "1 s",
      }),
    );
    coupled.happen("write", (into) => into.fill(1));
    coupled.age(9);
    expect(of(coupled, "w")[0]).toBeCloseTo(0.1, 8);
  });
});

describe("events", () => {
  const PULSED = synapse("I = w*rho_pre\nw <- w + sign*(1 + 0.1*xi_c) at pulse : 1\nn <- n + 1 at pulse : 1");

  it("reach the devices that are addressed, all from the values before", () => {
    const made = array(PULSED, 3);
    made.happen("pulse", (into) => into.set([1, 0, -1]));
    expect([...of(made, "n")]).toEqual([1, 0, 1]);
    expect(of(made, "w")[1]).toBe(0);
    const swap = array(synapse("I = (a - b)*rho_pre\na <- b + dw at write\nb <- a at write"), 1);
    for (const dw of [1, 10]) swap.happen("write", (into) => into.fill(dw));
    expect([of(swap, "a")[0], of(swap, "b")[0]]).toEqual([10, 1]);
  });

  it("draw by number, device and name: the same again, and another for each", () => {
    const [a, b] = [array(PULSED, 4, 7), array(PULSED, 4, 7)];
    for (let k = 0; k < 3; k++) {
      for (const made of [a, b]) made.happen("pulse", (into) => into.fill(1));
      expect(of(a, "w")).toEqual(of(b, "w"));
    }
    expect(new Set(of(a, "w")).size).toBe(4);
    // The third pulse draws by its number, whatever was addressed before.
    const c = array(PULSED, 4, 7);
    c.happened[1] = 2;
    const [before, after] = [array(PULSED, 4, 7), of(a, "w")];
    for (let k = 0; k < 2; k++) before.happen("pulse", (into) => into.fill(1));
    c.happen("pulse", (into) => into.fill(1));
    of(c, "w").forEach((v, k) => expect(v).toBeCloseTo(after[k] - of(before, "w")[k], 12));
  });

  it("of two names are independent, of one name the same", () => {
    const made = array(
      synapse(
        "I = (a + b + c)*rho_pre\na <- xi_1 at pulse : 1\nb <- xi_2 at pulse : 1\nc <- xi_1 + 0*sign at pulse : 1",
      ),
      4000,
    );
    made.happen("pulse", (into) => into.fill(1));
    expect(of(made, "a")).toEqual(of(made, "c"));
    const product = of(made, "a").map((v, k) => v * of(made, "b")[k]);
    expect(Math.abs(product.reduce((x, y) => x + y, 0) / 4000)).toBeLessThan(0.06);
  });
});

describe("parameters", () => {
  const spec = (line: string) =>
    readSynapse({
      kind: "synapse",
      name: "device",
      equations: `I = g*rho_pre\ng = k*(1 - stuck)\n${line}\nw <- w + dw\n`.replace("I = g", "I = (w + g)"),
      parameters: { k: { value: 1, mismatch: 0.1 }, stuck: { share: "30 %" } },
    });

  it("are drawn for a column, a row, an array or a device", () => {
    const drawn = (line: string): Float64Array | number => array(spec(line), 4, 1, 3).parameters.k;
    const [column, row] = [drawn("k per column") as Float64Array, drawn("k per row") as Float64Array];
    expect(column.slice(0, 4)).toEqual(column.slice(4, 8));
    expect(new Set(column).size).toBe(4);
    expect([...row].map((_, i) => row[i] === row[4 * Math.floor(i / 4)])).not.toContain(false);
    expect(new Set(row).size).toBe(3);
    expect(drawn("k per array")).toBeTypeOf("number");
    expect(new Set(drawn("# nothing") as Float64Array).size).toBe(12);
    // A chip has one for all of its arrays.
    const chip = (key: string) =>
      new StateArray(spec("k per chip"), { rows: 1, columns: 2, key }, 3).parameters.k;
    expect(chip("a")).toBe(chip("b"));
  });

  it("are 1 in a share, and one of what was measured", () => {
    const stuck = array(spec("# nothing"), 20_000).parameters.stuck as Float64Array;
    expect(new Set(stuck)).toEqual(new Set([0, 1]));
    expect(stuck.reduce((a, b) => a + b, 0) / 20_000).toBeCloseTo(0.3, 1);
    const measured = readSynapse({
      kind: "synapse",
      name: "device",
      equations: "I = (w + k)*rho_pre\nw <- w + dw",
      parameters: { k: { values: ["10 %", 0.2, 0.4] } },
    });
    expect(new Set(array(measured, 200).parameters.k as Float64Array)).toEqual(new Set([0.1, 0.2, 0.4]));
  });
});

describe("devices of the literature, as texts", () => {
  const held = (made: StateArray, name: string): number => of(made, name)[0];
  const write = (made: StateArray, dw: number): void => made.happen("write", (into) => into.fill(dw));

  it("a leak that heat speeds up is 43 times as fast at 358 K as at 300 K", () => {
    const at = (T: string): number => {
      const made = array(
        synapse("I = w*rho_pre\nw <- w + dw : 1\ndw/dt = -w*exp(E_a/k_B*(1/T_0 - 1/T))/tau", {
          E_a: `${0.6 * 1.602176634e-19} J`,
          T_0: "300 K",
          T,
          tau: "1 s",
        }),
      );
      write(made, 1);
      made.age(0.01);
      return -Math.log(held(made, "w")) / 0.01;
    };
    expect(at("300 K")).toBeCloseTo(1, 9);
    expect(at("358 K")).toBeCloseTo(42.954, 3);
  });

  it("a stretched exponential keeps its age, and an endurance counts its writes", () => {
    const made = array(
      synapse(
        "I = w*exp(-(max(age, 0)/tau)^beta)*where(n < n_max, 1, 0)*rho_pre\nw <- w + dw : 1\nn <- n + 1 at write : 1\n" +
          "age <- 0 at write : s\ndage/dt = 1",
        { tau: "10 s", beta: 0.5, n_max: 3 },
      ),
    );
    const shown = (): number => Math.exp(-Math.sqrt(held(made, "age") / 10));
    write(made, 1);
    made.age(40);
    expect(shown()).toBeCloseTo(Math.exp(-2), 12);
    write(made, 1);
    expect([held(made, "age"), held(made, "n")]).toEqual([0, 2]);
    // A device that is asked for nothing is not written.
    write(made, 0);
    expect(held(made, "n")).toBe(2);
  });

  it("a held voltage droops by its leak, and a comparator jumps at its threshold", () => {
    const made = array(
      noise("I = V_out/R : A\nV_out = where(V < V_th, 0, 1)*V_dd\nV <- V + slope*dt at step : V", {
        R: "1 kohm",
        V_th: "0.5 V",
        V_dd: "1 V",
        slope: "10 V/s",
      }),
    );
    made.age(0.049);
    expect(held(made, "V")).toBeCloseTo(0.49, 12);
    made.age(0.002);
    expect(held(made, "V")).toBeGreaterThan(0.5);
  });
});

/** Welch's estimate of a one-sided density: Hann windows, half overlapping. */
function welch(samples: Float64Array, dt: number, length: number, frequency: number): number {
  let [sum, count, power] = [0, 0, 0];
  const window = Float64Array.from({ length }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / length));
  for (const w of window) power += w * w;
  for (let from = 0; from + length <= samples.length; from += length / 2) {
    let [re, im, mean] = [0, 0, 0];
    for (let k = 0; k < length; k++) mean += samples[from + k] / length;
    for (let k = 0; k < length; k++) {
      const v = window[k] * (samples[from + k] - mean);
      re += v * Math.cos(2 * Math.PI * frequency * k * dt);
      im += v * Math.sin(2 * Math.PI * frequency * k * dt);
    }
    sum += (2 * dt * (re * re + im * im)) / power;
    count++;
  }
  return sum / count;
}

describe("noise in time", () => {
  /** Sampled: what is above half of the rate folds down. */
  const folded = (law: (f: number) => number, f: number, rate: number): number =>
    [0, 1, 2, 3, 4, 5].reduce((sum, n) => sum + law(n * rate + f) + (n > 0 ? law(n * rate - f) : 0), 0);

  function sampled(spec: NoiseSpec, dt: number, count: number): Float64Array {
    const device = readDevice(spec) as NoiseSource;
    const made = array(device, 1, 11);
    const names = Object.keys(device.stored);
    const out = new Float64Array(count);
    made.age(1);
    for (let k = 0; k < count; k++) {
      made.age(dt);
      for (const name of names) out[k] += of(made, name)[0];
    }
    return out;
  }

  it("of a trap has Machlup's density, corner included", () => {
    const [c, e, dt] = [1e-3, 4e-3, 2e-4];
    const samples = sampled(telegraph({ tau_c: c, tau_e: e, dI: 1 }), dt, 40_960);
    expect(variance(samples)).toBeCloseTo(0.16, 1);
    const law = (f: number): number => 4 / ((c + e) * ((1 / c + 1 / e) ** 2 + (2 * Math.PI * f) ** 2));
    // 159 half-overlapping windows: about 10 % at one standard deviation.
    for (const f of [40, 198.9, 800])
      expect(Math.abs(welch(samples, dt, 512, f) / folded(law, f, 1 / dt) - 1), `${f} Hz`).toBeLessThan(0.3);
  });

  it("of flicker has the density of its poles", () => {
    const dt = 1e-3;
    const samples = sampled(flicker({ S_1Hz: 1, f_low: 1, f_high: 100, poles: 1 }), dt, 20_480);
    const law = (f: number): number =>
      [1, 10, 100].reduce((sum, pole) => sum + (2 * Math.LN10) / (Math.PI * pole) / (1 + (f / pole) ** 2), 0);
    for (const f of [4, 30, 100])
      expect(Math.abs(welch(samples, dt, 512, f) / folded(law, f, 1 / dt) - 1), `${f} Hz`).toBeLessThan(0.3);
  });
});
