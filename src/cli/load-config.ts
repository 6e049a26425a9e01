/** Config files that a user names: read, checked, and what they name read from their own folder. */
import type { Circuit } from "../circuit/chip-types";
import type { Run } from "../config";
import type { DeviceSpec } from "../device/types";

/** Whether an argument is a file and not a name of the catalogue. */
export const looksLikeFile = (name: string): boolean => /\.(ya?ml|json)$/.test(name);

/** @throws OhmletError CONFIG-… with file, line and column */
export async function loadRun(path: string): Promise<Run> {
  const [{ readRun }, { readTextFile, readBeside }] = await Promise.all([
    import("../config"),
    import("../io/config-files"),
  ]);
  return readRun(readTextFile(path), readBeside);
}

/** The circuit of a file of a circuit or of a run; with the run, where it is one. */
export async function loadCircuit(
  path: string,
): Promise<{ readonly circuit: Circuit; readonly run: Run | null }> {
  const [{ circuitOf, parseConfig, resolveCircuit, runFrom, KINDS }, { readTextFile, readBeside }] =
    await Promise.all([import("../config"), import("../io/config-files")]);
  const source = readTextFile(path);
  const root = parseConfig(source);
  if (root.kind === "map" && root.entries.some(({ key }) => key === "circuit" || key === "estimator")) {
    const run = runFrom(root, source, readBeside);
    return { circuit: circuitOf(run), run };
  }
  const origins = new WeakMap();
  return {
    circuit: resolveCircuit(
      KINDS.circuit.read(root, origins),
      { origins, devices: {}, source, readBeside },
      root,
    ),
    run: null,
  };
}

export async function loadDevice(path: string): Promise<DeviceSpec> {
  const [{ parseConfig, resolveDevice, KINDS }, { readTextFile, readBeside }] = await Promise.all([
    import("../config"),
    import("../io/config-files"),
  ]);
  const source = readTextFile(path);
  const root = parseConfig(source);
  const origins = new WeakMap();
  return resolveDevice(
    KINDS.device.read(root, origins),
    null,
    { origins, devices: {}, source, readBeside },
    root,
    path.replace(/^.*\//, "").replace(/\.\w+$/, ""),
  );
}
