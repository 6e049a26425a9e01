/**
 * Tests that say more of what others say already, or say it at length: left out of the test command, which
 * is to take minutes, and run by `npm run test:long`.
 */
export const LONG = process.env.OHMLET_LONG !== undefined;
