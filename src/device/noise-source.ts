/** Reads a source of noise: what it holds, and the current that it makes of it. */
import { OhmletError } from "../errors";
import { printsItself } from "../display";
import { placeOfLine } from "../equations/token";
import { Unknowns } from "../equations/unknowns";
import { withBlame } from "./blame";
import { noiseDatasheet } from "./datasheet";
import { expectUntrainable, readParameters } from "./parameter";
import { checkNoiseSpec } from "./spec";
import { checkStates, timeOf } from "./state-dimensions";
import { checkStarts, portsOf, readStates, stateNames, type StateKind } from "./states";
import { recordOf } from "./synapse";
import { DeviceText } from "./text";
import type { NoiseSource, NoiseSpec } from "./types";

const asNoise = printsItself(noiseDatasheet);
const KIND: StateKind = { plain: "step", events: ["step"], ports: [] };

/**
 * Reads a source of noise from its spec; see `NoiseSpec` for the language.
 * @throws OhmletError EQ-… for a fault of the text, UNIT-… of a quantity, DEVICE-… of the device as a whole
 */
export function defineNoise(
  spec: (Omit<NoiseSpec, "kind"> & { readonly kind?: "noise" }) | NoiseSource,
): NoiseSource {
  return readNoise(spec);
}

/** The same for data of any origin, whose shape is checked first. @throws OhmletError DEVICE-SPEC and others */
export function readNoise(input: unknown): NoiseSource {
  const spec = checkNoiseSpec(input);
  const text = new DeviceText(
    spec.name,
    spec.equations,
    readParameters(spec.name, spec.parameters, spec.preset),
  );
  expectUntrainable(spec.name, text.parameters);
  const names = stateNames(text, KIND, spec.initial);
  const resolver = text.resolver([...portsOf(text, KIND), ...text.draws, ...names]);
  const current = text.definitions.find(({ name }) => name === "I");
  if (current === undefined || current.parameters !== null)
    throw new OhmletError({
      code: "DEVICE-OUTPUT",
      fact: "no line defines I, the current of the noise",
      place: { where: text.where },
      remedy: "add a line such as  I = dI*trap",
    });
  const whole = resolver.valueOf(current);
  for (const definition of text.definitions) if (definition.parameters === null) resolver.valueOf(definition);
  const memories = readStates(text, resolver, KIND, [whole], spec.initial);
  const unknowns = new Unknowns();
  const output = unknowns.form("I");
  const time = timeOf(text, current, memories);
  withBlame(text, () =>
    checkStates(text, resolver, { ports: new Map(), output, current, memories, time, unknowns }),
  );
  text.checkConditions(resolver);
  checkStarts(text, memories);
  text.checkAllUsed(Object.values(spec.initial ?? {}));
  const place = placeOfLine(current.line);
  const { constant, coefficients } = text.splitDraws(whole, current.line, current.right, {
    what: "I",
    write: "add noise as  … + amplitude*xi",
  });
  const source: NoiseSource = {
    kind: "noise",
    name: spec.name,
    spec,
    output: text.finish(constant, "the current", place),
    reads: Object.fromEntries(
      Object.entries(coefficients).map(([draw, e]) => [draw, text.finish(e, "the read noise", place)]),
    ),
    stored: recordOf(memories),
    parameters: text.parameters,
    dimensions: { I: unknowns.settle(output), time },
  };
  return Object.freeze(asNoise(source));
}
