/** Wires that resist: what the ports of a crossbar conduct, and what a chip sees of its weights. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, floatingGate, ideal, softNeuron } from "../../devices";
import { firstOrderConductances, ladderConductances } from "../../src/circuit/wires/ladders";
import { effectiveConductances } from "../../src/circuit/wires/line-solves";
import { columnsOf } from "../../src/circuit/wires/columns";
import {
  centred,
  Controller,
  createEngine,
  defineSynapse,
  sgd,
  Simulator,
  stackChips,
  vectorFieldRule,
  type Circuit,
} from "../../src/index";

const sum = (values: Float64Array): number => values.reduce((s, v) => s + v, 0);
const solved = (...of: Parameters<typeof effectiveConductances>): Float64Array =>
  effectiveConductances(...of) as Float64Array;

/** Kirchhoff's law at every node, by elimination: nothing of the ladders. */
function byNodes(cells: Float64Array, rows: number, columns: number, row: number, column: number): number[] {
  const n = 2 * rows * columns;
  const found: number[] = [];
  for (let driven = 0; driven < rows; driven++) {
    const a = Array.from({ length: n }, () => new Float64Array(n + 1));
    const join = (p: number, q: number, g: number): void => {
      a[p][p] += g;
      a[q][q] += g;
      a[p][q] -= g;
      a[q][p] -= g;
    };
    const port = (p: number, g: number, volts: number): void => {
      a[p][p] += g;
      a[p][n] += g * volts;
    };
    const x = (i: number, j: number): number => i * columns + j;
    const c = (i: number, j: number): number => rows * columns + i * columns + j;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        join(x(i, j), c(i, j), cells[i * columns + j]);
        if (j > 0) join(x(i, j), x(i, j - 1), 1 / row);
        if (i > 0) join(c(i, j), c(i - 1, j), 1 / column);
        if (j === 0) port(x(i, j), 1 / row, i === driven ? 1 : 0);
        if (i === rows - 1) port(c(i, j), 1 / column, 0);
      }
    for (let p = 0; p < n; p++)
      for (let q = 0; q < n; q++) {
        const share = q === p ? 0 : a[q][p] / a[p][p];
        if (share !== 0) for (let k = p; k <= n; k++) a[q][k] -= share * a[p][k];
      }
    for (let j = 0; j < columns; j++) {
      const last = c(rows - 1, j);
      found.push(a[last][n] / a[last][last] / column);
    }
  }
  return found;
}

const arrays = fc
  .record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      cells: fc
        .array(fc.double({ min: 0, max: 1, noNaN: true }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        })
        .map((values) => Float64Array.from(values, (v) => 1e-4 * v)),
      row: fc.double({ min: 0.1, max: 2000, noNaN: true }),
      column: fc.double({ min: 0.1, max: 2000, noNaN: true }),
    }),
  );

