/**
 * A Redis of one's own, for tests and for scripts that kill: on loopback, on a free port, in an empty folder,
 * writing nothing to disk. It ends with the process that started it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface RedisServer {
  /** "redis://127.0.0.1:PORT", with the password where there is one. */
  readonly url: string;
  /** Kills it, as a machine does that loses its power; what it held is forgotten. */
  crash(): Promise<void>;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/**
 * The server: what the variable OHMLET_REDIS_SERVER says, else what the path leads to; null where there is
 * none.
 */
export function findRedis(): string | null {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "redis-server"));
  return (
    [process.env.OHMLET_REDIS_SERVER ?? "", ...paths].find((path) => path !== "" && existsSync(path)) ?? null
  );
}

/** @param program as `findRedis` found it */
export async function startRedis(
  program: string,
  { password }: { readonly password?: string } = {},
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "ohmlet-redis-"));
  const port = await freePort();
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const args = [
      "--bind",
      "127.0.0.1",
      "--port",
      String(port),
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "no",
      ...(password === undefined ? [] : ["--requirepass", password]),
    ];
    server = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    await ready(server);
  };
  const crash = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server?.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  const end = (): void => {
    server?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", end);
  await start();
  return {
    url: `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`,
    crash,
    restart: start,
    async stop() {
      await crash();
      process.off("exit", end);
      end();
    },
  };
}

/** Waits until a server says that it listens. @throws Error where it ended instead */
function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes("Ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
