/** The end of a training, told. */
import type { TrainingEnd } from "../../runs/training/train-in-folder";
import type { Io } from "../io";

/** @returns the exit code */
export function told({ folder, outcome, record }: TrainingEnd, io: Io): number {
  io.emit({ folder, ...record });
  return outcome === "done" ? 0 : 1;
}