describe("the ports of a crossbar", () => {
  it("conduct what a ladder of segments does", () => {
    const of = (length: number) => new Float64Array(length).fill(5e-6);
    expect(1e6 * sum(solved(of(3), 1, 3, { row: 100, column: 0 }))).toBeCloseTo(14.9651, 4);
    expect(1e6 * sum(solved(of(64), 1, 64, { row: 100, column: 0 }))).toBeCloseTo(197.4497, 4);
    expect(1e6 * sum(solved(of(64), 64, 1, { row: 0, column: 100 }))).toBeCloseTo(197.4497, 4);
  });

  it("and of one device and two segments, all three in series", () => {
    fc.assert(
      fc.property(arrays, ({ cells, row, column }) => {
        const [g] = cells;
        const expected = g === 0 ? 0 : 1 / (1 / g + row + column);
        expect(solved(Float64Array.of(g), 1, 1, { row, column })[0]).toBeCloseTo(expected, 17);
      }),
    );
  });

  it("agree with Kirchhoff's law at every node", () => {
    fc.assert(
      fc.property(arrays, ({ cells, rows, columns, row, column }) => {
        const expected = byNodes(cells, rows, columns, row, column);
        solved(cells, rows, columns, { row, column }).forEach((g, k) =>
          expect(Math.abs(g - expected[k])).toBeLessThan(1e-15),
        );
      }),
    );
  });

  it("are reciprocal: driven from their columns they conduct the same backwards", () => {
    fc.assert(
      fc.property(arrays, ({ cells, rows, columns, row, column }) => {
        const [forward, backward] = (["rows", "columns"] as const).map((drive) =>
          solved(cells, rows, columns, { row, column }, { drive, tolerance: 1e-17 }),
        );
        const largest = Math.max(...forward);
        forward.forEach((g, k) => expect(Math.abs(g - backward[k])).toBeLessThanOrEqual(3e-15 * largest));
      }),
    );
  });

  it("lose to first order what sums say, and the rest is of second order", () => {
    const [rows, columns] = [12, 9];
    const cells = Float64Array.from({ length: rows * columns }, (_, k) => 1e-6 * (1 + ((7 * k) % 5)));
    const off = (ohms: number): number => {
      const exact = solved(cells, rows, columns, { row: ohms, column: 2 * ohms });
      const first = firstOrderConductances(cells, rows, columns, { row: ohms, column: 2 * ohms });
      return Math.max(...exact.map((g, k) => Math.abs(first[k] / g - 1)));
    };
    expect(off(10)).toBeLessThan(1e-3);
    expect(off(10) / off(1)).toBeGreaterThan(90);
    expect(off(10) / off(1)).toBeLessThan(110);
  });

  it("are those of ladders where only rows or only columns resist, and nearly where both do", () => {
    fc.assert(
      fc.property(arrays, fc.boolean(), ({ cells, rows, columns, row, column }, ofRows) => {
        const wires = ofRows ? { row, column: 0 } : { row: 0, column };
        const exact = solved(cells, rows, columns, wires);
        const largest = Math.max(...exact);
        ladderConductances(cells, rows, columns, wires).forEach((g, k) =>
          expect(Math.abs(g - exact[k])).toBeLessThanOrEqual(1e-13 * largest),
        );
      }),
    );
    const cells = Float64Array.from({ length: 240 }, (_, k) => 1e-5 * (1 + ((7 * k) % 5)));
    const wires = { row: 100, column: 100 };
    const exact = solved(cells, 12, 20, wires);
    const off = (found: Float64Array): number => Math.max(...found.map((g, k) => Math.abs(g / exact[k] - 1)));
    // Wires that take a third: what comes back through other rows is a hundredth.
    expect(1 - sum(exact) / sum(cells)).toBeGreaterThan(0.2);
    expect(off(ladderConductances(cells, 12, 20, wires))).toBeLessThan(0.1);
    expect(off(firstOrderConductances(cells, 12, 20, wires))).toBeGreaterThan(0.2);
  });

  it("says that no solution was found, in the place of the last one", () => {
    expect(
      effectiveConductances(new Float64Array(64).fill(1), 8, 8, { row: 1e6, column: 1e6 }, { most: 5 }),
    ).toBeNull();
  });
});

describe("the columns of a synapse", () => {
  const split = (equations: string, parameters = {}) =>
    columnsOf(
      defineSynapse({
        kind: "synapse",
        name: "bent",
        equations,
        parameters: { V_read: "0.1 V", ...parameters },
      }),
    );
  it("are two where something is subtracted, and one where it is not", () => {
    const write = "\nG <- max(G + dw/V_read, 0) : S";
    expect(split(`I = G*V_read*rho_pre : A${write}`)?.minus).toBeNull();
    expect(split(`I = (G - G_0)*V_read*rho_pre : A${write}`, { G_0: "1 uS" })?.minus).toMatchObject({
      kind: "binary",
    });
    expect(split(`I = G*(1 - lost)*V_read*rho_pre : A${write}`, { lost: 0.1 })?.minus).toBeNull();
    expect(columnsOf(defineSynapse(crossbar({ levels: 16 })))?.minus).not.toBeNull();
  });
  it("and none without a conductance", () => {
    for (const synapse of [ideal(), floatingGate()]) expect(columnsOf(defineSynapse(synapse))).toBeNull();
  });
});

const design = (): Circuit =>
  layered([5, 4, 3], { neuron: softNeuron({ T: "0 K" }), synapse: crossbar({ range: ["1 nS", "20 uS"] }) });

