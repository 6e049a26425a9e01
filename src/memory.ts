/**
 * How much memory one thing may ask for, so that what would exhaust the machine is refused before it is made.
 */

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown; constrainedMemory?(): number };
  readonly navigator?: { readonly deviceMemory?: number };
}

const host = globalThis as unknown as Host;
/** Of a page where the browser does not say what the machine has: GiB. */
const MODEST = 4;

/** Bytes: half of what the machine, or the container, has. */
export function memoryLimit(): number {
  const os = host.process?.getBuiltinModule?.("node:os") as { totalmem(): number } | undefined;
  if (os === undefined) return ((host.navigator?.deviceMemory ?? MODEST) * 2 ** 30) / 2;
  const [total, granted = 0] = [os.totalmem(), host.process?.constrainedMemory?.()];
  return (granted > 0 && granted < total ? granted : total) / 2;
}

export const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
