/** What laws share: where they are tried, what they say when they hold, and how they fail. */
import { OhmletError } from "../../errors";
import type { Chip, Circuit } from "../../circuit/chip-types";
import type { TimeStep } from "../../dynamics/time-steps/time-step";
import type { SolverName } from "../../dynamics/types";
import type { AnyEngineName } from "../../engines/select";
import { check, type OptionTable } from "../../options";

/** A chip, or a design of which the law fabricates one. */
export type Subject = Chip | Circuit;

/** Where a law is tried. All of it has defaults. */
export interface Trial {
  /** Keys the chip, where the subject is a design, and the random inputs, targets and states. Default 1. */
  readonly seed?: number;
  /** Rows of random inputs. Default 2. */
  readonly samples?: number;
  /** Inputs in place of random ones in 0…1, [samples, input size]. */
  readonly inputs?: ArrayLike<number>;
  /** Steps of each phase. Default 60; laws about fixed points take up to 4000. */
  readonly steps?: number;
  /** Default: half of the shortest time constant at rest; without meaning for discrete circuits. */
  readonly dt?: TimeStep;
  readonly solver?: SolverName;
  /** Default "reference". */
  readonly engine?: AnyEngineName;
  /** Largest relative deviation that counts as none. Each law has its own default. */
  readonly allowed?: number;
}

/** What each key of a trial takes. */
export const TRIAL = {
  takes: {
    seed: check.anything,
    samples: check.whole(1),
    inputs: check.numbers,
    steps: check.whole(1),
    dt: check.anything,
    solver: check.anything,
    engine: check.text,
    allowed: check.numeric,
  },
} as const satisfies OptionTable<Trial>;

/** What a law found. It is thrown as an error where it does not hold. */
export interface Judged {
  readonly law: string;
  /** Whether the law says anything about this subject; where it does not, `why` tells. */
  readonly applies: boolean;
  readonly why?: string;
  /** Largest deviation found, and the largest allowed. */
  readonly found: number;
  readonly allowed: number;
}

export const holds = (law: string, found: number, allowed: number): Judged => ({
  law,
  applies: true,
  found,
  allowed,
});
export const doesNotApply = (law: string, why: string): Judged => ({
  law,
  applies: false,
  why,
  found: 0,
  allowed: 0,
});

/**
 * A law that does not hold: what was seen, where, what usually causes it, and what to write to see it again.
 * @param again from `callOf`
 */
export function broken(
  code: string,
  where: string,
  fact: string,
  remedy: string,
  again: string,
): OhmletError {
  return new OhmletError({
    code,
    fact,
    place: { where },
    remedy: [remedy, `again: ${again}`],
    category: "run",
  });
}

/** The call of a law, for a person to repeat; of a trial the settings that are short. */
export function callOf(law: string, subject: string, trial: object): string {
  const settings = Object.entries(trial).flatMap(([name, value]) =>
    ["number", "string"].includes(typeof value) || (Array.isArray(value) && value.length <= 4)
      ? [`${name}: ${JSON.stringify(value)}`]
      : [],
  );
  return `laws.${law}(${subject}${settings.length === 0 ? "" : `, { ${settings.join(", ")} }`})`;
}

/** A chip, for `callOf`. */
export const chipText = ({ seed }: Chip): string => `circuit.fabricate({ seed: ${seed} })`;

/** Three digits: what a person compares. */
export const short = (x: number): string => (Number.isFinite(x) ? `${Number(x.toPrecision(3))}` : `${x}`);
