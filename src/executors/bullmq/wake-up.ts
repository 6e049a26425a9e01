/** Waits until somebody rings, at most so long. A ring that nobody waited for is heard by the next. */
export function bell(): { readonly ring: () => void; heard(milliseconds: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    heard: (milliseconds) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          [rung, wake] = [false, null];
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        wake = done;
        if (rung) done();
      }),
  };
}
