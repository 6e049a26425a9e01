/** The JSON Schema and our own check come from one description: they say the same of every value. */
import Ajv2020 from "ajv/dist/2020";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../circuits";
import { DEVICES } from "../../devices";
import { CATALOGUE } from "../../src/config/device-schema";
import { jsonSchemaOf, KINDS, type Kind } from "../../src/config/json-schema";
import { nodeOf, type Node } from "../../src/config/node";
import { parseConfig } from "../../src/config/text";
import { OhmletError } from "../../src/errors";
import { SHIPPED, textOf, TINY } from "./read";
import { fewer } from "../long";

const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true });
const validators = Object.fromEntries(
  Object.keys(KINDS).map((kind) => [kind, ajv.compile(jsonSchemaOf(kind as Kind))]),
);

/** Nodes as the plain data that an editor's validator sees. */
function dataOf(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  return node.kind === "list"
    ? node.items.map(dataOf)
    : Object.fromEntries(node.entries.map(({ key, value }) => [key, dataOf(value)]));
}

function isRead(kind: Kind, value: unknown): boolean {
  try {
    KINDS[kind].read(nodeOf(value), new WeakMap());
    return true;
  } catch (error) {
    if (error instanceof OhmletError) return false;
    throw error;
  }
}

const RUNS = [...SHIPPED.map((file) => [file, textOf(file)] as const), ["tiny.yaml", TINY] as const].map(
  ([file, text]) => [file, dataOf(parseConfig({ where: file, text }))] as const,
);

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  65,
  1e9,
  -1e-9,
  "",
  "x",
  "tied",
  "ideal",
  "glorot",
  "cosine",
  "map",
  "5 %",
  [],
  {},
  [1, 2],
  [1, 2, 3],
  [0, 1],
  { kind: "adam", rate: 1 },
  { kind: "sgd" },
  { kind: "cosine" },
  { topology: "toy" },
  { topology: "toi" },
  { device: "ideal" },
  { device: "idle" },
  { equations: "u" },
  { kind: "centred" },
  { "a b": 1 },
  { "1": 1 },
  "x".repeat(300),
];

describe("the JSON Schema", () => {
  it.each(RUNS)("takes the shipped config %s", (_, data) => {
    expect(validators.run(data), JSON.stringify(validators.run.errors)).toBe(true);
    expect(isRead("run", data)).toBe(true);
  });

  it.each(catalogue.map((entry) => [entry.name, entry] as const))(
    "takes the circuit %s as plain data",
    (_, entry) => {
      const data: unknown = JSON.parse(JSON.stringify(entry.build().spec));
      expect([validators.circuit(data), isRead("circuit", data)]).toEqual([true, true]);
      expect([validators.circuit(entry.name), isRead("circuit", entry.name)]).toEqual([true, true]);
    },
  );

  it.each([...DEVICES])("takes the device %s: by name, and as plain data", (name, make) => {
    expect(Object.values(CATALOGUE).flatMap((entries) => Object.keys(entries))).toContain(name);
    for (const data of [name, { device: name }, JSON.parse(JSON.stringify(make())) as unknown]) {
      expect([validators.device(data), isRead("device", data)], JSON.stringify(data)).toEqual([true, true]);
    }
  });

  it("describes every key, and gives defaults, for editors", () => {
    const { $defs } = jsonSchemaOf("run") as {
      $defs: Record<string, { properties?: Record<string, { description?: string; default?: unknown }> }>;
    };
    for (const { properties = {} } of Object.values($defs))
      for (const [key, { description }] of Object.entries(properties)) expect(description, key).toMatch(/\w/);
    expect($defs.run.properties?.batch.default).toBe(20);
    expect(JSON.stringify($defs.circuit)).toContain('"layered"');
  });

  it("agrees with our own check on every key of every config with each of many values", () => {
    let refused = 0;
    for (const [file, run] of RUNS) {
      const count = placesOf(run).length;
      for (let at = 0; at < count; at++) {
        for (const put of VALUES) {
          const data = structuredClone(run);
          const [holder, name] = placesOf(data)[at];
          holder[name] = put;
          const ours = isRead("run", data);
          if (!ours) refused++;
          if (validators.run(data) !== ours)
            expect.fail(
              `${file}: ${name} = ${JSON.stringify(put)}: ${ours ? "read" : "refused"}, and the ` +
                "schema says otherwise",
            );
        }
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it("agrees with our own check on whatever else is written", () => {
    const value = fc.oneof(
      fc.constantFrom(...VALUES),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ maxLength: 5 }),
    );
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...RUNS),
        fc.nat(),
        fc.constantFrom("replace", "remove", "add"),
        fc.constantFrom("kind", "sizes", "rate", "topology", "device", "x"),
        value,
        ([, run], at, how, key, put) => {
          const data = structuredClone(run) as Record<string, unknown>;
          const places = placesOf(data);
          const [holder, name] = places[at % places.length];
          if (how === "remove") Reflect.deleteProperty(holder, name);
          else if (how === "add" && !Array.isArray(holder)) holder[key] = put;
          else (holder as Record<string, unknown>)[name] = put;
          const clean: unknown = JSON.parse(JSON.stringify(data));
          const ours = isRead("run", clean);
          if (!ours) refused++;
          expect(
            validators.run(clean),
            `${JSON.stringify(clean)}\n${JSON.stringify(validators.run.errors?.at(-1))}`,
          ).toBe(ours);
        },
      ),
      { numRuns: fewer(500) },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

type Holder = Record<string, unknown>;

/** Every key of every map and list within. */
function placesOf(value: unknown): [Holder, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): [Holder, string][] => [
    [value as Holder, key],
    ...placesOf(inner),
  ]);
}
