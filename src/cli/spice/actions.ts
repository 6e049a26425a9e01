/** What `ohmlet spice` does with a netlist: solves it, and sets it beside ngspice. */
import { ngspice, type Plot } from "../../io/ngspice";
import { OhmletError } from "../../errors";
import { columns } from "../../printable";
import { acOf, operatingPoint, transientOf, writeNetlist, type Circuit, type Phasors } from "../../spice";
import { comparePoints, compareSmall, compareTransients, type Difference } from "../../spice/compare";
import type { Io } from "../io";
import { DONE, FAILED } from "../report-error";
import { netlistFile } from "./netlist-file";

/** Lines of a table before it is cut. */
const MOST_LINES = 400;
const figure = (x: number): string => x.toPrecision(12);

export function op(path: string, io: Io): number {
  const circuit = read(path, io);
  const { nodes, branches, outcome, iterations, residual } = operatingPoint(circuit);
  const table = [
    ...Object.entries(nodes).map(([name, volts]) => [name, figure(volts), "V"]),
    ...Object.entries(branches).map(([name, amperes]) => [name, figure(amperes), "A"]),
  ];
  io.print(...columns(table.slice(0, MOST_LINES)));
  if (table.length > MOST_LINES) io.print(`… and ${table.length - MOST_LINES} more: --json tells all`);
  io.note(
    `${outcome} after ${iterations} iterations; largest sum of currents at a node ${residual.toExponential(1)} A`,
  );
  io.emit({ nodes, branches, outcome, iterations, residual });
  return DONE;
}

export function tran(path: string, io: Io): number {
  const circuit = read(path, io);
  const { time, nodes, outcome, steps, rejected, iterations } = transientOf(circuit);
  const last = time.length - 1;
  io.print(
    ...columns([
      ["", `${figure(time[0])} s`, `${figure(time[last])} s`],
      ...Object.entries(nodes)
        .slice(0, MOST_LINES)
        .map(([name, values]) => [name, `${figure(values[0])} V`, `${figure(values[last])} V`]),
    ]),
  );
  io.note(
    `${outcome} after ${steps} steps (${rejected} were too long); --json tells all ${time.length} times`,
  );
  io.emit({ time, nodes, outcome, steps, rejected, iterations });
  return DONE;
}

export function ac(path: string, io: Io): number {
  const { frequency, nodes, branches, outcome, iterations } = acOf(read(path, io));
  const last = frequency.length - 1;
  const phasor = ({ re, im }: Phasors, k: number): string =>
    `${figure(Math.hypot(re[k], im[k]))} at ${((Math.atan2(im[k], re[k]) * 180) / Math.PI).toFixed(3)}`;
  const rows = (of: Readonly<Record<string, Phasors>>, unit: string): string[][] =>
    Object.entries(of).map(([name, found]) => [name, phasor(found, 0), phasor(found, last), unit]);
  const table = [...rows(nodes, "V"), ...rows(branches, "A")];
  io.print(
    ...columns([
      ["", `${figure(frequency[0])} Hz`, `${figure(frequency[last])} Hz`],
      ...table.slice(0, MOST_LINES),
    ]),
  );
  io.note(
    `${outcome} after ${iterations} iterations; magnitudes and degrees; --json tells all ${frequency.length} frequencies`,
  );
  io.emit({ frequency, nodes, branches, outcome, iterations });
  return DONE;
}

interface CompareOptions {
  readonly what: "op" | "tran" | "ac";
  readonly program: string;
  /** V: beyond it, the comparison fails. */
  readonly tolerance: number | undefined;
}

/** Tighter than what is compared, as far as ngspice still converges. */
const TIGHT = ".options reltol=1e-9 vntol=1e-12 abstol=1e-15 chgtol=1e-18 trtol=1 itl1=1000 itl4=100";
const TOLERANCE = { op: 1e-8, tran: 2e-4, ac: 1e-8 } as const;

/** @throws OhmletError SPICE-PROGRAM, SPICE-ANALYSIS, and those of a netlist */
export async function compare(
  path: string,
  { what, program, tolerance = TOLERANCE[what] }: CompareOptions,
  io: Io,
): Promise<number> {
  const circuit = read(path, io, 1e-9);
  const ours = what === "op" ? operatingPoint(circuit) : what === "ac" ? acOf(circuit) : transientOf(circuit);
  const { plot, log } = await ngspice(
    writeNetlist(circuit, { lines: [TIGHT, analysis(circuit, what)] }),
    program,
  );
  if (plot === null) throw silent(program, log);
  const found =
    "frequency" in ours
      ? compareSmall(ours, plot.variables, plot.imaginary)
      : "time" in ours
        ? { nodes: compareTransients(ours, plot.variables) }
        : comparePoints(ours, plot.variables);
  const agrees = found.nodes.largest <= tolerance;
  for (const [kind, difference] of Object.entries(found))
    io.print(line(kind, difference, kind === "nodes" ? "V" : "A"));
  io.print(agrees ? `agrees within ${tolerance} V` : `differs by more than ${tolerance} V`);
  io.emit({ what, agrees, tolerance, ...found, points: pointsOf(plot) });
  return agrees ? DONE : FAILED;
}

function line(kind: string, { largest, name, time, compared }: Difference, unit: string): string {
  const where =
    name === null ? "" : `, at ${name}${time === undefined ? "" : ` and ${time.toExponential(3)} s`}`;
  return `${compared} ${kind}: largest difference ${largest.toExponential(2)} ${unit}${where}`;
}

const pointsOf = ({ variables }: Plot): number => variables.values().next().value?.length ?? 0;

function analysis({ transient, ac: asked }: Circuit, what: "op" | "tran" | "ac"): string {
  if (what === "ac" && asked !== null) return `.ac ${asked.by} ${asked.points} ${asked.start} ${asked.stop}`;
  if (what === "op" || transient === null) return ".op";
  const { step, stop, start, largest, uic } = transient;
  return `.tran ${step} ${stop} ${start} ${largest}${uic ? " uic" : ""}`;
}

function silent(program: string, log: string): OhmletError {
  const said = log.split("\n").filter((text) => /error|singular|fail|no convergence/i.test(text));
  return new OhmletError({
    code: "SPICE-PROGRAM",
    category: "run",
    fact: `it found nothing${said.length === 0 ? "" : `: ${said.slice(0, 3).join("; ").slice(0, 300)}`}`,
    place: { where: program },
    remedy: "solve the netlist by  ohmlet spice op  alone",
  });
}

function read(path: string, io: Io, reltol?: number): Circuit {
  const circuit = netlistFile(path, { reltol });
  io.note(...circuit.notes);
  return circuit;
}
