/** The package as others get it: packed, unpacked elsewhere, typed, imported, bundled into a page, run. */
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dependencies } from "../../package.json";
import { findChromium, openPage } from "../browser/chromium";
import { LONG } from "../long";
import { PUBLIC } from "../../tools/entries";

const ROOT = resolve(__dirname, "../..");
/** Kilobytes of ours, gzipped, that a page may load to train a chip. */
const PAGE = 180;
/** Megabytes of ours, and of the GPU.js that we bring. */
const UNPACKED = 27;

let folder: string;
let installed: string;
let archive: string;

function run(
  command: string,
  args: readonly string[],
  cwd = folder,
): { status: number | null; stdout: string; stderr: string; error?: Error } {
  const { npm_lifecycle_event: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  return { status, stdout, stderr, ...(error && { error }) };
}

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
/** By TypeScript 7; by 5 what only it knows. */
const compile = (...args: readonly string[]) =>
  run(process.execPath, [
    join(ROOT, `node_modules/typescript${args.includes("node10") ? "" : "-7"}/bin/tsc`),
    "--strict",
    "--target",
    "es2022",
    "--lib",
    "es2022",
    ...args,
  ]);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-pack-"));
  const packed = run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT);
  expect(packed.status, packed.stderr + packed.stdout).toBe(0);
  installed = join(folder, "node_modules/ohmlet");
  mkdirSync(installed, { recursive: true });
  archive = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz"))!,
  );
  expect(run("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"]).status).toBe(0);
  // What npm would fetch; GPU.js comes in the package.
  const fetched = Object.keys(dependencies).filter((name) => name !== "gpu.js");
  for (const name of [...fetched, "fast-check"])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "dir");
  write("package.json", JSON.stringify({ name: "elsewhere", private: true }));
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A chip that learns for an epoch, told by the costs that it comes to. */
const LEARN = `import { adam, centred, createEngine, defineNeuron, strokeDigits, train, type EpochReport } from "ohmlet";
import { nonideal } from "ohmlet/circuits";
import { softNeuron } from "ohmlet/devices";

export async function learn(name: string): Promise<string> {
  const chip = nonideal({ sizes: [64, 12, 10], angle: 20 }).fabricate({ seed: 1 });
  const data = {
    train: strokeDigits({ samples: 60, seed: 1, split: "train" }),
    test: strokeDigits({ samples: 30, seed: 1, split: "test" }),
  };
  const engine = await createEngine(name);
  const estimator = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 });
  const costs: number[] = [];
  const options = { engine, estimator, optimizer: adam({ rate: 0.005 }), epochs: 1, dt: 1e-5, seed: 1, probe: 0 };
  for await (const epoch of train(chip, data, options)) costs.push((epoch satisfies EpochReport).cost);
  engine.dispose();
  const { lineChart, standaloneSvg } = await import("ohmlet/plot"); // when there is something to draw
  const series = [{ name: "cost", x: costs.map((_, i) => i + 1), y: costs }];
  const svg = standaloneSvg(lineChart({ title: "Cost", caption: "", xLabel: "epoch", yLabel: "", series }));
  const pictures = svg.split("<svg").length - 1;
  return defineNeuron(softNeuron()).name + " " + costs.map((cost) => cost.toFixed(4)).join() + " " + pictures;
}
`;
const SAY = `declare const console: { log(text: string): void };
learn("reference").then((costs) => learn("gpu:cpu").then((onGpu) => console.log(costs + " " + onGpu)));
`;

