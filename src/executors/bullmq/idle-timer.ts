/** How long a worker has had nothing to do: it says so once, and ends when it was told to end then. */
export interface RestTimer {
  /** A job begins; or ends. */
  begin(): void;
  end(): void;
  /** Resolves after so long a rest. */
  readonly over: Promise<void>;
  stop(): void;
}

/** Milliseconds: between two jobs there is no rest to speak of. */
const REST = 1000;

/** @param idle seconds of rest that are enough; undefined: none are */
export function restTimer(idle: number | undefined, resting: () => void): RestTimer {
  let busy = 0;
  let enough: () => void = () => {};
  let timers: NodeJS.Timeout[] = [];
  let stopped = false;
  const clear = (): void => timers.splice(0).forEach(clearTimeout);
  const start = (): void => {
    clear();
    if (stopped) return;
    timers = [
      setTimeout(resting, REST),
      ...(idle === undefined ? [] : [setTimeout(() => enough(), Math.max(REST, 1000 * idle))]),
    ];
  };
  start();
  return {
    begin() {
      busy++;
      clear();
    },
    end() {
      if (--busy === 0) start();
    },
    over: new Promise((resolve) => (enough = resolve)),
    stop() {
      stopped = true;
      clear();
    },
  };
}
