/** Whether a quotient of a neuron's slopes is the same at every state and drive, as far as points of it tell. */
import { BACK } from "../../circuit/amplifiers";
import type { Circuit } from "../../circuit/chip-types";
import type { Neuron } from "../../device/types";
import { scalingOf } from "../../dynamics/lowering/scaling";
import { differentiate } from "../../equations/differentiate";
import { compile } from "../../equations/evaluate";
import { number } from "../../equations/expression";
import { CONSTANTS } from "../../units/constants";

/** Points at which a neuron is looked at, in units of its state and of its drive. */
const STATES = [-2.1, -1.3, -0.6, -0.2, 0.13, 0.31, 0.52, 0.77, 0.94, 1.4, 2.3];
const DRIVES = [0, 0.4, -0.7];
/** Relative differences that are rounding. */
const EQUAL = 1e-6;

/** Slopes of a neuron at one point: of its output, and of its field by the current and by the nudge. */
export interface Slopes {
  /** SI. */
  readonly u: number;
  readonly rhoPrime: number;
  readonly byCurrent: number;
  readonly byNudge: number;
  /** Whether the state may be there. */
  readonly withinBounds: boolean;
}

/** Slopes at nominal parameters. */
export function slopesOf(circuit: Circuit, neuron: Neuron): readonly Slopes[] {
  const { dynamics, rho, parameters, unitDrive, dimensions, bounds } = neuron;
  const unit = dynamics.kind === "discrete" ? 1 : scalingOf(circuit).scale(dimensions.u);
  const names = ["u", "I", "I_nudge", BACK, ...Object.keys(CONSTANTS), ...Object.keys(parameters)];
  const fixed = [
    ...Object.values(CONSTANTS).map(({ value }) => value),
    ...Object.values(parameters).map(({ value }) => value.value),
  ];
  const field = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
  const [slope, current, nudge, drive, lower, upper] = [
    differentiate(rho, "u"),
    differentiate(field, "I"),
    differentiate(field, "I_nudge"),
    unitDrive,
    ...[bounds?.lower, bounds?.upper].map((e) => e ?? number(Number.NaN)),
  ].map((e) => (e.kind === "number" ? () => e.value : compile(e, names)));
  return STATES.flatMap((u) =>
    DRIVES.map((I) => {
      const at = [u * unit, I * drive(0, 0, 0, 0, ...fixed), 0, 0, ...fixed];
      return {
        u: u * unit,
        rhoPrime: slope(...at),
        byCurrent: current(...at),
        byNudge: nudge(...at),
        withinBounds: !(u * unit < lower(...at) || u * unit > upper(...at)),
      };
    }),
  );
}

/** Whether the finite ones among some values are the same, and there are any. */
export function areAlike(values: readonly number[]): boolean {
  const finite = values.filter(Number.isFinite);
  return (
    finite.length > 0 && finite.every((value) => Math.abs(value - finite[0]) <= EQUAL * Math.abs(finite[0]))
  );
}
