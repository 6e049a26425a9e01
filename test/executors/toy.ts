/** Jobs that need no chip. */
import { join } from "node:path";
import type { Job, Task, Values } from "../../src/study";

export const MODULE = join(__dirname, "toy-worker.ts");
export const TASK: Task = { run: { toy: true }, measures: ["seed"], train: false, data: "/of/the/conductor" };

/** Of two trials each. */
export function jobs(count: number, values: Values = {}): Job[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `job ${i}`,
    trials: [0, 1].map((chip) => ({
      key: `point ${i} chip ${chip}`,
      point: i,
      values,
      chip,
      seed: 10 * i + chip,
    })),
  }));
}
