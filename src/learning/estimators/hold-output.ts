/** What a nudged phase is told where the output is not nudged but held at a share of its way to the targets. */
import type { Simulator } from "../../dynamics/simulator";
import type { PhaseRequest, Planes } from "../../dynamics/types";
import { OhmletError } from "../../errors";
import { mirrored } from "./circle";
import type { PointPlan } from "./estimator";

/**
 * A plan as it is run on a circuit: mirrored nudges once; where the output is held, and nudges would push the cost
 * up, with the other sign, since it is held down the cost.
 */
export function planOn(simulator: Simulator, plan: PointPlan, mirror = true): PointPlan {
  const { noisy, circuit } = simulator;
  if (plan.held !== true || circuit.spec.cost.ascend !== true) return mirrored(plan, noisy || !mirror);
  const { points, free } = plan.derivative;
  const turned = points.map(({ re, im }) => ({ re: -re, im: -im }));
  return { ...plan, derivative: { points: turned, free: -free } };
}

/** What a nudged phase is told: targets and nudges, or where the output is held. */
export function pushOf(
  { held, nudges }: PointPlan,
  places: readonly number[],
  simulator: Simulator,
  free: { readonly states: Planes; readonly activities: Planes },
  targets: Float64Array,
): Pick<PhaseRequest, "targets" | "nudges" | "hold"> {
  if (held !== true) return { targets, nudges: places.map((k) => nudges[k]) };
  return { hold: heldOutput(simulator, free, targets, nudges[0].re) };
}

/** Where the output is held, so that the argument of its cost is so far on its way to the targets. */
function heldOutput(
  simulator: Simulator,
  { states, activities }: { readonly states: Planes; readonly activities: Planes },
  targets: Float64Array,
  share: number,
): Planes {
  const { output, spec } = simulator.circuit;
  const { name } = output;
  if (spec.cost.kind !== "squared-error" || spec.cost.doubled)
    throw new OhmletError({
      code: "LEARN-HOLD",
      fact:
        spec.cost.kind === "equation"
          ? `an output can be held at its targets, and a cost of an equation need not be least there`
          : `an output can be held at values, and the targets of "${name}" are ` +
            (spec.cost.kind === "squared-error" ? "differences of pairs" : "classes of a readout"),
      place: { where: simulator.circuit.name },
      remedy:
        'use a cost of kind "squared-error" whose outputs are not doubled, or an estimator that nudges, such as centred',
    });
  const ofState = spec.cost.argument === "state";
  const argument = (ofState ? states : activities)[name].re;
  const wanted = argument.map((x, i) => x + share * (targets[i] - x));
  return { [name]: { re: ofState ? wanted : showing(simulator, states[name].re, wanted) } };
}

/** Halvings and doublings of an interval in which a state is looked for. */
const HALVINGS = 60;
const DOUBLINGS = 12;
/** How close to what an output only comes to from afar a state is held, as a share of the way there. */
const SHORT_OF = 1e-3;

/**
 * States at which the output shows values, by bisection: of outputs that grow or fall all the way. Where a value
 * is out of reach, as 1 is of a sigmoid, a thousandth short of what is within it.
 */
function showing(simulator: Simulator, from: Float64Array, wanted: Float64Array): Float64Array {
  const { name, neuron } = simulator.circuit.output;
  const shown = (u: Float64Array): Float64Array => simulator.activitiesOf({ [name]: { re: u } })[name].re;
  const unit = simulator.units.state(simulator.layout.output);
  const widest = 2 ** DOUBLINGS * unit;
  const [low, high] = [-1, 1].map((side) =>
    from.map((u) => (neuron?.bounds ? u + side * unit : u + side * widest)),
  );
  const [bottom, top] = [shown(low), shown(high)];
  const goal = wanted.map((x, i) => {
    const [least, most] = [Math.min(bottom[i], top[i]), Math.max(bottom[i], top[i])];
    const short = SHORT_OF * (most - least);
    return x <= least ? least + short : x >= most ? most - short : x;
  });
  const rising = bottom.map((x, i) => (x <= top[i] ? 1 : -1));
  for (let k = 0; k < HALVINGS; k++) {
    const middle = low.map((a, i) => (a + high[i]) / 2);
    const here = shown(middle);
    for (let i = 0; i < goal.length; i++)
      if (rising[i] * (here[i] - goal[i]) < 0) low[i] = middle[i];
      else high[i] = middle[i];
  }
  return low.map((a, i) => (a + high[i]) / 2);
}
