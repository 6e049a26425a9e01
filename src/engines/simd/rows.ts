/** Whole rows, as they lie in memory. */
import type { Code, Local } from "./assembler";

/** Copies rows between two arrays of one stride, in bytes. */
export function copyRows(
  code: Code,
  target: number,
  source: number,
  stride: number,
  from: Local,
  to: Local,
): void {
  for (const address of [target, source]) code.get(from).i32(stride).do("i32.mul").i32(address).do("i32.add");
  code.get(to).get(from).do("i32.sub").i32(stride).do("i32.mul").copy();
}

/** Makes rows zeros. */
export function clearRows(code: Code, target: number, stride: number, from: Local, to: Local): void {
  code.get(from).i32(stride).do("i32.mul").i32(target).do("i32.add").i32(0);
  code.get(to).get(from).do("i32.sub").i32(stride).do("i32.mul").fill();
}
