/**
 * Remedies for feedback that is not the transpose of the forward direction, beside homeostasis: what a synapse of the
 * feedback learns in the place of what its own rule says.
 *
 * - `kolen-pollack`: the change of its forward mate, and both decay (Kolen and Pollack 1994; Akrout et al. 2019): the
 *   difference of the two dies out.
 * - `weight-mirror`: units of the layer below are kicked, and a synapse moves towards the product of the kick and what
 *   the layer above receives of it, which is the forward weight on average (Akrout et al. 2019).
 *
 * Both are local: what they need is at the two ends of the pair.
 */
import type { Chip, Circuit, Projection, WeightArrays } from "../circuit/chip-types";
import { learns } from "../circuit/owner";
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import { fillNormals, streamOf } from "../random";

/** What is done for feedback that is not the transpose of the forward direction. */
export type RemedyOptions =
  | {
      readonly kind: "kolen-pollack";
      /** Share of each weight, of both directions, that is lost a batch. Default 0.003. */
      readonly decay?: number;
    }
  | {
      readonly kind: "weight-mirror";
      /** Share of the way to what the kicks tell that feedback goes a batch. Default 0.1. */
      readonly rate?: number;
      /** Kicks of a batch. Default 20. */
      readonly draws?: number;
    };

/** The same with everything said. */
export type RemedySettings =
  | { readonly kind: "kolen-pollack"; readonly decay: number }
  | { readonly kind: "weight-mirror"; readonly rate: number; readonly draws: number };

const readDecay = optionsOf<Extract<RemedyOptions, { kind: "kolen-pollack" }>>("remedy", {
  needs: { kind: check.oneOf("kolen-pollack") },
  takes: { decay: check.notNegative },
});
const readMirror = optionsOf<Extract<RemedyOptions, { kind: "weight-mirror" }>>("remedy", {
  needs: { kind: check.oneOf("weight-mirror") },
  takes: { rate: check.notNegative, draws: check.whole(1) },
});

/** @throws OhmletError OPTION-… */
export function remedyOf(options: RemedyOptions): RemedySettings {
  if (options.kind === "weight-mirror") {
    const { kind, rate = 0.1, draws = 20 } = readMirror(options);
    return { kind, rate, draws };
  }
  const { kind, decay = 0.003 } = readDecay(options);
  return { kind, decay };
}

/** A forward projection and the feedback that leads back, with devices of its own. */
interface Pair {
  readonly forward: Projection;
  readonly back: Projection;
}

/** A chip's feedback under a remedy. */
export class Remedy {
  private readonly pairs: readonly Pair[];

  /** @throws OhmletError LEARN-REMEDY where there is no feedback that could be mended */
  constructor(
    private readonly chip: Chip,
    readonly settings: RemedySettings,
    private readonly seed: number,
  ) {
    this.pairs = pairsOf(chip.circuit, settings);
  }

  /** Changes to program, in the place of those that the optimizer asks for. @param share of a batch */
  changes(asked: ReadonlyMap<string, WeightArrays>, share: number): ReadonlyMap<string, WeightArrays> {
    const changes = new Map(asked);
    for (const { forward, back } of this.pairs) {
      const own = changes.get(back.name);
      if (own === undefined) continue;
      if (this.settings.kind === "weight-mirror") {
        // It learns between batches.
        changes.set(back.name, { ...own, weights: new Float64Array(own.weights.length) });
        continue;
      }
      const { decay } = this.settings;
      const lost = ({ name }: Projection): Float64Array =>
        this.chip.weights(name).weights.map((w) => -decay * share * w);
      const shared = asked.get(forward.name) as WeightArrays;
      changes.set(forward.name, { ...shared, weights: sum(shared.weights, lost(forward)) });
      changes.set(back.name, { ...own, weights: sum(turned(shared.weights, forward), lost(back)) });
    }
    return changes;
  }

  /** What feedback learns after a batch, by itself. @param share of the learning rate, from a schedule */
  after(round: number, share: number): ReadonlyMap<string, WeightArrays> {
    const changes = new Map<string, WeightArrays>();
    const { settings, chip } = this;
    if (settings.kind !== "weight-mirror") return changes;
    const { rate, draws } = settings;
    for (const { forward, back } of this.pairs) {
      const { weights } = chip.weights(forward.name);
      const { pre, post } = forward.array;
      const kicks = new Float64Array(draws * pre);
      fillNormals(kicks, this.seed, streamOf(`mirror/${back.name}`), round, 0);
      const told = mirrored(kicks, weights, pre, post);
      const now = chip.weights(back.name);
      changes.set(back.name, {
        weights: turned(told, forward).map((w, k) => rate * share * (w - now.weights[k])),
        biases: now.biases && new Float64Array(now.biases.length),
      });
    }
    return changes;
  }
}

/** Mean over kicks of each times what it drives: the weights, and what kicks of others add by chance. */
function mirrored(kicks: Float64Array, weights: Float64Array, pre: number, post: number): Float64Array {
  const draws = kicks.length / pre;
  const out = new Float64Array(pre * post);
  const received = new Float64Array(post);
  for (let d = 0; d < draws; d++) {
    received.fill(0);
    for (let i = 0; i < pre; i++) {
      const kick = kicks[d * pre + i];
      for (let j = 0; j < post; j++) received[j] += kick * weights[i * post + j];
    }
    for (let i = 0; i < pre; i++) {
      const kick = kicks[d * pre + i] / draws;
      for (let j = 0; j < post; j++) out[i * post + j] += kick * received[j];
    }
  }
  return out;
}

/** What a forward array has, in the order of its feedback's: transposed, or, of what is wired, as it is. */
function turned(values: Float64Array, { array: { pre, post }, wiring }: Projection): Float64Array {
  if (wiring !== null) return values;
  return Float64Array.from(values, (_, k) => values[(k % pre) * post + Math.floor(k / pre)]);
}

const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, k) => x + b[k]);

/** @throws OhmletError LEARN-REMEDY */
function pairsOf({ name, populations, projections }: Circuit, { kind }: RemedySettings): Pair[] {
  const forwardOf = (back: Projection): Projection | undefined => {
    const { feedback } = back.spec;
    if (feedback?.kind === "tied") return undefined;
    if (feedback !== undefined) return projections.find((p) => p.name === feedback.to);
    return populations.indexOf(back.from) > populations.indexOf(back.to)
      ? projections.find((p) => p.from === back.to && p.to === back.from && p.spec.feedback?.kind !== "tied")
      : undefined;
  };
  const pairs = projections.flatMap((back) => {
    const forward = learns(back) ? forwardOf(back) : undefined;
    return forward === undefined ? [] : [{ forward, back }];
  });
  const wired = kind === "weight-mirror" ? pairs.find(({ forward }) => forward.wiring !== null) : undefined;
  if (pairs.length > 0 && wired === undefined) return pairs;
  throw new OhmletError({
    code: "LEARN-REMEDY",
    fact:
      wired === undefined
        ? `there is no feedback with devices of its own that ${kind} could mend`
        : `weight-mirror kicks what is all to all, and "${wired.forward.name}" is wired`,
    place: { where: name },
    remedy:
      wired === undefined
        ? 'write  remedy: none, or give feedback devices of its own (feedback: "untied", or an angle)'
        : "write  remedy: kolen-pollack",
  });
}
