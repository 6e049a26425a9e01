/**
 * Random layered circuits, of any wiring. A recipe is small plain data, so that a failure prints something to read and
 * fast-check can shrink it: fewer and smaller layers, tied feedback, discrete neurons, a squared error.
 */
import type { Arbitrary } from "fast-check";
import { layered, type LayeredOptions } from "../../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../../devices";
import type { Chip, Circuit } from "../../circuit/chip-types";
import { readCircuit } from "../../circuit/circuit";
import type { Through } from "../../circuit/types";
import type { SimulatorOptions } from "../../dynamics/simulator";
import { check, optionsOf } from "../../options";
import { fc } from "./fast-check";

/**
 * "map": discrete, a shifted sigmoid. "continuous": a leaky integrator with tanh. "physical": volts and
 * amperes, without noise. All are holomorphic.
 */
export type NeuronKind = "map" | "continuous" | "physical";

export interface CircuitRecipe {
  readonly sizes: readonly number[];
  /** Of the chip. */
  readonly seed: number;
  /** Scale of the weights: small enough to contract. */
  readonly scale: number;
  readonly feedback: LayeredOptions["feedback"];
  readonly neuron: NeuronKind;
  readonly cost: "squared-error" | "cross-entropy";
  readonly ascend: boolean;
  /** How layers are joined, where their sizes let them; elsewhere, and unless said, all to all. */
  readonly wiring?: WiringKind;
}

/**
 * "kernels": along the units of a layer. "pooled": the same, pooled by pairs with a softmax. "pairs": about
 * two of three.
 */
export type WiringKind = "dense" | "kernels" | "pooled" | "one-to-one" | "pairs";
const WIRINGS: readonly WiringKind[] = ["dense", "kernels", "pooled", "one-to-one", "pairs"];

export interface CircuitChoices {
  /** Fixes how the layers talk back. Default: tied, independent, or at 45 degrees. */
  readonly feedback?: LayeredOptions["feedback"];
  /** Default: map and continuous. */
  readonly neurons?: readonly NeuronKind[];
  /** Default: all of them, all to all most often. */
  readonly wirings?: readonly WiringKind[];
  /** Fewest and most units of a layer. Default 1 and 5. */
  readonly units?: readonly [least: number, most: number];
}

const readChoices = optionsOf<CircuitChoices>("circuits", {
  takes: {
    feedback: check.anything,
    neurons: check.list(check.oneOf("map", "continuous", "physical")),
    units: check.numbers,
    wirings: check.list(check.oneOf(...WIRINGS)),
  },
});
const readRecipe = optionsOf<CircuitRecipe>("circuitOf", {
  needs: {
    sizes: check.list(check.whole(1)),
    seed: check.anything,
    scale: check.numeric,
    neuron: check.oneOf("map", "continuous", "physical"),
    cost: check.oneOf("squared-error", "cross-entropy"),
    ascend: check.flag,
    feedback: check.anything,
  },
  takes: { wiring: check.oneOf(...WIRINGS) },
});

/** Classes of a cost that has a readout. */
const CLASSES = 3;

/** Circuits of one or two hidden layers. */
export function circuits(choices: CircuitChoices = {}): Arbitrary<CircuitRecipe> {
  const {
    feedback,
    neurons = ["map", "continuous"],
    units: [min, max] = [1, 5],
    wirings = ["dense", ...WIRINGS],
  } = readChoices(choices);
  return fc.record({
    sizes: fc.array(fc.integer({ min, max }), { minLength: 3, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    scale: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
    feedback:
      feedback === undefined
        ? fc.constantFrom<LayeredOptions["feedback"]>("tied", "untied", { angle: 45 })
        : fc.constant(feedback),
    neuron: fc.constantFrom(...neurons),
    cost: fc.constantFrom("squared-error" as const, "cross-entropy" as const),
    ascend: fc.boolean(),
    wiring: fc.constantFrom(...wirings),
  });
}

/** The circuit of a recipe that `circuits` drew. */
export function circuitOf(recipe: CircuitRecipe): Circuit {
  const { sizes, scale, feedback, neuron, cost, ascend, wiring = "dense" } = readRecipe(recipe);
  const { spec } = layered(sizes, {
    neuron:
      neuron === "map"
        ? shiftedSigmoid()
        : neuron === "continuous"
          ? leakyIntegrator({ rho: "tanh" })
          : softNeuron({ T: "0 K" }),
    synapse: neuron === "physical" ? ideal({ unit: "A" }) : ideal(),
    feedback,
    initial: { distribution: "lecun", scale },
    cost:
      cost === "squared-error"
        ? { kind: cost, argument: "activity", ascend }
        : { kind: cost, argument: "activity", classes: CLASSES, ascend },
  });
  return readCircuit({
    ...spec,
    populations: spec.populations.map((p) =>
      wiring === "dense" ? p : { ...p, shape: [p.size, 1, 1] as const },
    ),
    projections: spec.projections.map((p) => {
      const [pre, post] = [p.from, p.to].map(
        (name) => spec.populations.find((q) => q.name === name)?.size ?? 0,
      );
      const through = p.feedback === undefined ? throughOf(wiring, pre, post) : undefined;
      return through === undefined
        ? p
        : {
            ...p,
            through,
            bias: p.bias === true && through.kind !== "sparse",
            // Of few inputs each, normal ones would at times be too large to contract.
            initial: { distribution: "fan-in", scale },
          };
    }),
  });
}

/** The wiring between so many units, where one of this kind fits. */
function throughOf(wiring: WiringKind, pre: number, post: number): Through | undefined {
  const kernel = (sites: number) => ({ kind: "convolution" as const, kernel: [pre - sites + 1, 1] as const });
  switch (wiring) {
    case "dense":
      return undefined;
    case "kernels":
      return post <= pre ? kernel(post) : undefined;
    case "pooled":
      return 2 * post <= pre ? { ...kernel(2 * post), pool: { kind: "softmax", window: [2, 1] } } : undefined;
    case "one-to-one":
      return pre === post ? { kind: wiring } : undefined;
    case "pairs": {
      const all = Array.from({ length: pre * post }, (_, k) => [k % pre, Math.floor(k / pre)] as const);
      return { kind: "sparse", pairs: all.filter(([i, j]) => (i + 2 * j) % 3 !== 1) };
    }
  }
}

export const chipOf = (recipe: CircuitRecipe): Chip => circuitOf(recipe).fabricate({ seed: recipe.seed });

/** Random chips: the same circuits, fabricated. A failure prints their names; print recipes to see more. */
export const chips = (choices: CircuitChoices = {}): Arbitrary<Chip> => circuits(choices).map(chipOf);

/** How such a circuit is simulated: a step of 0.7 time constants where time is continuous. */
export function simulationOf(recipe: CircuitRecipe): SimulatorOptions {
  const { neuron } = readRecipe(recipe);
  if (neuron === "map") return {};
  return neuron === "continuous" ? { solver: "euler", dt: 0.7 } : { solver: "euler", dt: 14e-6 };
}
