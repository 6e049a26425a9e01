/**
 * How the synapses of a chip learn in an engine: optimizer and programming as one chain of maps over the
 * arrays of src/dynamics/chip-arrays/device-arrays.ts. Leakage is the host's (clock.ts): that of a batch is less than
 * float32 can tell. What the optimizer remembers is in arrays of its own: q, the part's tag, and a number.
 */
import type { Chip } from "../../circuit/chip-types";
import { learns } from "../../circuit/owner";
import { beyondFloat32, type DevicePart, type Mirror } from "../../dynamics/chip-arrays/device-arrays";
import type { SynapseMap, SynapseSource } from "../../program/program";
import { multiply, number, symbol, symbolsOf, type Expression } from "../../equations/expression";
import type { Optimizer } from "../optimizers";

/** A part with what makes it learn. */
export interface LearningPart {
  readonly device: DevicePart;
  /** What the optimizer remembers. */
  readonly memory: readonly Mirror[];
  /** From the sum of the rule's products to what devices store. */
  readonly update: readonly SynapseMap[];
}

/** The scalar of an optimizer's law for a projection. */
export const scalarOf = (projection: number, name: string): string => `o${projection}_${name}`;

/** All parts, or why float32 cannot compute them. */
export function learningPartsOf(
  chip: Chip,
  devices: readonly DevicePart[],
  optimizer: Optimizer,
): LearningPart[] | string {
  const parts = devices.filter(({ owner }) => learns(owner)).map((device) => partOf(chip, device, optimizer));
  return (
    parts
      .map(({ device, update }) => beyondFloat32(update, device.owner.synapse.name))
      .find((reason) => reason !== null) ?? parts
  );
}

function partOf(chip: Chip, device: DevicePart, { law, memory }: Optimizer): LearningPart {
  const { owner, index, kind, tag, pre, post, map } = device;
  const { stored } = owner.synapse;
  const names = Object.keys(law.memory);
  const remembered = names.map((name, k): Mirror => {
    const key = `${owner.name}.${kind}.${name}`;
    return {
      name: `q${tag}_${k}`,
      pre,
      post,
      host: () => memory.get(key, pre * post),
      offset: 0,
      changes: true,
    };
  });
  // The optimizer's symbols are its own: a device may use the same names.
  const own: Record<string, SynapseSource> = { d: { from: "sum" }, w: { from: "local", name: "w" } };
  names.forEach((name, k) => (own[name] = { from: "weights", name: remembered[k].name }));
  for (const name of Object.keys(law.scalars("", 1, 1)))
    own[name] = { from: "scalar", name: scalarOf(index, name) };
  const lawful = (out: SynapseMap["out"], expression: Expression): SynapseMap => ({
    out,
    expression,
    sources: Object.fromEntries([...symbolsOf(expression)].map((name) => [name, own[name]])),
  });
  return {
    device,
    memory: remembered,
    update: [
      ...(law.decays ? [map({ local: "w" }, device.weight)] : []),
      ...names.map((name, k) => lawful({ weights: remembered[k].name }, law.memory[name])),
      lawful({ local: "dw" }, multiply(number(chip.unitDriveOf(owner.to.name)), law.change)),
      ...together(
        device,
        Object.entries(stored).map(([name, { program }]) => [name, program]),
      ),
    ],
  };
}

/** New values of several stored quantities, all computed from the values before. */
function together(
  { mirrors, owner, map }: DevicePart,
  next: readonly (readonly [string, Expression])[],
): SynapseMap[] {
  const quantities = Object.keys(owner.synapse.stored);
  const arrays = mirrors.filter(({ changes }) => changes);
  const array = (name: string): { weights: string } => ({ weights: arrays[quantities.indexOf(name)].name });
  if (next.length === 1) return [map(array(next[0][0]), next[0][1])];
  return [
    ...next.map(([name, e]) => map({ local: `new ${name}` }, e)),
    ...next.map(([name]) => map(array(name), symbol(`new ${name}`))),
  ];
}