describe("a chip with wires", () => {
  const wires = { row: "200 ohm", column: 100 };
  const straight = design().fabricate({ seed: 1 });
  const bent = design().fabricate({ seed: 1, wires });

  it("has the same devices, and sees less of them", () => {
    expect(bent.arrays()).toEqual(straight.arrays());
    const { G_plus, G_minus } = Object.fromEntries(bent.array("input-l1").stored);
    const cells = Float64Array.from({ length: 6 * 8 }, (_, k) => [G_plus, G_minus][k % 2][Math.floor(k / 2)]);
    const seen = solved(cells, 6, 8, { row: 200, column: 100 });
    const { weights, biases } = bent.weights("input-l1");
    const unit = bent.unitDriveOf("l1") / 0.1;
    for (let k = 0; k < 24; k++) {
      const weight = k < 20 ? weights[k] : (biases as Float64Array)[k - 20];
      expect(weight).toBeCloseTo((seen[2 * k] - seen[2 * k + 1]) / unit, 9);
    }
    expect(sum(weights.map((w, k) => Math.abs(w - straight.weights("input-l1").weights[k])))).toBeGreaterThan(
      1e-3,
    );
  });

  it("reads tied feedback through the same wires: symmetric", () => {
    const [forward, back] = ["l1-output", "output-l1"].map((name) => bent.weights(name).weights);
    forward.forEach((w, k) => expect(back[(k % 3) * 4 + Math.floor(k / 3)]).toBe(w));
  });

  it("is what it was where wires do not resist", () => {
    const ideal = design().fabricate({ seed: 1, wires: { row: 0 } });
    expect(ideal.weights("input-l1")).toEqual(straight.weights("input-l1"));
    expect(ideal.circuit.projections.every((p) => p.wires === null)).toBe(true);
  });

  it("settles elsewhere, alike on every engine, and learns on the host", async () => {
    const ends = async (chip: typeof bent, name: "reference" | "simd") => {
      const simulator = new Simulator(chip, await createEngine(name), { dt: "2 us" });
      const { states } = await simulator.phase({ samples: 1, inputs: [1, -1, 1, 0.5, 1], steps: 400 });
      return states.output.re;
    };
    const [on, alike, off] = [
      await ends(bent, "reference"),
      await ends(bent, "simd"),
      await ends(straight, "reference"),
    ];
    alike.forEach((u, k) => expect(u).toBeCloseTo(on[k], 5));
    expect(Math.max(...on.map((u, k) => Math.abs(u - off[k])))).toBeGreaterThan(1e-3);
  });

  it("stacks with others, each to the last bit as alone", async () => {
    const chips = [bent, design().fabricate({ seed: 5, wires })];
    const phase = async (of: typeof bent | ReturnType<typeof stackChips>, inputs: number[]) => {
      const simulator = new Simulator(of, await createEngine("simd"), { dt: "2 us" });
      return (await simulator.phase({ samples: inputs.length / 5, inputs, steps: 50 })).states.output.re;
    };
    const inputs = [1, -1, 1, 0.5, 1];
    const alone = [await phase(chips[0], inputs), await phase(chips[1], inputs)];
    expect([...(await phase(stackChips(chips), [...inputs, ...inputs]))]).toEqual([...alone[0], ...alone[1]]);
  });

  it("updates its devices by what the bent circuit says", async () => {
    const chip = design().fabricate({ seed: 2, wires });
    const simulator = new Simulator(chip, await createEngine("simd"), { dt: "5 us" });
    const controller = new Controller(simulator, {
      estimator: centred({ amplitude: 0.2, freeSteps: 100, nudgedSteps: 60 }),
      rule: vectorFieldRule,
      optimizer: sgd({ rate: 0.05 }),
      seed: 1,
    });
    expect(controller.place).toMatchObject({ place: "host", reason: /wires of "input-l1"/ });
    const batch = {
      samples: 1,
      inputs: Float64Array.of(1, 0, 1, 0, 1),
      targets: Float64Array.of(0.5, 0, -0.5),
    };
    const costs: number[] = [];
    for (let k = 0; k < 8; k++) costs.push((await controller.learn(batch)).cost);
    expect(costs[7]).toBeLessThan(costs[0]);
  });

  it("refuses devices that conduct backwards", () => {
    const signed = layered([2, 2], {
      neuron: softNeuron(),
      synapse: {
        kind: "synapse",
        name: "signed",
        equations: "I = g*V_read*rho_pre : A\ng <- g + dw/V_read : S",
        parameters: { V_read: "0.1 V" },
      },
    }).fabricate({ wires });
    expect(() => signed.weights("input-output")).toThrow(/CHIP-WIRES/);
  });
});
