/**
 * Configs in the documents are read like files: ```yaml run, ```yaml circuit, ```yaml device, ```yaml
 * weakest, ```yaml study.
 */
import { describe, expect, it } from "vitest";
import { KINDS, parseConfig, readStudy, readWeakest, resolveCircuit, resolveDevice } from "../../src/config";
import { readAll } from "../config/read";
import { codeBlocks, DOCUMENTS } from "./markdown";

const blocks = DOCUMENTS.flatMap((document) => codeBlocks(document)).filter(({ info }) =>
  info.startsWith("yaml "),
);
const READ: Readonly<Record<string, (text: string, where: string) => unknown>> = {
  "yaml run": readAll,
  "yaml study": (text, where) => readStudy({ where, text }),
  "yaml circuit": (text, where) => {
    const origins = new WeakMap();
    return resolveCircuit(KINDS.circuit.read(parseConfig({ where, text }), origins), {
      origins,
      devices: {},
    });
  },
  "yaml weakest": (text, where) => readWeakest({ where, text }),
  "yaml device": (text, where) => {
    const origins = new WeakMap();
    return resolveDevice(KINDS.device.read(parseConfig({ where, text }), origins), null, {
      origins,
      devices: {},
    });
  },
};

describe("configs in the documents", () => {
  it.each(blocks.map((block) => [`${block.document}:${block.line}`, block] as const))(
    "are right: %s",
    (where, { info, code }) => {
      expect(READ[info](code, `${where}.yaml`)).toBeDefined();
    },
  );

  it("are there", () => {
    expect(blocks.length).toBeGreaterThan(2);
  });
});
