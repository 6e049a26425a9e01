/** Reads a synapse: its weight, its read noise, and how what it stores is programmed and leaks. */
import { OhmletError } from "../errors";
import { splitLinear, type Linear } from "../equations/differentiate";
import { togetherOf } from "../equations/draws";
import { negate, number, substitute, symbolsOf, type Expression } from "../equations/expression";
import type { Definition } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { startOf } from "../equations/syntax";
import { Shared } from "../equations/share";
import { simplify } from "../equations/simplify";
import { placeOfLine, refuse } from "../equations/token";
import { divideForms, Unknowns, type Form } from "../equations/unknowns";
import { withBlame } from "./blame";
import { printsItself } from "../display";
import { synapseDatasheet } from "./datasheet";
import { differs, expectUntrainable, readParameters } from "./parameter";
import { checkSynapseSpec } from "./spec";
import { checkStates, timeOf } from "./state-dimensions";
import { checkStarts, isPlain, portsOf, readStates, stateNames, type Memory, type StateKind } from "./states";
import { DeviceText } from "./text";
import type { DeviceState, Synapse, SynapseSpec } from "./types";

const asSynapse = printsItself(synapseDatasheet);

const PORTS = ["rho_pre", "u_post", "xi", "dw"];
const KIND: StateKind = { plain: "write", events: ["write", "pulse", "erase", "step"], ports: PORTS };

/**
 * Reads a synapse from its spec; see `SynapseSpec` for the language.
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, DEVICE-… of the device as a whole
 */
export function defineSynapse(
  spec: (Omit<SynapseSpec, "kind"> & { readonly kind?: "synapse" }) | Synapse,
): Synapse {
  return readSynapse(spec);
}

/**
 * The same for data of any origin, whose shape is checked first. @throws OhmletError DEVICE-SPEC and as
 * `defineSynapse`
 */
export function readSynapse(input: unknown): Synapse {
  const spec = checkSynapseSpec(input);
  const text = new DeviceText(
    spec.name,
    spec.equations,
    readParameters(spec.name, spec.parameters, spec.preset),
  );
  expectUntrainable(spec.name, text.parameters);
  const [bounds] = text.bounds;
  if (bounds)
    throw refuse(
      "DEVICE-BOUNDS",
      "a synapse has no bounds of its own",
      bounds.line,
      bounds.line.tokens[0],
      "write  w <- clip(w + dw, w_min, w_max)",
    );
  const names = stateNames(text, KIND, spec.initial);
  const ports = [...PORTS, ...portsOf(text, KIND)];
  const resolver = text.resolver([...new Set([...ports, ...text.draws, ...names])]);
  const current = findCurrent(text);
  const read = readWeight(text, resolver, current);
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);
  const memories = readStates(text, resolver, KIND, [resolver.valueOf(current)], spec.initial);
  const dimensions = withBlame(text, () => checkDimensions(text, resolver, current, memories));
  text.checkConditions(resolver);
  checkStarts(text, memories);
  text.checkAllUsed(Object.values(spec.initial ?? {}));

  const stored = recordOf(memories);
  const { weight, offset, reads, loads, place } = read;
  const finished = Object.fromEntries(
    Object.entries(reads).map(([draw, e]) => [draw, text.finish(e, "the read noise", place)]),
  );
  const synapse: Synapse = {
    kind: "synapse",
    name: spec.name,
    spec,
    weight: text.finish(weight, "the weight", place),
    loads,
    readNoise: togetherOf(Object.values(finished).filter((e) => !vanishes(text, e))),
    reads: finished,
    offset: offset && text.finish(offset, "the offset", place),
    stored,
    plain: isPlain(stored),
    parameters: text.parameters,
    dimensions,
  };
  return Object.freeze(asSynapse(synapse));
}

/** Whether an amplitude is 0 for all devices, since a parameter in it is. */
function vanishes(text: DeviceText, e: Expression): boolean {
  const left = simplify(
    substitute(e, (name) => {
      const parameter = text.parameters[name];
      return parameter?.value.value === 0 && !differs(parameter) ? number(0) : undefined;
    }),
  );
  return left.kind === "number" && left.value === 0;
}

function findCurrent(text: DeviceText): Definition {
  const current = text.definitions.find(({ name }) => name === "I");
  if (current !== undefined && current.parameters === null) return current;
  throw new OhmletError({
    code: "DEVICE-OUTPUT",
    fact: "no line defines I, the current into the postsynaptic neuron",
    place: { where: text.where },
    remedy: "add a line such as  I = w*rho_pre",
  });
}

