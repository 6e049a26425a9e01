/** Options that mean the same in several verbs, over those of the command line itself. */
import type { OptionSpecs } from "../src/cli/args";
import { COMMON } from "../src/cli/verb";

export const SHARED = {
  threads: {
    type: "integer",
    min: 1,
    max: 256,
    value: "N",
    help: "threads, for the simd engine; default: as many as the machine runs at once",
  },
  fused: {
    type: "flag",
    help: "fuses products and sums in the simd engine: faster, its last bits depend on the machine",
  },
  ...COMMON,
} as const satisfies OptionSpecs;

export const MODEL = {
  model: {
    type: "string",
    default: "p-1h",
    choices: ["p-1h", "p-2h", "eb-1h", "p-conv", "holomorphic"],
    value: "NAME",
    help: "network and protocol (Ernoult 2019, Table 4; holomorphic: Laborieux and Zenke 2023, D.2)",
  },
  data: {
    type: "string",
    value: "FOLDER",
    help: "folder of the four IDX files of MNIST or a set like it; default: generated digits",
  },
} as const satisfies OptionSpecs;

/** How phases find their fixed points. */
export const PATH = {
  order: {
    type: "string",
    default: "synchronous",
    choices: ["synchronous", "alternate"],
    value: "NAME",
    help: "all layers at once, or even and odd layers in turn",
  },
  acceleration: {
    type: "string",
    default: "none",
    choices: ["none", "anderson", "nesterov"],
    value: "NAME",
    help: "mixing of past steps, in phases with a tolerance",
  },
} as const satisfies OptionSpecs;
