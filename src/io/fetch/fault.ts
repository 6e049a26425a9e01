/**
 * Faults of a download. Nobody typed something wrong: the run failed, and mostly the same command goes on
 * where it stopped.
 */
import { OhmletError } from "../../errors";

export function fault(code: string, where: string, fact: string, remedy: string): OhmletError {
  return new OhmletError({ code, fact, place: { where }, remedy, category: "run" });
}

/** How a URL is shown: without what may be secret in it. */
export const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`.slice(0, 200);

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);
