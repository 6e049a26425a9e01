/** Reads a neuron: which lines its text needs, what may depend on what, and in which units. */
import { OhmletError, type Place } from "../errors";
import { differentiate } from "../equations/differentiate";
import { isDraw } from "../equations/draws";
import type { DimensionChecker } from "../equations/dimensions";
import { number, symbol, symbolsOf, type Expression } from "../equations/expression";
import { readLoneExpression, readStatements, type Definition } from "../equations/read";
import type { Resolver } from "../equations/resolve";
import type { Syntax } from "../equations/syntax";
import { checkSize } from "../equations/size";
import { placeOfLine, refuse } from "../equations/token";
import { divideForms, knownForm, ONE, powerForm, Unknowns } from "../equations/unknowns";
import { HERTZ } from "../units/constants";
import { describeDimension, equalDimensions, isDimensionless } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { withBlame } from "./blame";
import { printsItself } from "../display";
import { neuronDatasheet } from "./datasheet";
import { boundsFault, checkBounded, readBounds } from "./bounds";
import { checkPorts, findMotions, readMotion, type Motion } from "./motions";
import { readParameters } from "./parameter";
import { expandFlicker } from "./flicker";
import { checkFlickers } from "./state-dimensions";
import { checkNeuronSpec } from "./spec";
import { DeviceText, rateName } from "./text";
import type { InternalState, Neuron, NeuronSpec } from "./types";

const asNeuron = printsItself(neuronDatasheet);

const PORTS = ["I", "I_nudge", "I_back"];

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
  const text = new DeviceText(
    spec.name,
    spec.equations,
    readParameters(spec.name, spec.parameters, spec.preset),
  );
  const motions = findMotions(text);
  const names = motions.map(({ name }) => name);
  checkBounded(text, names);
  const flickering = text.flickers.map(({ name }) => name);
  const resolver = text.resolver([...names, ...flickering, ...PORTS, ...text.draws]);
  const poles = readPoles(text, resolver, motions);
  const states = motions.map((motion) => readMotion(text, resolver, motion));
  const output = findOutput(text);
  checkPorts(motions, states, text.flickers);
  const rho = text.finish(resolver.resolve(output.tree), "rho", placeOfLine(output.definition.line));
  checkOutput(output.definition, rho, [...names, ...poles.map(({ name }) => name)]);
  const bounds = names.map((name) => readBounds(text, resolver, name));
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);

  const unit = readUnitDrive(text, spec);
  const trees = bounds.map((of) => of?.trees ?? []);
  const dimensions = withUnits(motions, (asked) =>
    withBlame(text, () => checkDimensions(text, resolver, asked, output, unit.tree, trees)),
  );
  text.checkConditions(resolver);
  text.checkAllUsed([spec.unitDrive ?? ""]);
  checkTrainables(
    text,
    [...states.map(({ dynamics }) => dynamics.moving), rho],
    bounds.flatMap((of) => [of?.lower, of?.upper]),
  );
  const finished = motions.map(({ name, unit: dimension }, k): InternalState => {
    const { dynamics, place } = states[k];
    const finish = (e: Expression, what: string): Expression => text.finish(e, what, place);
    const diffusion = dynamics.diffusion && finish(dynamics.diffusion, "the amplitude of the noise");
    const moving = finish(dynamics.moving, "the equation");
    checkSize(differentiate(moving, name), `the derivative of the equation by ${name}`, place);
    return {
      dynamics:
        dynamics.kind === "continuous"
          ? { kind: "continuous", drift: moving, diffusion }
          : { kind: "discrete", next: moving, diffusion },
      bounds: bounds[k] && { lower: bounds[k].lower, upper: bounds[k].upper },
      dimension: dimension ?? DIMENSIONLESS,
    };
  });
  const [u, ...others] = finished;
  const internal = Object.create(null) as Record<string, InternalState>;
  others.forEach((state, k) => (internal[names[k + 1]] = state));
  for (const { name, state } of poles) internal[name] = state;
  const neuron: Neuron = {
    kind: "neuron",
    name: spec.name,
    spec,
    dynamics: u.dynamics,
    internal,
    rho,
    rhoPrime: text.finish(
      differentiate(rho, "u"),
      "the derivative of rho",
      placeOfLine(output.definition.line),
    ),
    bounds: u.bounds,
    parameters: text.parameters,
    dimensions,
    unitDrive: unit.value,
  };
  return Object.freeze(asNeuron(neuron));
}

/** States of flicker noise: one a pole. @throws OhmletError DEVICE-FLICKER, EQ-DUPLICATE */
function readPoles(
  text: DeviceText,
  resolver: Resolver,
  motions: readonly Motion[],
): readonly { readonly name: string; readonly state: InternalState }[] {
  const timed = !isDimensionless(text.timeDimension(motions.map(({ unit }) => unit)));
  return text.flickers.flatMap((flicker) =>
    expandFlicker(text, resolver, flicker, timed ? symbol(HERTZ) : number(1)).map(
      ({ name, leak, amplitude }) => {
        if (motions.some((motion) => motion.name === name) || text.constants.includes(name))
          throw refuse(
            "EQ-DUPLICATE",
            `"${name}" is a state of ${flicker.name}`,
            flicker.line,
            { start: 0 },
            "give one of them another name",
          );
        const place = placeOfLine(flicker.line);
        return {
          name,
          state: {
            dynamics: {
              kind: "continuous",
              drift: text.finish(leak, "the leak", place),
              diffusion: text.finish(amplitude, "the density", place),
            },
            bounds: null,
            dimension: flicker.unit ?? DIMENSIONLESS,
          },
        };
      },
    ),
  );
}

