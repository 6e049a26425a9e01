import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERBS } from "../../src/cli/verbs";
import { execute, ohmlet, ohmletProcess, ROOT } from "./run";

interface Fault {
  readonly error: {
    readonly code: string;
    readonly fact: string;
    readonly remedy?: string;
    readonly category: string;
  };
}

describe("help", () => {
  it("lists every verb, with what it does", async () => {
    const { code, out, err } = await ohmletProcess("--help");
    expect([code, err]).toEqual([0, ""]);
    for (const [name, load] of VERBS) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
      expect((await load()).name).toBe(name);
    }
  });

  it.each([...VERBS.keys()])("of %s shows its usage, its options and examples", async (name) => {
    const { code, out, err } = await ohmlet(name, "--help");
    expect([code, err]).toEqual([0, ""]);
    const { options, examples } = await VERBS.get(name)!();
    for (const option of ["seed", "engine", "json", "help", ...Object.keys(options)])
      expect(out).toContain(`--${option}`);
    expect(examples.length).toBeGreaterThan(0);
    for (const { command } of examples) expect(out).toContain(command);
  });

  it("comes without loading mathjs, yaml, GPU.js or Plot", async () => {
    const script =
      `process.on("exit", () => console.error(Object.keys(require.cache).filter((file) => ` +
      `/node_modules.(mathjs|yaml|gpu\\.js)|src.plot/.test(file)).length, "heavy")); require("./src/cli/main.ts")`;
    const { code, err } = await execute(process.execPath, [
      "-r",
      "ts-node/register",
      "-e",
      script,
      "ohmlet",
      "--help",
    ]);
    expect([code, err]).toEqual([0, "0 heavy\n"]);
  });

  it("is there without --help, after a verb that is missing", async () => {
    const { code, err } = await ohmlet();
    expect(code).toBe(2);
    expect(err).toContain("--help");
  });
});

describe("wrong input", () => {
  it.each([
    [["devises"], "CLI-VERB", "devices"],
    [["constructor"], "CLI-VERB", "verbs:"],
    [["__proto__"], "CLI-VERB", "verbs:"],
    [["devices", "--jsn"], "CLI-OPTION", "--json"],
    [["devices", "--constructor"], "CLI-OPTION", "--help"],
    [["devices", "--seed", "many"], "CLI-NUMBER", "whole number"],
    [["devices", "--seed", "1.5"], "CLI-NUMBER", "whole number"],
    [["devices", "--seed", "-1"], "CLI-RANGE", "from 0"],
    [["devices", "--seed"], "CLI-VALUE", "--seed"],
    [["devices", "--json=yes"], "CLI-VALUE", "alone"],
    [["devices", "one", "two"], "CLI-ARGUMENT", "usage"],
    [["devices", "soft-neurone"], "CLI-NAME", "soft-neuron"],
    [["devices", "toString"], "CLI-NAME", "devices:"],
    [["circuits", "tory"], "CLI-NAME", "toy"],
    [["doctor", "--engine", "gpu:abacus"], "ENGINE-NAME", "reference"],
  ] as const)("%j ends with code 2, %s and a remedy", async (words, code, remedy) => {
    const found = await ohmlet(...words);
    expect([found.code, found.out]).toEqual([2, ""]);
    expect(found.err.startsWith(`${code}  `)).toBe(true);
    expect(found.err).toContain(remedy);
    expect(found.err).not.toContain("    at ");
  });

  it("ends a process in the same way", async () => {
    expect(await ohmletProcess("devices", "--jsn")).toEqual(await ohmlet("devices", "--jsn"));
  });

  it("is one object on standard output with --json", async () => {
    const { code, out, err } = await ohmletProcess("devices", "soft-neurone", "--json");
    expect([code, err]).toEqual([2, ""]);
    expect((JSON.parse(out) as Fault).error).toMatchObject({
      code: "CLI-NAME",
      category: "input",
      remedy: expect.stringContaining("soft-neuron") as string,
    });
  });
});

describe("the program", () => {
  it("knows its version", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await ohmletProcess("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it("runs through npm, as the README has it, and says so in what it tells to type", async () => {
    const { code, out } = await execute("npm", ["run", "--silent", "ohmlet", "--", "devices"]);
    expect(code).toBe(0);
    expect(out).toContain("npm run --silent ohmlet -- devices NAME");
  });

  it("ends without a word when its reader has gone, and not as if it had done its work", async () => {
    const script = `require("./src/cli/main.ts"); process.stdout.write("a line that nobody reads\\n")`;
    const child = spawn(
      process.execPath,
      ["-r", "ts-node/register", "-e", script, "ohmlet", "circuits", "toy"],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
    );
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise((ended) => child.on("close", ended));
    expect([code, err]).toEqual([141, ""]);
  });
});
