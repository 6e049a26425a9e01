/** Netlists drawn at random, solved here and by ngspice: the same voltages, or both solve the same equations. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { hasNgspice, ngspice, type Plot } from "../../src/io/ngspice";
import { OhmletError } from "../../src/errors";
import { operatingPoint, readCircuit, transientOf, writeNetlist, type Circuit } from "../../src/spice";
import { compareTransients } from "../../src/spice/compare";
import { biasOf } from "../../src/spice/diode";
import { System } from "../../src/spice/system";
import { LONG } from "../long";
import { netlist } from "./netlists";

const NETLISTS = LONG ? 200 : 12;
const TIGHT = ".options reltol=1e-9 vntol=1e-12 abstol=1e-15 itl1=2000";
let present = false;

beforeAll(async () => {
  present = await hasNgspice();
  if (!present) console.warn("ngspice is absent: what stands beside it is SKIPPED (apt-get install ngspice)");
});

/** Largest sum of currents at a node, A, with the voltages and currents that ngspice found. */
function residualOfTheirs(circuit: Circuit, { variables }: Plot): number {
  const of = (name: string): number => variables.get(name)?.[0] ?? NaN;
  const x = Float64Array.from([
    ...circuit.nodes.map(of),
    ...circuit.branches.map((name) => of(`${name}#branch`)),
  ]);
  const at = (node: number): number => (node < 0 ? 0 : x[node]);
  // It does not tell of nodes within diodes: one balances the series resistance and the junction.
  for (const inner of circuit.inner) {
    const series = circuit.elements.find(({ kind, b }) => kind === "resistor" && b === inner);
    const junction = circuit.elements.find(({ kind, a }) => kind === "diode" && a === inner);
    if (series?.kind !== "resistor" || junction?.kind !== "diode") throw new Error("no diode");
    let [low, high] = [at(series.a), at(junction.b)].sort((one, other) => one - other);
    const bias = { current: 0, slope: 0, charge: 0, capacitance: 0 };
    for (let i = 0; i < 200; i++) {
      x[inner] = (low + high) / 2;
      biasOf(junction.diode, x[inner] - at(junction.b), bias);
      if (bias.current > series.siemens * (at(series.a) - x[inner])) high = x[inner];
      else low = x[inner];
    }
  }
  const system = new System(circuit);
  // Junctions come to where the voltages are.
  for (let i = 0; i < 50; i++) system.load(x, { t: null, sources: 1, shunt: 0, rate: 0 });
  return Math.max(...system.residual.subarray(0, system.nodeCount).map(Math.abs));
}

const largestOf = ({ variables }: Plot): number =>
  Math.max(1, ...[...variables.values()].map(([value]) => Math.abs(value)));

