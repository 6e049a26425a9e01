/**
 * How the array of a projection joins two populations: which device leads from where to where, how often, and
 * what pools what it gives. Without a wiring a projection is all to all.
 */
import type { Connections } from "../../program/connections";
import type { Pooling, ProjectionSpec, Through } from "../types";
import { convolution } from "./convolution";
import type { End, Fail } from "./ends";
import { oneToOne, sparse } from "./pairs";

/** Devices of an array by place, and the ways through them. */
export interface Wiring {
  readonly kind: Through["kind"];
  /** Shape of the array without its line of biases. */
  readonly array: { readonly pre: number; readonly post: number };
  /**
   * The ways through the array: one, or where a window is pooled, one for each place in it. In the direction of
   * the forward projection.
   */
  readonly members: readonly Connections[];
  /** How the places of a window are made one; null where nothing is pooled. */
  readonly pool: Pooling["kind"] | null;
  /** From the line of biases to the postsynaptic units; null where each has its own. */
  readonly biases: Connections | null;
  /** Inputs of a unit, and outputs, as first weights count them. */
  readonly fan: { readonly in: number; readonly out: number };
  /** Whether it is read from its postsynaptic to its presynaptic end: feedback. */
  readonly backwards: boolean;
}

/**
 * The wiring of a projection, by its own spec or by that of the projection whose feedback it is.
 * @param fail throws, with the place
 */
export function wiringOf(
  spec: ProjectionSpec,
  forward: ProjectionSpec | null,
  from: End,
  to: End,
  fail: Fail,
): Wiring | null {
  if (forward === null)
    return spec.through === undefined ? null : wiringThrough(spec, spec.through, from, to, fail);
  if (spec.through !== undefined && JSON.stringify(spec.through) !== JSON.stringify(forward.through ?? null))
    fail(
      "CIRCUIT-FEEDBACK",
      `feedback of "${forward.name}" is wired otherwise than it`,
      "leave  through  out here: feedback runs through the wiring of its forward projection, backwards",
    );
  if (forward.through === undefined) return null;
  if (spec.bias === true)
    fail(
      "CIRCUIT-FEEDBACK",
      "feedback through a wiring has no line of biases",
      "set bias: false here, and give the biases to a projection that is no feedback",
    );
  const found = wiringThrough(forward, forward.through, to, from, fail);
  return { ...found, biases: null, backwards: true, fan: { in: found.fan.out, out: found.fan.in } };
}

function wiringThrough(spec: ProjectionSpec, through: Through, from: End, to: End, fail: Fail): Wiring {
  switch (through.kind) {
    case "convolution":
      return convolution(through, from, to, fail);
    case "one-to-one":
      return oneToOne(from, to, fail);
    case "sparse":
      return sparse(spec, through, from, to, fail);
  }
}
