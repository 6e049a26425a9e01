/** The file that worker processes of studies run: beside this one, compiled or not. */
import { join } from "node:path";

export const WORKER = join(__dirname, `worker${__filename.slice(-3)}`);
