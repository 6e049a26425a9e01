/**
 * From what a config says of a device to its plain data: names looked up, files read, entries of the
 * catalogue made.
 */
import { readDevice } from "../device/read-device";
import type { DeviceSpec, NeuronSpec, ParameterSpec, ReadoutSpec, SynapseSpec } from "../device/types";
import { nearest } from "../equations/functions";
import { isFile, sourceBeside, type Context } from "./context";
import {
  CATALOGUE,
  device as deviceSchema,
  type DeviceConfig,
  type NeuronConfig,
  type SynapseConfig,
} from "./device-schema";
import { at } from "./locate";
import type { Node } from "./node";
import { fault } from "./schema";
import { readColumn } from "./measured";
import { parseConfig } from "./text";

/** What a device is asked to be. */
export type DeviceKind = "neuron" | "synapse" | "readout";

export const resolveNeuron = (config: NeuronConfig, context: Context, node?: Node): NeuronSpec =>
  resolveDevice(config, "neuron", context, node) as NeuronSpec;
export const resolveSynapse = (config: SynapseConfig, context: Context, node?: Node): SynapseSpec =>
  resolveDevice(config, "synapse", context, node) as SynapseSpec;

export const resolveReadout = (config: DeviceConfig, context: Context, node?: Node): ReadoutSpec =>
  resolveDevice(config, "readout", context, node) as ReadoutSpec;

/**
 * The spec of a device that a config means: one of the catalogue with its options, one of the config's own
 * `devices`, one written out, or a file beside it.
 * @param node where it stands
 * @param fallback its name, where it has none of its own
 * @throws OhmletError CONFIG-NAME, CONFIG-PATH and the errors of src/device, at their place in the file
 */
export function resolveDevice(
  config: DeviceConfig,
  kind: DeviceKind | null,
  context: Context,
  node?: Node,
  fallback = kind ?? "device",
): DeviceSpec {
  if (typeof config === "string") return byName(config, kind, context, node);
  const own = context.origins.get(config) ?? node;
  const spec =
    "device" in config
      ? fromCatalogue(config, own)
      : written(
          at(own, () => withMeasured(config, context, own)),
          kind,
          fallback,
        );
  if (kind !== null && spec.kind !== kind) throw expected(kind, spec.kind, own);
  at(own, () => readDevice(spec));
  return spec;
}

function byName(name: string, kind: DeviceKind | null, context: Context, node?: Node): DeviceSpec {
  if (Object.hasOwn(context.devices, name)) {
    const { [name]: found, ...others } = context.devices;
    // without itself, so that no name leads in a circle
    return resolveDevice(found, kind, { ...context, devices: others }, undefined, name);
  }
  for (const each of ["neuron", "synapse", "noise", "readout"] as const) {
    if (!Object.hasOwn(CATALOGUE[each], name)) continue;
    if (kind !== null && each !== kind) throw expected(kind, each, node);
    return CATALOGUE[each][name].make({});
  }
  if (isFile(name)) return at(node, () => fromFile(name, kind, context, node));
  const names = [
    ...Object.keys(context.devices),
    ...(["neuron", "synapse", "readout"] as const).flatMap((each) =>
      kind === null || kind === each ? Object.keys(CATALOGUE[each]) : [],
    ),
  ];
  throw unknown(name, kind ?? "device", names, node);
}

function fromFile(path: string, kind: DeviceKind | null, context: Context, node?: Node): DeviceSpec {
  const source = sourceBeside(context, path, node);
  const root = parseConfig(source);
  // A file of a device stands for itself: it sees the catalogue, and no names of the config that asks for it.
  return resolveDevice(
    deviceSchema.read(root, context.origins),
    kind,
    { ...context, devices: {}, source, readBeside: undefined },
    root,
    path.replace(/^.*\//, "").replace(/\.\w+$/, ""),
  );
}

function fromCatalogue({ device, ...options }: { readonly device: string }, node?: Node): DeviceSpec {
  const entries = Object.values(CATALOGUE).find((each) => Object.hasOwn(each, device))!;
  return at(node, () => entries[device].make(options));
}

type Written = Exclude<DeviceConfig, string | { readonly device: string }>;

/** Measured values that stand in a file beside the config, in their place. */
function withMeasured(config: Written, context: Context, node?: Node): Written {
  const parameters = Object.entries(config.parameters ?? {}).map(([name, spec]): [string, ParameterSpec] =>
    typeof spec === "object" && "values" in spec && typeof spec.values === "string"
      ? [name, { values: readColumn(sourceBeside(context, spec.values, node)) }]
      : [name, spec],
  );
  return config.parameters === undefined ? config : { ...config, parameters: Object.fromEntries(parameters) };
}

/**
 * Equations. What says which kind it is: its own word, then where it stands, then what it
 * defines.
 */
function written(
  { name, kind: own, unitDrive, initial, ...rest }: Written,
  asked: DeviceKind | null,
  fallback: string,
): DeviceSpec {
  const base = { name: name ?? fallback, ...rest };
  const defines = (what: RegExp): boolean => what.test(rest.equations);
  const kind =
    own ??
    asked ??
    (defines(/^[ \t]*I[ \t]*=/m)
      ? "synapse"
      : defines(/^[ \t]*(read|product)[ \t]*=/m)
        ? "readout"
        : "neuron");
  if (kind === "noise" || kind === "readout")
    return { kind, ...base, ...(initial !== undefined && { initial }) };
  if (kind === "synapse")
    return {
      kind: "synapse",
      ...base,
      ...(initial !== undefined && { initial }),
      ...(unitDrive !== undefined && { unitDrive }),
    };
  return {
    kind: "neuron",
    ...base,
    ...(unitDrive !== undefined && { unitDrive }),
    ...(initial !== undefined && { initial }),
  };
}

function expected(kind: DeviceKind, found: string, node?: Node): Error {
  return fault(
    node ?? nowhere,
    "CONFIG-NAME",
    `a ${found} stands where a ${kind} is needed`,
    `${kind}s of the catalogue: ${Object.keys(CATALOGUE[kind]).join(", ")}`,
  );
}

export function unknown(name: string, kind: string, names: readonly string[], node?: Node): Error {
  const near = nearest(name.slice(0, 60), names);
  return fault(
    node ?? nowhere,
    "CONFIG-NAME",
    `there is no ${kind} "${name.slice(0, 60)}"`,
    `${near === null ? "" : `did you mean "${near}"? `}${kind}s: ${names.join(", ")}; a file ends in ` +
      ".yaml, .yml or .json",
  );
}

const nowhere: Node = { kind: "scalar", value: null, path: "" };
