/** The name of the set that needs no file. */
export const GENERATED = "generated";
