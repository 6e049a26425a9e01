/** Where a run keeps the weights of the feedforward net beside its chip. */
export const FORWARD_WEIGHTS = "forward.npz";
