/** Which rows are wanted, and which of the peers' tools are here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../src/equations/functions";
import { OhmletError } from "../src/index";
import { ROW_NAMES } from "./peer-rows";
import { runProcess } from "./processes";

/** @throws OhmletError CLI-CHOICE */
export function chooseRows(names: readonly string[]): readonly string[] {
  const known: readonly string[] = ROW_NAMES;
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return names.length === 0 ? known : known.filter((name) => names.includes(name));
  const near = nearest(wrong.slice(0, 40), known);
  throw new OhmletError({
    code: "CLI-CHOICE",
    fact: `there is no row "${wrong.slice(0, 40)}"`,
    place: { where: "peers" },
    remedy: near === null ? `rows: ${known.join(", ")}` : `did you mean "${near}"?`,
  });
}

/** Tools and scripts that are not here, with what was said when they were tried. */
export async function missingTools({
  peers,
  python,
}: {
  readonly peers: string;
  readonly python: string;
}): Promise<Map<string, string>> {
  const missing = new Map<string, string>();
  for (const name of ["torch", "brian2"]) {
    const { code, complaint } = await runProcess(python, ["-c", `import ${name}`]);
    if (code !== 0) missing.set(name, complaint === "" ? `${python} ended with code ${code}` : complaint);
  }
  const { code, complaint } = await runProcess("ngspice", ["--version"]);
  if (code !== 0) missing.set("ngspice", complaint === "" ? `it ended with code ${code}` : complaint);
  for (const script of ["torch_relax.py", "torch_settle.py", "torch_train.py", "brian_rate.py"]) {
    if (!existsSync(join(peers, script))) missing.set(script, `it is not in ${peers}`);
  }
  return missing;
}
