/**
 * Prints by how much each engine differs from the reference, in Node and, where there is Chromium, in a page,
 * as a Markdown table.
 *
 *   npm run --silent table -- [programs of each kind]
 */
import { spawnSync } from "node:child_process";
import { bundlePage } from "../browser/bundle";
import { findChromium, openPage } from "../browser/chromium";
import { softwareVulkan } from "../browser/vulkan.cjs";
import { STEPS } from "./compare";
import { formatTable, largestDifferences, type Row } from "./differences";

const PATIENCE_MS = 300_000;

async function main(): Promise<void> {
  const programs = Number(process.argv[2] ?? 40);
  if (!Number.isInteger(programs) || programs < 1)
    throw new Error(`${process.argv[2]} is no number of programs`);
  const inNode = await largestDifferences(programs);
  const chromium = findChromium();
  const bundle = chromium === null ? null : await bundlePage("test/browser/table-page.ts");
  const inPage =
    chromium === null || bundle === null
      ? []
      : ((await openPage(chromium, bundle, `?programs=${programs}`, PATIENCE_MS)) as Row[]);
  const rows = [
    ...inNode.map((row) => ({ ...row, where: "Node" })),
    ...inPage.map((row) => ({ ...row, where: "Chromium" })),
  ];
  process.stdout.write(
    `Largest absolute difference from the reference after ${STEPS} steps\n\n${formatTable(rows)}\n`,
  );
  if (chromium === null)
    process.stderr.write("no Chromium here: its rows are missing (OHMLET_CHROMIUM names one)\n");
  if (!inNode.some(({ engine }) => engine === "gpu:webgpu"))
    process.stderr.write('no WebGPU in Node: "ohmlet doctor" tells why\n');
}

const vulkan = softwareVulkan();
// A driver is looked for where the variables said when the process began.
if (Object.keys(vulkan).length > 0)
  process.exitCode =
    spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: "inherit",
      env: { ...process.env, ...vulkan },
    }).status ?? 1;
// A device of WebGPU may hold the process.
else void main().then(() => process.exit(0));
