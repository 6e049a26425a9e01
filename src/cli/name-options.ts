/**
 * Faults of what options set, named after the options: layers below know a config, or a name of their own, and
 * nobody typed either.
 */
import { OhmletError } from "../errors";
import type { OptionSpecs, ParsedArgs } from "./args";

/**
 * The error at the options that set what it is about; as it is where none of them did, and where a file has it.
 * @param specs of the verb's options: `sets` says what each is to the layers below
 */
export function atOptions(
  error: unknown,
  verb: string,
  specs: OptionSpecs,
  { given, positionals }: Pick<ParsedArgs, "given" | "positionals">,
): unknown {
  if (!(error instanceof OhmletError) || error.place === undefined || error.place.line !== undefined)
    return error;
  const { where, path } = error.place;
  const inConfig = where === "config" && path !== undefined;
  const [key, ...rest] = (inConfig ? path : where).split(": ");
  const setting = [...given].flatMap((name) => {
    const sets = Object.hasOwn(specs, name) ? specs[name].sets : undefined;
    return sets === undefined ? [] : [{ name, sets }];
  });
  const named = setting.filter(({ sets }) => isWithin(sets, key) || isWithin(key, sets));
  // Where there is no file, nobody but the options can be to blame.
  const blamed = named.length > 0 ? named : inConfig && positionals.length === 0 ? setting : [];
  if (blamed.length === 0) return error;
  const options = blamed.map(({ name }) => `--${name}`).join(", ");
  const more = rest.filter((part) => part !== key);
  return new OhmletError({
    ...error.toJSON(),
    place: { where: [`${verb}, ${options}`, ...more].join(": ") },
  });
}

const isWithin = (path: string, whole: string): boolean => path === whole || path.startsWith(`${whole}.`);