describe("beside ngspice", () => {
  it(
    `agrees to 1e-8 V on ${NETLISTS} random netlists, or solves the same equations`,
    async ({ skip }) => {
      skip(!present, "ngspice is absent");
      const tally = { agree: 0, "both are solutions": 0, "ours alone": 0, "none has one": 0 };
      await fc.assert(
        fc.asyncProperty(netlist, async (text) => {
          const circuit = readCircuit(text, "random.cir");
          let ours: ReturnType<typeof operatingPoint> | null = null;
          try {
            ours = operatingPoint(circuit);
          } catch (error) {
            if (!(error instanceof OhmletError)) throw error;
          }
          // On some circuits it goes round for ever.
          const { plot } = await ngspice(text, "ngspice", 10).catch((error: unknown) => {
            if (error instanceof OhmletError && error.code === "SPICE-TIME") return { plot: null };
            throw error;
          });
          if (ours === null) {
            // What ngspice divides by where nothing is left is rounding; and at a source that jumps between two
            // currents, neither of which balances, it stops at one of them.
            const isSolution =
              plot !== null &&
              largestOf(plot) <= 1e9 &&
              residualOfTheirs(circuit, plot) < 1e-9 * largestOf(plot);
            expect(isSolution, "ngspice has a solution").toBe(false);
            tally["none has one"]++;
            return;
          }
          // Every solution of ours is one.
          const scale = Math.max(1, ...Object.values(ours.branches).map(Math.abs));
          const volts = Math.max(...Object.values(ours.nodes).map(Math.abs));
          // Of volts that nothing but gmin or a runaway source holds, rounding is more: a junction makes of it a current.
          if (volts <= 1e3) expect(ours.residual).toBeLessThan(1e-12 * scale);
          if (plot === null) {
            tally["ours alone"]++;
            return;
          }
          let largest = 0;
          for (const [name, volts] of Object.entries(ours.nodes)) {
            const theirs = plot.variables.get(name)?.[0];
            expect(theirs, name).toBeDefined();
            largest = Math.max(largest, Math.abs(volts - (theirs as number)) / Math.max(1, Math.abs(volts)));
          }
          if (largest <= 1e-8) tally.agree++;
          // Where gmin alone ties a part, rounding beside its resistors says where it is.
          else if (residualOfTheirs(circuit, plot) < 1e-11 * scale) tally["both are solutions"]++;
          else tally["ours alone"]++;
        }),
        { numRuns: NETLISTS, endOnFailure: true },
      );
      console.info(
        `ngspice: ${Object.entries(tally)
          .map(([name, n]) => `${name} ${n}`)
          .join(", ")}`,
      );
      expect(tally.agree).toBeGreaterThan(0.85 * NETLISTS);
    },
    LONG ? 300_000 : 60_000,
  );

  const WAVES = `* everything that stores, and every waveform
V1 a 0 SIN(0 1 1meg 0.1u 1e5 30)
V2 p 0 PULSE(-1 2 50n 10n 20n 200n 500n)
V3 w 0 PWL(0 0 100n 1 300n -1 1u 0.5)
I4 0 f EXP(0 1m 100n 50n 500n 80n)
R1 a b 1k
C1 b 0 100p
R2 p c 500
C2 c b 50p
L1 c d 1u
R3 d 0 200
D1 w e DM
R4 e 0 2k
C3 e 0 20p
R5 f 0 1k
D2 f b DM
B1 g 0 V={v(e)*tanh(v(b))+0.1*time*1e6}
R6 g b 10k
X1 a c RC k=2
.subckt RC in out k=1
R1 in m {k*1k}
C1 m out {10p/k}
.ends
.model DM D(IS=1e-14 N=1.2 RS=10 CJO=2p VJ=0.8 M=0.4 TT=2n)
.tran 5n 1u
.end
`;

  it.each([
    ["from an operating point", WAVES],
    [
      "from initial conditions",
      WAVES.replace(".tran 5n 1u", ".ic v(b)=0.3 v(e)=-0.2\n.tran 5n 1u uic").replace(
        "C2 c b 50p",
        "C2 c b 50p IC=0.1",
      ),
    ],
  ])(
    "transients agree to 2e-4 V %s",
    async (_, text) => {
      if (!present) return;
      const ours = transientOf(readCircuit(text, "waves.cir"));
      const { plot } = await ngspice(
        text.replace(
          ".tran 5n 1u",
          ".options reltol=1e-6 vntol=1e-9 abstol=1e-14 trtol=1\n.tran 5n 1u 0 0.1n",
        ),
      );
      expect(plot).not.toBeNull();
      const found = compareTransients(ours, plot!.variables);
      expect(found.compared).toBeGreaterThan(8);
      expect(found.largest, `at ${found.name}, ${found.time}`).toBeLessThan(2e-4);
    },
    60_000,
  );

  it("writes what it read: both texts have one solution", async () => {
    if (!present) return;
    const circuit = readCircuit(WAVES, "waves.cir");
    const again = readCircuit(writeNetlist(circuit), "again.cir");
    const [one, other] = [operatingPoint(circuit), operatingPoint(again)];
    for (const [name, volts] of Object.entries(one.nodes))
      expect(other.nodes[name], name).toBeCloseTo(volts, 12);
    const { plot } = await ngspice(writeNetlist(circuit, { lines: [TIGHT, ".op"] }));
    for (const [name, volts] of Object.entries(one.nodes))
      expect(plot!.variables.get(name)![0], name).toBeCloseTo(volts, 9);
  });
});
