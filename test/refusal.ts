/**
 * Runs what must be refused and gives the error of it; anything but an OhmletError is a bug and is thrown on.
 */
import { OhmletError } from "../src/errors";

/** Null where nothing is refused. */
export function refusalOf(action: () => unknown): OhmletError | null {
  try {
    action();
  } catch (error) {
    if (error instanceof OhmletError) return error;
    throw error;
  }
  return null;
}

export function refusal(action: () => unknown): OhmletError {
  const refused = refusalOf(action);
  if (refused === null) throw new Error("nothing was refused");
  return refused;
}

export const codeOf = (action: () => unknown): string | undefined => refusalOf(action)?.code;
