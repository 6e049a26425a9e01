/** Bundles the product once before the tests, so that tests that start it as a process start what users start. */
export { buildProgram as setup } from "../tools/program";
