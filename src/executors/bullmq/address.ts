/**
 * Where a Redis is, as the user typed it. It may hold a password: what is shown or written is never the whole
 * of it.
 */
import { OhmletError } from "../../errors";

export interface RedisAddress {
  /** With user and password. */
  readonly url: string;
  /** Without them. */
  readonly shown: string;
}

/** @throws OhmletError REDIS-URL */
export function redisAddress(text: string): RedisAddress {
  const fault = faultOf(text);
  if (fault === null) return { url: text, shown: shownAddress(text) };
  throw new OhmletError({
    code: "REDIS-URL",
    fact: fault,
    place: { where: shownAddress(text) },
    remedy:
      "write  redis://HOST:PORT,  rediss:// for TLS, with  USER:PASSWORD@  before the host where the " +
      "server asks for it, and  /NUMBER  behind it for another database; signs such as @ / # in a " +
      "password as %40 %2F %23",
  });
}

/**
 * Scheme, host, port and database. Of what is no address nothing: any of it may be a password that was typed
 * wrong.
 */
export function shownAddress(text: string): string {
  if (faultOf(text) !== null) return "--redis";
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

function faultOf(text: string): string | null {
  if (text.length > 2000 || !URL.canParse(text)) return "this is no address of a Redis server";
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  if (protocol !== "redis:" && protocol !== "rediss:") return "this is no address of a Redis server";
  if (hostname === "") return "the address names no host";
  if (search !== "" || hash !== "") return "an address takes no settings after ? or #";
  if (!/^(\/\d{0,4})?$/.test(pathname)) return "what follows the host is the number of a database";
  try {
    decodeURIComponent(username + password);
  } catch {
    return "user or password hold a % that begins no escape: write it as %25";
  }
  return null;
}
