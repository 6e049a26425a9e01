/**
 * Properties draw the same cases in every run of the test command, so that one commit has one answer;
 * `npm run test:long` draws new ones, and a failure prints the seed that replays it.
 */
import fc from "fast-check";
import { LONG } from "./long";

if (!LONG) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_130 });
