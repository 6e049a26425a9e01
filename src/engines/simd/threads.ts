/** What the engine needs of Node or of a browser: threads that run a text, and what this machine can do. */

export interface Thread {
  terminate(): void;
}

interface NodeThreads {
  readonly Worker: new (
    text: string,
    options: { eval: true; workerData: unknown; execArgv: string[] },
  ) => {
    unref(): void;
    terminate(): Promise<number>;
    on(event: "error", listener: (error: Error) => void): void;
  };
}
interface BrowserWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(event: "error", listener: (error: { message: string }) => void): void;
}
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (url: string) => BrowserWorker;
  readonly Blob?: new (parts: string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

const host = globalThis as unknown as Host;
const builtin = (name: string): unknown => host.process?.getBuiltinModule?.(name);

/** Threads that run at once on this machine. */
export function parallelism(): number {
  const os = builtin("node:os") as { availableParallelism(): number } | undefined;
  return os?.availableParallelism() ?? host.navigator?.hardwareConcurrency ?? 1;
}

/**
 * Starts a thread that does not keep the process alive, or returns null where there are none.
 * @param text a function expression; the thread calls it with `data`
 */
export function startThread(text: string, data: unknown, failed: (message: string) => void): Thread | null {
  const threads = builtin("node:worker_threads") as NodeThreads | undefined;
  if (threads !== undefined) {
    // Of the process's own arguments none is wanted: a thread that loads a compiler first comes too late.
    const worker = new threads.Worker(`(${text})(require("node:worker_threads").workerData)`, {
      eval: true,
      workerData: data,
      execArgv: [],
    });
    worker.unref();
    worker.on("error", ({ message }) => failed(message));
    return { terminate: () => void worker.terminate() };
  }
  if (host.Worker === undefined || host.Blob === undefined || host.URL === undefined) return null;
  const url = host.URL.createObjectURL(
    new host.Blob([`onmessage = ({ data }) => (${text})(data)`], { type: "text/javascript" }),
  );
  try {
    const worker = new host.Worker(url);
    worker.addEventListener("error", ({ message }) => failed(message));
    worker.postMessage(data);
    return worker;
  } catch {
    // A page's content policy may forbid it.
    return null;
  } finally {
    host.URL.revokeObjectURL(url);
  }
}

/** Whether this thread may sleep until another wakes it: a browser's main thread may not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}

/** Node before version 22 has WebAssembly's relaxed instructions behind a flag. */
export function allowFused(): void {
  (builtin("node:v8") as { setFlagsFromString(flags: string): void } | undefined)?.setFlagsFromString(
    "--experimental-wasm-relaxed-simd",
  );
}
