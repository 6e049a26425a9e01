/** The end of a study, told. */
import { nothingMeasured } from "../../runs/studying/describe";
import type { StudyEnd } from "../../runs/studying/conduct";
import type { Io } from "../io";
import { DONE, FAILED, INTERRUPTED } from "../report-error";

/** @returns the exit code */
export function told(end: StudyEnd, io: Io): number {
  io.emit(end);
  if (end.outcome === "interrupted") return INTERRUPTED;
  return nothingMeasured(end.summary) ? FAILED : DONE;
}
