/** Settings that would do nothing where they stand: they are refused, not passed over. */
import type { OhmletError } from "../errors";
import type { Circuit } from "../circuit/chip-types";
import { fastestLeak } from "../circuit/leak";
import { timeOf } from "../dynamics/time-steps/time-step";
import { parseQuantity } from "../units/parse";
import { nodeAt } from "./context";
import { nodeOf, type Node } from "./node";
import type { Run } from "./run";
import { fault } from "./schema";

/** Of a run that code made of nothing that has places. */
const NOWHERE = nodeOf(null);

/**
 * @param asksNumbers whether the data say what is wanted of each output, and not a class
 * @throws OhmletError CONFIG-UNHEARD, at the setting
 */
export function expectHeard({ config, context }: Run, circuit: Circuit, asksNumbers: boolean): void {
  const { ledger, readout, epochs, chip, solver } = config;
  const timeless =
    timeOf(circuit)[2] !== 1
      ? "its time has no unit"
      : solver === "balance" || solver === "newton"
        ? `steps of ${solver} keep no time`
        : null;
  if (ledger !== undefined && timeless !== null)
    throw unheard(
      nodeAt(context, config, "ledger"),
      `nothing is counted of this circuit: ${timeless}`,
      "leave the ledger out, or use devices in volts, amperes and seconds, such as soft-neuron and crossbar",
    );
  if (timeless !== null && fastestLeak(circuit) > 0)
    throw unheard(
      nodeAt(context, config, "circuit"),
      `what its synapses store changes with time, and no time passes here: ${timeless}`,
      "leave d…/dt out of the synapse, or use neurons whose time is in seconds, and a solver that keeps it",
    );
  const times = typeof readout === "object" ? readout.times : undefined;
  const some = Object.values(times ?? {}).some((time) => parseQuantity(time, "readout, times").value !== 0);
  if (typeof readout === "object" && some && timeless !== null)
    throw unheard(
      nodeAt(context, readout, "times"),
      `times of reads have no clock to stand on: ${timeless}`,
      "leave times out, or use devices whose time is in seconds",
    );
  if (config.acceleration !== "none" && solver !== "balance" && endless(config.estimator))
    throw unheard(
      nodeAt(context, config, "acceleration"),
      "phases of a fixed number of steps are not accelerated",
      "leave acceleration out, or give the estimator a tolerance at which phases end",
    );
  const { cost } = circuit.spec;
  if (asksNumbers && cost.kind !== "cross-entropy" && cost.levels !== undefined)
    throw unheard(
      nodeAt(context, config, "circuit"),
      "the cost has levels for classes, and the data ask for numbers",
      "leave levels out of the cost, or targets out of the data",
    );
  if (epochs === 0 && chip?.teacher === undefined)
    throw unheard(
      nodeAt(context, config, "epochs"),
      "a chip that learns nothing, and that nobody has taught",
      "write at least 1; 0 is for a chip that begins with what its teacher left:  chip: { teacher: { seed: 1 } }",
    );
}

/**
 * Of a run whose estimators are compared on its chip as fabricated.
 * @throws OhmletError CONFIG-UNHEARD, at the setting
 */
export function expectComparable({ config, context }: Run): void {
  if (config.chip?.teacher !== undefined)
    throw unheard(
      nodeAt(context, config.chip, "teacher"),
      "estimators are compared on the chip as it is fabricated",
      "leave the teacher out; a study measures cosines of what it taught",
    );
}

/** Whether phases run all of their steps, settled or not. */
const endless = (estimator: Run["config"]["estimator"]): boolean =>
  !("tolerance" in estimator) || estimator.tolerance === undefined;

const unheard = (node: Node | undefined, fact: string, remedy: string): OhmletError =>
  fault(node ?? NOWHERE, "CONFIG-UNHEARD", fact, remedy);
