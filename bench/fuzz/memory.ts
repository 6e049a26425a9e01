/** Memory of this process once garbage is collected. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface Memory {
  /** MB that are kept, and the resident set around them. */
  readonly kept: number;
  readonly resident: number;
}

/**
 * Node collects when asked by a flag that can be set late; the resident set may stay as large as it once was.
 */
export async function memoryNow(): Promise<Memory> {
  await setImmediate();
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  await setImmediate();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { kept: Math.round((heapUsed + external) / 1e6), resident: Math.round(rss / 1e6) };
}