/** Where a neuron's text says how a state moves, or what rho is. */
export function placeOfEquation({ spec }: Neuron, of: string): Place {
  const says = readStatements(spec.name, spec.equations).find(({ kind, name }) =>
    of === "rho"
      ? kind === "definition" && name === "rho"
      : (kind === "rate" || kind === "update") && name === of,
  );
  return says === undefined ? { where: spec.name } : placeOfLine(says.line);
}

/**
 * A parameter that learns acts in what moves the neuron or in what it shows, and in no bound.
 * @throws OhmletError DEVICE-TRAINABLE
 */
function checkTrainables(
  { where, parameters }: DeviceText,
  acts: readonly Expression[],
  bounds: readonly (Expression | null | undefined)[],
): void {
  const [acting, bounding] = [acts, bounds].map(
    (all) => new Set(all.flatMap((e) => (e ? [...symbolsOf(e)] : []))),
  );
  for (const { name, trainable } of Object.values(parameters)) {
    if (trainable === null || (acting.has(name) && !bounding.has(name))) continue;
    throw new OhmletError({
      code: "DEVICE-TRAINABLE",
      fact: bounding.has(name)
        ? "it stands in a bound, and how a state that a bound holds depends on that is not learned"
        : "it is in neither what moves the neuron nor rho, so that nothing could be learned of it",
      place: { where: `${where}, parameter "${name}"` },
      remedy: "take  trainable  out, or use the parameter in the equation of u or of rho",
    });
  }
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

function checkOutput({ line }: Definition, rho: Expression, states: readonly string[]): void {
  const symbols = symbolsOf(rho);
  const source = [...symbols].find(isDraw);
  if (source !== undefined)
    throw refuse(
      "EQ-NOISE",
      `rho depends on the noise ${source}`,
      line,
      line.tokens[0],
      "put the noise into the equation of u",
    );
  const port = [...PORTS, ...states.slice(1)].find((name) => symbols.has(name));
  if (port)
    throw refuse(
      "DEVICE-OUTPUT",
      `rho depends on ${port}`,
      line,
      line.tokens[0],
      "rho is a function of u alone",
    );
}

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

const VOLT: Dimension = [1, 2, -3, -1, 0];

/**
 * The dimensions of a neuron, by `check`. Whoever forgets the unit behind a rate is told so, and not that all the rest
 * is wrong: where all fits in volts, volts were meant.
 * @throws OhmletError EQ-DIMENSION
 */
function withUnits<T>(motions: readonly Motion[], check: (motions: readonly Motion[]) => T): T {
  const failure = (asked: readonly Motion[]): unknown => {
    try {
      check(asked);
      return null;
    } catch (error) {
      return error;
    }
  };
  // What else is amiss is said once this is mended.
  const fits = (error: unknown): boolean => (error as OhmletError | null)?.code !== "EQ-DIMENSION";
  const bare = motions.find(({ unit }) => unit === null);
  if (
    bare !== undefined &&
    !fits(failure(motions)) &&
    fits(failure(motions.map((motion) => ({ ...motion, unit: motion.unit ?? VOLT }))))
  )
    throw refuse(
      "EQ-DIMENSION",
      `${bare.name} has no unit here, and all fits where it is in V`,
      bare.line,
      { start: 0 },
      `write  ${bare.line.text.trim()} : V`,
    );
  return check(motions);
}

function checkDimensions(
  text: DeviceText,
  resolver: Resolver,
  motions: readonly Motion[],
  output: Output,
  unitDrive: Syntax | null,
  bounds: readonly (readonly Syntax[])[],
): Neuron["dimensions"] {
  const units = motions.map(({ unit }) => unit ?? DIMENSIONLESS);
  const inTime = motions[0].kind === "rate";
  const time = inTime ? text.timeDimension(units) : DIMENSIONLESS;
  const unknowns = new Unknowns();
  const current = unknowns.form("I");
  // White noise of unit density has the dimension of 1/sqrt(time); a draw for a map has none.
  const xi = powerForm(knownForm(time), -0.5);
  const ports = new Map([
    ["I", current],
    ["I_nudge", current],
    ["I_back", current],
    ...[...text.draws].map((name) => [name, xi] as const),
    ...motions.flatMap(({ name }, k) => [
      [name, knownForm(units[k])] as const,
      [rateName(name), divideForms(knownForm(units[k]), knownForm(time))] as const,
    ]),
  ]);
  for (const { name, unit } of text.flickers) ports.set(name, knownForm(unit ?? DIMENSIONLESS));
  const checker = text.checker(ports, resolver, unknowns);

  const rho = checker.formOf(output.tree);
  for (const definition of text.definitions) if (definition.parameters === null) checker.valueOf(definition);
  motions.forEach((motion, k) => {
    const { name } = motion;
    if (motion.kind === "rate") text.equateRate(motion, checker);
    else
      checker.equate({ text: name, form: knownForm(units[k]) }, motion.right, checker.formOf(motion.right));
    const saying = `${name} is in ${describeDimension(units[k])}`;
    for (const tree of bounds[k]) checker.expect(tree, checker.formOf(tree), units[k], saying);
  });
  checkFlickers(text, checker, unknowns, time);
  text.compareConditions(checker, resolver);
  for (const line of text.bounds) {
    const unit = units[motions.findIndex(({ name }) => name === line.name)];
    if (line.unit && !equalDimensions(line.unit, unit))
      throw boundsFault(
        line,
        `the bounds are annotated ${describeDimension(line.unit)}, but ${line.name} is in ${describeDimension(unit)}`,
      );
  }
  const drive = unknowns.settle(current);
  checkUnitDrive(text, checker, unitDrive, drive);
  return { u: units[0], I: drive, rho: unknowns.settle(rho), time };
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