describe("the packed package", () => {
  it("holds what runs, what explains, and the sources that its maps lead to; no tests", () => {
    const top = readdirSync(installed);
    expect(top).toEqual(
      expect.arrayContaining(["dist", "src", "schemas", "package.json", "LICENSE", "CHANGELOG.md"]),
    );
    expect(top.filter((name) => ["test", "bench", "tools", "build", "runs"].includes(name))).toEqual([]);
    const files = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".map"))) {
      const { sources, sourcesContent = [] } = JSON.parse(
        readFileSync(join(installed, "dist", file), "utf8"),
      ) as { sources: string[]; sourcesContent?: (string | null)[] };
      for (const source of sources.filter((_, i) => typeof sourcesContent[i] !== "string"))
        expect(statSync(join(installed, "dist", dirname(file), source)).isFile(), `${file}: ${source}`).toBe(
          true,
        );
    }
  });

  it("asks for nothing of Node in what pages import", () => {
    const reached = new Set<string>();
    const walk = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(installed, "dist", file), "utf8");
      expect(text, file).not.toMatch(/\bfrom\s*["']node:|\bimport\s*["']node:|createRequire/);
      for (const [, next] of text.matchAll(/\b(?:from|import)\s*\(?["']\.\/([^"']+\.mjs)["']/g)) walk(next);
    };
    for (const name of Object.keys(PUBLIC)) if (name !== "runs") walk(`${name}.mjs`);
    expect(reached.size).toBeGreaterThan(8);
  });

  it("brings GPU.js, and in the place of what GPU.js asks for and nothing loads, empty packages", () => {
    const gpu = join(installed, "node_modules/gpu.js");
    const { dependencies: needed, optionalDependencies: wished } = JSON.parse(
      readFileSync(join(gpu, "package.json"), "utf8"),
    ) as Record<string, Record<string, string>>;
    for (const [name, version] of [
      ["webgpu", needed.webgpu],
      ["gl", wished.gl],
    ]) {
      const stub = join(gpu, "node_modules", name);
      // Of another version npm would take it for a mistake, and fetch the original.
      expect(JSON.parse(readFileSync(join(stub, "package.json"), "utf8"))).toMatchObject({ name, version });
      expect(readdirSync(stub).sort()).toEqual(["index.js", "package.json"]);
    }
    const bytes = readdirSync(installed, { recursive: true, encoding: "utf8" })
      .map((name) => statSync(join(installed, name)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes / 1e6).toBeLessThan(UNPACKED);
  });

  it("brings an executable command", () => {
    const bin = join(installed, "dist/main.js");
    expect(statSync(bin).mode & 0o111).not.toBe(0);
    const { status, stdout } = run(bin, ["circuits", "toy"]);
    expect(stdout).toContain("toy-10-50-5");
    expect(status).toBe(0);
    expect(run(bin, ["devices", "--help"]).stdout).toContain("ohmlet devices soft-neuron");
    expect(run(bin, ["doctor", "--json", "--engine", "gpu:webasm"]).status).toBe(0);
    // The optional package is not there, and nothing but this engine misses it.
    expect(run(bin, ["doctor", "--engine", "gpu:webgpu"])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("npm install webgpu"),
    });
    const trained = run(bin, ["train", "--epochs", "1", "--train", "50", "--test", "20", "--out", "run"]);
    expect(trained, trained.stderr).toMatchObject({ status: 0 });
  });

  it("is as publint wants it", async () => {
    expect((await publint({ pkgDir: installed, strict: true, pack: false })).messages).toEqual([]);
  });

  it.runIf(LONG)("has the types that Are The Types Wrong wants, in every entry", async () => {
    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(archive))));
    expect(checked).toMatchObject({ types: { kind: "included" }, problems: [] });
    const names = Object.keys(PUBLIC).map((name) => (name === "index" ? "." : `./${name}`));
    expect(Object.keys((checked as { entrypoints: object }).entrypoints)).toEqual(
      expect.arrayContaining(names),
    );
  });
});

