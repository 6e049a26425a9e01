/** The process around the benchmarks: streams, exit code. */
import { ProcessIo } from "../src/cli/io";
import { runBench } from "./program";

const argv = process.argv.slice(2);
const io = new ProcessIo(process, argv.includes("--json"), "npm run --silent bench --");

process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 141 : 1));

// Leaves once everything written has left: workers of an engine must not hold the process back.
void runBench(argv, io, (text) => io.note(...text.split("\n"))).then((code) =>
  process.stdout.write("", () => process.exit(code)),
);
