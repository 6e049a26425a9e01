/**
 * Studies over many machines: `ohmlet study --executor bullmq` conducts, `ohmlet worker` works, Redis lies
 * between.
 */
export { redisAddress, type RedisAddress } from "./address";
export { reachRedis } from "./connection";
export { bullmqExecutor, type BullmqOptions } from "./executor";
export { serveQueue, type QueueWorkerEvent, type QueueWorkerOptions } from "./worker";
