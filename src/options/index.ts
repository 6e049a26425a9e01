/** Options: what a public function takes in an object, and the checks of their values (`check.whole(1)`). */
export * as check from "./checks";
export { expectValue, optionsOf, type OptionTable } from "./options";
