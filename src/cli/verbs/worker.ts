/** `ohmlet worker`: does jobs of studies that are conducted elsewhere. */
import { COMMON, defineVerb, IDLE, REDIS } from "../verb";

export const worker = defineVerb({
  name: "worker",
  saves: true,
  summary: "do jobs of studies that run on many machines",
  description:
    "Takes jobs from  study --executor bullmq  on any machine that reaches the same Redis, several " +
    "side by side, each in a process. It ends with Ctrl-C: what is under way is finished or goes back " +
    "to the queue. A worker that is killed loses nothing, another takes its jobs. Only studies of the " +
    "same version of Ohmlet are worked for. Needs the packages bullmq and ioredis. See " +
    "docs/many-machines.md.",
  options: {
    redis: REDIS,
    workers: {
      type: "integer",
      min: 1,
      max: 1024,
      value: "N",
      help: "processes that work side by side (default: as many as there are cores)",
    },
    data: {
      type: "string",
      value: "FOLDER",
      help: "the set of data, for studies whose runs leave it to you; no other folder is read",
    },
    idle: {
      type: "number",
      unit: "s",
      min: 0,
      max: 1e6,
      value: "SECONDS",
      help: "end after so long without a job (default: never)",
    },
    lock: {
      type: "number",
      unit: "s",
      min: 1,
      max: 3600,
      default: 30,
      value: "SECONDS",
      help: "after which another takes the jobs of a worker that died",
    },
    json: COMMON.json,
    ...IDLE,
  },
  examples: [
    { command: "worker --redis redis://127.0.0.1:6379", what: "all cores of this machine" },
    {
      command: "worker --redis rediss://ohmlet:PASSWORD@redis.example.org:6380 --workers 8 --idle 600",
      what: "eight processes, over TLS, until ten minutes have brought nothing",
    },
  ],
  async run({ options, positionals, given }, io) {
    const { redis, workers, data, idle, lock } = options;
    const [{ work }, { commandAgain }] = await Promise.all([
      import("../studying/work"),
      import("../command-line"),
    ]);
    return work(
      {
        redis,
        workers,
        data,
        idle,
        lock,
        again: commandAgain(io.program, "worker", { options, given, positionals }, { data: "FOLDER" }),
      },
      io,
    );
  },
});
