/** A Redis for the tests of a file, where there is one; and what to say where there is none. */
import { afterAll, beforeAll, type TestContext } from "vitest";
import { findRedis, startRedis, type RedisServer } from "../../bench/redis";

const NO_REDIS = "no redis-server here (OHMLET_REDIS_SERVER names one): nothing was tried over many machines";

export function redisForTests(options?: { readonly password?: string }): {
  of(context: TestContext): RedisServer;
  here(): RedisServer | null;
} {
  const program = findRedis();
  if (program === null) console.warn(NO_REDIS);
  let server: RedisServer | null = null;
  beforeAll(async () => {
    if (program !== null) server = await startRedis(program, options);
  });
  afterAll(() => server?.stop());
  return { of: (context) => server ?? context.skip(NO_REDIS), here: () => server };
}
