/** A circuit as a person reads it. */
import { columns, manyLines } from "../printable";
import type { Circuit } from "./chip-types";

export function describeCircuit(circuit: Circuit): string {
  const { cost, summary } = circuit.spec;
  const populations = circuit.populations.map((p) => [
    p.name,
    String(p.size),
    p.neuron?.name ?? "data",
    [p.clamped ? "clamped input" : "", p === circuit.output ? "output" : ""].filter(Boolean).join(", "),
  ]);
  const projections = circuit.projections.map((p) => [
    p.name,
    `${p.from.name} → ${p.to.name}`,
    p.synapse.name,
    `${p.from.size} × ${p.to.size}${p.bias ? " + bias" : ""}`,
    [
      p.spec.feedback?.kind === "tied" ? `tied to ${p.spec.feedback.to}` : "",
      p.spec.feedback?.kind === "angled"
        ? `at ${p.spec.feedback.angle} degrees to ${p.spec.feedback.to}`
        : "",
      p.spec.asymmetry ? `asymmetry ${p.spec.asymmetry}` : "",
    ]
      .filter(Boolean)
      .join(", "),
  ]);
  const synapses = circuit.projections.reduce(
    (sum, p) => sum + (p.from.size + (p.bias ? 1 : 0)) * p.to.size,
    0,
  );
  const costText =
    cost.kind === "squared-error"
      ? `squared error of the output's ${cost.argument}`
      : `cross-entropy of ${cost.classes} classes, read linearly from the output's ${cost.argument}`;
  return manyLines([
    circuit.name + (summary ? `: ${summary}` : ""),
    "populations",
    ...columns(populations),
    "projections",
    ...columns(projections),
    `cost: ${costText}${cost.ascend ? " (nudged up the cost)" : ""}`,
    `${circuit.units} neurons, ${synapses} synapses`,
  ]);
}
