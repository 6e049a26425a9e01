/** Where a Redis is, as the user typed it. It may hold a password: what is shown or written is never the whole of it. */
import { OhmletError } from "../../errors";

export interface RedisAddress {
  /** With user and password. */
  readonly url: string;
  /** Without them. */
  readonly shown: string;
}

/** @throws OhmletError REDIS-URL */
export function redisAddress(text: string): RedisAddress {
  const shown = shownAddress(text);
  const fail = (fact: string): never => {
    throw new OhmletError({ code: "REDIS-URL", fact, place: { where: shown }, remedy: "write  redis://HOST:PORT,  rediss:// for TLS, with  USER:PASSWORD@  before the host where the server asks for it, and  /NUMBER  behind it for another database" });
  };
  const url = URL.canParse(text) ? new URL(text) : fail("this is no address of a Redis server");
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") fail(`"${url.protocol.slice(0, 20)}//" is no address of a Redis server`);
  if (url.hostname === "") fail("the address names no host");
  if (!/^(\/\d{0,4})?$/.test(url.pathname)) fail("what follows the host is the number of a database");
  if (url.search !== "" || url.hash !== "") fail("an address takes no settings after ? or #");
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    fail("user or password hold a % that begins no escape: write it as %25");
  }
  return { url: text, shown };
}

/** Scheme, host, port and database; of what is no address, nothing. */
export function shownAddress(text: string): string {
  if (!URL.canParse(text)) return "--redis";
  const { protocol, host, pathname } = new URL(text);
  return `${protocol.slice(0, 20)}//${host.slice(0, 200)}${/^\/\d{1,4}$/.test(pathname) ? pathname : ""}`;
}
