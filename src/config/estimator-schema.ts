/** How a run estimates: with nudges of every kind, with held outputs, or by the equations. */
import { object, optional, preset, required } from "./composites";
import { oneOf } from "./one-of";
import { quantity } from "./equations-schema";
import { choice, integer, named, number } from "./schema";

const steps = integer({ min: 1, max: 1_000_000 });

const lengths = {
  freeSteps: optional("steps of the free phase", steps),
  freeTime: optional(
    'in place of steps, its time: "400 us", or a number where time has no unit; rounded to whole steps',
    quantity,
  ),
  nudgedSteps: optional("steps of each nudged phase", steps),
  nudgedTime: optional("in place of steps, its time", quantity),
  tolerance: optional(
    "ends a phase once no state changes by more, in a nudged phase by more than this share of its " +
      "shift: its steps are then the most",
    number({ above: 0, max: 1 }),
  ),
  average: optional("averages the last so many steps of a phase", integer({ min: 0, max: 1_000_000 })),
};
const phases = {
  amplitude: required("teaching amplitude, in multiples of the unit drive", number({ above: 0, max: 1e6 })),
  ...lengths,
};
const differences = optional(
  "how what a nudge changes is found: two states are subtracted (unless said), or it is stepped itself, exactly, so " +
    "that amplitudes of 1e-6 keep their digits in float32; for quiet circuits and solvers of fixed steps",
  choice(["subtracted", "exact"]),
);
function real<const K extends string>(kind: K, about: string, amplitude = phases.amplitude) {
  return object(
    { kind: required(about, choice([kind])), ...phases, amplitude, differences },
    { key: "kind", value: kind },
  );
}
function oscillating<const K extends string>(kind: K, about: string) {
  return object(
    {
      kind: required(about, choice([kind])),
      amplitude: phases.amplitude,
      period: required("steps a period of the nudge", integer({ min: 8, max: 1_000_000 })),
      periods: preset("periods to average over", integer({ min: 1, max: 10_000 }), 4),
      warmup: preset("periods before, in which the start is forgotten", integer({ min: 0, max: 10_000 }), 1),
    },
    { key: "kind", value: kind },
  );
}
/** What knows the circuit's equations. */
function yardstick<const K extends string>(kind: K, about: string) {
  const { freeSteps, freeTime, tolerance, average } = phases;
  return object(
    {
      kind: required(`${about}: no hardware, a yardstick`, choice([kind])),
      freeSteps,
      freeTime,
      tolerance,
      average,
    },
    { key: "kind", value: kind },
  );
}
const points = integer({ min: 1, max: 64 });
export const estimator = named(
  "estimator",
  oneOf([
    real(
      "one-sided",
      "one nudged phase; a negative amplitude nudges away",
      required("teaching amplitude; negative nudges away from the target", number({ min: -1e6, max: 1e6 })),
    ),
    real("centred", "two nudged phases, +beta and -beta"),
    real("random-sign", "one nudged phase, its sign drawn for every batch"),
    object(
      {
        kind: required("an update at every nudged step, as spike timing would make it", choice(["stdp"])),
        amplitude: phases.amplitude,
        freeSteps: lengths.freeSteps,
        freeTime: lengths.freeTime,
        nudgedSteps: lengths.nudgedSteps,
        nudgedTime: lengths.nudgedTime,
        tolerance: optional("ends a free phase once no state changes by more", number({ above: 0, max: 1 })),
        updates: optional(
          "programmed at the end of the nudged phase (unless said), or at every step of it",
          choice(["at-end", "every-step"]),
        ),
      },
      { key: "kind", value: "stdp" },
    ),
    object(
      {
        kind: required("the output is held at its target: contrastive Hebbian learning", choice(["clamped"])),
        ...lengths,
      },
      { key: "kind", value: "clamped" },
    ),
    object(
      {
        kind: required(
          "the output is held at a share of its way to the target: coupled learning",
          choice(["coupled"]),
        ),
        ...phases,
        amplitude: required(
          "share of the way from the free output to the target",
          number({ above: 0, max: 1 }),
        ),
      },
      { key: "kind", value: "coupled" },
    ),
    object(
      {
        kind: required("points on a circle of complex nudges", choice(["holomorphic"])),
        points: preset("on the circle", points, 4),
        ...phases,
        differences,
      },
      { key: "kind", value: "holomorphic" },
    ),
    object(
      {
        kind: required("the nudge steps around the circle, without a free phase", choice(["continuous"])),
        amplitude: phases.amplitude,
        points: preset("on the circle", points, 4),
        periods: preset("turns a batch", integer({ min: 1, max: 100 }), 5),
        stepsPerPoint: required("steps for which each nudge is held", steps),
        presynaptic: optional(
          "what stands for the presynaptic output",
          choice(["mean-activity", "activity-of-mean"]),
        ),
      },
      { key: "kind", value: "continuous" },
    ),
    oscillating("oscillating", "a complex nudge that turns while the circuit moves"),
    oscillating("lock-in", "a real nudge that oscillates while the circuit moves"),
    object(
      {
        kind: required(
          "backpropagation through the last steps of the free phase: no hardware, a yardstick",
          choice(["bptt"]),
        ),
        freeSteps: required("of the free phase", steps),
        steps: required("of them, walked backwards", steps),
      },
      { key: "kind", value: "bptt" },
    ),
    yardstick("recurrent-backpropagation", "the true error vector at the free fixed point"),
    yardstick("exact", "the exact derivative of the fixed point by the nudge"),
  ]),
);
