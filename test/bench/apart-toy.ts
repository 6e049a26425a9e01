/** A process that does as its targets are called: answers, hangs, dies, takes memory. */
import type { Answer, Asked } from "../../bench/fuzz/apart";

const say = (answer: Answer): void => void process.send?.(answer);
const taken: Buffer[] = [];

process.on("message", (asked: Asked) => {
  if (asked.kind === "memory") return say({ kept: 1, resident: 2 });
  if (asked.kind === "prepare")
    return say(asked.target === "unprepared" ? { unprepared: "so it is" } : { kept: 0, resident: 0 });
  if (asked.target === "dies") process.abort();
  if (asked.target === "grows") return void setInterval(() => taken.push(Buffer.alloc(2 ** 26, 1)), 20);
  if (asked.target === "hangs") for (;;) continue;
  say({ code: "X-Y", wrong: null, ms: asked.number });
});
process.on("disconnect", () => process.exit(0));
say("ready");
