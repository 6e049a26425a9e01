/** Refuses to learn what no rule knows: conductances that load their nodes. */
import type { Simulator } from "../dynamics/simulator";
import { OhmletError } from "../errors";

/** @throws OhmletError LEARN-LOAD: rules here know what a weight drives, not what it takes from its node */
export function expectUnloaded({ circuit }: Simulator): void {
  const loading = circuit.projections.find(({ synapse }) => synapse.loads);
  if (loading === undefined) return;
  throw new OhmletError({
    code: "LEARN-LOAD",
    fact: `the conductances of "${loading.name}" load their nodes, and no rule learns those yet`,
    place: { where: circuit.name },
    remedy: "set them by setWeights, or learn with synapses that only drive: I = w*rho_pre",
  });
}
