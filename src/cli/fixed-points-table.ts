/**
 * What `ohmlet settle --starts` prints: the fixed points that starts lead to, and how the output differs
 * between them.
 */
import { fixedPoints, type FixedPointSurvey } from "../dynamics/fixed-points";
import type { Simulator } from "../dynamics/simulator";
import type { Io } from "./io";
import { columns } from "../printable";
import { adviceLines, codeOf } from "./bad-ending";

/** Fixed points that are listed; there can be as many as starts. */
const MOST = 20;

/** @returns the exit code: 1 where a start led nowhere */
export async function survey(simulator: Simulator, asked: FixedPointSurvey, io: Io): Promise<number> {
  const { points, unsettled, outcome } = await fixedPoints(simulator, asked);
  const output = simulator.circuit.output.name;
  const numbers = points.map(({ activities }) => [...activities[output].re]);
  const rows = points
    .slice(0, MOST)
    .map(({ starts }, k) => [
      String(k + 1),
      String(starts.length),
      starts.includes(0) ? "yes" : "",
      numbers[k].map((v) => v.toFixed(3)).join("  "),
    ]);
  if (points.length === 0) io.print("no start settled");
  else io.print(...columns([["fixed point", "starts", "from rest", "output"], ...rows]));
  if (points.length > MOST) io.print(`and ${points.length - MOST} more`);
  const all = (asked.starts ?? 0) - unsettled.length;
  if (points.length === 1) io.print(`all ${all} starts that settled lead to one fixed point`);
  if (points.length > 1)
    io.print(
      `${all} starts settled, at ${points.length} fixed points: shortcuts and warm starts may end in ` +
        "another one than a plain phase from rest",
    );
  if (unsettled.length > 0)
    io.note(`${unsettled.length} starts did not settle (${outcome.kind})`, ...adviceLines(outcome));
  io.emit({
    circuit: simulator.circuit.name,
    engine: simulator.engine.info,
    points: points.map(({ starts }, k) => ({ starts, output: numbers[k] })),
    unsettled,
    code: codeOf(outcome),
    outcome,
  });
  return unsettled.length === 0 ? 0 : 1;
}
