/** What the command line says when something was thrown, and the exit code that goes with it. */
import { OhmletError } from "../errors";

export interface Failure {
  readonly exitCode: 1 | 2;
  /** For people. */
  readonly text: string;
  /** For machines: the one object that `--json` prints. */
  readonly json: { readonly error: unknown };
}

/** An OhmletError is the user's to mend (2) or the run's outcome (1); anything else is a bug of ours (1). */
export function describeFailure(thrown: unknown, debug: boolean): Failure {
  const stack = debug && thrown instanceof Error && thrown.stack ? thrown.stack : null;
  if (thrown instanceof OhmletError) {
    return { exitCode: thrown.category === "input" ? 2 : 1, text: stack ?? thrown.message, json: { error: thrown.toJSON() } };
  }
  const fact = `an unexpected error: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  const remedy = `this is a bug of ohmlet; please report it with the command line${debug ? "" : ", and with what --debug adds"}`;
  return {
    exitCode: 1,
    text: `BUG  ${fact}\n  ${remedy}${stack === null ? "" : `\n${stack}`}`,
    json: { error: { code: "BUG", fact, category: "run", remedy, ...(stack !== null && { stack }) } },
  };
}
