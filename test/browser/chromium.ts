/**
 * Opens a page in headless Chromium and waits for what it posts. The server is bound to loopback, on a free
 * port.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bundle } from "./bundle";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * The browser: what the variable OHMLET_CHROMIUM says, else where systems put it; null where there is none.
 */
export function findChromium(): string | null {
  return (
    [process.env.OHMLET_CHROMIUM ?? "", ...PLACES].find((path) => path !== "" && existsSync(path)) ?? null
  );
}

/**
 * WebGPU without a graphics card: SwiftShader, in software. WebGL2 finds it by itself. No sandbox, which
 * containers often cannot give: the one page that is opened is our own.
 */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--no-first-run",
  "--disable-extensions",
  "--disable-background-networking",
];

/** What the page posts to /report; an error where it posts to /failure, or nothing within the time. */
export async function openPage(
  chromium: string,
  bundle: Bundle,
  query: string,
  milliseconds: number,
): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "ohmlet-chromium-"));
  let settle: (report: unknown) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const posted = new Promise<unknown>((resolve, reject) => ([settle, fail] = [resolve, reject]));
  const server = serve(bundle, (path, body) =>
    path === "/report"
      ? settle(JSON.parse(body))
      : fail(new Error((JSON.parse(body) as { message: string }).message)),
  );
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium,
    [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/${query}`],
    { stdio: "ignore", detached: true },
  );
  // The browser is many processes, one group.
  const end = (): unknown => browser.pid !== undefined && process.kill(-browser.pid, "SIGKILL");
  process.once("exit", end);
  const gone = new Promise<void>((exited) => browser.on("exit", () => exited()));
  browser.on("error", fail);
  browser.on("exit", (code) =>
    fail(new Error(`the browser ended with ${code} before the page had reported`)),
  );
  const timer = setTimeout(() => fail(new Error(`the page was silent for ${milliseconds} ms`)), milliseconds);
  try {
    return await posted;
  } finally {
    clearTimeout(timer);
    process.off("exit", end);
    if (browser.exitCode === null && browser.signalCode === null) end();
    await gone;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

function serve(bundle: Bundle, receive: (path: string, body: string) => void): Server {
  return createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method === "POST") {
      let body = "";
      request
        .setEncoding("utf8")
        .on("data", (part: string) => (body += part))
        .on("end", () => {
          response.end();
          receive(path, body);
        });
      return;
    }
    const script = bundle.get(path);
    response.statusCode = script === undefined && path !== "/" ? 404 : 200;
    // Isolated from other origins, as a page must be that shares memory between threads.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
    response.end(
      script ??
        '<!doctype html><meta charset="utf-8"><title>Ohmlet</title><script type="module" ' +
          'src="/page.js"></script>',
    );
  });
}
