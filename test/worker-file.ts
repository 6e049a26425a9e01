/** In the place of src/runs/studying/worker-file.ts: studies in tests start the worker of build/ (vitest.config.mts). */
import { join } from "node:path";
import { ROOT } from "./cli/run";

export const WORKER = join(ROOT, "build/worker.js");
