/** Reads a readout: what a controller sees of a chip, and what a multiplier makes of the two ends of a synapse. */
import { OhmletError } from "../errors";
import { printsItself } from "../display";
import { splitLinear } from "../equations/differentiate";
import { togetherOf } from "../equations/draws";
import { symbolsOf, type Expression } from "../equations/expression";
import type { Definition } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import { startOf } from "../equations/syntax";
import { placeOfLine, refuse } from "../equations/token";
import { multiplyForms, Unknowns } from "../equations/unknowns";
import { withBlame } from "./blame";
import { readoutDatasheet } from "./datasheet";
import { expectUntrainable, readParameters } from "./parameter";
import { checkReadoutSpec } from "./spec";
import { checkStates, timeOf } from "./state-dimensions";
import { checkStarts, portsOf, readStates, stateNames, type Memory, type StateKind } from "./states";
import { recordOf } from "./synapse";
import { DeviceText } from "./text";
import type { Multiplication, ReadoutDevice, ReadoutSpec } from "./types";

const asReadout = printsItself(readoutDatasheet);

const PORTS = ["x", "y"];
const KIND: StateKind = { plain: "sample", events: ["sample", "step"], ports: PORTS };

/**
 * Reads a readout from its spec; see `ReadoutSpec` for the language.
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, DEVICE-… of the device as a whole
 */
export function defineReadout(
  spec: (Omit<ReadoutSpec, "kind"> & { readonly kind?: "readout" }) | ReadoutDevice,
): ReadoutDevice {
  return readReadout(spec);
}

/** The same for data of any origin, whose shape is checked first. @throws OhmletError DEVICE-SPEC and others */
export function readReadout(input: unknown): ReadoutDevice {
  const spec = checkReadoutSpec(input);
  const text = new DeviceText(
    spec.name,
    spec.equations,
    readParameters(spec.name, spec.parameters, spec.preset),
  );
  expectUntrainable(spec.name, text.parameters);
  checkNames(text);
  const names = stateNames(text, KIND, spec.initial);
  const resolver = text.resolver([...new Set([...PORTS, ...portsOf(text, KIND)]), ...text.draws, ...names]);
  const [read, product] = ["read", "product"].map((name) => findOutput(text, name));
  const current = read ?? product;
  if (current === null)
    throw new OhmletError({
      code: "DEVICE-OUTPUT",
      fact: "no line defines read, what the controller sees, or product, what a multiplier gives",
      place: { where: text.where },
      remedy: "add a line such as  read = gain*x + offset,  or  product = (1 + eps)*x*y + b",
    });
  const whole = read && resolver.valueOf(read);
  if (read !== null && whole !== null) expectOf(read, whole, ["y"], "y, which only a product has");
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);
  const memories = readStates(text, resolver, KIND, whole === null ? [] : [whole], spec.initial);
  checkLasting(memories);
  const multiplied = product && readProduct(text, resolver, product, names);
  const dimensions = withBlame(text, () => checkDimensions(text, resolver, read, product, memories));
  text.checkConditions(resolver);
  checkStarts(text, memories);
  text.checkAllUsed(Object.values(spec.initial ?? {}));
  const finished = read && whole && text.finish(whole, "the read", placeOfLine(read.line));
  const readout: ReadoutDevice = {
    kind: "readout",
    name: spec.name,
    spec,
    read: finished,
    draws: finished === null ? [] : text.draws.filter((draw) => symbolsOf(finished).has(draw)),
    product: multiplied,
    stored: recordOf(memories),
    parameters: text.parameters,
    dimensions,
  };
  return Object.freeze(asReadout(readout));
}

const findOutput = (text: DeviceText, name: string): Definition | null =>
  text.definitions.find((each) => each.name === name && each.parameters === null) ?? null;

