/**
 * The synapses of a chip as weight arrays of an engine, and their equations over them: optimizer, programming, leakage, and
 * the weights that phases read, in one chain of maps a projection. An array's line of biases is an array of its own, since
 * its other end is always on.
 *
 * Names: w0, b0, … what phases read, as src/dynamics/plan.ts calls it; s… what devices store, p… their parameters, g…
 * gains, q… what the optimizer remembers; then the projection's number, "b" for its biases, and a number.
 */
import type { Chip, DeviceArray, Projection } from "../../circuit/chip-types";
import { leakFor } from "../../circuit/synapse-array";
import type { InternalUnits } from "../../dynamics/internal-units";
import type { Layout } from "../../dynamics/layout";
import type { SynapseMap, SynapseSource } from "../../engines/engine";
import { children, divide, multiply, number, substitute, symbol, symbolsOf, type Expression } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { CONSTANTS } from "../../units/constants";
import type { Optimizer } from "../optimizers";
import { ownerOf } from "../rules/rule";

/** An array in the engine, and the part of a host's array that it stands for. */
export interface Mirror {
  readonly name: string;
  readonly pre: number;
  readonly post: number;
  /** Where its values lie on the host, from an index on; asked for when it is needed. */
  readonly host: () => Float64Array;
  readonly offset: number;
  /** Whether the engine changes it. */
  readonly changes: boolean;
  /** Whether the host has [post, pre], from the offset on. */
  readonly transposed?: boolean;
}

/** Weights or biases of a projection that has an array of its own. */
export interface Part {
  readonly owner: Projection;
  readonly kind: "weights" | "biases";
  readonly pre: number;
  readonly post: number;
  readonly mirrors: readonly Mirror[];
  /** Arrays that are computed here and read by phases: name -> shape. */
  readonly outputs: Readonly<Record<string, { readonly pre: number; readonly post: number }>>;
  /** From the sum of the rule's products to what devices store. */
  readonly update: readonly SynapseMap[];
  /** From what devices store to what phases read. */
  readonly refresh: readonly SynapseMap[];
}

/** Numbers that float32 cannot take part in a product with. */
const [SMALLEST, LARGEST] = [1e-30, 1e30];

export interface SynapseRequest {
  readonly chip: Chip;
  readonly layout: Layout;
  readonly units: InternalUnits;
  readonly optimizer: Optimizer;
  /** Seconds that a batch lasts on the chip; 0 where time does not age it. */
  readonly elapsed: number;
}

/** The scalar of an optimizer's law for a projection. */
export const scalarOf = (projection: number, name: string): string => `o${projection}_${name}`;

/** All parts of a chip, or why float32 arrays cannot stand for them. */
export function synapsesOf(request: SynapseRequest): Part[] | string {
  const parts = request.chip.circuit.projections.flatMap((owner) =>
    ownerOf(owner) !== owner.name ? [] : (["weights", ...(owner.bias ? ["biases" as const] : [])] as const).map((kind) => partOf(request, owner, kind)));
  for (const { owner, update, refresh } of parts) {
    for (const { expression } of [...update, ...refresh]) {
      const extreme = numbersOf(expression).find((x) => x !== 0 && !(Math.abs(x) >= SMALLEST && Math.abs(x) <= LARGEST));
      if (extreme !== undefined) return `the equations of "${owner.synapse.name}" have the number ${extreme}, beyond float32`;
    }
  }
  return parts;
}

