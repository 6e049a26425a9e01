/** What a seed is: the one check, wherever a seed is given. */
import { OhmletError } from "../errors";

/**
 * The seed itself, if it is one: a whole number from 0 to 2^53 - 1.
 * @throws OhmletError ENGINE-SEED
 */
export function checkSeed(seed: unknown, where = "seed"): number {
  if (typeof seed === "number" && Number.isSafeInteger(seed) && seed >= 0) return seed;
  const given =
    typeof seed === "string"
      ? JSON.stringify(seed.slice(0, 40))
      : typeof seed === "bigint"
        ? `${seed}n`
        : typeof seed === "object" && seed !== null
          ? "an object"
          : String(seed);
  const whole = Number(typeof seed === "string" || typeof seed === "bigint" ? seed : Number.NaN);
  const remedy =
    Number.isSafeInteger(whole) && whole >= 0 && seed !== ""
      ? `write the number ${whole}`
      : "give a whole number from 0 to 2^53 - 1";
  throw new OhmletError({ code: "ENGINE-SEED", fact: `${given} is not a seed`, place: { where }, remedy });
}
