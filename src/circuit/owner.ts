/** Whose devices a projection reads. */
import type { Projection } from "./chip-types";

/** Name of the projection whose array this one reads: its own, or the one it is tied to. */
export function ownerOf({ name, spec }: Pick<Projection, "name" | "spec">): string {
  return spec.feedback?.kind === "tied" ? spec.feedback.to : name;
}

/** Whether its devices can be programmed: those that cannot are as they were made, and learn nothing. */
export const learns = ({ synapse }: Pick<Projection, "synapse">): boolean =>
  Object.values(synapse.stored).some(
    ({ events }) => events.write !== undefined || events.pulse !== undefined,
  );

/** Whether a projection is an array of devices: not one that is read backwards, nor what wires join. */
export const hasDevices = (p: Pick<Projection, "name" | "spec" | "couples">): boolean =>
  ownerOf(p) === p.name && p.couples === null;
