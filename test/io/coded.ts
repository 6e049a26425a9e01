/** Runs what must fail and gives the code of its error; anything but an OhmletError is a bug and is thrown on. */
import { OhmletError } from "../../src/errors";

export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof OhmletError) return error.code;
    throw error;
  }
}
