/** How a controller programs what an optimizer asks for: at once or by pulses, per sample or per batch. */
import { short } from "../../display";
import { check, optionsOf } from "../../options";
import { OhmletError } from "../../errors";
import type { Chip } from "../../circuit/chip-types";
import { anyMoves } from "../../circuit/leak";
import { learns, ownerOf } from "../../circuit/owner";
import { timeOf } from "../../dynamics/time-steps/time-step";
import { parseIn } from "../../units/parse";
import type { Dimension } from "../../units/quantity";
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
  /**
   * How often arrays that leak are rewritten to what they held when they were last written, by the chip's clock:
   * "10 ms". The controller keeps a digital copy, the sum of what its writes did. Default: never.
   */
  readonly refresh?: number | string;
}

/** The same, complete and in SI. */
export interface Programming extends Required<Omit<ProgrammingOptions, "width" | "refresh">> {
  readonly width: number;
  /** Seconds from refresh to refresh; absent where nothing is refreshed. */
  readonly refresh?: number;
}

const SECOND: Dimension = [0, 0, 1, 0, 0];

const readOptions = optionsOf<ProgrammingOptions>("programming", {
  needs: { kind: check.oneOf("direct", "pulses") },
  takes: {
    per: check.oneOf("sample", "batch"),
    most: check.whole(1),
    verify: check.whole(),
    reference: check.oneOf("none", "symmetric-point"),
    least: check.positive,
    width: check.anything,
    refresh: check.quantity,
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
    refresh,
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
  const stage = { kind, per, most, verify, reference, least, width: seconds };
  return refresh === undefined ? stage : { ...stage, refresh: refreshOf(refresh, chip, stage, fault) };
}

/** Names of the arrays that are programmed and leak, in the order in which they are refreshed. */
export const refreshed = ({ projections }: Chip["circuit"]): readonly string[] =>
  projections.filter((p) => ownerOf(p) === p.name && learns(p) && anyMoves(p.synapse)).map((p) => p.name);

/** Rounds of writes or pulses that one change of an array takes at most. */
export const mostRounds = ({ kind, most, verify }: Omit<Programming, "refresh">): number =>
  kind === "pulses" ? most * (1 + verify) : 1;

/** Seconds from refresh to refresh. @throws OhmletError LEARN-PROGRAMMING, UNIT-… */
function refreshOf(
  given: number | string,
  { circuit }: Chip,
  stage: Omit<Programming, "refresh">,
  fault: (fact: string, remedy: string) => OhmletError,
): number {
  if (timeOf(circuit)[2] !== 1)
    throw fault("time has no unit in this circuit, and nothing leaks in seconds", "leave  refresh  out");
  const arrays = refreshed(circuit);
  if (arrays.length === 0)
    throw fault(
      "nothing that is programmed leaks, and there is nothing to refresh",
      "leave  refresh  out, or give synapses that leak, such as  { device: crossbar, retention: 1 s }",
    );
  const every = parseIn(given, SECOND, `${circuit.name}, programming.refresh`);
  if (!(every > 0 && every < Infinity))
    throw fault(`nothing is refreshed every ${every} s`, 'give a time of more than 0 s, such as "10 ms"');
  const takes = arrays.length * mostRounds(stage) * stage.width;
  if (takes >= every)
    throw fault(
      `refreshing ${arrays.length} arrays may take ${short(takes)} s of each ${short(every)} s, and leaves no time`,
      `refresh less often than every ${short(takes)} s, or write by shorter or fewer pulses`,
    );
  return every;
}
