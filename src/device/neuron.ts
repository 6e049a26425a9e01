/** Reads a neuron: which lines its text needs, what may depend on what, and in which units. */
import { OhmletError, type Place } from "../errors";
import { differentiate } from "../equations/differentiate";
import type { DimensionChecker } from "../equations/dimensions";
import { number, symbolsOf, type Expression } from "../equations/expression";
import {
  readLoneExpression,
  readStatements,
  type Bounds,
  type Definition,
  type Rate,
  type Update,
} from "../equations/read";
import type { Resolver } from "../equations/resolve";
import type { Syntax } from "../equations/syntax";
import { checkSize } from "../equations/size";
import { placeOfLine, refuse } from "../equations/token";
import { divideForms, knownForm, ONE, powerForm, Unknowns } from "../equations/unknowns";
import { describeDimension, equalDimensions } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { withBlame } from "./blame";
import { printsItself } from "../display";
import { neuronDatasheet } from "./datasheet";
import { readParameters } from "./parameter";
import { checkNeuronSpec } from "./spec";
import { DeviceText, rateName } from "./text";
import type { Neuron, NeuronSpec } from "./types";

const asNeuron = printsItself(neuronDatasheet);

const PORTS = ["u", "I", "I_nudge", "xi"];

/**
 * Reads a neuron from its spec; see `NeuronSpec` for the language.
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, DEVICE-… of the device as a whole
 */
export function defineNeuron(
  spec: (Omit<NeuronSpec, "kind"> & { readonly kind?: "neuron" }) | Neuron,
): Neuron {
  return readNeuron(spec);
}

/**
 * The same for data of any origin, whose shape is checked first. @throws OhmletError DEVICE-SPEC and as
 * `defineNeuron`
 */
export function readNeuron(input: unknown): Neuron {
  const spec = checkNeuronSpec(input);
  const text = new DeviceText(spec.name, spec.equations, readParameters(spec.name, spec.parameters));
  const motion = findMotion(text);
  const moves = placeOfLine(motion.line);
  const resolver = text.resolver(PORTS);
  const right = motion.kind === "rate" ? text.solveRate(motion, resolver) : resolver.resolve(motion.right);
  const noise = { what: "the equation", write: "add noise as  … + amplitude*xi" };
  // What multiplies du/dt would stand in every term of a remedy.
  if (motion.kind === "rate")
    text.splitNoise(resolver.resolve(motion.right), motion.line, motion.right, noise);
  const split = text.splitNoise(right, motion.line, motion.right, noise);
  const output = findOutput(text);
  checkPorts(motion, right);
  const rho = text.finish(resolver.resolve(output.tree), "rho", placeOfLine(output.definition.line));
  checkOutput(output.definition, rho);
  const bounds = readBounds(text, resolver);
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);

  const unit = readUnitDrive(text, spec);
  const dimensions = withBlame(text, () =>
    checkDimensions(text, resolver, motion, output, unit.tree, bounds?.trees ?? []),
  );
  text.checkConditions(resolver);
  text.checkAllUsed([spec.unitDrive ?? ""]);
  const diffusion =
    split.coefficient.kind === "number" && split.coefficient.value === 0
      ? null
      : text.finish(split.coefficient, "the amplitude of the noise", moves);
  const rest = text.finish(split.constant, "the equation", moves);
  checkSize(differentiate(rest, "u"), "the derivative of the equation by u", moves);
  const neuron: Neuron = {
    kind: "neuron",
    name: spec.name,
    spec,
    dynamics:
      motion.kind === "rate"
        ? { kind: "continuous", drift: rest, diffusion }
        : { kind: "discrete", next: rest, diffusion },
    rho,
    rhoPrime: text.finish(
      differentiate(rho, "u"),
      "the derivative of rho",
      placeOfLine(output.definition.line),
    ),
    bounds: bounds && { lower: bounds.lower, upper: bounds.upper },
    parameters: text.parameters,
    dimensions,
    unitDrive: unit.value,
  };
  return Object.freeze(asNeuron(neuron));
}

