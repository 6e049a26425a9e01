/**
 * What Redis refuses, as errors with a code and a remedy: a server that is full or may not be written to is
 * no bug.
 */
import { OhmletError } from "../../errors";

interface Kind {
  readonly code: string;
  readonly pattern: RegExp;
  readonly fact: string;
  readonly remedy: string;
}

const AGAIN = "then give the same command again: what was measured is kept";

/** Scripts put the server's word somewhere in a sentence of their own. */
const KINDS: readonly Kind[] = [
  {
    code: "REDIS-AUTH",
    pattern: /\b(NOAUTH|WRONGPASS)\b|invalid password|without any password/i,
    fact: "the server does not let this user in",
    remedy: "write user and password into the address:  redis://USER:PASSWORD@HOST:PORT",
  },
  {
    code: "REDIS-RIGHTS",
    pattern: /\bNOPERM\b|no permissions? to|can't run this command/i,
    fact: "this user may not do what queues need",
    remedy: "give the user all commands on the keys of Ohmlet:  ACL SETUSER NAME ~ohmlet:* &* +@all",
  },
  {
    code: "REDIS-FULL",
    pattern: /\bOOM\b/,
    fact: "the server's memory is full",
    remedy: `give it more (maxmemory) or take another server, ${AGAIN}`,
  },
  {
    code: "REDIS-DISK",
    pattern: /\bMISCONF\b/,
    fact: "the server cannot write to its disk, and takes nothing new until it can",
    remedy: `make room there, or tell it not to save (CONFIG SET stop-writes-on-bgsave-error no), ${AGAIN}`,
  },
  {
    code: "REDIS-READONLY",
    pattern: /\bREADONLY\b/,
    fact: "the server is a replica, which takes nothing new",
    remedy: `name the server that it follows, ${AGAIN}`,
  },
  {
    code: "REDIS-BUSY",
    pattern: /\b(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN)\b/,
    fact: "the server is not ready",
    remedy: `wait until it is, ${AGAIN}`,
  },
  {
    code: "REDIS-TYPE",
    pattern: /\bWRONGTYPE\b/,
    fact: "the server holds something else under a name of Ohmlet",
    remedy: `take a database of its own:  redis://HOST:PORT/1, ${AGAIN}`,
  },
];

/** The fault of a command that the server refused; null for anything else. */
export function replyFault(thrown: unknown, shown: string): OhmletError | null {
  if (!(thrown instanceof Error)) return null;
  // A transaction says only that one of its commands failed, and keeps the faults of these.
  const { previousErrors: [cause = thrown] = [] } = thrown as Error & {
    readonly previousErrors?: readonly Error[];
  };
  const text = cause.message;
  const kind = KINDS.find(({ pattern }) => pattern.test(text));
  if (kind === undefined && cause.name !== "ReplyError") return null;
  const { code, fact, remedy } = kind ?? {
    code: "REDIS-FAULT",
    fact: "the server refuses a command",
    remedy: `use Redis 6.2 or later, ${AGAIN}`,
  };
  return new OhmletError({
    code,
    fact: `${fact} (${text.replace(/\s+/g, " ").slice(0, 200)})`,
    place: { where: shown },
    remedy,
    category: "run",
  });
}
