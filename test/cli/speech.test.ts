import { describe, expect, it } from "vitest";
import { faultOf } from "../../src/cli/report-error";
import { ProcessIo } from "../../src/cli/io";
import { ProgressLine, timeLeft } from "../../src/cli/progress";
import { OhmletError } from "../../src/errors";
import { execute, keptStreams } from "./run";

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
    for (const [terminal, json, silent] of [
      [true, false, false],
      [false, false, true],
      [true, true, true],
    ] as const) {
      const { text, streams: s } = keptStreams(terminal);
      new ProcessIo(s, json, "ohmlet").progress().update(0.1, "epoch 1 of 10");
      expect(text.err === "").toBe(silent);
      expect(text.out).toBe("");
    }
  });

  it("shows no progress on a terminal that cannot redraw a line; that it wants no colour changes nothing", () => {
    for (const [env, silent] of [
      [{ TERM: "dumb" }, true],
      [{ TERM: "xterm", NO_COLOR: "1" }, false],
      [{}, false],
    ] as const) {
      const { text, streams: s } = keptStreams(true);
      new ProcessIo({ ...s, env }, false, "ohmlet").progress().update(0.1, "epoch 1 of 10");
      expect(text.err === "").toBe(silent);
    }
  });

  it("is lines that nothing in them can end, and JSON that a terminal cannot obey", () => {
    const { text, streams: s } = keptStreams();
    const io = new ProcessIo(s, false, "ohmlet");
    io.print("one\ntwo", "\u001b[2Jthree");
    io.note("a\rb", "");
    expect(text).toEqual({ out: "one\\u000atwo\n\\u001b[2Jthree\n", err: "a\\u000db\n\n" });
    new ProcessIo(s, true, "ohmlet").emit({ name: "\u009b31m\u202e" });
    expect(text.out).toContain('{"name":"\\u009b31m\\u202e"}');
  });

  it("includes what packages write to the console, and Node's warnings, with --json too", async () => {
    const script =
      `const { ProcessIo, adoptConsole } = require("./src/cli/io"); const io = new ProcessIo(process, ` +
      `true, "ohmlet"); adoptConsole((...lines) => io.aside(...lines)); console.warn("policy %s", ` +
      `"\\x1b[2J\\nx"); process.emitWarning("\\x9bw", "worker process"); console.log(1)`;
    expect(await execute(process.execPath, ["-r", "ts-node/register", "-e", script])).toEqual({
      code: 0,
      out: "",
      err: "policy \\u001b[2J\nx\n1\nworker process: \\u009bw\n",
    });
  });
});

describe("the progress line", () => {
  it("is drawn at once, then ten times a second at most, and fits the terminal", () => {
    let time = 0;
    const writes: string[] = [];
    const line = new ProgressLine({ columns: 30, write: (s) => writes.push(s) }, true, () => time);
    line.update(0, "starting");
    expect(writes).toHaveLength(1);
    for (time = 0; time < 1000; time += 10)
      line.update(time / 2000, "a long text that does not fit into thirty columns");
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.length).toBeLessThanOrEqual(11);
    for (const write of writes) expect(write.replace("\r\u001B[K", "").length).toBeLessThan(30);
  });

  const drawn = (columns: number | undefined, text: string): string => {
    const writes: string[] = [];
    new ProgressLine({ columns, write: (s) => writes.push(s) }, true, () => 0).update(0, text);
    return writes.join("");
  };

  it.each([
    [0, 79],
    [Number.NaN, 79],
    [undefined, 79],
    [-1, 79],
    [1, 0],
    [2, 1],
    [40, 39],
  ])("takes %s columns for a width of %d", (columns, width) => {
    expect(drawn(columns, "x".repeat(200)).replace("\r\u001B[K", "")).toBe("x".repeat(width));
  });

  it("counts columns, not letters, and sends nothing of a name that a terminal obeys", () => {
    expect(drawn(10, "漢字漢字漢字")).toBe("\r\u001B[K漢字漢字");
    expect(drawn(80, "a\u001b[2J\nb\r\u009bc")).toBe("\r\u001B[Ka\\u001b[2J\\u000ab\\u000d\\u009bc");
    expect(drawn(80, "e" + "\u0301".repeat(1e6)).length).toBeLessThan(2000);
  });

  it("fits a terminal that became narrower, also when something else is written", () => {
    const writes: string[] = [];
    const stream = { columns: 20, write: (s: string) => writes.push(s) };
    const line = new ProgressLine(stream, true, () => 0);
    line.update(0, "x".repeat(30));
    stream.columns = 5;
    line.around(() => writes.push("note\n"));
    expect(writes.slice(1)).toEqual(["\r\u001B[K", "note\n", "\r\u001B[Kxxxx"]);
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
    expect(faultOf(new OhmletError(details), false)).toMatchObject({
      code: 2,
      text: "X-Y  it is so\n  do this",
    });
    expect(faultOf(new OhmletError({ ...details, category: "run" }), false).code).toBe(1);
    const bug = faultOf(new TypeError("oops"), false);
    expect(bug.code).toBe(1);
    expect(bug.text).toContain("report it");
    expect(bug.text).not.toContain("    at ");
    expect(faultOf(new TypeError("oops"), true).text).toContain("    at ");
    expect(
      faultOf(
        Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT", syscall: "open", path: "a.gz" }),
        false,
      ),
    ).toMatchObject({ code: 2 });
  });
});
