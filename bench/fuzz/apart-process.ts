/**
 * The process of `Apart`: does the cases that it is told, one after the other, and ends with whoever started
 * it.
 */
import type { Answer, Asked } from "./apart";
import { attempt, prepareFor } from "./attempt";
import { memoryNow } from "./memory";
import { TARGETS } from "./targets";

const say = (answer: Answer): void => void process.send?.(answer);

async function answer(asked: Asked): Promise<Answer> {
  if (asked.kind === "memory") return memoryNow();
  const target = TARGETS.find(({ name }) => name === asked.target);
  if (target === undefined) throw new Error(`there is no target "${asked.target}"`);
  if (asked.kind === "case") return attempt(target, asked.seed, asked.number, asked.folder);
  return prepareFor(target, asked.folder).then(
    () => memoryNow(),
    (error: unknown) => ({ unprepared: String(error) }),
  );
}

process.on("message", (asked: Asked) => void answer(asked).then(say));
process.on("disconnect", () => process.exit(0));
// What a target threw where nobody waited for it: the process dies of it, and whoever started it says so.
say("ready");
