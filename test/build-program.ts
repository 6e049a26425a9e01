/** Bundles the product once before the tests, so that tests that start it as a process start what users start. */
import { buildProgram } from "../tools/program";

export const setup = (): Promise<void> => buildProgram();
