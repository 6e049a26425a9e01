/** By how much one pulse changes a weight: what a controller counts pulses by. */
import { nominalValues } from "../device/conditions";
import type { Synapse } from "../device/types";
import { isDraw } from "../equations/draws";
import { evaluate } from "../equations/evaluate";

/**
 * Mean of a step up and a step down of a nominal device as it begins, without draws, SI; null where pulses do
 * nothing to it.
 */
export function pulseStepOf({ stored, weight, parameters }: Synapse): number | null {
  const states = Object.entries(stored);
  if (states.every(([, { events }]) => events.pulse === undefined)) return null;
  const values = nominalValues(parameters);
  const start = Object.fromEntries(states.map(([name, { initial }]) => [name, evaluate(initial, values)]));
  const draws = new Proxy({ ...values, ...start } as Record<string, number>, {
    get: (known, name: string) =>
      known[name] ?? (isDraw(name) ? (name.startsWith("xi") ? 0 : 0.5) : undefined),
  });
  const after = (sign: number): number => {
    draws.sign = sign;
    const next = states.map(([name, { events }]) => [
      name,
      events.pulse === undefined ? start[name] : evaluate(events.pulse, draws),
    ]);
    return evaluate(weight, { ...values, ...Object.fromEntries(next) });
  };
  return (after(1) - after(-1)) / 2;
}
