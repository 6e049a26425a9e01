/** The benchmarks, in the order of the help. They load fast: each imports what does its work when it runs. */
import type { Verb } from "../../src/cli/verb";
import { convolve } from "./convolve";
import { fuzz } from "./fuzz";
import { gpu } from "./gpu";
import { kill } from "./kill";
import { peers } from "./peers";
import { relax } from "./relax";
import { resistive } from "./resistive";
import { scale } from "./scale";
import { settle } from "./settle";
import { stack } from "./stack";
import { train } from "./train";

export const VERBS: readonly Verb[] = [
  relax,
  convolve,
  train,
  settle,
  resistive,
  scale,
  stack,
  gpu,
  peers,
  kill,
  fuzz,
];
