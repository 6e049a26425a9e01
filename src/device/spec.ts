/**
 * Checks that plain data has the shape of a device's spec before anything else looks at it: it may come from
 * a file. Shapes only; what the texts mean is read in neuron.ts and synapse.ts.
 */
import { OhmletError } from "../errors";
import { nearest } from "../equations/functions";
import { checkName } from "../equations/token";
import type {
  DeviceSpec,
  NeuronSpec,
  NoiseSpec,
  ParameterSpec,
  Provenance,
  ReadoutSpec,
  SynapseSpec,
} from "./types";

type Data = Readonly<Record<string, unknown>>;

const COMMON = ["kind", "name", "equations", "parameters", "source", "summary", "preset"];
const KINDS: readonly DeviceSpec["kind"][] = ["neuron", "synapse", "noise", "readout"];
const LONGEST_NAME = 80;
const MOST_PARAMETERS = 100;
const MOST_VALUES = 100_000;

/** The spec of a device that was read, or the spec itself: a spec has no field of that name. */
export function specOf<S extends DeviceSpec>(device: S | { readonly spec: S }): S;
export function specOf(device: unknown): unknown;
export function specOf(device: unknown): unknown {
  const isRead =
    typeof device === "object" &&
    device !== null &&
    "kind" in device &&
    KINDS.some((kind) => kind === device.kind) &&
    "spec" in device &&
    typeof device.spec === "object";
  return isRead ? device.spec : device;
}

/** @throws DEVICE-SPEC, EQ-NAME */
export function checkNeuronSpec(input: unknown): NeuronSpec {
  const { data, where, common } = checkCommon(specOf(input), "neuron", [...COMMON, "unitDrive"]);
  const unitDrive = optionalText(data, "unitDrive", where);
  return inOrderOf(data, { kind: "neuron", ...common, ...(unitDrive !== undefined && { unitDrive }) });
}

/** Of a device with states of its own. @throws DEVICE-SPEC, EQ-NAME */
function checkHolding<K extends "synapse" | "noise" | "readout">(input: unknown, kind: K) {
  const { data, where, common } = checkCommon(specOf(input), kind, [...COMMON, "initial"]);
  const initial = record(data, "initial", where, (value, key) => text(value, `initial.${key}`, where));
  return inOrderOf(data, { kind, ...common, ...(initial && { initial }) });
}

/** @throws DEVICE-SPEC, EQ-NAME */
export const checkSynapseSpec = (input: unknown): SynapseSpec => checkHolding(input, "synapse");
/** @throws DEVICE-SPEC, EQ-NAME */
export const checkNoiseSpec = (input: unknown): NoiseSpec => checkHolding(input, "noise");
/** @throws DEVICE-SPEC, EQ-NAME */
export const checkReadoutSpec = (input: unknown): ReadoutSpec => checkHolding(input, "readout");

/** Keys in the order in which they were given, so that a device and its spec are the same text, too. */
function inOrderOf<S extends object>(data: Data, spec: S): Readonly<S> {
  const order = Object.keys(data);
  const rank = ([key]: readonly [string, unknown]): number => order.indexOf(key);
  return Object.freeze(Object.fromEntries(Object.entries(spec).sort((a, b) => rank(a) - rank(b))) as S);
}

function checkCommon(input: unknown, kind: string, keys: readonly string[]) {
  const data = object(input, `a ${kind}`, `the ${kind}`);
  const where = text(data.name, "name", `a ${kind}`);
  if (where.trim() === "" || where.length > LONGEST_NAME || /\p{Cc}/u.test(where)) {
    throw fault(
      `a ${kind}`,
      `its name must be a line of 1 to ${LONGEST_NAME} characters`,
      "give it a short name",
    );
  }
  checkKeys(data, keys, where);
  if (data.kind !== undefined && data.kind !== kind)
    throw fault(
      where,
      `it is a ${describe(data.kind)}, where a ${kind} is needed`,
      `write  kind: "${kind}"  where that is what it is`,
    );
  const parameters = record(data, "parameters", where, (value, key) => parameter(value, key, where));
  const source = optionalText(data, "source", where);
  const summary = optionalText(data, "summary", where);
  const equations = text(data.equations, "equations", where);
  const preset = record(data, "preset", where, (value, key) =>
    provenance(value, `${where}, preset "${key}"`),
  );
  const common = {
    name: where,
    equations,
    ...(parameters && { parameters }),
    ...(source !== undefined && { source }),
    ...(summary !== undefined && { summary }),
    ...(preset && { preset }),
  };
  return { data, where, common };
}

