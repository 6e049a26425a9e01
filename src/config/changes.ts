/** What options change: settings that were typed, and those that were not. */

/** Settings that have a value. */
type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The settings that were typed. */
export const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

/** What no option changes stays the same object: its place in the file is known by it. */
export const isEmpty = (changes: object): boolean =>
  Object.values(changes).every((value) => value === undefined);
