/** ngspice as another program: a netlist goes in, and what it found comes back with all its digits. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OhmletError } from "../errors";

/** What a plot of ngspice holds: each variable at each point. */
export interface Plot {
  /** By name, in lower case: "time", "v(out)", "i(v1)" without the wrapping: "out", "v1#branch". */
  readonly variables: ReadonlyMap<string, Float64Array>;
  /** Of small signals, imaginary parts; absent of other plots. */
  readonly imaginary?: ReadonlyMap<string, Float64Array>;
}

/** That it may take, unless said. */
const SECONDS = 120;
/** Of what it prints. */
const LONGEST_LOG = 200_000;

/** Whether a program answers to the name. */
export function hasNgspice(program = "ngspice"): Promise<boolean> {
  return new Promise((answer) => {
    const child = spawn(program, ["--version"], { stdio: "ignore" });
    child.on("error", () => answer(false));
    child.on("close", (code) => answer(code === 0));
  });
}

/**
 * Runs a netlist with its own analyses, and nothing of the user's settings.
 * @returns the plot of the last analysis; null where there is none: it did not converge, or refused the netlist
 * @param seconds that it may take
 * @throws OhmletError SPICE-PROGRAM where it cannot be run, SPICE-TIME where it does not end
 */
export async function ngspice(
  netlist: string,
  program = "ngspice",
  seconds = SECONDS,
): Promise<{ plot: Plot | null; log: string }> {
  const folder = await mkdtemp(join(tmpdir(), "ohmlet-spice-"));
  try {
    const [input, output] = [join(folder, "in.cir"), join(folder, "out.raw")];
    await writeFile(input, netlist);
    const log = await run(program, ["-n", "-b", "-r", output, input], folder, seconds);
    const bytes = await readFile(output).catch(() => null);
    return { plot: bytes === null ? null : plotOf(bytes), log };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], cwd: string, seconds: number): Promise<string> {
  return new Promise((done, failed) => {
    const refuse = (code: string, fact: string, remedy: string): void =>
      failed(new OhmletError({ code, category: "run", fact, place: { where: program }, remedy }));
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const clock = setTimeout(() => {
      child.kill("SIGKILL");
      refuse(
        "SPICE-TIME",
        `it has not ended within ${seconds} seconds`,
        "ngspice finds no end with this circuit: loosen its .options, or solve it by spice op or spice tran alone",
      );
    }, seconds * 1000);
    let log = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        if (log.length < LONGEST_LOG) log += chunk.toString();
      });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(clock);
      refuse(
        "SPICE-PROGRAM",
        `it cannot be started (${error.code})`,
        "install ngspice 39 or later (Debian: apt-get install ngspice), or name it by --ngspice",
      );
    });
    child.on("close", () => {
      clearTimeout(clock);
      done(log);
    });
  });
}

/** The last plot of a raw file: a head in text, then doubles, point by point. */
function plotOf(bytes: Uint8Array): Plot | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let plot: Plot | null = null;
  for (let at = 0; at < buffer.length;) {
    const mark = buffer.indexOf("Binary:\n", at);
    if (mark < 0) break;
    const head = buffer.toString("utf8", at, mark);
    const count = (name: string): number =>
      Number(new RegExp(`^No\\. ${name}: *(\\d+)`, "m").exec(head)?.[1] ?? 0);
    const [variables, points] = [count("Variables"), count("Points")];
    const names = [...head.matchAll(/^\t\d+\t(\S+)\t/gm)].map(([, name]) => plain(name.toLowerCase()));
    const start = mark + "Binary:\n".length;
    const complex = /^Flags: *complex/m.test(head);
    const width = complex ? 16 : 8;
    const end = start + variables * points * width;
    if (names.length !== variables || end > buffer.length) break;
    const part = (offset: number): ReadonlyMap<string, Float64Array> =>
      new Map(
        names.map((name, v) => [
          name,
          Float64Array.from({ length: points }, (_, p) =>
            buffer.readDoubleLE(start + (p * variables + v) * width + offset),
          ),
        ]),
      );
    plot = { variables: part(0), ...(complex && { imaginary: part(8) }) };
    at = end;
  }
  return plot;
}

/** "v(out)" is out, "i(v1)" the branch of v1. */
function plain(name: string): string {
  const [, kind, inner] = /^([vi])\((.*)\)$/.exec(name) ?? [];
  if (kind === undefined) return name;
  return kind === "v" || inner.includes("#") ? inner : `${inner}#branch`;
}
