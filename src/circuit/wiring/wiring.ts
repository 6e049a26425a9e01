/**
 * How the array of a projection joins two populations: which device leads from where to where, how often, and
 * what pools what it gives. Without a wiring a projection is all to all.
 */
import type { ProjectionSpec, Through } from "../types";
import { convolution } from "./convolution";
import type { End, Fail, Wiring } from "./types";
import { oneToOne, sparse } from "./pairs";

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
