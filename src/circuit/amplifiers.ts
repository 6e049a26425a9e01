/**
 * Amplifiers of resistive networks: a neuron that shows something other than its state holds its output terminal at
 * that, whatever is drawn from it. What conductances to the next layer bring to that terminal is I_back, which a neuron
 * that reads it can pass on: C du/dt = I + k I_back … with rho = A u is a voltage gain A forwards and a current gain k
 * backwards (Kendall et al. 2020). A neuron that does not read it passes nothing on.
 */
import { differentiate } from "../equations/differentiate";
import { evaluate } from "../equations/evaluate";
import { symbolsOf, type Expression } from "../equations/expression";
import { OhmletError } from "../errors";
import { CONSTANTS } from "../units/constants";
import type { Neuron } from "../device/types";
import type { Circuit, Population, Projection } from "./chip-types";
import { internalStates } from "./states";

/** The current into the terminal that a neuron shows its output at. */
export const BACK = "I_back";

/** Whether a neuron's text says what becomes of the current at its output. */
export const readsBack = (neuron: Neuron | null): boolean =>
  neuron !== null &&
  [neuron.dynamics, ...internalStates(neuron).map(([, state]) => state.dynamics)].some((dynamics) =>
    symbolsOf(movingOf({ dynamics })).has(BACK),
  );

const movingOf = ({ dynamics }: Pick<Neuron, "dynamics">): Expression =>
  dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;

/** Whether synapses see a neuron's state itself. */
export const showsState = ({ rho }: Pick<Neuron, "rho">): boolean =>
  rho.kind === "symbol" && rho.name === "u";

/**
 * Where a projection's current flows to: into the node; into the terminal of its output, where conductances come back
 * to an amplifier; nowhere, where that passes nothing on.
 */
export function terminalOf({ spec, synapse, to, couples }: Projection): "node" | "output" | "none" {
  const comesBack = spec.feedback !== undefined || couples?.side === "rows";
  if (!synapse.loads || !comesBack || to.neuron === null) return "node";
  if (readsBack(to.neuron)) return "output";
  return showsState(to.neuron) ? "node" : "none";
}

/** Whether a projection begins at nodes, whatever these show: what comes back to an output, and columns that end in nodes. */
export const beginsAtNodes = (p: Projection): boolean =>
  p.couples === null ? terminalOf(p) === "output" : p.couples.side === "columns";

/** Gains of a population's neurons at rest, nominal: of voltage forwards, of current backwards. */
export interface Amplifier {
  readonly forward: number;
  readonly backward: number;
}

/** The amplifier that a population's neurons are; null where conductances see the node itself. */
export function amplifierOf({ neuron }: Pick<Population, "neuron">): Amplifier | null {
  if (neuron === null || (showsState(neuron) && !readsBack(neuron))) return null;
  const nominal = (e: Expression): number =>
    evaluate(
      e,
      Object.fromEntries(
        [...symbolsOf(e)].map((name): [string, number] => [
          name,
          neuron.parameters[name]?.value.value ?? CONSTANTS[name]?.value ?? 0,
        ]),
      ),
    );
  const moving = movingOf(neuron);
  return {
    forward: nominal(neuron.rhoPrime),
    backward: nominal(differentiate(moving, BACK)) / nominal(differentiate(moving, "I")),
  };
}

/**
 * By how much the updates of each array that a circuit programs are to be multiplied, so that all layers learn at the
 * rates of their gradients: equilibrium propagation finds k/A of it a stage that lies between an array and the output.
 * @throws OhmletError LEARN-AMPLIFIER where a stage sends nothing back
 */
export function compensation(circuit: Circuit): Readonly<Record<string, number>> {
  const factors = new Map<Population, number>([[circuit.output, 1]]);
  // From the output backwards; no way has more populations than there are.
  for (let turn = 0; turn < circuit.populations.length; turn++)
    for (const { from, to, synapse, spec, couples } of circuit.projections) {
      const factor = factors.get(to);
      if (!synapse.loads || couples !== null || spec.feedback !== undefined) continue;
      if (from.clamped || factor === undefined) continue;
      const gains = amplifierOf(from);
      factors.set(from, gains === null ? factor : (factor * gains.forward) / gains.backward);
    }
  return Object.fromEntries(
    circuit.projections.flatMap(({ name, to, synapse, spec, couples }) => {
      if (!synapse.loads || couples !== null || spec.feedback !== undefined) return [];
      const factor = factors.get(to) ?? 1;
      if (!Number.isFinite(factor) || factor === 0)
        throw new OhmletError({
          code: "LEARN-AMPLIFIER",
          fact: `no current comes back through the amplifiers behind "${to.name}": what lies before them learns nothing`,
          place: { where: circuit.name },
          remedy: `give their equation a gain backwards:  C*du/dt = I + k*${BACK} + I_nudge …`,
        });
      return [[name, factor]];
    }),
  );
}

/** @throws OhmletError LEARN-AMPLIFIER: `who` knows currents into nodes, not those into outputs of amplifiers */
export function expectNoAmplifiers({ name, populations }: Circuit, who: string, remedy: string): void {
  const found = populations.find(({ neuron }) => readsBack(neuron));
  if (found === undefined) return;
  throw new OhmletError({
    code: "LEARN-AMPLIFIER",
    fact: `the neurons of "${found.name}" read ${BACK}, which ${who} does not follow`,
    place: { where: name },
    remedy,
  });
}
