/**
 * Tests that say more of what others say already, or say it at length: left out of the test command, which
 * is to take minutes, and run by `npm run test:long`.
 */
// Tests that also run in a page have no process there.
export const LONG = globalThis.process?.env.OHMLET_LONG !== undefined;

/** How many cases a property draws of what takes long: all of them, or in the test command a third. */
export const fewer = (all: number): number => (LONG ? all : Math.ceil(all / 3));