/** I = (weight + noise) * rho_pre + offset; of a conductance I = weight * (rho_pre - u_post). */
function readWeight(text: DeviceText, resolver: Resolver, current: Definition) {
  const fault = (fact: string, write = "write  I = weight*rho_pre"): OhmletError =>
    refuse("DEVICE-WEIGHT", fact, current.line, startOf(current.right), write);
  const whole = resolver.valueOf(current);
  const symbols = symbolsOf(whole);
  if (symbols.has("dw")) throw fault("I depends on dw, the change requested by programming");
  for (const port of ["sign", "dt"])
    if (symbols.has(port)) throw fault(`I depends on ${port}, which only an event knows`);
  const linear = splitLinear(whole, "rho_pre");
  if (linear === null) throw fault("I is not linear in rho_pre");
  const loads = symbols.has("u_post");
  const still = linear.constant.kind === "number" && linear.constant.value === 0;
  if (loads) checkLoad(linear, current);
  else if (!still && !isOffset(text, linear.constant))
    throw fault(
      "I does not vanish with rho_pre",
      "write  I = weight*rho_pre;  an offset is that of a column: add  + I_os  and the line  I_os per column",
    );
  if (linear.coefficient.kind === "number" && linear.coefficient.value === 0)
    throw fault("I does not depend on rho_pre");
  const { constant, coefficients } = text.splitDraws(linear.coefficient, current.line, current.right, {
    what: "I",
    write: "write  I = weight*rho_pre*(1 + sigma*xi)",
    rest: "*rho_pre",
  });
  if (loads && Object.keys(coefficients).length > 0)
    throw fault("a conductance that loads its neuron has no read noise");
  return {
    weight: constant,
    loads,
    reads: coefficients,
    offset: loads || still ? null : linear.constant,
    place: placeOfLine(current.line),
  };
}

/** Whether a current is that of a whole column: by parameters, of which one is drawn for a column. */
function isOffset(text: DeviceText, e: Expression): boolean {
  const parameters = [...symbolsOf(e)].flatMap((name) => text.parameters[name] ?? []);
  return (
    text.isConstant(e) &&
    parameters.some(({ extent }) => extent === "column") &&
    parameters.every((p) => !differs(p) || ["column", "array", "chip"].includes(p.extent))
  );
}

/** Of a conductance: what multiplies u_post is what multiplies rho_pre, and nothing else flows. */
function checkLoad({ constant, coefficient }: Linear, current: Definition): void {
  const load = splitLinear(constant, "u_post");
  const shared = new Shared();
  const same =
    load !== null &&
    load.constant.kind === "number" &&
    load.constant.value === 0 &&
    shared.idOf(simplify(negate(load.coefficient))) === shared.idOf(simplify(coefficient));
  if (same && !symbolsOf(coefficient).has("u_post")) return;
  throw refuse(
    "DEVICE-WEIGHT",
    "what multiplies u_post is not what multiplies rho_pre",
    current.line,
    startOf(current.right),
    "write a conductance as  I = g*(rho_pre - u_post)",
  );
}

/** States by name, without the lines that they come from. */
export function recordOf(memories: readonly Memory[]): Readonly<Record<string, DeviceState>> {
  const stored: Record<string, DeviceState> = Object.create(null);
  for (const { name, program, leak, initial, dimension, events, noise, keeps } of memories)
    stored[name] = { program, leak, initial, dimension, events, noise, keeps };
  return stored;
}

function checkDimensions(
  text: DeviceText,
  resolver: Resolver,
  current: Definition,
  memories: readonly Memory[],
): Synapse["dimensions"] {
  const time = timeOf(text, current, memories);
  const unknowns = new Unknowns();
  const output = unknowns.form("I");
  const rho = unknowns.form("rho_pre");
  const ports = new Map<string, Form>([
    ["rho_pre", rho],
    ["u_post", rho],
    ["dw", divideForms(output, rho)],
  ]);
  checkStates(text, resolver, { ports, output, current, memories, time, unknowns });
  // Where the text leaves it open, the output of the presynaptic neuron has no unit.
  const rhoDimension = unknowns.settle(rho);
  const currentDimension = unknowns.settle(output);
  return { weight: unknowns.settle(divideForms(output, rho)), I: currentDimension, rho: rhoDimension, time };
}
