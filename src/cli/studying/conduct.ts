/** A study as it is carried out for the command line: by whom, what is told to type, and the exit code. */
import { conduct } from "../../runs/studying/conduct";
import type { StudyWork } from "../../runs/studying/folder";
import { commandAgain, commandLine, type Typed } from "../command-line";
import type { Io } from "../io";
import { told } from "./ended";
import { executorOf, type ExecutorOptions } from "./executor";

/**
 * @param path of the study's folder
 * @param typed what followed the verb
 * @returns the exit code
 */
export async function conductTyped(
  verb: "study" | "resume",
  work: StudyWork,
  path: string,
  typed: Omit<Typed, "options"> & { readonly options: ExecutorOptions & Typed["options"] },
  io: Io,
): Promise<number> {
  const executor = await executorOf(typed.options, typed.given, io);
  const withData = (data: string): string => commandAgain(io.program, verb, typed, { data });
  return told(await conduct(work, path, executor, { typed: commandLine(io.program), withData }, io), io);
}
