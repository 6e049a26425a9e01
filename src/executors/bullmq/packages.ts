/**
 * The packages that talk to Redis. They are optional: whoever runs studies on one machine needs neither, so
 * they are loaded here, on request.
 */
import type * as bullmq from "bullmq";
import type * as ioredis from "ioredis";
import { OhmletError } from "../../errors";

export type { Redis } from "ioredis";

/** @throws OhmletError REDIS-PACKAGE where one is not installed */
export const loadBullmq = (): Promise<typeof bullmq> => load("bullmq", () => import("bullmq"));
export const loadIoredis = (): Promise<typeof ioredis> => load("ioredis", () => import("ioredis"));

async function load<M>(name: string, from: () => Promise<M>): Promise<M> {
  try {
    return await from();
  } catch (error) {
    if (
      !(
        error instanceof Error &&
        "code" in error &&
        (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND")
      )
    )
      throw error;
    throw new OhmletError({
      code: "REDIS-PACKAGE",
      fact: `the optional package "${name}" is not installed here`,
      place: { where: "--redis" },
      remedy: "npm install bullmq ioredis  beside ohmlet; a study on one machine, and shards, need neither",
    });
  }
}
