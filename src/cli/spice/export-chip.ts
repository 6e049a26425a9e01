/** `ohmlet spice export`: a circuit of the catalogue or of a config, or the chip of a run, as a netlist. */
import { targetsOf, targetsOfClass } from "../../circuit/targets";
import { OhmletError } from "../../errors";
import { netlistOf } from "../../spice";
import { chipNamed } from "../chip-named";
import { exampleInput } from "../example-input";
import type { Io } from "../io";
import { DONE } from "../report-error";

/** What is asked of it. */
export interface ExportChip {
  /** As typed; else that of a config. */
  readonly seed: number | undefined;
  readonly sample: number;
  readonly nudge: number;
  readonly target: number;
  readonly frequency: number | undefined;
  /** Seconds. */
  readonly stop: number | undefined;
  readonly step: number | undefined;
}

/** @throws OhmletError CLI-NAME, CLI-OPTION, SPICE-…, and those of configs and runs */
export async function exportChip(name: string, asked: ExportChip, io: Io): Promise<number> {
  const { sample, nudge, target, frequency, stop } = asked;
  const { chip, seed } = await chipNamed(name, asked.seed);
  const { circuit } = chip;
  const size = targetsOf(circuit);
  if (target >= size)
    throw new OhmletError({
      code: "CLI-OPTION",
      fact: `there is no output ${target} to be nudged`,
      place: { where: "spice export --target" },
      remedy: `outputs are 0 to ${size - 1}`,
    });
  const { text, inputs } = exampleInput(circuit.inputSize, sample, seed);
  const netlist = netlistOf(chip, {
    inputs,
    targets: targetsOfClass(circuit, target),
    nudge,
    ...(frequency !== undefined && { frequency }),
    ...(stop !== undefined && { transient: { stop, step: asked.step ?? stop / 100 } }),
  });
  io.print(...netlist.trimEnd().split("\n"));
  io.note(`${circuit.name} on ${text}`);
  io.emit({ circuit: circuit.name, netlist });
  return DONE;
}
