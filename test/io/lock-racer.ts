/**
 * A process that takes the locks of many folders, in step with others: argv is the folder that holds them,
 * its own number, how many race, how many rounds. Prints a line of JSON: what each round came to.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OhmletError } from "../../src/errors";
import { lockRun, type RunLock } from "../../src/io/run-lock";

const [root, own, racers, rounds] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
  number,
];

const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits until all are there: a moment at full speed, so that all go on at once, then without taking the
 * others' processor.
 */
function meet(name: string): void {
  writeFileSync(join(root, `${name}-${own}`), "");
  for (let other = 0, looks = 0; other < racers; looks++) {
    if (existsSync(join(root, `${name}-${other}`))) other++;
    else if (looks > 40) Atomics.wait(nothing, 0, 0, 0.2);
  }
}

const came: string[] = [];
for (let round = 0; round < rounds; round++) {
  const folder = join(root, `round-${round}`);
  let lock: RunLock | null = null;
  meet(`before-${round}`);
  try {
    lock = lockRun(folder);
    lock.check();
    came.push("held");
  } catch (error) {
    came.push(error instanceof OhmletError ? error.code : String(error));
  }
  meet(`after-${round}`);
  lock?.release();
}
console.log(JSON.stringify(came));
