/** What runs the jobs of a study. */
export { localExecutor, type LocalOptions } from "./local";
export {
  bullmqExecutor,
  reachRedis,
  redisAddress,
  serveQueue,
  type QueueWorkerEvent,
  type RedisAddress,
} from "./bullmq";
