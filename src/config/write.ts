/**
 * Writes runs and studies so that they can be run again without the files and the catalogue that they came
 * from.
 */
import { Document, isScalar, isSeq, visit } from "yaml";
import type { Circuit } from "../circuit/chip-types";
import type { DeviceSpec } from "../device/types";
import { check, optionsOf } from "../options";
import { escapedQuotes, needsQuotes, oneLine } from "../printable";
import { readoutOptionsOf, type Run } from "./run";
import { nodeOf } from "./node";
import { run as runSchema, type CompleteRunConfig } from "./run-schema";
import { study as studySchema, type CompleteStudyConfig } from "./study";

/** What a config may leave open, and a run has decided. */
export interface Decided {
  readonly chipSeed: number;
  readonly dt?: number;
  readonly rule: NonNullable<CompleteRunConfig["rule"]>;
  readonly solver: NonNullable<CompleteRunConfig["solver"]>;
  readonly engine: string;
  readonly train: number;
  readonly test: number;
}

const readDecided = optionsOf<Decided>("resolvedConfig", {
  needs: {
    chipSeed: check.numeric,
    rule: check.anything,
    solver: check.anything,
    engine: check.text,
    train: check.whole(1),
    test: check.whole(1),
  },
  takes: { dt: check.positive },
});

/**
 * The config with everything decided: the whole graph, every device, every default. A folder of data is left
 * out: it is the user's to name.
 */
export function resolvedConfig(run: Run, circuit: Circuit, decided: Decided): CompleteRunConfig {
  readDecided(decided);
  const { config } = run;
  const devices = new Map<string, DeviceSpec>();
  const { name, summary, populations, projections, input, output, cost, wires, temperature } = circuit.spec;
  const graph = {
    name,
    ...(summary !== undefined && { summary }),
    populations: populations.map(({ neuron, ...p }) => ({
      ...p,
      ...(neuron !== undefined && { neuron: keep(devices, neuron) }),
    })),
    projections: projections.map(({ synapse, ...p }) => ({ ...p, synapse: keep(devices, synapse) })),
    input,
    output,
    cost,
    ...(config.wires === undefined && wires !== undefined && { wires }),
    ...(config.temperature === undefined && temperature !== undefined && { temperature }),
  };
  const { $schema: _, dt: __, outputs: ___, devices: ____, ...rest } = config;
  const { train, test } = decided;
  const data =
    config.data.kind === "generated"
      ? { ...config.data, seed: config.data.seed ?? config.seed, train, test }
      : { ...readingOf(config.data), train, test };
  return {
    ...rest,
    ...(config.readout !== undefined && { readout: readoutIn(run, devices) }),
    circuit: graph,
    devices: Object.fromEntries(devices),
    data,
    chip: { ...config.chip, seed: decided.chipSeed },
    rule: decided.rule,
    solver: decided.solver,
    engine: decided.engine,
    ...(decided.dt !== undefined && { dt: decided.dt }),
  };
}

/** Readouts by name, from files or written out are listed with the devices; numbers stay numbers. */
function readoutIn(run: Run, devices: Map<string, DeviceSpec>): CompleteRunConfig["readout"] {
  const { readout } = run.config;
  const { device, drive } = readoutOptionsOf(run) ?? {};
  const given = typeof readout === "object" ? readout : PLAIN;
  const ofNumbers = typeof readout === "object" && readout.device === undefined;
  return {
    ...given,
    ...(device !== undefined && !ofNumbers && { device: keep(devices, device) }),
    ...(drive !== undefined && { drive: keep(devices, drive) }),
  };
}

const PLAIN = { chop: "none", zero: 0 } as const;

/** How files of data are read, wherever they are. */
function readingOf(data: Extract<CompleteRunConfig["data"], { readonly kind: "folder" }>) {
  const { folder: _, ...reading } = data;
  return reading;
}

/**
 * The name under which a device is listed: its own, made fit for a key, and numbered where another has it.
 */
function keep(devices: Map<string, DeviceSpec>, spec: DeviceSpec): string {
  const text = JSON.stringify(spec);
  const plain = `${/^[A-Za-z]/.test(spec.name) ? "" : spec.kind}${spec.name.replace(/[^A-Za-z0-9_ -]/g, "-")}`
    .trim()
    .slice(0, 70);
  for (let attempt = 1; ; attempt++) {
    const key = attempt === 1 ? plain : `${plain} ${attempt}`;
    const found = devices.get(key);
    if (found === undefined) devices.set(key, spec);
    if (found === undefined || JSON.stringify(found) === text) return key;
  }
}

/** YAML that reads back as the same config; lists of numbers on one line. @param comment lines for the top */
export function writeConfig(config: CompleteRunConfig, comment: readonly string[] = []): string {
  // Read as a file would be: keys come in the order of the schema, and nothing is written that could not be
  // read.
  return yamlOf(
    runSchema.read(nodeOf(config), new WeakMap()),
    ["name", "summary", "circuit", "devices", "chip", "data"],
    comment,
  );
}

/** The same for a study, its run at the end. */
export function writeStudy(config: CompleteStudyConfig, comment: readonly string[] = []): string {
  return yamlOf(
    studySchema.read(nodeOf(config), new WeakMap()),
    [
      "name",
      "question",
      "choices",
      "vary",
      "sampling",
      "chips",
      "paired",
      "train",
      "measure",
      "spec",
      "seed",
    ],
    comment,
  );
}

/** A block of lines does not keep the blanks of a line that has nothing else. */
const BLANK_LINE = /^[ \t]+$/m;

function yamlOf(checked: object, order: readonly string[], comment: readonly string[]): string {
  const sorted = Object.fromEntries(
    Object.entries(checked).sort(([a], [b]) => rank(order, a) - rank(order, b)),
  );
  const document = new Document(JSON.parse(JSON.stringify(sorted)) as object, {
    version: "1.2",
    schema: "core",
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Seq(_, node) {
      if (isSeq(node) && node.items.every((item) => isScalar(item))) node.flow = true;
    },
    Scalar(_, node) {
      if (typeof node.value === "string" && (needsQuotes(node.value) || BLANK_LINE.test(node.value)))
        node.type = "QUOTE_DOUBLE";
    },
  });
  return `${comment.map((line) => `# ${oneLine(line)}\n`).join("")}${escapedQuotes(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }))}`;
}

const rank = (order: readonly string[], key: string): number =>
  order.includes(key) ? order.indexOf(key) : order.length;
