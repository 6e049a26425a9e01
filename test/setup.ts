/** What every file of tests begins with. */
import os from "node:os";
import fc from "fast-check";
import { LONG } from "./long";

/**
 * Properties draw the same cases in every run of the test command, so that one commit has one answer;
 * `npm run test:long` draws new ones, and a failure prints the seed that replays it.
 */
if (!LONG) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_130 });

/**
 * Files run side by side, one on each core: an engine that is not told how many threads it has takes one, since two of
 * them on a core would wait for each other.
 */
os.availableParallelism = () => 1;
