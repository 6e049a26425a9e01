/** Small signals: poles and responses against what is known by hand, netlists, and a nudge that turns. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { layered, resistive } from "../../circuits";
import { diodeNode, ideal, leakyIntegrator, prototypical, softNeuron } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  smallSignal,
  transient,
  type Chip,
  type Engine,
} from "../../src";
import { Hessenberg } from "../../src/numerics/hessenberg";
import { hasNgspice, ngspice } from "../../src/io/ngspice";
import { acOf, netlistOf, readCircuit } from "../../src/spice";
import { ohmlet } from "../cli/run";
import { refusal } from "../refusal";

let reference: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
});

const set = (values: readonly number[]) => ({ weights: Float64Array.from(values), biases: null });

describe("a matrix in Hessenberg form", () => {
  it("has the eigenvalues whose powers sum to traces, and solves (s - A) x = b", () => {
    const entry = fc.double({ min: -10, max: 10, noNaN: true });
    const square = fc
      .integer({ min: 1, max: 9 })
      .chain((n) => fc.tuple(fc.constant(n), fc.array(entry, { minLength: n * n, maxLength: n * n })));
    fc.assert(
      fc.property(square, ([n, values]) => {
        const matrix = Float64Array.from(values);
        const form = new Hessenberg(matrix, n);
        const poles = form.eigenvalues();
        expect(poles).toHaveLength(n);
        let power = matrix;
        const size = Math.hypot(...matrix) + 1;
        for (let k = 1; k <= 3; k++) {
          let trace = 0;
          for (let i = 0; i < n; i++) trace += power[i * n + i];
          const sum = poles.reduce(
            (total, { re, im }) => total + Math.hypot(re, im) ** k * Math.cos(k * Math.atan2(im, re)),
            0,
          );
          expect(Math.abs(sum - trace)).toBeLessThan(1e-5 * size ** k);
          power = Float64Array.from({ length: n * n }, (_, at) => {
            let total = 0;
            for (let j = 0; j < n; j++) total += power[Math.floor(at / n) * n + j] * matrix[j * n + (at % n)];
            return total;
          });
        }
        // Far from every eigenvalue.
        const s = { re: 2 * size, im: 3 * size };
        const b = Float64Array.from({ length: n }, (_, i) => i + 1);
        const { re, im } = form.solve(s, b);
        for (let i = 0; i < n; i++) {
          let [left, turned] = [s.re * re[i] - s.im * im[i] - b[i], s.re * im[i] + s.im * re[i]];
          for (let j = 0; j < n; j++) {
            left -= matrix[i * n + j] * re[j];
            turned -= matrix[i * n + j] * im[j];
          }
          expect(Math.hypot(left, turned)).toBeLessThan(1e-12 * (n + 1));
        }
      }),
      { numRuns: 30 },
    );
  });
});

async function aboutRest(chip: Chip, inputs: readonly number[], targets: Float64Array) {
  const simulator = new Simulator(chip, reference, { solver: "balance" });
  const { states } = await simulator.phase({ samples: 1, inputs, steps: 200 });
  return smallSignal(simulator, { inputs, targets, from: states });
}

describe("small signals", () => {
  const inputs = [0.8, -0.3];
  const targets = Float64Array.of(1, 0);
  const FREQUENCIES = [1e6, 1e7, 1e8, 1e9];
  const amplified = (): Chip => {
    const chip = resistive([2, 3, 2], { neuron: diodeNode({ A: 4, k: 0.5 }) }).fabricate();
    chip.setWeights("input-l1", set([1, 2, 0.3, 1.4, 0.1, 0.6]));
    chip.setWeights("l1-output", set([1, 2, 0.3, 0.4, 0.5, 0.6]));
    return chip;
  };

  it("are those of the exported netlist, of the nudge as of an input", async () => {
    const chip = amplified();
    const small = await aboutRest(chip, inputs, targets);
    expect(small.poles).toHaveLength(5);
    expect(Math.max(...small.poles.map(({ re }) => re))).toBeLessThan(0);
    const y = small.states.output.re;
    const ac = ".ac dec 1 1e6 1e9";
    const nudge = [0, 1].map((i) => `i_ac${i} 0 output_${i} dc 0 ac ${1e-3 * (targets[i] - y[i])}`);
    const asInput = netlistOf(chip, { inputs, lines: [ac] }).replace(
      /v_input_1 input_1 0 dc (\S+)/,
      "v_input_1 input_1 0 dc $1 ac 1",
    );
    for (const [source, text] of [
      ["nudge", netlistOf(chip, { inputs, lines: [...nudge, ac] })],
      [{ input: 1 }, asInput],
    ] as const) {
      const { states } = await small.response(source, FREQUENCIES);
      const { nodes, frequency } = acOf(readCircuit(text, "export"));
      expect(frequency.map((f) => Math.round(f))).toEqual(FREQUENCIES);
      for (const name of ["l1", "output"]) {
        const size = states[name].re.length / FREQUENCIES.length;
        const most = Math.max(...states[name].re.map(Math.abs));
        states[name].re.forEach((re, at) => {
          const node = nodes[`${name}_${at % size}`];
          const f = Math.floor(at / size);
          expect(Math.hypot(node.re[f] - re, node.im[f] - states[name].im[at])).toBeLessThan(1e-9 * most);
        });
      }
    }
  });

  it("are ngspice's", async () => {
    if (!(await hasNgspice()))
      return console.warn("ngspice is not installed: .ac is held against our own only");
    const text = `rc and diode
v1 in 0 dc 0.7 ac 2 30
r1 in a 1k
c1 a 0 1n
d1 a b dm
r2 b 0 100 ac=120
l1 b c 1m
r3 c 0 50
i1 0 c dc 0 ac 1m
e1 o 0 a b 3
r4 o q 1k
c2 q b 2p
b1 s 0 v=v(a)*v(b)
r5 s 0 1k
.model dm d(is=1e-9 n=1.5 cjo=1p tt=1n)
.options reltol=1e-9 vntol=1e-14 abstol=1e-18
.ac oct 2 1k 30meg
.end
`;
    const ours = acOf(readCircuit(text, "small"));
    const { plot, log } = await ngspice(text);
    if (plot === null) throw new Error(log);
    expect(ours.frequency).toHaveLength(plot.variables.get("frequency")?.length ?? 0);
    for (const [kind, found] of [
      ["", ours.nodes],
      ["#branch", ours.branches],
    ] as const)
      for (const [name, { re, im }] of Object.entries(found)) {
        const [theirs, turned] = [plot.variables, plot.imaginary].map((of) => of?.get(`${name}${kind}`));
        const most = Math.max(...re.map((x, i) => Math.hypot(x, im[i])));
        re.forEach((x, i) =>
          expect(Math.hypot(x - (theirs?.[i] ?? NaN), im[i] - (turned?.[i] ?? NaN)), name).toBeLessThan(
            1e-7 * most,
          ),
        );
      }
  });

  it("tell how late a nudge that turns is followed", async () => {
    const chip = layered([2, 3, 2], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 3 });
    const period = 160;
    const simulator = new Simulator(chip, reference, { solver: "rk4", dt: 0.05 });
    const { states } = await simulator.phase({ samples: 1, inputs, steps: 3000 });
    const small = await smallSignal(simulator, { inputs, targets, from: states });
    const frequency = 1 / (period * 0.05);
    const { states: predicted } = await small.response("nudge", [frequency]);
    const beta = 1e-4;
    const { traces } = await transient(simulator, {
      samples: 1,
      inputs,
      targets,
      from: small.states,
      nudges: [{ re: beta, im: 0 }],
      oscillation: { period, form: "lock-in" },
      steps: 5 * period,
      units: { output: [0, 1], l1: [0] },
    });
    for (const { population, unit, re } of traces) {
      let [inPhase, behind] = [0, 0];
      for (let k = 4 * period; k < 5 * period; k++) {
        inPhase += (re[k] * Math.cos((2 * Math.PI * k) / period) * 2) / period / beta;
        behind += (re[k] * Math.sin((2 * Math.PI * k) / period) * 2) / period / beta;
      }
      const expected = predicted[population];
      const size = Math.hypot(expected.re[unit], expected.im[unit]);
      expect(size).toBeGreaterThan(1e-4);
      // A wave that is late by phi is cos(phi) cos + sin(phi) sin, and its phasor has -sin(phi).
      expect(Math.abs(inPhase - expected.re[unit])).toBeLessThan(2e-3 * size);
      expect(Math.abs(behind + expected.im[unit])).toBeLessThan(2e-3 * size);
    }
  });

  it("have states beside u, and the bandwidth that two of them in a row have", async () => {
    const circuit = defineCircuit({
      name: "two-in-a-row",
      populations: [
        { name: "input", size: 1 },
        {
          name: "output",
          size: 1,
          neuron: {
            kind: "neuron",
            name: "lagging",
            equations: "du/dt = v + I_nudge - u\n3*dv/dt = I - v\nrho = u",
          },
        },
      ],
      projections: [
        { name: "w", from: "input", to: "output", synapse: ideal(), initial: { distribution: "zero" } },
      ],
      input: "input",
      output: "output",
      cost: { kind: "squared-error", argument: "state" },
    });
    const chip = circuit.fabricate();
    chip.setWeights("w", set([2]));
    const simulator = new Simulator(chip, reference, { solver: "euler", dt: 0.1 });
    const { states } = await simulator.phase({ samples: 1, inputs: [1], steps: 10 });
    const small = await smallSignal(simulator, { inputs: [1], from: states });
    expect(small.states.output.re[0]).toBeCloseTo(2, 12);
    expect(small.poles.map(({ re }) => re).sort()).toEqual(
      [expect.closeTo(-1, 12), expect.closeTo(-1 / 3, 12)].reverse(),
    );
    const w = 0.7;
    const { states: found } = await small.response({ input: 0 }, [w / (2 * Math.PI)]);
    // 2 / ((1 + jw)(1 + 3jw))
    const [re, im] = [1 - 3 * w * w, 4 * w];
    expect(found.output.re[0]).toBeCloseTo((2 * re) / (re * re + im * im), 9);
    expect(found.output.im[0]).toBeCloseTo((-2 * im) / (re * re + im * im), 9);
    const f = 2 * Math.PI * (await small.bandwidth({ input: 0 }, "output", 0));
    expect((1 + f * f) * (1 + 9 * f * f)).toBeCloseTo(2, 6);
    expect(await small.bandwidth({ input: 0 }, "output.v", 0)).toBeCloseTo(1 / (6 * Math.PI), 6);
  });

  it("are refused of maps, in float32, far from rest, and of what is not there", async () => {
    const code = (promise: Promise<unknown>) => expect(promise).rejects;
    const maps = layered([2, 2], { neuron: prototypical(), synapse: ideal() }).fabricate();
    const from = { output: { re: Float64Array.of(0, 0) } };
    await code(smallSignal(new Simulator(maps, reference, {}), { inputs, from })).toMatchObject({
      code: "DYN-FREQUENCY",
    });
    const soft = layered([2, 2], { neuron: softNeuron(), synapse: ideal({ unit: "A" }) }).fabricate();
    const simd = new Simulator(soft, await createEngine("simd"), { dt: "10 us" });
    await code(smallSignal(simd, { inputs, from })).toMatchObject({ code: "DYN-FREQUENCY" });
    const exact = new Simulator(soft, reference, { dt: "10 us" });
    await code(smallSignal(exact, { inputs, from: {} })).toMatchObject({ code: "DYN-FREQUENCY" });
    const lost = { output: { re: Float64Array.of(Number.NaN, 0) } };
    await code(smallSignal(exact, { inputs, from: lost })).toMatchObject({ code: "DYN-FREQUENCY" });
    const small = await smallSignal(exact, { inputs, from });
    await code(small.response("nudge", [1])).toMatchObject({ code: "DYN-TARGET" });
    await code(small.response({ input: 2 }, [1])).toMatchObject({ code: "DYN-UNIT" });
    await code(small.bandwidth({ input: 0 }, "output", 5)).toMatchObject({ code: "DYN-UNIT" });
    await code(small.bandwidth({ input: 0 }, "l9", 0)).toMatchObject({ code: "DYN-UNIT" });
  });

  it("are told and drawn by the command line, of chips and of netlists", async () => {
    const folder = mkdtempSync(join(tmpdir(), "small-"));
    try {
      const file = join(folder, "toy.svg");
      const { code, out } = await ohmlet("frequency", "toy", "--points", "5", "--out", file);
      expect(code).toBe(0);
      expect(out).toContain("stable; slowest");
      expect(readFileSync(file, "utf8")).toContain("lag, degrees");
      const data = await ohmlet(
        "frequency",
        "toy",
        "--input",
        "3",
        "--low",
        "0.001",
        "--high",
        "1",
        "--json",
      );
      const { poles, output, frequencies, stable } = JSON.parse(data.out);
      expect([poles.length, output.length, frequencies.length, stable]).toEqual([55, 5, 41, true]);
      expect(output[0].gain[0]).toBeCloseTo(1, 3);
      const netlist = JSON.parse((await ohmlet("spice", "ac", "examples/netlists/filter.cir", "--json")).out);
      expect(netlist.nodes.a.re[0]).toBeCloseTo(1, 4);
      expect(netlist.frequency).toHaveLength(51);
      for (const [args, found] of [
        [["frequency", "prototypical"], "DYN-FREQUENCY"],
        [["frequency", "toy", "--target", "5"], "CLI-OPTION"],
        [["frequency", "toy", "--input", "10"], "CLI-OPTION"],
        [["frequency", "toy", "--low", "2", "--high", "1"], "CLI-OPTION"],
        [["frequency", "toy", "--out", "a.png"], "CLI-CHOICE"],
        [["frequency", "no such circuit"], "CLI-NAME"],
        [["spice", "ac", "examples/netlists/diodes.cir"], "SPICE-ANALYSIS"],
      ] as const) {
        const refused = await ohmlet(...args);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toContain(found);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [".ac dec 10 1", "SPICE-SYNTAX"],
    [".ac log 10 1 10", "SPICE-SYNTAX"],
    [".ac dec 0 1 10", "SPICE-VALUE"],
    [".ac dec 10 0 10", "SPICE-VALUE"],
    [".ac dec 10 10 1", "SPICE-VALUE"],
    [".ac dec 1.5 1 10", "SPICE-VALUE"],
    [".ac lin 1e9 1 10", "SPICE-SIZE"],
  ])("are not asked for by  %s", (line, code) => {
    expect(refusal(() => readCircuit(`t\nv1 a 0 ac 1\nr1 a 0 1k\n${line}\n.end\n`, "t")).code).toBe(code);
  });

  it("need a source that turns", () => {
    const still = readCircuit("t\nv1 a 0 1\nr1 a 0 1k\n.ac lin 3 0 10\n.end\n", "t");
    expect(refusal(() => acOf(still)).code).toBe("SPICE-ANALYSIS");
    const one = readCircuit("t\nv1 a 0 ac\nr1 a b 1k\nr2 b 0 1k\n.ac lin 3 0 10\n.end\n", "t");
    expect(acOf(one).nodes.b.re).toEqual([0.5, 0.5, 0.5]);
    expect(acOf(one).frequency).toEqual([0, 5, 10]);
  });
});
