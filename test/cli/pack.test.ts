/** The package as others get it: packed, unpacked elsewhere, imported, typed, run. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");

let folder: string;
let installed: string;

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): { status: number | null; stdout: string; stderr: string } {
  const { npm_lifecycle_event: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-pack-"));
  const packed = run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT);
  expect(packed.status, packed.stderr + packed.stdout).toBe(0);
  installed = join(folder, "node_modules/ohmlet");
  mkdirSync(installed, { recursive: true });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  expect(
    run("tar", ["-xzf", join(folder, archive), "-C", installed, "--strip-components=1"], folder).status,
  ).toBe(0);
  mkdirSync(join(folder, "node_modules/@observablehq"));
  for (const name of [
    "mathjs",
    "gpu.js",
    "yaml",
    "@observablehq/plot",
    "d3-array",
    "fast-check",
    "pure-rand",
  ])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "elsewhere", private: true }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  it("holds what runs and what explains, and neither sources nor tests", () => {
    const top = readdirSync(installed);
    expect(top).toEqual(expect.arrayContaining(["dist", "package.json", "LICENSE", "CHANGELOG.md"]));
    expect(top.filter((name) => ["src", "test", "node_modules", "runs"].includes(name))).toEqual([]);
    expect(readdirSync(join(installed, "dist")).sort()).toEqual(["circuits", "devices", "src"]);
  });

  it("brings an executable command", () => {
    const bin = join(installed, "dist/src/cli/main.js");
    expect(statSync(bin).mode & 0o111).not.toBe(0);
    const { status, stdout } = run(bin, ["circuits", "toy"], folder);
    expect(stdout).toContain("toy-10-50-5");
    expect(status).toBe(0);
    expect(run(bin, ["devices", "--help"], folder).stdout).toContain("ohmlet devices soft-neuron");
    expect(run(bin, ["doctor", "--json", "--engine", "gpu:webasm"], folder).status).toBe(0);
    // The optional package is not there, and nothing but this engine misses it.
    expect(run(bin, ["doctor", "--engine", "gpu:webgpu"], folder)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("npm install webgpu"),
    });
  });

  it("is imported by its three names, from CommonJS and from modules", () => {
    const text =
      "[typeof ohmlet.defineNeuron, typeof devices.softNeuron, circuits.toy({ neuron: " +
      "devices.leakyIntegrator(), synapse: devices.ideal() }).units].join()";
    const common =
      `const ohmlet = require("ohmlet"), devices = require("ohmlet/devices"), circuits = ` +
      `require("ohmlet/circuits"); console.log(${text});`;
    const module =
      `import * as ohmlet from "ohmlet"; import * as devices from "ohmlet/devices"; import * as ` +
      `circuits from "ohmlet/circuits"; console.log(${text});`;
    writeFileSync(join(folder, "common.cjs"), common);
    writeFileSync(join(folder, "module.mjs"), module);
    for (const file of ["common.cjs", "module.mjs"])
      expect(run(process.execPath, [file], folder)).toMatchObject({
        status: 0,
        stdout: "function,function,55\n",
      });
  });

  it("draws the same picture for CommonJS and for modules, without a word", () => {
    const text =
      `plot.standaloneSvg(plot.lineChart({ title: "t", caption: "", xLabel: "x", yLabel: "y", series: [{ ` +
      `name: "a", x: [1, 2], y: [1, 1e-9] }] }))`;
    writeFileSync(join(folder, "draw.cjs"), `console.log(((plot) => ${text})(require("ohmlet/plot")));`);
    writeFileSync(join(folder, "draw.mjs"), `import * as plot from "ohmlet/plot"; console.log(${text});`);
    const [common, module] = ["draw.cjs", "draw.mjs"].map((file) => run(process.execPath, [file], folder));
    expect(common).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("</svg>") });
    expect(module).toEqual(common);
  });

  it("brings the property kit to whoever has fast-check, and the search on its own", () => {
    writeFileSync(
      join(folder, "robust.cjs"),
      `const { laws, points, weakestPoint } = require("ohmlet/robustness"); const { nonideal } = require("ohmlet/circuits");
      Promise.all([laws.permutation(nonideal({ sizes: [2, 2, 2] })), weakestPoint({ a: "< 3" }, { x: [0, 1, 2, 3, 4] }, ({ x }) => ({ a: x }), { seeds: 1 })])
        .then(([law, { margins }]) => console.log(law.applies, margins[0].failsAt, typeof points));`,
    );
    expect(run(process.execPath, ["robust.cjs"], folder)).toMatchObject({
      status: 0,
      stdout: "true 3 function\n",
    });
  });

  it.each(["node10", "node16"])(
    "is typed for resolution %s, without types of Node or of a browser",
    (moduleResolution) => {
      // Types of fast-check itself need a resolution that knows "exports".
      const robust =
        moduleResolution === "node10"
          ? ""
          : `import { survives } from "ohmlet/robustness";
export const property = survives({ accuracy: ">= 0.9" }, { angle: [0, 90] }, () => ({ accuracy: 1 }));
`;
      const right = `${robust}import { OhmletError, defineNeuron, type Circuit } from "ohmlet";
import { softNeuron } from "ohmlet/devices";
import { nonideal } from "ohmlet/circuits";
import { standaloneSvg, type LineChart, type Markup } from "ohmlet/plot";
export const file = (chart: LineChart, drawn: Markup): string => chart.title + standaloneSvg(drawn);
export const circuit: Circuit = nonideal({ sizes: [4, 3, 2] });
export const sheet: string = defineNeuron(softNeuron()).toString();
export const code = (error: OhmletError): string => error.code;
`;
      const wrong =
        `import { nonideal } from "ohmlet/circuits";\nexport const circuit = nonideal({ sizes: "many" ` +
        "});\n";
      const compile = (text: string) => {
        writeFileSync(join(folder, "typed.ts"), text);
        const module = moduleResolution === "node16" ? "node16" : "commonjs";
        return run(
          process.execPath,
          [
            join(ROOT, "node_modules/typescript/bin/tsc"),
            "--noEmit",
            "--strict",
            "--target",
            "es2022",
            "--lib",
            "es2022",
            "--module",
            module,
            "--moduleResolution",
            moduleResolution,
            "typed.ts",
          ],
          folder,
        );
      };
      expect(compile(right)).toMatchObject({ status: 0, stdout: "" });
      expect(compile(wrong).stdout).toContain("TS2322");
    },
    30_000,
  );
});
