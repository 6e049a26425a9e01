/** Options of `train` that a run has no use for, with why. */
import type { CompleteRunConfig } from "../../config";
import { refuseIdle, type IdleOption } from "../unused-options";
import { isTurning, isYardstick } from "../../config/estimator-with";

/** Options that describe the nonideal chip. */
export const NONIDEAL = ["mismatch", "angle", "temperature", "retention", "read-noise"] as const;

/** What the run has become of the config and the options. */
type Become = Pick<CompleteRunConfig, "estimator" | "optimizer" | "data">;

/** @throws OhmletError CLI-IDLE for the first option that was typed and would do nothing */
export function refuseIdleOptions(
  { circuit }: CompleteRunConfig,
  { estimator, optimizer, data }: Become,
  given: ReadonlySet<string>,
): void {
  refuseIdle(given, [
    ...ofCircuits(topologyOf(circuit)),
    ...ofData(data),
    ...ofEstimators(estimator),
    {
      name: "momentum",
      idle: optimizer.kind !== "sgd",
      why: `${optimizer.kind} has no momentum of its own to set`,
    },
  ]);
}

/** Null for a circuit that is no topology. */
function topologyOf(circuit: CompleteRunConfig["circuit"]): string | null {
  if (typeof circuit === "object") return "topology" in circuit ? circuit.topology : null;
  return circuit === "nonideal" ? circuit : null;
}

/** The same for several options. */
const each = (names: readonly string[], idle: boolean, why: string): IdleOption[] =>
  names.map((name) => ({ name, idle, why }));

const ofCircuits = (topology: string | null): IdleOption[] => [
  ...each(
    NONIDEAL,
    topology !== "nonideal",
    "it describes the nonideal chip, and the config has another circuit",
  ),
  {
    name: "sizes",
    idle: topology === null,
    why: "the circuit of the config is no topology whose layers could be resized",
  },
];

const ofData = ({ kind }: CompleteRunConfig["data"]): IdleOption[] => [
  { name: "image-size", idle: kind === "folder", why: "the images of --data have a size of their own" },
  ...each(["label", "scale"], kind === "generated", "it tells how files are read; --data names them"),
];

function ofEstimators(estimator: CompleteRunConfig["estimator"]): IdleOption[] {
  const { kind } = estimator;
  const turns = isTurning(estimator);
  const continuous = kind === "continuous";
  const walks = kind === "bptt";
  return [
    {
      name: "points",
      idle: kind !== "holomorphic" && !continuous,
      why: `the ${kind} estimator has no circle of points`,
    },
    ...each(["period", "periods"], !turns, `the nudge of the ${kind} estimator does not oscillate`),
    ...each(["free-steps", "free-time"], continuous || turns, `the ${kind} estimator has no free phase`),
    ...each(["nudged-steps", "nudged-time"], turns, "its nudge never rests; --period says how fast it turns"),
    {
      name: "nudged-time",
      idle: continuous,
      why: "the continuous estimator holds each nudge for steps (--nudged-steps)",
    },
    { name: "average", idle: continuous, why: "the continuous estimator averages over its blocks" },
    { name: "average", idle: turns, why: "it averages over whole periods (--periods)" },
    ...each(["amplitude"], isYardstick(estimator), `${kind} has no nudge`),
    ...each(["average"], kind === "stdp", "its updates are of single steps"),
    ...each(["amplitude"], kind === "clamped", "the output is held at its target, all the way"),
    ...each(["nudged-steps", "nudged-time"], isYardstick(estimator) && !walks, `${kind} has no nudged phase`),
    ...each(
      ["free-time", "nudged-time", "average"],
      walks,
      "bptt counts steps: --free-steps of the free phase, --nudged-steps of them walked backwards",
    ),
  ];
}
