/** Reads a synapse: its weight, its read noise, and how what it stores is programmed and leaks. */
import { OhmletError } from "../errors";
import { differentiate, splitLinear, type Linear } from "../equations/differentiate";
import { negate, number, symbolsOf, type Expression } from "../equations/expression";
import type { Definition, Rate, Update } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { startOf, type Syntax } from "../equations/syntax";
import { Shared } from "../equations/share";
import { simplify } from "../equations/simplify";
import { checkSize } from "../equations/size";
import { placeOfLine, refuse } from "../equations/token";
import { divideForms, knownForm, ONE, Unknowns, type Form } from "../equations/unknowns";
import { describeDimension, equalDimensions } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { withBlame } from "./blame";
import { printsItself } from "../display";
import { synapseDatasheet } from "./datasheet";
import { checkInitial } from "./conditions";
import { readParameters } from "./parameter";
import { checkSynapseSpec } from "./spec";
import { DeviceText, rateName } from "./text";
import type { Synapse, SynapseSpec } from "./types";

const asSynapse = printsItself(synapseDatasheet);

const PORTS = ["rho_pre", "u_post", "xi", "dw"];

/**
 * Reads a synapse from its spec; see `SynapseSpec` for the language.
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, DEVICE-… of the device as a whole
 */
export function defineSynapse(
  spec: (Omit<SynapseSpec, "kind"> & { readonly kind?: "synapse" }) | Synapse,
): Synapse {
  return readSynapse(spec);
}

/** One stored quantity: its lines and its initial value. */
interface Memory {
  readonly name: string;
  readonly update: Update;
  readonly rate: Rate | null;
  readonly initial: Syntax | null;
  readonly dimension: Dimension;
  readonly program: Expression;
  readonly leak: Expression | null;
  readonly start: Expression;
}

/**
 * The same for data of any origin, whose shape is checked first. @throws OhmletError DEVICE-SPEC and as
 * `defineSynapse`
 */
export function readSynapse(input: unknown): Synapse {
  const spec = checkSynapseSpec(input);
  const text = new DeviceText(spec.name, spec.equations, readParameters(spec.name, spec.parameters));
  const [bounds] = text.bounds;
  if (bounds)
    throw refuse(
      "DEVICE-BOUNDS",
      "a synapse has no bounds of its own",
      bounds.line,
      bounds.line.tokens[0],
      "write  w <- clip(w + dw, w_min, w_max)",
    );
  const names = storedNames(text, spec);
  const resolver = text.resolver([...PORTS, ...names]);
  const current = findCurrent(text);
  const { weight, loads, readNoise } = readWeight(text, resolver, current);
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);
  const memories = names.map((name) => readMemory(name, text, resolver, spec));
  const dimensions = withBlame(text, () => checkDimensions(text, resolver, current, memories));
  text.checkConditions(resolver);
  text.checkAllUsed(Object.values(spec.initial ?? {}));
  // What is not said begins at 0, until it is first programmed.
  for (const { name, program, start, initial } of memories)
    if (initial !== null) checkInitial(text.where, name, start, limitsOf(text, program), text.parameters);

  const stored = Object.create(null) as Record<string, Synapse["stored"][string]>;
  for (const { name, program, leak, start, dimension } of memories)
    stored[name] = { program, leak, initial: start, dimension };
  const synapse: Synapse = {
    kind: "synapse",
    name: spec.name,
    spec,
    weight,
    loads,
    readNoise,
    stored,
    parameters: text.parameters,
    dimensions,
  };
  return Object.freeze(asSynapse(synapse));
}

