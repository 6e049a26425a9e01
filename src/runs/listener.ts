/**
 * What a training, a study or a search tells while it works, and how it is told to stop. The command line
 * shows it on a terminal; a script, a page or a test hears what it wants of it. Texts are for people: what a
 * program needs is returned.
 */
import { OhmletError, type Stop } from "../errors";
import { check, optionsOf } from "../options";

/** How far work is that takes long. */
export interface Progress {
  /**
   * Tells how far the work has come.
   * @param fraction how much is done, 0…1; what it counts is the caller's affair
   * @param text what is shown before the time left: "epoch 2 of 6, accuracy 91.2 %"
   */
  update(fraction: number, text: string): void;
  /** The work is over, or has failed: nothing is to be shown any more. */
  end(): void;
}

/** Something odd that was seen and stopped nothing: a stable code (docs/errors.md), and a sentence. */
export interface Caution {
  readonly code: string;
  readonly text: string;
}

/** What is told. */
export interface Telling {
  /** How commands begin that texts tell to type: "ohmlet". */
  readonly program: string;
  /** Lines of the result. */
  print(...lines: readonly string[]): void;
  /** Lines beside the result: where files went, how to go on. */
  note(...lines: readonly string[]): void;
  /** What was odd. */
  warn(...cautions: readonly Caution[]): void;
  /** Where to tell how far the work is. */
  progress(): Progress;
}

/** Who hears of work, and may stop it. */
export interface Listener extends Telling {
  /**
   * Asked for once there is something to save: from then on the work ends in order when this signal aborts,
   * so that a Ctrl-C need not end the process.
   */
  interruption(): AbortSignal;
  /**
   * The same, for work that awaits nothing: true at once, where the signal waits for a moment to be heard in.
   */
  readonly stop: Stop;
}

/** What a listener may be made of. @throws OhmletError OPTION-… */
export const readListener = optionsOf<Partial<Telling>>("listener", {
  takes: {
    program: check.text,
    print: check.callback,
    note: check.callback,
    warn: check.callback,
    progress: check.callback,
  },
});

/**
 * For work that would begin with making something: told to stop before, it makes nothing.
 * @throws OhmletError RUN-STOPPED
 */
export function expectNotStopped(signal: Stop | undefined, where: string): void {
  if (signal?.aborted !== true) return;
  throw new OhmletError({
    code: "RUN-STOPPED",
    fact: "the signal had aborted before anything was done, and no folder was made",
    place: { where: `${where}, signal` },
    remedy: "give a signal that has not aborted, such as  new AbortController().signal",
    category: "run",
  });
}

/**
 * @param signal stops the work: an AbortSignal, or for work that awaits nothing whatever says it was aborted
 */
export function listenerOf(heard: Partial<Telling> = {}, signal?: Stop): Listener {
  const never = new AbortController().signal;
  return {
    program: heard.program ?? "ohmlet",
    print: (...lines) => heard.print?.(...lines),
    note: (...lines) => heard.note?.(...lines),
    warn: (...cautions) => heard.warn?.(...cautions),
    progress: () => heard.progress?.() ?? { update: () => {}, end: () => {} },
    interruption: () => (signal instanceof AbortSignal ? signal : never),
    stop: signal ?? never,
  };
}
