/**
 * How long work of this process took, for what must not hang: no test waits less because other programs take the
 * processor meanwhile.
 */

/** Starts a watch. @returns milliseconds since, by the clock or by the processor, whichever is less */
export function stopwatch(): () => number {
  const [began, busy] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(busy);
    return Math.min(performance.now() - began, (user + system) / 1000);
  };
}
