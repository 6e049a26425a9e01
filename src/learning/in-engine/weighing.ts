/**
 * The program that makes of what phases left in the engine what a rule multiplies, and programs the devices by it:
 * the states and activities of the nudges are weighed there as their estimator weighs them.
 */
import type { Population } from "../../circuit/chip-types";
import { clampedBuffer, clampedBuffers } from "../../dynamics/lowering/clamped";
import { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { Complex } from "../../dynamics/types";
import type { Executable } from "../../engines/engine";
import { ProgramBuilder } from "../../program/builder";
import { descentSign, type End } from "../rules/rule";
import type { EngineLearner, LearnerRequest } from "./learner";
import { emitPooledProducts } from "./pooled-products";
import { emitEnds, endOf, type EndsRequest } from "./synapse-factors";
import type { LearningPart } from "./synapses";

export type Weighed = { readonly samples: number } & Pick<
  EndsRequest,
  "complex" | "averaged" | "exact" | "fewer" | "rest"
>;

/** @param holder what holds the chip's arrays and what the optimizer remembers */
export function compileWeighing(
  { simulator, rule }: LearnerRequest,
  parts: readonly LearningPart[],
  learner: Pick<EngineLearner, "declare" | "updateOf">,
  holder: Executable,
  { samples, ...weighed }: Weighed,
): Executable {
  const {
    chip: { circuit },
    layout,
    units,
    engine,
  } = simulator;
  const b = new ProgramBuilder(samples, 1, circuit.name);
  const maps = new UnitMaps(b, false);
  emitEnds({
    builder: b,
    maps,
    layout,
    units,
    clamped: clampedBuffers(circuit),
    loaded: units.areLoaded,
    ...weighed,
  });
  const pooled = emitPooledProducts({
    builder: b,
    circuit,
    layout,
    rule,
    samples,
    nudges: weighed.complex.length,
  });
  const scale = descentSign(circuit) / samples;
  const bufferOf = (p: Population, end: End): string =>
    p.clamped && end !== "one"
      ? clampedBuffer(circuit, p)
      : endOf(b, end, { index: layout.populations.findIndex((q) => q.population === p), size: p.size });
  for (const part of parts) {
    const { owner, kind, pre, post, refresh } = part.device;
    learner.declare(b, part);
    const { weights, biases } = rule.products(circuit, owner);
    const { wiring } = owner;
    const ends = (pre: End, post: End) => {
      const [sends, takes] = [bufferOf(owner.from, pre), bufferOf(owner.to, post)];
      if (wiring === null) return { pre: sends, post: takes };
      const [through] = wiring.members;
      return wiring.backwards ? { pre: takes, post: sends, through } : { pre: sends, post: takes, through };
    };
    const products =
      kind === "weights"
        ? (pooled.get(owner.name) ?? weights.map((t) => ends(t.pre, t.post)))
        : [
            {
              pre: "one",
              post: bufferOf(owner.to, biases),
              ...(wiring?.biases && { through: wiring.biases }),
            },
          ];
    b.adjust({ pre, post, products, maps: [...learner.updateOf(part, scale), ...refresh] });
  }
  const program = b.build();
  const exe = engine.compile(program, holder);
  for (const name of Object.keys(program.vectors)) exe.setVector(name, maps.vectors[name]);
  return exe;
}

/** The size of what a buffer holds. */
export type Measure = Awaited<ReturnType<NonNullable<Executable["measure"]>>>;

/** Of some buffers, each; asked for all at once, since what runs together is told together. */
export const measured = (exe: Executable, buffers: readonly string[]): Promise<readonly Measure[]> =>
  Promise.all(
    buffers.map(async (name) => (await exe.measure?.(name)) ?? { largest: Number.NaN, squares: Number.NaN }),
  );

/** The largest absolute value in some buffers. */
export const largestOf = (measures: readonly Measure[]): number =>
  Math.max(...measures.map(({ largest }) => largest));

/**
 * How far the nudge moved the states, against their size.
 * @param state the largest free state, SI
 * @param derivatives of the states of each population
 */
export const nudgeShiftOf = (state: number, derivatives: readonly Measure[], { re, im }: Complex): number =>
  state === 0 ? Infinity : (Math.hypot(re, im) * largestOf(derivatives)) / state;
