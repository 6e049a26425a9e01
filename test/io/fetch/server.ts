/** A server on loopback for tests of downloads: well-behaved with Range, or as bad as a test wants it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Served {
  /** Ends in "/". */
  readonly base: string;
  /** "GET /name" or "GET /name bytes=5-", in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function serve(handler: Handler): Promise<Served> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(" "));
    handler(request, response);
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => void server.close(() => closed()));
    },
  };
}

/** Serves files as a good server does. `cutAfter` breaks the connection off after so many bytes of a body. */
export function files(
  contents: Readonly<Record<string, Buffer>>,
  options: { readonly ranges?: boolean; readonly cutAfter?: () => number } = {},
): Handler {
  return ({ url = "/", headers }, response) => {
    const bytes = contents[url.slice(1)];
    if (bytes === undefined) return void response.writeHead(404).end("no such file");
    const from = options.ranges === false ? 0 : Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    if (from > 0 && from >= bytes.length)
      return void response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    const body = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": body.length,
      ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    const cut = options.cutAfter?.() ?? Infinity;
    if (cut >= body.length) return void response.end(body);
    response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  };
}
