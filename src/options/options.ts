/**
 * Objects of options, checked where a public function takes one: a key that does not exist, one that is
 * missing and a value of the wrong kind are refused at once, by name. A table says what each key takes, and
 * the compiler holds the table to the type: a key that one of them lacks does not compile. Ranges that need
 * more than the value are for those who use it.
 */
import { OhmletError } from "../errors";
import { corrected, type Check } from "./checks";
import { nearest } from "./nearest";

type RequiredKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];
type OptionalKey<T> = Exclude<keyof T, RequiredKey<T>>;
type ChecksOf<T, K extends keyof T> = { readonly [P in K]-?: Check<Exclude<T[P], undefined>> };

/**
 * What each key takes: those that are needed, and those that may be left out. A type that has none of a kind
 * leaves the group out.
 */
export type OptionTable<T> = ([RequiredKey<T>] extends [never]
  ? { readonly needs?: undefined }
  : { readonly needs: ChecksOf<T, RequiredKey<T>> }) &
  ([OptionalKey<T>] extends [never]
    ? { readonly takes?: undefined }
    : { readonly takes: ChecksOf<T, OptionalKey<T>> });

type Checks = Readonly<Record<string, Check<unknown>>>;

/**
 * A reader of options: it returns what it is given, or throws.
 *
 *     const read = optionsOf<SgdOptions>("sgd", { needs: { rate: check.anything }, takes: { momentum: check.numeric, … } });
 *
 * @param where what takes them, for errors: "train"
 * @throws OhmletError OPTION-UNKNOWN, OPTION-MISSING, OPTION-VALUE; the reader does
 */
export function optionsOf<T extends object>(where: string, table: OptionTable<T>): (given: T) => T {
  const { needs = {}, takes = {} } = table as { readonly needs?: Checks; readonly takes?: Checks };
  const known: Checks = Object.assign(Object.create(null), needs, takes);
  const keys = Object.keys(known);
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where }, remedy });
  };
  return (given) => {
    if (typeof given !== "object" || given === null || Array.isArray(given))
      fail(
        "OPTION-VALUE",
        `its options are ${shown(given)}, not an object`,
        `write  { ${Object.keys(needs)
          .map((key) => `${key}: …`)
          .join(", ")} }`,
      );
    const values = given as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(values)) {
      if (key in known) continue;
      const near = nearest(key.slice(0, 60), keys);
      fail(
        "OPTION-UNKNOWN",
        `there is no option "${key.slice(0, 40)}"`,
        `${near === null ? "" : `did you mean "${near}"? `}options: ${keys.join(", ")}`,
      );
    }
    for (const key of keys) {
      const value = values[key];
      if (value === undefined) {
        if (key in needs)
          fail(
            "OPTION-MISSING",
            `the option "${key}" is missing`,
            `add  ${key}: ${known[key].example}  (${known[key].wanted})`,
          );
      } else if (!known[key].accepts(value)) refuseValue(where, key, value, known[key]);
    }
    return given;
  };
}

/** The same for a value that stands alone: an argument with a name. @throws OhmletError OPTION-VALUE */
export function expectValue<T>(where: string, name: string, value: unknown, check: Check<T>): void {
  if (!check.accepts(value)) refuseValue(where, name, value, check);
}

function refuseValue(where: string, name: string, value: unknown, check: Check<unknown>): never {
  throw new OhmletError({
    code: "OPTION-VALUE",
    fact: `"${name}" is ${shown(value)}`,
    place: { where },
    remedy: `write  ${name}: ${corrected(check, value)}  (${check.wanted})`,
  });
}

/** A value in a message: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === "string")
    return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "a list" : "an object";
}
