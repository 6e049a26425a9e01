/** What a config may read and write: nothing outside its own folder, whoever wrote it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderHere, placeBeside, readBeside, readTextFile } from "../../src/io/config-files";
import { faultIn } from "../config/read";

const root = mkdtempSync(join(tmpdir(), "ohmlet-config-"));
const folder = join(root, "mine");
mkdirSync(join(folder, "parts"), { recursive: true });
writeFileSync(join(root, "secret.yaml"), "secret: 1\n");
writeFileSync(join(folder, "run.yaml"), "a: 1\n");
writeFileSync(join(folder, "parts/neuron.yaml"), "b: 1\n");
symlinkSync(join(root, "secret.yaml"), join(folder, "link.yaml"));
symlinkSync(root, join(folder, "up"));
symlinkSync(join(folder, "parts/neuron.yaml"), join(folder, "inner.yaml"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const from = readTextFile(join(folder, "run.yaml"));

describe("what a config names", () => {
  it("is read within its folder, also through links that stay there", () => {
    expect(readBeside("parts/neuron.yaml", from).text).toBe("b: 1\n");
    expect(readBeside("inner.yaml", from).text).toBe("b: 1\n");
  });

  it.each([
    "../secret.yaml",
    "parts/../../secret.yaml",
    join(root, "secret.yaml"),
    "/etc/passwd.yaml",
    "link.yaml",
    "up/secret.yaml",
    "./run.yaml",
    "parts//neuron.yaml",
    "..\\secret.yaml",
    "C:secret.yaml",
    "run.yaml\0.yaml",
    "",
    "~/../secret.yaml",
    "file:///etc/hosts.yaml",
  ])("is refused outside of it: %j", (path) => {
    expect(faultIn(() => readBeside(path, from)).code).toBe("CONFIG-PATH");
    expect(faultIn(() => placeBeside(path, from.where)).code).toBe("CONFIG-PATH");
  });

  it("is written below the folder that the command runs in", () => {
    expect(folderHere("runs/mine", "run.yaml")).toBe("runs/mine");
    for (const path of ["../runs", "/tmp", "runs/../../x", ""])
      expect(faultIn(() => folderHere(path, "run.yaml")).code).toBe("CONFIG-PATH");
  });
});

describe("a file that is no config", () => {
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  it.each([
    ["has another ending", () => file("run.txt", "a: 1"), "CONFIG-FILE"],
    ["is not there", () => join(folder, "none.yaml"), "CONFIG-FILE"],
    [
      "is a folder",
      () => {
        mkdirSync(join(folder, "is.yaml"));
        return join(folder, "is.yaml");
      },
      "CONFIG-FILE",
    ],
    ["is no text", () => file("latin.yaml", Uint8Array.of(97, 58, 32, 0xe9, 10)), "CONFIG-TEXT"],
    ["is too large", () => file("large.yaml", new Uint8Array(2 * 1024 * 1024).fill(35)), "CONFIG-SIZE"],
  ])("is refused where it %s", (_, make, code) => {
    expect(faultIn(() => readTextFile(make())).code).toBe(code);
  });
});