/** The one line that moves u. */
function findMotion(text: DeviceText): Rate | Update {
  const odd = [...text.updates.filter(({ event }) => event !== null), ...text.flickers][0];
  if (odd)
    throw refuse(
      "DEVICE-EVENT",
      odd.kind === "flicker"
        ? "a neuron has no flicker noise of its own"
        : `a neuron has no event ${odd.event}`,
      odd.line,
      { start: 0 },
      "write  u <- …  or  C*du/dt = …",
    );
  const [motion, second] = [...text.rates, ...text.updates].sort((a, b) => a.line.number - b.line.number);
  const help = "write one line  C*du/dt = …  or  u <- …";
  if (motion === undefined)
    throw new OhmletError({
      code: "DEVICE-DYNAMICS",
      fact: "no line says how u moves",
      place: { where: text.where },
      remedy: help,
    });
  const stranger = [motion, second].find((line) => line !== undefined && line.name !== "u");
  if (stranger)
    throw refuse(
      "DEVICE-DYNAMICS",
      `the state of a neuron is u, not ${stranger.name}`,
      stranger.line,
      stranger.line.tokens[0],
      help,
    );
  if (second)
    throw refuse(
      "DEVICE-DYNAMICS",
      "a second line says how u moves",
      second.line,
      second.line.tokens[0],
      "keep one of the two",
    );
  return motion;
}

/** Where a neuron's text says how u moves, or what rho is. */
export function placeOfEquation({ spec }: Neuron, of: "u" | "rho"): Place {
  const says = readStatements(spec.name, spec.equations).find(({ kind, name }) =>
    of === "rho" ? kind === "definition" && name === "rho" : kind === "rate" || kind === "update",
  );
  return says === undefined ? { where: spec.name } : placeOfLine(says.line);
}

interface Output {
  readonly definition: Definition;
  readonly tree: Syntax;
}

/** rho = …, or rho(u) = …. */
function findOutput(text: DeviceText): Output {
  const definition = text.definitions.find(({ name }) => name === "rho");
  if (definition === undefined) {
    throw new OhmletError({
      code: "DEVICE-OUTPUT",
      fact: "no line defines rho, the output that synapses see",
      place: { where: text.where },
      remedy: "add a line such as  rho = u  or  rho = tanh(u/u_slope)",
    });
  }
  return {
    definition,
    tree: readLoneExpression(text.where, definition.parameters === null ? "rho" : "rho(u)"),
  };
}

function checkPorts(motion: Rate | Update, right: Expression): void {
  const symbols = symbolsOf(right);
  for (const port of ["I", "I_nudge"]) {
    if (symbols.has(port)) continue;
    throw refuse(
      "DEVICE-PORT",
      `${port === "I" ? "the current of the synapses, I," : "the nudging force, I_nudge,"} does not reach u`,
      motion.line,
      null,
      `add  + ${port}  to the equation of u`,
    );
  }
}

function checkOutput({ line }: Definition, rho: Expression): void {
  const symbols = symbolsOf(rho);
  if (symbols.has("xi"))
    throw refuse(
      "EQ-NOISE",
      "rho depends on the noise xi",
      line,
      line.tokens[0],
      "put the noise into the equation of u",
    );
  const port = ["I", "I_nudge"].find((name) => symbols.has(name));
  if (port)
    throw refuse(
      "DEVICE-OUTPUT",
      `rho depends on ${port}`,
      line,
      line.tokens[0],
      "rho is a function of u alone",
    );
}

