/** Checks that a phase request fits its circuit, before anything runs. */
import { targetsOf } from "../../circuit/targets";
import type { Circuit } from "../../circuit/chip-types";
import { stateNamed } from "../../circuit/states";
import { checkFinite } from "../../data/finite";
import { OhmletError } from "../../errors";
import { checkOscillation } from "./lock-in";
import type { Complex, Oscillation, PhaseRequest } from "../types";
import { check, optionsOf, type OptionTable } from "../../options";

const readOscillation = optionsOf<Oscillation>("phase, oscillation", {
  needs: { period: check.anything, form: check.anything },
});
const readNudge = optionsOf<Complex>("phase, nudges", { needs: { re: check.numeric, im: check.numeric } });

/** What each key of a request takes; sizes and ranges have codes of their own below. */
export const PHASE = {
  needs: { samples: check.numeric, inputs: check.numbers, steps: check.numeric },
  takes: {
    targets: check.numbers,
    nudges: check.list(check.part(readNudge)),
    oscillation: check.part(readOscillation),
    complex: check.flag,
    from: check.anything,
    hold: check.anything,
    tolerance: check.numeric,
    check: check.flag,
    certify: check.flag,
    differences: check.flag,
    average: check.whole(),
    firstStep: check.whole(),
    phase: check.anything,
  },
} as const satisfies OptionTable<PhaseRequest>;

const readPhase = optionsOf<PhaseRequest>("phase", PHASE);

/** @throws OhmletError OPTION-…, DYN-SHAPE, DYN-STEPS, DYN-TARGET, DATA-NAN, DYN-NUDGE, DYN-OSCILLATION */
export function checkRequest(circuit: Circuit, request: PhaseRequest, chips = 1, adaptive = false): void {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: circuit.name }, remedy });
  };
  const { samples, inputs, targets, steps, tolerance } = readPhase(request);
  if (!Number.isInteger(samples) || samples < 1)
    fail("DYN-SHAPE", `${samples} is not a number of samples`, "give 1 or more");
  if (samples % chips !== 0)
    fail(
      "DYN-SHAPE",
      `${samples} samples cannot be shared out among ${chips} chips`,
      "give every chip as many; forEveryChip(batch, chips) gives every chip the same",
    );
  if (inputs.length !== samples * circuit.inputSize) {
    fail(
      "DYN-SHAPE",
      `${inputs.length} input values do not make ${samples} samples of ${circuit.inputSize}`,
      "give [samples, input size] values",
    );
  }
  checkFinite(inputs, circuit.inputSize, "inputs");
  if (!Number.isInteger(steps) || steps < 1)
    fail(
      "DYN-STEPS",
      `a phase of ${steps} steps is too short`,
      "give at least one step; a phase should last several time constants",
    );
  if (tolerance !== undefined && !(tolerance > 0))
    fail("DYN-TOLERANCE", `${tolerance} is not a tolerance`, "give a positive number, for instance 1e-6");
  for (const { re, im } of request.nudges ?? []) {
    if (!Number.isFinite(re) || !Number.isFinite(im))
      fail("DYN-NUDGE", `a nudge of ${re} + ${im}i is not finite`, "give finite strengths");
  }
  checkOscillation(circuit, request);
  for (const [name, { re, im }] of Object.entries(request.hold ?? {})) {
    const size = samples * circuit.population(name).size;
    if (circuit.population(name).clamped || im !== undefined || re.length !== size)
      fail(
        "DYN-SHAPE",
        `${re.length} states do not hold ${samples} samples of "${name}"`,
        `give ${size} real values, of a population that is not clamped`,
      );
  }
  if (request.hold !== undefined && (request.oscillation !== undefined || adaptive))
    fail(
      "DYN-HOLD",
      "a population can be held only where steps are fixed and nothing oscillates",
      'leave out oscillation, and use a solver of fixed steps: "euler", "exponential-euler"',
    );
  for (const [name, plane] of Object.entries(request.from ?? {})) {
    const block = samples * stateNamed(circuit, name).size;
    const rows = block * (request.nudges?.length ?? 1);
    for (const values of [plane.re, plane.im ?? plane.re]) {
      if (values.length !== block && values.length !== rows)
        fail(
          "DYN-SHAPE",
          `${values.length} states do not start ${samples} samples of "${name}"`,
          `give ${block} values, or ${rows} for all rows`,
        );
    }
  }
  if (!(request.nudges ?? []).some((n) => n.re !== 0 || n.im !== 0)) return;
  const width = targetsOf(circuit);
  if (targets === undefined)
    fail("DYN-TARGET", "a nudged phase needs targets", "give targets, [samples, outputs or classes]");
  else if (targets.length !== samples * width)
    fail(
      "DYN-SHAPE",
      `${targets.length} target values do not make ${samples} samples of ${width}`,
      "give [samples, outputs or classes] values",
    );
  else checkFinite(targets, width, "targets");
}