/** What the text programs, in order; each once. */
function storedNames(text: DeviceText, spec: SynapseSpec): string[] {
  const names = text.updates.map((update) => update.name);
  const twice = [...text.updates, ...text.rates].find((line, i, all) =>
    all.some((other, j) => j < i && other.name === line.name && other.kind === line.kind),
  );
  if (twice)
    throw refuse(
      "EQ-DUPLICATE",
      `a second line says how ${twice.name} ${twice.kind === "rate" ? "leaks" : "is programmed"}`,
      twice.line,
      twice.line.tokens[0],
      "keep one of the two",
    );
  const taken = text.updates.find(
    ({ name }) => PORTS.includes(name) || name === "I" || text.constants.includes(name),
  );
  if (taken)
    throw refuse(
      "EQ-DUPLICATE",
      `"${taken.name}" is already a port, a parameter or a constant`,
      taken.line,
      taken.line.tokens[0],
      "give what is stored another name",
    );
  const orphan = text.rates.find(({ name }) => !names.includes(name));
  if (orphan)
    throw refuse(
      "DEVICE-STORED",
      `${orphan.name} leaks but is not stored: no line programs it`,
      orphan.line,
      orphan.line.tokens[0],
      `add  ${orphan.name} <- …`,
    );
  const stray = Object.keys(spec.initial ?? {}).find((name) => !names.includes(name));
  if (stray !== undefined)
    throw new OhmletError({
      code: "DEVICE-STORED",
      fact: `"${stray}" has an initial value but is not stored`,
      place: { where: text.where },
      remedy: `add a line  ${stray} <- …`,
    });
  return names;
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

/** I = (weight + readNoise * xi) * rho_pre; of a conductance I = weight * (rho_pre - u_post). */
function readWeight(
  text: DeviceText,
  resolver: Resolver,
  current: Definition,
): Pick<Synapse, "weight" | "loads" | "readNoise"> {
  const fault = (fact: string): OhmletError =>
    refuse("DEVICE-WEIGHT", fact, current.line, startOf(current.right), "write  I = weight*rho_pre");
  const whole = resolver.valueOf(current);
  if (symbolsOf(whole).has("dw")) throw fault("I depends on dw, the change requested by programming");
  const linear = splitLinear(whole, "rho_pre");
  if (linear === null) throw fault("I is not linear in rho_pre");
  const loads = symbolsOf(whole).has("u_post");
  if (loads) checkLoad(linear, current);
  else if (linear.constant.kind !== "number" || linear.constant.value !== 0)
    throw fault("I does not vanish with rho_pre");
  if (linear.coefficient.kind === "number" && linear.coefficient.value === 0)
    throw fault("I does not depend on rho_pre");
  const noisy = text.splitNoise(linear.coefficient, current.line, current.right, {
    what: "I",
    write: "write  I = weight*rho_pre*(1 + sigma*xi)",
    rest: "*rho_pre",
  });
  const noiseless = noisy.coefficient.kind === "number" && noisy.coefficient.value === 0;
  if (loads && !noiseless) throw fault("a conductance that loads its neuron has no read noise");
  const place = placeOfLine(current.line);
  return {
    weight: text.finish(noisy.constant, "the weight", place),
    loads,
    readNoise: noiseless ? null : text.finish(noisy.coefficient, "the read noise", place),
  };
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

function readMemory(name: string, text: DeviceText, resolver: Resolver, spec: SynapseSpec): Memory {
  const update = text.updates.find((line) => line.name === name)!;
  const rate = text.rates.find((line) => line.name === name) ?? null;
  const program = resolver.resolve(update.right);
  checkDependence(text, update, program, [name, "dw"]);
  const leak = rate && text.solveRate(rate, resolver);
  if (rate && leak) {
    checkDependence(text, rate, leak, [name]);
    checkSize(differentiate(leak, name), `the derivative of the leak by ${name}`, placeOfLine(rate.line));
  }
  const initial =
    spec.initial?.[name] === undefined ? null : text.field(`initial.${name}`, spec.initial[name]);
  const dimension = update.unit ?? rate?.unit ?? DIMENSIONLESS;
  if (rate?.unit && !equalDimensions(rate.unit, dimension))
    throw refuse(
      "EQ-DIMENSION",
      `${name} is in ${describeDimension(dimension)} by one line and in ` +
        `${describeDimension(rate.unit)} by this one`,
      rate.line,
      null,
    );
  return {
    name,
    update,
    rate,
    dimension,
    initial: initial?.tree ?? null,
    program: text.finish(program, "the programming", placeOfLine(update.line)),
    leak: leak && text.finish(leak, "the leak", placeOfLine((rate ?? update).line)),
    start: initial ? text.finish(initial.value, "the initial value") : number(0),
  };
}

/** What a programming keeps to: the constant ends of the clip that it ends with, where it does. */
function limitsOf(
  text: DeviceText,
  e: Expression,
): { readonly lower: Expression | null; readonly upper: Expression | null } {
  const [none, isConstant] = [{ lower: null, upper: null }, (x: Expression) => text.isConstant(x)];
  if (e.kind !== "binary" || (e.op !== "min" && e.op !== "max")) return none;
  const end = [e.left, e.right].find(isConstant);
  if (end === undefined) return none;
  const inner = limitsOf(text, end === e.left ? e.right : e.left);
  return e.op === "min" ? { ...inner, upper: inner.upper ?? end } : { ...inner, lower: inner.lower ?? end };
}

/** A device is programmed and leaks by itself: it cannot see its neighbours. */
function checkDependence(
  text: DeviceText,
  line: Update | Rate,
  e: Expression,
  allowed: readonly string[],
): void {
  const stranger = [...symbolsOf(e)].find(
    (name) => !allowed.includes(name) && !text.constants.includes(name),
  );
  if (stranger === undefined) return;
  const code = PORTS.includes(stranger) ? "DEVICE-PORT" : "DEVICE-STORED";
  throw refuse(
    code,
    `${line.kind === "rate" ? "the leak" : "the programming"} of ${line.name} depends on ${stranger}`,
    line.line,
    startOf(line.right),
    `it can depend on ${allowed.join(", ")} and parameters only`,
  );
}

function checkDimensions(
  text: DeviceText,
  resolver: Resolver,
  current: Definition,
  memories: readonly Memory[],
): Synapse["dimensions"] {
  const leaks = memories.some(({ rate }) => rate !== null);
  const time = leaks
    ? text.timeDimension([current.unit, ...memories.map(({ dimension }) => dimension)])
    : DIMENSIONLESS;
  const unknowns = new Unknowns();
  const output = unknowns.form("I");
  const rho = unknowns.form("rho_pre");
  const ports = new Map<string, Form>([
    ["rho_pre", rho],
    ["u_post", rho],
    ["xi", ONE],
    ["dw", divideForms(output, rho)],
  ]);
  for (const { name, dimension } of memories) {
    ports.set(name, knownForm(dimension));
    ports.set(rateName(name), divideForms(knownForm(dimension), knownForm(time)));
  }
  const checker = text.checker(ports, resolver, unknowns);
  text.compareConditions(checker, resolver);
  checker.equate({ text: "I", form: output }, current.right, checker.valueOf(current));
  for (const definition of text.definitions) if (definition.parameters === null) checker.valueOf(definition);
  for (const { name, update, rate, initial, dimension } of memories) {
    checker.expect(
      update.right,
      checker.formOf(update.right),
      dimension,
      `${name} is in ${describeDimension(dimension)}`,
    );
    if (rate) text.equateRate(rate, checker);
    if (initial)
      checker.expect(
        initial,
        checker.formOf(initial),
        dimension,
        `${name} is in ${describeDimension(dimension)}`,
      );
  }
  // Where the text leaves it open, the output of the presynaptic neuron has no unit.
  const rhoDimension = unknowns.settle(rho);
  const currentDimension = unknowns.settle(output);
  return { weight: unknowns.settle(divideForms(output, rho)), I: currentDimension, rho: rhoDimension, time };
}