/** Ports are no parameters; and what lasts is noise, which says that it does. */
function checkNames(text: DeviceText): void {
  const port = PORTS.find((name) => Object.hasOwn(text.parameters, name));
  if (port !== undefined)
    throw new OhmletError({
      code: "DEVICE-PARAMETER",
      fact: `"${port}" has a meaning of its own in a readout`,
      place: { where: `${text.where}, parameter "${port}"` },
      remedy: "give the parameter another name",
    });
  const sampled = text.updates.find(({ keeps, event }) => keeps && event !== "step");
  if (sampled !== undefined)
    throw refuse(
      "DEVICE-KEEPS",
      "what is sampled is held until it is read, and not from sample to sample",
      sampled.line,
      sampled.line.tokens[0],
      "take  keeps  out; what lasts is noise:  dn/dt = -n/tau + sigma*sqrt(2/tau)*xi_n keeps",
    );
  const passing =
    text.flickers.find(({ keeps }) => !keeps) ??
    text.updates.find(({ keeps, event }) => event === "step" && !keeps);
  if (passing !== undefined)
    throw refuse(
      "DEVICE-KEEPS",
      `${passing.name} would begin anew with every read, and be no more than noise of a read`,
      passing.line,
      passing.line.tokens[0],
      "let it last: write  keeps  at the end of the line; or write noise of a read as  … + sigma*xi",
    );
}

/** What lasts moves by itself: nothing that is sampled reaches it. */
function checkLasting(memories: readonly Memory[]): void {
  const held = memories.filter(({ keeps }) => !keeps).map(({ name }) => name);
  for (const { name, keeps, leak, noise, events, rate, updates } of memories) {
    if (!keeps) continue;
    const reached = [...Object.values(events), ...Object.values(noise), ...(leak ? [leak] : [])]
      .flatMap((e) => [...symbolsOf(e)])
      .find((symbol) => held.includes(symbol));
    const line = rate?.line ?? updates[0]?.line;
    if (reached === undefined || line === undefined) continue;
    throw refuse(
      "DEVICE-KEEPS",
      `${name} lasts from sample to sample, and ${reached}, which it depends on, does not`,
      line,
      line.tokens[0],
      `let ${reached} last as well, or write ${name} without it`,
    );
  }
}

function expectOf(
  { line, right, name }: Definition,
  e: Expression,
  not: readonly string[],
  what: string,
): void {
  if (!not.some((each) => symbolsOf(e).has(each))) return;
  throw refuse(
    "DEVICE-READOUT",
    `${name} depends on ${what}`,
    line,
    startOf(right),
    name === "read" ? "write  read = gain*x + offset" : "write  product = (1 + eps)*x*y + b",
  );
}

/** product = xy*x*y + x*x + y*y + one + noise. @throws OhmletError DEVICE-READOUT, EQ-NOISE */
function readProduct(
  text: DeviceText,
  resolver: Resolver,
  product: Definition,
  states: readonly string[],
): Multiplication {
  const { line, right } = product;
  const write = "write  product = (1 + eps)*x*y + b";
  const { constant, coefficients } = text.splitDraws(resolver.valueOf(product), line, right, {
    what: "the product",
    write: "add noise as  … + sigma*xi",
  });
  expectOf(product, constant, states, "what is held: its factors are what was read");
  const linear = (e: Expression, by: string) => {
    const split = splitLinear(e, by);
    if (split !== null) return split;
    throw refuse("DEVICE-READOUT", `the product is not linear in ${by}`, line, startOf(right), write);
  };
  const byX = linear(constant, "x");
  const [withX, without] = [linear(byX.coefficient, "y"), linear(byX.constant, "y")];
  const place = placeOfLine(line);
  const finish = (e: Expression): Expression => text.finish(e, "the product", place);
  const amplitude = togetherOf(Object.values(coefficients));
  if (amplitude !== null && !text.isConstant(amplitude))
    throw refuse(
      "EQ-NOISE",
      "the noise of the product depends on its factors",
      line,
      startOf(right),
      "give it a constant amplitude:  … + sigma*xi",
    );
  return {
    xy: finish(withX.coefficient),
    x: finish(withX.constant),
    y: finish(without.coefficient),
    one: finish(without.constant),
    noise: amplitude && finish(amplitude),
  };
}

function checkDimensions(
  text: DeviceText,
  resolver: Resolver,
  read: Definition | null,
  product: Definition | null,
  memories: readonly Memory[],
): ReadoutDevice["dimensions"] {
  const unknowns = new Unknowns();
  const [x, y] = [unknowns.form("x"), unknowns.form("y")];
  const ports = new Map([
    ["x", x],
    ["y", y],
  ]);
  const time = timeOf(text, (read ?? product) as Definition, memories);
  for (const [current, output] of [
    [read, x],
    [product, multiplyForms(x, y)],
  ] as const)
    if (current !== null) checkStates(text, resolver, { ports, output, current, memories, time, unknowns });
  return { x: unknowns.dimensionOf(x), time };
}
