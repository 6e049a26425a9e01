/** The process around the benchmarks: streams, signals, exit code. */
import { ProcessIo } from "../src/cli/io";
import { runBench } from "./program";

const INTERRUPTED = 130;

const argv = process.argv.slice(2);
const io = new ProcessIo(process, argv.includes("--json"), "npm run --silent bench --");

process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
process.on("SIGINT", () => io.interrupt() || process.exit(INTERRUPTED));

// Leaves once everything written has left: workers of an engine must not hold the process back.
void runBench(argv, io, (text) => io.note(...text.split("\n"))).then((code) => process.stdout.write("", () => process.exit(code)));