function parameter(value: unknown, key: string, where: string): ParameterSpec {
  if (typeof value === "number" || typeof value === "string") return value;
  const place = `${where}, parameter "${key}"`;
  const data = object(value, place, "a parameter");
  if ("share" in data) {
    checkKeys(data, ["share"], place);
    return Object.freeze({ share: numberOrText(data.share, "share", place) });
  }
  if ("values" in data) {
    checkKeys(data, ["values"], place);
    return Object.freeze({ values: measured(data.values, place) });
  }
  checkKeys(
    data,
    ["value", "mismatch", "sd", "distribution", "matching", "area", "trainable", "range", "share", "values"],
    place,
  );
  const { value: nominal, distribution, trainable, range } = data;
  if (distribution !== undefined && distribution !== "normal" && distribution !== "lognormal") {
    throw fault(place, `${describe(distribution)} is not a distribution`, 'write "normal" or "lognormal"');
  }
  if (trainable !== undefined && typeof trainable !== "boolean")
    throw fault(
      place,
      `"trainable" must be true or false, not ${describe(trainable)}`,
      "write true or false",
    );
  if (range !== undefined && !(Array.isArray(range) && range.length === 2))
    throw fault(place, '"range" must be the least and the largest value', "write range: [0.5, 2]");
  return Object.freeze({
    value: numberOrText(nominal, "value", place),
    ...Object.fromEntries(
      (["mismatch", "sd", "matching", "area"] as const).flatMap((key) =>
        data[key] === undefined ? [] : [[key, numberOrText(data[key], key, place)]],
      ),
    ),
    ...(distribution !== undefined && { distribution }),
    ...(trainable !== undefined && { trainable }),
    ...(Array.isArray(range) && {
      range: Object.freeze(range.map((end: unknown) => numberOrText(end, "range", place))),
    }),
  });
}

function provenance(value: unknown, place: string): Provenance {
  const data = object(value, place, "where a value comes from");
  checkKeys(data, ["origin", "source", "valid"], place);
  const { origin, valid } = data;
  if (origin !== "measured" && origin !== "fitted" && origin !== "assumed")
    throw fault(place, `${describe(origin)} is no origin`, 'write "measured", "fitted" or "assumed"');
  if (!Array.isArray(valid) || valid.length !== 2)
    throw fault(place, '"valid" must be the least and the largest value', "write valid: [0.001, 0.1]");
  const source = optionalText(data, "source", place);
  const [least, largest] = valid.map((each: unknown) => numberOrText(each, "valid", place));
  return Object.freeze({ origin, ...(source !== undefined && { source }), valid: [least, largest] });
}

/** Values that were measured; a text is a file, which a config reads before it comes here. */
function measured(value: unknown, place: string): readonly (number | string)[] {
  if (!Array.isArray(value))
    throw fault(
      place,
      `"values" must be a list here, not ${describe(value)}`,
      "write the values: [1, 2, 3]; a config may name a CSV file beside it",
    );
  if (value.length === 0 || value.length > MOST_VALUES)
    throw fault(place, `"values" has ${value.length} entries`, `give 1 to ${MOST_VALUES} values`);
  return Object.freeze(value.map((each: unknown) => numberOrText(each, "values", place)));
}

/** A copy of a record without prototype, its keys checked as names. */
function record<T>(
  data: Data,
  key: string,
  where: string,
  read: (value: unknown, key: string) => T,
): Readonly<Record<string, T>> | undefined {
  if (data[key] === undefined) return undefined;
  const entries = Object.entries(object(data[key], where, `"${key}"`));
  if (entries.length > MOST_PARAMETERS)
    throw fault(where, `"${key}" has more than ${MOST_PARAMETERS} entries`, "write fewer");
  const copy = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) {
    checkName(name, `${where}, ${key}`);
    copy[name] = read(value, name);
  }
  return Object.freeze(copy);
}

function object(value: unknown, where: string, what: string): Data {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Data;
  throw fault(where, `${what} must be an object, not ${describe(value)}`, "write { key: value }");
}

function text(value: unknown, key: string, where: string): string {
  if (typeof value === "string") return value;
  throw fault(where, `"${key}" must be a text, not ${describe(value)}`, "write it in quotes");
}

function optionalText(data: Data, key: string, where: string): string | undefined {
  return data[key] === undefined ? undefined : text(data[key], key, where);
}

function numberOrText(value: unknown, key: string, where: string): number | string {
  if (typeof value === "number" || typeof value === "string") return value;
  throw fault(
    where,
    `"${key}" must be a number or a text with a unit, not ${describe(value)}`,
    'write 0.2 or "50 nS"',
  );
}

function checkKeys(data: Data, allowed: readonly string[], where: string): void {
  for (const key of Object.keys(data)) {
    if (allowed.includes(key)) continue;
    const near = nearest(key, allowed);
    throw fault(
      where,
      `it has no field "${key.slice(0, 40)}"`,
      near ? `did you mean "${near}"?` : `its fields are ${allowed.join(", ")}`,
    );
  }
}

const fault = (where: string, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code: "DEVICE-SPEC", fact, place: { where }, remedy });

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "string"
    ? `"${value.slice(0, 40)}"`
    : typeof value === "object"
      ? "an object"
      : `a ${typeof value}`;
}
