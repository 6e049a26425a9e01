/**
 * One GET over http or https that follows a few redirects. What the answer's body holds is the caller's
 * business.
 */
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { OhmletError } from "../../errors";
import { fault, reasonOf, shown } from "./fault";

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** @throws OhmletError FETCH-URL */
export function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new OhmletError({
    code: "FETCH-URL",
    fact: `"${text.slice(0, 100)}" is no address of the web`,
    place: { where: "the address" },
    remedy: "give one that begins with http:// or https://",
  });
}

/**
 * The answer, whatever its status; its body is not read yet.
 * @param from the first byte that is wanted
 * @throws OhmletError FETCH-NETWORK, FETCH-REDIRECT
 */
export async function request(
  start: URL,
  from: number,
  signal: AbortSignal,
): Promise<{ answer: IncomingMessage; url: URL }> {
  let url = start;
  for (let turns = 0; turns <= MOST_REDIRECTS; turns++) {
    const answer = await once(url, from, signal);
    if (!REDIRECTS.has(answer.statusCode ?? 0)) return { answer, url };
    answer.destroy(); // its body may be endless
    url = next(url, answer.headers.location);
  }
  throw fault(
    "FETCH-REDIRECT",
    shown(start),
    `the server sends from address to address, more than ${MOST_REDIRECTS} times`,
    "give another source with --url",
  );
}

function once(url: URL, from: number, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    "accept-encoding": "identity",
    "user-agent": "ohmlet",
    ...(from > 0 && { range: `bytes=${from}-` }),
  };
  const get: typeof getHttp = url.protocol === "https:" ? getHttps : getHttp;
  return new Promise((answered, failed) => {
    get(url, { headers, signal, agent: false }, answered).on("error", (error: Error) =>
      failed(
        fault(
          "FETCH-NETWORK",
          shown(url),
          `the server cannot be reached (${reasonOf(error)})`,
          "check the network, or give another source with --url",
        ),
      ),
    );
  });
}

function next(url: URL, location: string | undefined): URL {
  const target =
    location !== undefined && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  const isWeb = target?.protocol === "https:" || (target?.protocol === "http:" && url.protocol === "http:");
  if (target !== undefined && isWeb) return target;
  throw fault(
    "FETCH-REDIRECT",
    shown(url),
    target === undefined
      ? "the server redirects to no address"
      : `the server redirects to ${target.protocol}, which is not followed from here`,
    "give another source with --url",
  );
}
