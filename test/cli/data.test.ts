/** `ohmlet data` as a user runs it. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readXml } from "../plot/well-formed";
import { files, serve } from "../io/fetch/server";
import { greyFile } from "../io/png/encode";
import { ohmlet, ROOT } from "./run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-data-"));
afterAll(() => rmSync(root, { recursive: true }));

const pictures = join(root, "pictures");
for (const [name, levels] of [
  ["dark", [0, 10, 20, 0]],
  ["light", [250, 255, 240, 250]],
] as const) {
  for (const split of ["train", "test"]) {
    mkdirSync(join(pictures, split, name), { recursive: true });
    for (const i of [0, 1, 2, 3])
      writeFileSync(join(pictures, split, name, `${i}.png`), greyFile(2, 2, levels));
  }
}

describe("ohmlet data", () => {
  it("lists the sets, which is also what it does alone", async () => {
    const { code, out } = await ohmlet("data");
    expect(code).toBe(0);
    for (const name of ["generated", "mnist", "fashion-mnist", "cifar10", "digits"])
      expect(out).toContain(name);
    const { sets } = JSON.parse((await ohmlet("data", "list", "--json")).out);
    expect(sets.map((set: { name: string }) => set.name)).toEqual([
      "generated",
      "mnist",
      "fashion-mnist",
      "cifar10",
      "digits",
    ]);
  });

  it("shows a folder of pictures and draws them", async () => {
    const sheet = join(root, "new", "sheet.png");
    const { code, out } = await ohmlet("data", "show", pictures, "--out", sheet);
    expect([code, existsSync(sheet)]).toEqual([0, true]);
    for (const text of [
      "folders of PNG pictures",
      "8 samples to train, 8 to test; 2x2, grey: 4 inputs; 2 classes",
      "light",
      sheet,
    ])
      expect(out).toContain(text);
    const told = JSON.parse((await ohmlet("data", "show", "generated", "--json", "--out", sheet)).out);
    expect(told).toMatchObject({ format: "generated", train: 2000, shape: [16, 16], channels: 1, sheet });
  });

  it("draws them as SVG where that is asked for, and nothing else under another ending", async () => {
    const sheet = join(root, "sheet.svg");
    expect((await ohmlet("data", "show", pictures, "--out", sheet)).code).toBe(0);
    expect(readXml(readFileSync(sheet, "utf8")).texts).toContain("light");
    const { code, err } = await ohmlet("data", "show", pictures, "--out", join(root, "sheet.gif"));
    expect([code, err, existsSync(join(root, "sheet.gif"))]).toEqual([
      2,
      expect.stringContaining("CLI-CHOICE"),
      false,
    ]);
  });

  it("is what train reads", async () => {
    const { code, out } = await ohmlet(
      "train",
      "--data",
      pictures,
      "--sizes",
      "4",
      "3",
      "2",
      "--epochs",
      "1",
      "--batch",
      "4",
      "--probe",
      "0",
      "--engine",
      "reference",
      "--out",
      join(root, "runs"),
    );
    expect([code, /epoch 1\/1/.test(out)]).toEqual([0, true]);
  });

  it.each<[string, readonly string[], string]>([
    ["CLI-CHOICE", ["lits"], '"list"'],
    ["CLI-ARGUMENT", ["fetch"], "data list"],
    ["CLI-ARGUMENT", ["show"], "data list"],
    ["CLI-ARGUMENT", ["list", "mnist"], "data show mnist"],
    ["CLI-ARGUMENT", ["show", "a", "b"], "too many"],
    ["CLI-NAME", ["fetch", "fashion-mist"], "fashion-mnist"],
    ["CLI-IDLE", ["show", "generated", "--url", "http://localhost/"], "--url"],
    ["CLI-IDLE", ["list", "--out", "x"], "--out"],
    ["DATA-FOLDER", ["show", "no-such-folder"], "no such folder"],
    ["DATA-FORMAT", ["show", join(ROOT, "docs")], "train/CLASS"],
    ["FETCH-URL", ["fetch", "mnist", "--url", "ftp://localhost/", "--to", join(root, "f")], "https://"],
  ])("refuses with %s: %j", async (code, args, said) => {
    const { code: exit, out, err } = await ohmlet("data", ...args, "--json");
    expect([JSON.parse(out).error.code, err]).toEqual([code, ""]);
    expect(exit).toBe(code === "FETCH-URL" || !code.startsWith("FETCH") ? 2 : 1);
    expect((await ohmlet("data", ...args)).err).toContain(said);
  });

  it("ends with code 1 where a server has no such file", async () => {
    const served = await serve(files({}));
    const { code, err } = await ohmlet(
      "data",
      "fetch",
      "cifar10",
      "--url",
      served.base,
      "--to",
      join(root, "missing"),
    );
    await served.close();
    expect([code, served.requests]).toEqual([1, ["GET /cifar-10-binary.tar.gz"]]);
    expect(err).toContain("FETCH-STATUS");
    expect(err).toContain("404");
  });

  it("keeps the part when it is interrupted", async () => {
    const served = await serve(
      (_, response) =>
        void response.writeHead(200, { "content-length": 1_000_000 }).write(Buffer.alloc(70_000)),
    );
    const part = join(root, "stopped", "train-images-idx3-ubyte.gz.part");
    const child = spawn(
      process.execPath,
      ["build/main.js", "data", "fetch", "mnist", "--url", served.base, "--to", join(root, "stopped")],
      { cwd: ROOT },
    );
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise<NodeJS.Signals | null>(
      (done) => void child.on("close", (_, signal) => done(signal)),
    );
    while (!existsSync(part) || statSync(part).size < 70_000)
      await new Promise((later) => setTimeout(later, 20));
    child.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
    await served.close();
    expect([statSync(part).size, readdirSync(join(root, "stopped"))]).toEqual([
      70_000,
      ["train-images-idx3-ubyte.gz.part"],
    ]);
    expect(err).toContain("FETCH-STOPPED");
  }, 20_000);

  const shared = resolve(ROOT, "../shared/data/fashion-mnist");
  it.skipIf(!existsSync(shared))(
    "fetches Fashion-MNIST from a mirror, its checksums hold, and it can be shown by its folder",
    async () => {
      const names = readdirSync(shared).filter((name) => name.endsWith(".gz"));
      const served = await serve(
        files(Object.fromEntries(names.map((name) => [name, readFileSync(join(shared, name))]))),
      );
      const to = join(root, "fashion-mnist");
      const { code, out } = await ohmlet(
        "data",
        "fetch",
        "fashion-mnist",
        "--url",
        served.base,
        "--to",
        to,
        "--json",
      );
      await served.close();
      expect([code, JSON.parse(out).files.length, readdirSync(to).sort()]).toEqual([0, 4, names.sort()]);
      const shown = JSON.parse(
        (await ohmlet("data", "show", to, "--json", "--out", join(root, "f.png"))).out,
      );
      expect(shown.classes[9]).toEqual({ label: 9, name: "ankle boot", train: 6000, test: 1000 });
    },
    30_000,
  );
});
