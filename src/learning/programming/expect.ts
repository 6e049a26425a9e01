/** What is held against a chip and a training where nothing, or little, is said of programming. */
import type { Chip } from "../../circuit/chip-types";
import { learns } from "../../circuit/owner";
import { OhmletError } from "../../errors";

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
