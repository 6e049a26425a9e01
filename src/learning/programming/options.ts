/** How a controller programs what an optimizer asks for: at once or by pulses, per sample or per batch. */
import { check, optionsOf } from "../../options";
import { OhmletError } from "../../errors";
import type { Chip } from "../../circuit/chip-types";
import { learns } from "../../circuit/owner";
import { timeOf } from "../../dynamics/time-steps/time-step";
import { parseIn } from "../../units/parse";
import type { Optimizer } from "../optimizers";
import { A_DAY } from "../clock";

/** The programming stage of a controller. */
export interface ProgrammingOptions {
  /**
   * `direct`: each device is told its change (`at write`). `pulses`: the change is rounded to whole pulses, up
   * or down with the chance that keeps the mean, and each pulse does what the device's equation says (`at
   * pulse`).
   */
  readonly kind: "direct" | "pulses";
  /**
   * `batch`: the mean change of a batch is written once. `sample`: the change of each sample, one after
   * another, each a share of the batch's rate: asymmetry of writes is then not averaged away. Default "batch".
   */
  readonly per?: "sample" | "batch";
  /** Most pulses that a device gets for one change. Default 31. */
  readonly most?: number;
  /** How often what was written is read and what is missing pulsed again. Default 0: not at all. */
  readonly verify?: number;
  /**
   * `symmetric-point`: before training, the point at which steps up and down are equal is found for each
   * device by pulses in turn, and what it shows there is subtracted from then on. Default "none".
   */
  readonly reference?: "none" | "symmetric-point";
  /**
   * Of direct writes: changes are rounded to whole multiples of this, in units of the weight, up or down with the
   * chance that keeps the mean, and a device that is given none is not written: where each write errs, few large
   * ones do less harm than many small ones. Default 0: every change is written as it is.
   */
  readonly least?: number;
  /** How long a write or a pulse takes, for the chip's clock: "1 us". Default 0. */
  readonly width?: number | string;
}

/** The same, complete and in SI. */
export interface Programming extends Required<Omit<ProgrammingOptions, "width">> {
  readonly width: number;
}

const readOptions = optionsOf<ProgrammingOptions>("programming", {
  needs: { kind: check.oneOf("direct", "pulses") },
  takes: {
    per: check.oneOf("sample", "batch"),
    most: check.whole(1),
    verify: check.whole(),
    reference: check.oneOf("none", "symmetric-point"),
    least: check.positive,
    width: check.anything,
  },
});

/**
 * Reads the options, held against a chip and its optimizer.
 * @throws OhmletError OPTION-…, DEVICE-EVENT, LEARN-PROGRAMMING, UNIT-…
 */
export function programmingOf(given: ProgrammingOptions, chip: Chip, optimizer: Optimizer): Programming {
  const {
    kind,
    per = "batch",
    most = 31,
    verify = 0,
    reference = "none",
    least = 0,
    width = 0,
  } = readOptions(given);
  const { circuit } = chip;
  const fault = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "LEARN-PROGRAMMING", fact, place: { where: circuit.name }, remedy });
  if (kind === "direct" && (reference !== "none" || verify > 0))
    throw fault(
      `direct programming has no ${reference === "none" ? "verification" : "symmetric point"}`,
      "program by pulses: programming: { kind: pulses }, or leave it out",
    );
  if (kind === "pulses" && least > 0)
    throw fault(
      "programming by pulses has no least change: a pulse is one",
      "leave  least  out, or program directly: programming: { kind: direct }",
    );
  if (per === "sample" && Object.keys(optimizer.law.memory).length > 0)
    throw fault(
      `${optimizer.name} remembers batches, and would take each sample for one`,
      "program per batch, or learn by sgd without momentum",
    );
  const seconds = parseIn(width, timeOf(circuit), `${circuit.name}, programming.width`);
  if (!(seconds >= 0 && seconds <= A_DAY))
    throw fault(`a pulse cannot take ${seconds} s`, 'give a width of 0 s to a day, such as "1 us"');
  const wanted = kind === "pulses" ? "pulse" : "write";
  for (const { name, synapse, spec } of circuit.projections) {
    if (spec.feedback?.kind === "tied" || !learns({ synapse })) continue;
    if (Object.values(synapse.stored).some(({ events }) => events[wanted] !== undefined)) continue;
    throw new OhmletError({
      code: "DEVICE-EVENT",
      fact: `nothing happens to "${synapse.name}" at ${wanted}`,
      place: { where: name },
      remedy:
        kind === "pulses"
          ? "program it directly: programming: { kind: direct }; or add a line such as  w <- … at pulse"
          : "program it by pulses: programming: { kind: pulses }",
    });
  }
  return { kind, per, most, verify, reference, least, width: seconds };
}

/** Whether every device can be programmed as nobody has said: directly. @throws OhmletError DEVICE-EVENT */
export function expectDirect({ circuit }: Chip): void {
  for (const { name, synapse, spec } of circuit.projections) {
    if (spec.feedback?.kind === "tied" || !learns({ synapse })) continue;
    if (Object.values(synapse.stored).some(({ events }) => events.write !== undefined)) continue;
    throw new OhmletError({
      code: "DEVICE-EVENT",
      fact: `"${synapse.name}" is programmed by pulses, and nothing in this training makes pulses`,
      place: { where: name },
      remedy: "add  programming: { kind: pulses }",
    });
  }
}

/** That something is of whole batches, where samples are to be programmed. */
export const ofSamples = ({ circuit }: Chip, what: string): OhmletError =>
  new OhmletError({
    code: "LEARN-PROGRAMMING",
    fact: `${what} is of whole batches, and each sample is to be programmed`,
    place: { where: circuit.name },
    remedy: "program per batch: programming: { per: batch }",
  });
