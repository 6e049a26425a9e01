/**
 * What the ends of pooled synapses show, in the engine: the transposes of the circuit's drives run at the states
 * that the phases left, in the learner's own program. For the vector-field rule at the free states, with the
 * derivative by the nudge as what comes back; for the energy-based one at both ends of the contrast, with the
 * activities themselves, whose difference is taken as differences of products, as the rule does on the host.
 */
import type { Circuit, Projection } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { isClampedBuffer } from "../../dynamics/lowering/clamped";
import type { InternalUnits } from "../../dynamics/lowering/internal-units";
import type { GraphPopulation, Layout } from "../../dynamics/lowering/layout";
import { planRecurrentDrives, planStillDrives } from "../../dynamics/lowering/plan-drives";
import { add, multiply, number, symbol, type Expression } from "../../equations/expression";
import type { Bindings, ProgramBuilder } from "../../program/builder";
import { needed } from "../../program/dataflow";
import type { Product } from "../../program/program";
import { transpose, type Transpose } from "../../program/transpose";
import { pools } from "../rules/pooled";
import type { Rule } from "../rules/rule";
import { isPooled } from "../../dynamics/lowering/pooling";

export interface PooledRequest {
  readonly builder: ProgramBuilder;
  readonly circuit: Circuit;
  readonly layout: Layout;
  readonly rule: Rule;
  readonly samples: number;
  /** Nudges, all real where the rule is energy-based. */
  readonly nudges: number;
}

/** Products by the name of the projection whose array they move. */
export type PooledProducts = ReadonlyMap<string, readonly Product[]>;

/** Why the engine cannot do it, or null. */
export function pooledReason(
  { chip }: { readonly chip: { readonly circuit: Circuit } },
  layout: Layout,
  units: InternalUnits,
  rule: Rule,
  complex: boolean,
): string | null {
  if (!pools(chip.circuit)) return null;
  if (layout.populations.some((p) => units.output(p) !== 1)) return "pooled outputs have units";
  return rule.contrasts && complex
    ? "the energy's contrast through pooled windows is taken between real phases"
    : null;
}

/** Emits the programs, and tells what each pooled array is to be moved by. */
export function emitPooledProducts(request: PooledRequest): PooledProducts {
  const owners = request.circuit.projections.filter((p) => isPooled(p.wiring) && ownerOf(p) === p.name);
  if (owners.length === 0) return new Map();
  return request.rule.contrasts ? contrast(request, owners) : once(request, owners);
}

/** The vector-field rule: at the free states, tied directions added. */
function once(request: PooledRequest, owners: readonly Projection[]): PooledProducts {
  const { circuit, layout, rule } = request;
  const factor = rule.factor(circuit) === "dState" ? "ds" : "da";
  const found = walkAt(request, layout.populations, "p0", {
    activity: (index) => `v${index}`,
    back: (index) => `${factor}${index}`,
  });
  return new Map(
    owners.map((owner) => [
      owner.name,
      circuit.projections.flatMap((p, index) =>
        ownerOf(p) === owner.name ? (found.get(`w${index}`) ?? []) : [],
      ),
    ]),
  );
}

/** The energy-based rule: the difference of two phases, products of differences and means. */
function contrast(request: PooledRequest, owners: readonly Projection[]): PooledProducts {
  const { circuit, layout, nudges, builder: b } = request;
  const own = layout.populations.map((p) => ({
    ...p,
    recurrent: p.recurrent.filter(({ projection }) => ownerOf(projection) === projection.name),
  }));
  const points = [
    { weight: "f", middle: "mf", activity: (index: number) => `v${index}` },
    ...Array.from({ length: nudges }, (_, k) => ({
      weight: `c${k}`,
      middle: `m${k}`,
      activity: (index: number) => `r${index}_${k}`,
    })),
  ];
  const walks = points.map(({ activity }, k) => walkAt(request, own, `p${k}`, { activity, back: activity }));
  let count = 0;
  const mixed = (buffers: readonly string[], by: "weight" | "middle", width: number): string => {
    // What is clamped is the same in all phases.
    if (by === "middle" && buffers.every((name) => name === buffers[0])) return buffers[0];
    const out = b.buffer(`y${count++}`, width);
    const bindings: Record<string, Bindings[string]> = {};
    const terms = points.map((point, k): Expression => {
      bindings[`s${k}`] = { scalar: point[by] };
      bindings[`x${k}`] = { buffer: buffers[k] };
      return multiply(symbol(`s${k}`), symbol(`x${k}`));
    });
    b.map(out, terms.reduce<Expression>(add, number(0)), bindings);
    return out;
  };
  return new Map(
    owners.map((owner) => {
      const name = `w${circuit.projections.indexOf(owner)}`;
      const each = walks.map((walk) => walk.get(name) ?? []);
      return [
        owner.name,
        each[0].flatMap(({ through }, i): Product[] => {
          const [pres, posts] = [each.map((of) => of[i].pre), each.map((of) => of[i].post)];
          const [pre, post] = [through?.pre ?? owner.array.pre, through?.post ?? owner.array.post];
          const along = mixed(posts, "weight", post);
          const forward = { pre: mixed(pres, "middle", pre), post: along, through };
          return owner.from.clamped
            ? [forward]
            : [forward, { pre: mixed(pres, "weight", pre), post: mixed(posts, "middle", post), through }];
        }),
      ];
    }),
  );
}

interface Point {
  /** The buffers, by population, of what it shows, and of what comes back to its drive; internal units. */
  readonly activity: (index: number) => string;
  readonly back: (index: number) => string;
}

/** Runs the transposed drives once; products by the weights that they move. */
function walkAt(
  { builder, circuit, samples }: PooledRequest,
  populations: readonly GraphPopulation[],
  prefix: string,
  point: Point,
): ReadonlyMap<string, readonly Product[]> {
  const found = new Map<string, Product[]>();
  const programs = [
    ...(populations.some(({ recurrent }) => recurrent.length > 0)
      ? [planRecurrentDrives(circuit, populations, samples)]
      : []),
    ...(populations.some(({ hasStatic }) => hasStatic)
      ? [planStillDrives(circuit, samples, populations)]
      : []),
  ];
  programs.forEach((program, k) => {
    const walk = transpose(program);
    const pooled = walk.weights.filter(({ weights }) =>
      isPooled(projectionOf(circuit, weights)?.wiring ?? null),
    );
    const results = new Set(pooled.flatMap(({ pre, post }) => [pre, post]));
    const rename = renamed(walk, program.state, `${prefix}${k}_`, point);
    builder.include(needed(walk.program.step, results), walk.program, rename);
    for (const { weights, pre, post, through } of pooled) {
      const product = { pre: rename(pre), post: rename(post), through };
      found.set(weights, [...(found.get(weights) ?? []), product]);
    }
  });
  return found;
}

/** The projection of an array of weights; biases have none here. */
const projectionOf = ({ projections }: Circuit, weights: string): Projection | undefined =>
  weights.startsWith("w") ? projections[Number(weights.slice(1))] : undefined;

function renamed(
  walk: Transpose,
  drives: readonly string[],
  prefix: string,
  { activity, back }: Point,
): (buffer: string) => string {
  const known = new Map(drives.map((name) => [walk.of(name), back(Number(name.slice(1)))]));
  return (buffer) => {
    if (isClampedBuffer(buffer)) return buffer;
    if (/^a\d+$/.test(buffer)) return activity(Number(buffer.slice(1)));
    return known.get(buffer) ?? `${prefix}${buffer}`;
  };
}
