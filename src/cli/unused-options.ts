/** Refuses options that were typed and would do nothing: whoever types one expects an effect. */
import { OhmletError } from "../errors";

export interface IdleOption {
  readonly name: string;
  /** Whether the other options leave it without effect. */
  readonly idle: boolean;
  readonly why: string;
}

/** @throws OhmletError CLI-IDLE for the first that was given and is idle */
export function refuseIdle(given: ReadonlySet<string>, options: readonly IdleOption[]): void {
  for (const { name, idle, why } of options) {
    if (idle && given.has(name))
      throw new OhmletError({
        code: "CLI-IDLE",
        fact: `this option has no effect here: ${why}`,
        place: { where: `--${name}` },
        remedy: "leave it out, or change the option that it depends on",
      });
  }
}