/** Bounds of u, from one line or from two. */
function readBounds(text: DeviceText, resolver: Resolver) {
  if (text.bounds.length === 0) return null;
  const trees: Syntax[] = [];
  const end = (side: "lower" | "upper"): Expression | null => {
    const [line, second] = text.bounds.filter((bounds) => bounds[side] !== null);
    if (second) throw boundsFault(second, `u has two ${side} bounds`);
    if (line === undefined) return null;
    const tree = line[side]!;
    const value = text.finish(resolver.resolve(tree), "the bound", placeOfLine(line.line));
    if (line.name !== "u" || !text.isConstant(value))
      throw boundsFault(line, "bounds are those of u, by numbers and parameters");
    trees.push(tree);
    return value;
  };
  const [lower, upper] = [end("lower"), end("upper")];
  if (lower && upper && text.nominal(lower) >= text.nominal(upper))
    throw boundsFault(text.bounds[0], "the lower bound is not below the upper one");
  return { lower, upper, trees };
}

const boundsFault = (bounds: Bounds, fact: string): OhmletError =>
  refuse("DEVICE-BOUNDS", fact, bounds.line, bounds.line.tokens[0], "write  0 <= u <= 1");

function readUnitDrive(text: DeviceText, spec: NeuronSpec): { tree: Syntax | null; value: Expression } {
  if (spec.unitDrive === undefined) return { tree: null, value: number(1) };
  const { tree, value } = text.field("unitDrive", spec.unitDrive);
  const finished = text.finish(value, "the unit drive");
  if (text.nominal(finished) > 0) return { tree, value: finished };
  throw new OhmletError({
    code: "DEVICE-VALUE",
    fact: `the unit drive ${spec.unitDrive} is ${text.nominal(finished)}`,
    place: { where: text.where },
    remedy: "weights are counted in it: it must be positive",
  });
}

function checkDimensions(
  text: DeviceText,
  resolver: Resolver,
  motion: Rate | Update,
  output: Output,
  unitDrive: Syntax | null,
  bounds: readonly Syntax[],
): Neuron["dimensions"] {
  const u = motion.unit ?? DIMENSIONLESS;
  const time = motion.kind === "rate" ? text.timeDimension([u]) : DIMENSIONLESS;
  const unknowns = new Unknowns();
  const current = unknowns.form("I");
  const state = knownForm(u);
  // White noise of unit density has the dimension of 1/sqrt(time); a draw for a map has none.
  const xi = powerForm(knownForm(time), -0.5);
  const ports = new Map([
    ["u", state],
    ["I", current],
    ["I_nudge", current],
    ["xi", xi],
    [rateName("u"), divideForms(state, knownForm(time))],
  ]);
  const checker = text.checker(ports, resolver, unknowns);

  const rho = checker.formOf(output.tree);
  for (const definition of text.definitions) if (definition.parameters === null) checker.valueOf(definition);
  if (motion.kind === "rate") text.equateRate(motion, checker);
  else checker.equate({ text: "u", form: state }, motion.right, checker.formOf(motion.right));
  for (const tree of bounds) checker.expect(tree, checker.formOf(tree), u, `u is in ${describeDimension(u)}`);
  text.compareConditions(checker, resolver);
  for (const line of text.bounds)
    if (line.unit && !equalDimensions(line.unit, u))
      throw boundsFault(
        line,
        `the bounds are annotated ${describeDimension(line.unit)}, but u is in ${describeDimension(u)}`,
      );
  const drive = unknowns.settle(current);
  checkUnitDrive(text, checker, unitDrive, drive);
  return { u, I: drive, rho: unknowns.settle(rho), time };
}

function checkUnitDrive(
  text: DeviceText,
  checker: DimensionChecker,
  tree: Syntax | null,
  drive: Dimension,
): void {
  if (tree !== null)
    return checker.expect(
      tree,
      checker.formOf(tree),
      drive,
      `the current I is in ${describeDimension(drive)}`,
    );
  if (equalDimensions(drive, ONE.known)) return;
  throw new OhmletError({
    code: "DEVICE-UNIT-DRIVE",
    fact:
      `the current I is in ${describeDimension(drive)}, but no unitDrive says what current one unit of ` +
      "weight drives",
    place: { where: text.where },
    remedy: 'add a field such as  unitDrive: "g_leak*u_slope"',
  });
}
