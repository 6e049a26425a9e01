/** `ohmlet doctor`: what this machine can do, tried out rather than looked up. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, arch, freemem, platform, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { OhmletError } from "../../errors";
import { table } from "../help";
import { obtain } from "../engine-advice";
import { columns } from "../../printable";
import { COMMON, IDLE, defineVerb } from "../verb";
import { version } from "../../runs/version";

/** Packages that Ohmlet runs without and does more with. */
const OPTIONAL = [
  { name: "webgpu", gives: "the engine gpu:webgpu in Node; loaded only when it is asked for" },
] as const;

export const doctor = defineVerb({
  name: "doctor",
  summary: "tell what this machine can do: Node, cores, memory, engines",
  description:
    "Tries each engine on a small product and says which run here, with what precision, why the " +
    "others do not, and how to get them. With --engine NAME only that one is tried, and the exit code " +
    "is 1 if it does not run.",
  options: {
    json: COMMON.json,
    ...IDLE,
    engine: { ...IDLE.engine, help: "try only this one; the exit code is 1 if it does not run" },
  },
  examples: [
    { command: "doctor", what: "everything, for people" },
    { command: "doctor --json", what: "the same for programs, and for reports of bugs" },
    { command: "doctor --engine gpu:webasm", what: "ends with code 1 if that engine does not run here" },
  ],
  async run({ options: { engine } }, io) {
    const { ENGINE_NAMES, probeEngines } = await import("../../engines/select");
    if (engine !== undefined && !(ENGINE_NAMES as readonly string[]).includes(engine)) {
      throw new OhmletError({
        code: "ENGINE-NAME",
        fact: `there is no engine "${engine}"`,
        place: { where: "doctor, --engine" },
        remedy: `engines: ${ENGINE_NAMES.join(", ")}`,
      });
    }
    const engines = (await probeEngines()).filter(({ name }) => engine === undefined || name === engine);
    const ohmlet = await version();
    const optional = OPTIONAL.map((piece) => ({ ...piece, version: installedVersion(piece.name) }));
    const machine = {
      platform: platform(),
      arch: arch(),
      node: process.versions.node,
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
    };
    const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

    io.print(`ohmlet ${ohmlet} on Node ${machine.node}, ${machine.platform} ${machine.arch}`);
    io.print(
      `${machine.cores} cores, ${gib(machine.memoryBytes)} of memory, ${gib(machine.freeMemoryBytes)} free`,
    );
    io.print(
      "",
      "Engines",
      ...columns(engines.map(({ name, runs, detail }) => [name, runs ? "runs" : "does not run", detail])),
    );
    io.print(
      "",
      "Optional packages",
      ...columns(optional.map(({ name, gives, version: found }) => [name, found ?? "not installed", gives])),
    );
    const missing = obtain(
      engines,
      optional.some(({ name, version: found }) => name === "webgpu" && found !== null),
    );
    const rows = missing.flatMap(({ name, ways }) =>
      ways.map((way, i) => [i === 0 ? name : "", way] as const),
    );
    if (rows.length > 0) io.print("", "How to get the others", ...table(rows));
    io.emit({ ohmlet, ...machine, engines, optional, missing });
    return engine === undefined || engines.every(({ runs }) => runs) ? 0 : 1;
  },
});

/**
 * The version of a package that can be loaded from here, null where there is none, or only an empty stand-in.
 */
function installedVersion(name: string): string | null {
  let folder: string;
  try {
    folder = dirname(createRequire(__filename).resolve(name));
  } catch {
    return null;
  }
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const found = JSON.parse(readFileSync(file, "utf8")) as { name: string; version: string };
    if (found.name !== undefined) return found.name === name ? found.version : null;
  }
  return null;
}
