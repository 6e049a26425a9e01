/** The file that worker processes of studies run: beside this one in the sources and in every build (tools/bundle.ts). */
import { extname, join } from "node:path";

export const WORKER = join(__dirname, `worker${extname(__filename)}`);