function partOf({ chip, layout, units, optimizer, elapsed }: SynapseRequest, owner: Projection, kind: Part["kind"]): Part {
  const { circuit } = chip;
  const array = chip.array(owner.name);
  const index = circuit.projections.indexOf(owner);
  const biases = kind === "biases";
  const [pre, post] = [biases ? 1 : owner.from.size, owner.to.size];
  const offset = biases ? owner.from.size * post : 0;
  const tag = `${index}${biases ? "b" : ""}`;
  const unit = chip.unitDriveOf(owner.to.name);
  const mirrors: Mirror[] = [];
  const outputs: Record<string, { pre: number; post: number }> = {};
  const sources: Record<string, SynapseSource> = { sum: { from: "sum" }, dw: { from: "local", name: "dw" } };
  const replace = new Map<string, Expression>();
  const mirror = (symbolName: string, name: string, host: () => Float64Array, changes: boolean): void => {
    mirrors.push({ name, pre, post, host, offset, changes });
    sources[symbolName] = { from: "weights", name };
  };
  const map = (out: SynapseMap["out"], e: Expression): SynapseMap => {
    const expression = simplify(substitute(e, (name) => replace.get(name)));
    return { out, expression, sources: Object.fromEntries([...symbolsOf(expression)].map((name) => [name, sources[name]])) };
  };

  // What a device reads is its own: the optimizer's symbols are kept apart by their names.
  const { synapse } = owner;
  for (const [name, constant] of Object.entries(CONSTANTS)) replace.set(name, number(constant.value));
  Object.entries(array.parameters).forEach(([name, value], k) => {
    if (typeof value === "number") replace.set(name, number(value));
    else mirror(name, `p${tag}_${k}`, () => parametersOf(chip, owner, name), false);
  });
  const stored = Object.keys(synapse.stored);
  const readers = circuit.projections.filter((p) => ownerOf(p) === owner.name && (!biases || p === owner));
  const reads = readers.map((p) => {
    const own = p === owner;
    const to = layout.populations.find((q) => q.population === p.to);
    if (to === undefined) throw new Error(`${p.name} ends nowhere`);
    const name = `${biases ? "b" : "w"}${circuit.projections.indexOf(p)}`;
    const scale = (biases ? units.unitDrive(to) : units.unitWeight(p.from, to)) / unit;
    let value = multiply(number(scale), synapse.weight);
    const gains = chip.gains(p.name);
    if (gains !== null) {
      const gain = `g${circuit.projections.indexOf(p)}${biases ? "b" : ""}`;
      mirrors.push({ name: gain, pre, post, host: () => gains, offset, changes: false, transposed: !own });
      // A name that no device can have.
      sources[`gain ${gain}`] = { from: "weights", name: gain };
      value = multiply(value, symbol(`gain ${gain}`));
    }
    return { own, name, value, shape: own ? { pre, post } : { pre: post, post: pre } };
  });
  // Where a phase reads what is stored, as it is, there is one array for both.
  const [first] = reads;
  const plain = stored.length === 1 && simplify(substitute(first.value, (name) => replace.get(name)));
  const same = plain !== false && plain.kind === "symbol" && plain.name === stored[0];
  stored.forEach((name, k) => mirror(name, same ? first.name : `s${tag}_${k}`, () => chip.array(owner.name).stored.get(name) as Float64Array, true));
  const refresh = reads.filter((r) => !(r.own && same)).map(({ own, name, value, shape }) => {
    outputs[name] = shape;
    return map({ weights: name, ...(!own && { transposed: true }) }, value);
  });

  // The optimizer, in logical weights.
  const { law, memory } = optimizer;
  const update: SynapseMap[] = [];
  const own: Record<string, SynapseSource> = { d: { from: "sum" }, w: { from: "local", name: "w" } };
  const gain = chip.gains(owner.name) === null ? number(1) : symbol(`gain g${tag}`);
  if (law.decays) update.push(map({ local: "w" }, multiply(divide(synapse.weight, number(unit)), gain)));
  Object.keys(law.memory).forEach((name, k) => {
    const key = `${owner.name}.${kind}.${name}`;
    mirrors.push({ name: `q${tag}_${k}`, pre, post, host: () => memory.get(key, pre * post), offset: 0, changes: true });
    own[name] = { from: "weights", name: `q${tag}_${k}` };
  });
  for (const name of Object.keys(law.scalars("", 1, 1))) own[name] = { from: "scalar", name: scalarOf(index, name) };
  const lawful = (out: SynapseMap["out"], expression: Expression): SynapseMap => ({ out, expression, sources: Object.fromEntries([...symbolsOf(expression)].map((name) => [name, own[name]])) });
  for (const [name, next] of Object.entries(law.memory)) update.push(lawful({ weights: (own[name] as { name: string }).name }, next));
  update.push(lawful({ local: "dw" }, multiply(number(unit), law.change)));
  update.push(...together(stored.map((name) => [name, synapse.stored[name].program]), sources, map));
  if (elapsed > 0) {
    replace.set("elapsed", number(elapsed));
    update.push(...together(stored.flatMap((name) => (synapse.stored[name].leak === null ? [] : [[name, leakFor(name, synapse.stored[name].leak as Expression)] as const])), sources, map));
  }
  return { owner, kind, pre, post, mirrors, outputs, update, refresh };
}

/** New values of several stored quantities, all computed from the values before. */
function together(next: readonly (readonly [string, Expression])[], sources: Record<string, SynapseSource>, map: (out: SynapseMap["out"], e: Expression) => SynapseMap): SynapseMap[] {
  const array = (name: string): { weights: string } => ({ weights: (sources[name] as { name: string }).name });
  if (next.length === 1) return [map(array(next[0][0]), next[0][1])];
  const aside = next.map(([name, e]) => map({ local: `new ${name}` }, e));
  for (const [name] of next) sources[`new ${name}`] = { from: "local", name: `new ${name}` };
  return [...aside, ...next.map(([name]) => map(array(name), symbol(`new ${name}`)))];
}

const parametersOf = (chip: Chip, owner: Projection, name: string): Float64Array => (chip.array(owner.name) as DeviceArray).parameters[name] as Float64Array;

function numbersOf(e: Expression): number[] {
  return e.kind === "number" ? [e.value] : children(e).flatMap(numbersOf);
}
