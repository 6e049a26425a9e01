/**
 * Kirchhoff's law at the end of a phase: what would have to be added to the current into each node to hold it where
 * it is, (du/dt)/(d(du/dt)/dI). Asked of the field in a program of its own; states stay.
 */
import { differentiate } from "../../equations/differentiate";
import { divide } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import type { Executable } from "../../engines/engine";
import type { PhasePrograms } from "../chip-arrays/phase-programs";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout, PlanShape } from "../lowering/layout";
import { field } from "../solvers/field";
import type { Solver } from "../solvers/solver";
import type { PhaseRequest } from "../types";
import { nudgesOf } from "./shape";
import { readStates } from "./stability";

/** The currents themselves as a step: u becomes what is left of them. */
const currents: Solver = {
  ...field,
  name: "currents",
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", ({ rate }) => divide(rate, simplify(differentiate(rate, "I"))));
  },
};

export interface Ended {
  readonly programs: PhasePrograms;
  readonly layout: Layout;
  readonly units: InternalUnits;
  readonly request: PhaseRequest;
  readonly exe: Executable;
  readonly shape: PlanShape;
}

/** The largest of each row, SI. */
export async function currentsLeft(ended: Ended): Promise<Float64Array> {
  const { layout, units, shape } = ended;
  const left = await stepAt(ended, currents);
  await left.run(1, 0);
  const found = new Float64Array(shape.rows);
  for (const { index, population } of layout.populations) {
    const { neuron, size } = population;
    const unit = neuron === null ? 1 : units.scaling.scale(neuron.dimensions.I);
    for (const plane of shape.complex ? ["", "i"] : [""])
      (await left.read(`u${index}${plane}`)).forEach((x, i) => {
        const row = Math.floor(i / size);
        found[row] = Math.max(found[row], Math.abs(x) * unit);
      });
  }
  return found;
}

/** The program of a step of a solver, at the states that a phase ended with. */
async function stepAt({ programs, layout, request, exe, shape }: Ended, solver: Solver): Promise<Executable> {
  const states = await readStates(exe, layout, shape.complex);
  const asked = { ...shape, order: "synchronous" as const };
  const step = await programs.load(request, nudgesOf(request), asked, { planes: undefined }, { solver });
  for (const [name, values] of states) step.write(name, values);
  return step;
}