describe("a chip trained by the installed package", () => {
  let costs: string;

  it("comes to the same from strict modules and from CommonJS, typed without Node or a browser", () => {
    for (const name of ["module.mts", "common.cts"]) write(name, LEARN + SAY);
    expect(compile("--module", "nodenext", "module.mts", "common.cts")).toMatchObject({
      status: 0,
      stdout: "",
    });
    const [fromModule, fromCommon] = ["module.mjs", "common.cjs"].map((file) =>
      run(process.execPath, [file]),
    );
    expect(fromModule).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^soft neuron \d\.\d+ 2 soft neuron \d\.\d+ 2\n$/),
    });
    expect(fromCommon).toEqual(fromModule);
    costs = fromModule.stdout.split(" ").slice(0, 4).join(" ");
  });

  const RUNTIMES: Readonly<Record<string, readonly string[]>> = { bun: [], deno: ["run", "-A"] };
  // Not `it.each`: only a single test is handed the means to skip itself.
  for (const [runtime, args] of Object.entries(RUNTIMES))
    it(`comes to the same in ${runtime}, where it is on the path`, (context) => {
      const { status, stdout, error } = run(runtime, [...args, "module.mjs"]);
      if (error !== undefined) return context.skip(`no ${runtime} on the path: nothing was tried there`);
      expect([status, stdout.split(" ").slice(0, 4).join(" ")]).toEqual([0, costs]);
      expect(run(runtime, [...args, join(installed, "dist/main.js"), "circuits", "toy"]).stdout).toContain(
        "toy-10-50-5",
      );
    });

  it("comes to the same in a page, which loads little of ours", async (context) => {
    write("learn.ts", LEARN);
    write(
      "page.ts",
      `import { learn } from "./learn";
const send = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });
learn("reference").then((found) => send("/report", found), (error) => send("/failure", { message: String(error.stack) }));`,
    );
    const { output } = await build({
      configFile: false,
      root: folder,
      logLevel: "error",
      build: {
        write: false,
        target: "esnext",
        modulePreload: false,
        rolldownOptions: {
          input: join(folder, "page.ts"),
          output: {
            entryFileNames: "page.js",
            codeSplitting: {
              groups: [
                { name: "mathjs", test: /node_modules\/(mathjs|typed-function|@babel|decimal\.js)\// },
              ],
            },
          },
        },
      },
    });
    const chunks = output.filter((part) => part.type === "chunk");
    const page = chunks.find(({ isEntry }) => isEntry)!;
    // Its own bundler takes mathjs apart, and GPU.js stays out until it is asked for.
    // With all that what it imports imports in turn.
    const atOnce = [page];
    for (const { imports } of atOnce)
      atOnce.push(...chunks.filter((each) => imports.includes(each.fileName) && !atOnce.includes(each)));
    const ours = atOnce.filter(({ moduleIds }) => moduleIds.some((id) => id.startsWith(installed)));
    const sources = atOnce.flatMap(({ moduleIds }) => moduleIds);
    expect(sources.filter((id) => /dist\/mathjs\.|gpu\.js\//.test(id))).toEqual([]);
    expect(sources.some((id) => id.includes("/node_modules/mathjs/"))).toBe(true);
    expect(ours.reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1000).toBeLessThan(PAGE);
    const chromium = findChromium();
    if (chromium === null) return context.skip("no Chromium here (OHMLET_CHROMIUM names one)");
    const bundle = new Map(
      output.map((part) => [`/${part.fileName}`, part.type === "chunk" ? part.code : part.source]),
    );
    expect(await openPage(chromium, bundle, "", 60_000)).toBe(costs);
  });

  it("brings the property kit to whoever has fast-check, and the search on its own", () => {
    const text = `Promise.all([laws.permutation(nonideal({ sizes: [2, 2, 2] })), weakestPoint({ a: "< 3" }, { x: [0, 1, 2, 3, 4] }, ({ x }) => ({ a: x }), { seeds: 1 })])
        .then(([law, { margins }]) => fc.check(fc.property(points({ x: [0, 1] }), ({ x }) => { fc.pre(x < 0.5); return x <= 1; })) && console.log(law.applies, margins[0].failsAt));`;
    write(
      "robust.cjs",
      `const fc = require("fast-check"); const { laws, points, weakestPoint } = require("ohmlet/robustness"); const { nonideal } = require("ohmlet/circuits");\n${text}`,
    );
    write(
      "robust.mjs",
      `import fc from "fast-check"; import { laws, points, weakestPoint } from "ohmlet/robustness"; import { nonideal } from "ohmlet/circuits";\n${text}`,
    );
    for (const file of ["robust.cjs", "robust.mjs"])
      expect(run(process.execPath, [file])).toMatchObject({ status: 0, stdout: "true 3\n" });
  });

  it("without fast-check compiles where libraries are not checked, and says what is missing where they are", () => {
    const bare = mkdtempSync(join(tmpdir(), "ohmlet-bare-"));
    mkdirSync(join(bare, "node_modules"));
    symlinkSync(installed, join(bare, "node_modules/ohmlet"), "dir");
    writeFileSync(
      join(bare, "robust.ts"),
      `import { laws, weakestPoint } from "ohmlet/robustness";
export const found = weakestPoint({ a: "< 3" }, { x: [0, 1, 2] }, ({ x }) => ({ a: Number(x) }), { seeds: 1 });
export const { permutation } = laws;
`,
    );
    const check = ["--noEmit", "--module", "nodenext", "--preserveSymlinks", join(bare, "robust.ts")];
    expect(compile(...check, "--skipLibCheck")).toMatchObject({ status: 0, stdout: "" });
    expect(compile(...check).stdout).toContain("Cannot find module 'fast-check'");
    rmSync(bare, { recursive: true, force: true });
  });

  it.each(LONG ? ["node10", "node16", "bundler"] : ["node16", "bundler"])(
    "is refused where it is typed wrongly, by resolution %s",
    (resolution) => {
      const module = { node10: "commonjs", node16: "node16", bundler: "esnext" }[resolution]!;
      const right = `import { OhmletError, defineNeuron, type Circuit } from "ohmlet";
import { softNeuron } from "ohmlet/devices";
import { nonideal } from "ohmlet/circuits";
export const circuit: Circuit = nonideal({ sizes: [4, 3, 2] });
export const sheet: string = defineNeuron(softNeuron()).toString();
export const code = (error: OhmletError): string => error.code;
`;
      // Types of fast-check itself need a resolution that knows "exports".
      const robust = `import { survives } from "ohmlet/robustness";
export const property = survives({ accuracy: ">= 0.9" }, { angle: [0, 90] }, () => ({ accuracy: 1 }));
`;
      write(
        "typed.ts",
        `${right}${resolution === "node10" ? "" : robust}export const wrong = nonideal({ sizes: "many" });\n`,
      );
      const { stdout } = compile(
        "--noEmit",
        "--module",
        module,
        "--moduleResolution",
        resolution,
        "--skipLibCheck", // libraries are checked above
        "typed.ts",
      );
      expect(stdout.match(/error TS\d+/g)).toEqual(["error TS2322"]);
    },
  );
});
