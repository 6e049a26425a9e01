/**
 * Studies as plain data, key by key. How their ranges and sizes fit together is checked where points are made
 * of them.
 */
import { check, optionsOf } from "../options";
import type { Axis, Comparison, Sampling, Study } from "./types";

type Listed = Extract<Axis, { kind: "list" }>;
type Ranged = Extract<Axis, { kind: "range" }>;
type Counted = Extract<Sampling, { points: number }>;
type Plain = Exclude<Sampling, Counted>;

const readListed = optionsOf<Listed>("study, axis", {
  needs: { knob: check.text, kind: check.oneOf("list"), values: check.list(check.anything) },
});
const readRanged = optionsOf<Ranged>("study, axis", {
  needs: {
    knob: check.text,
    kind: check.oneOf("range"),
    from: check.numeric,
    to: check.numeric,
    scale: check.oneOf("linear", "log"),
  },
  takes: { points: check.numeric, whole: check.flag },
});
const readPlain = optionsOf<Plain>("study, sampling", {
  needs: { kind: check.oneOf("grid", "corners", "one-at-a-time") },
});
const readCounted = optionsOf<Counted>("study, sampling", {
  needs: { kind: check.oneOf("random", "sobol", "sensitivity"), points: check.whole(1) },
});

/** @throws OhmletError OPTION-… */
export const readAxis = (given: Axis): Axis =>
  given.kind === "list" ? readListed(given) : readRanged(given);

const axis = check.part(readAxis);
const sampling = check.part<Sampling>((given) =>
  "points" in given || ["random", "sobol", "sensitivity"].includes(given.kind)
    ? readCounted(given as Counted)
    : readPlain(given),
);

export const readComparisonOf = optionsOf<Comparison>("comparison", {
  needs: { measure: check.text, sign: check.oneOf(">=", ">", "<=", "<"), bound: check.numeric },
});

/** @throws OhmletError OPTION-… */
export const readStudy = optionsOf<Study>("study", {
  needs: {
    name: check.text,
    axes: check.list(axis),
    sampling,
    chips: check.whole(1),
    paired: check.flag,
    measures: check.list(check.text),
    spec: check.list(check.part(readComparisonOf)),
    seed: check.anything,
  },
  takes: { question: check.text },
});
