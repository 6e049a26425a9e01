/** What a device says of itself: it does not throw, it computes zeros. */
export interface Health {
  /** Its first complaint since somebody asked, or null. */
  complaint(): string | null;
  /** Why it is gone for good, or null. */
  lost(): string | null;
}

/** Where kernels are no shaders there is no device that could complain. */
export const WELL: Health = { complaint: () => null, lost: () => null };
