import { describe, expect, it } from "vitest";
import { faultOf } from "../../src/cli/fault";
import { ProcessIo } from "../../src/cli/io";
import { ProgressLine, timeLeft } from "../../src/cli/progress";
import { OhmletError } from "../../src/errors";
import { keptStreams } from "./run";

describe("what a verb says", () => {
  it("goes to people as text and to machines as one object", () => {
    for (const json of [false, true]) {
      const { text, streams: s } = keptStreams();
      const io = new ProcessIo(s, json, "ohmlet");
      io.print("done");
      io.note("saved");
      io.emit({ done: true });
      expect(text).toEqual(json ? { out: '{"done":true}\n', err: "" } : { out: "done\n", err: "saved\n" });
    }
  });

  it("shows progress on a terminal only, and never with --json", () => {
    for (const [terminal, json, silent] of [[true, false, false], [false, false, true], [true, true, true]] as const) {
      const { text, streams: s } = keptStreams(terminal);
      new ProcessIo(s, json, "ohmlet").progress().update(0.1, "epoch 1 of 10");
      expect(text.err === "").toBe(silent);
      expect(text.out).toBe("");
    }
  });

  it("stops politely only where a verb asked to be told", () => {
    const io = new ProcessIo(keptStreams().streams, false, "ohmlet");
    expect(io.interrupt()).toBe(false);
    const signal = io.interruption();
    expect(signal.aborted).toBe(false);
    expect(io.interrupt()).toBe(true);
    expect(signal.aborted).toBe(true);
    expect(io.interrupt()).toBe(false);
  });
});

describe("the progress line", () => {
  it("is drawn at once, then ten times a second at most, and fits the terminal", () => {
    let time = 0;
    const writes: string[] = [];
    const line = new ProgressLine({ columns: 30, write: (s) => writes.push(s) }, true, () => time);
    line.update(0, "starting");
    expect(writes).toHaveLength(1);
    for (time = 0; time < 1000; time += 10) line.update(time / 2000, "a long text that does not fit into thirty columns");
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.length).toBeLessThanOrEqual(11);
    for (const write of writes) expect(write.replace("\r\u001B[K", "").length).toBeLessThan(30);
  });

  it("estimates what is left from what is done", () => {
    expect(timeLeft(10, 0.25)).toBe("about 30 s left");
    expect(timeLeft(600, 0.5)).toBe("about 10 min left");
    expect(timeLeft(10, 0)).toBe("");
  });
});

describe("faults", () => {
  it("tell the user's from the run's from ours", () => {
    const details = { code: "X-Y", fact: "it is so", remedy: "do this" };
    expect(faultOf(new OhmletError(details), false)).toMatchObject({ code: 2, text: "X-Y  it is so\n  do this" });
    expect(faultOf(new OhmletError({ ...details, category: "run" }), false).code).toBe(1);
    const bug = faultOf(new TypeError("oops"), false);
    expect(bug.code).toBe(1);
    expect(bug.text).toContain("report it");
    expect(bug.text).not.toContain("    at ");
    expect(faultOf(new TypeError("oops"), true).text).toContain("    at ");
    expect(faultOf(Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT", syscall: "open", path: "a.gz" }), false)).toMatchObject({ code: 2 });
  });
});
