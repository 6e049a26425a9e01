/**
 * Two layers as in appendices B and C of O'Connor et al. 2019: what the paper's own formulas make of them, in plain
 * sums that share nothing with the gradients of the library, and the same layers as a feedforward net of the library.
 * Matrices are flat and row-major; all gradients are means over samples of those of losses with a half.
 */
import { layered } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import type { Engine } from "../../engines/engine";
import { forwardGradient, forwardNet, type ForwardPass, type Prediction } from "../../learning/initialized";
import { sgd } from "../../learning/optimizers";

/** Weights [in, hidden] and [hidden, out]. */
export type Weights = readonly [first: Float64Array, second: Float64Array];

/** An output function, as the library reads it and as a reader of the paper computes it. */
export interface Output {
  readonly text: string;
  rho(z: number): number;
  slope(z: number): number;
}

export const TANH: Output = {
  text: "tanh(u)",
  rho: Math.tanh,
  slope: (z) => 1 - Math.tanh(z) ** 2,
};
export const LINEAR: Output = { text: "u", rho: (z) => z, slope: () => 1 };
/** Piecewise linear and saturating, as appendix C supposes. */
export const CLIPPED: Output = {
  text: "clip(u, -0.5, 0.5)",
  rho: (z) => Math.max(-0.5, Math.min(0.5, z)),
  slope: (z) => (Math.abs(z) <= 0.5 ? 1 : 0),
};

export interface Sizes {
  readonly samples: number;
  readonly widths: readonly [input: number, hidden: number, output: number];
}

/** a [rows, inner] times b [inner, columns]. */
function times(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const [rows, columns] = [a.length / inner, b.length / inner];
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const x = a[i * inner + k];
      for (let j = 0; j < columns; j++) out[i * columns + j] += x * b[k * columns + j];
    }
  return out;
}

/** Rows become columns. */
function turned(a: Float64Array, columns: number): Float64Array {
  const rows = a.length / columns;
  return Float64Array.from({ length: a.length }, (_, k) => a[(k % rows) * columns + Math.floor(k / rows)]);
}

const by = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x * b[i]);

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
export const cosine = (a: Float64Array, b: Float64Array): number => dot(a, b) / norm(a) / norm(b);
export const plus = (a: Float64Array, b: Float64Array, factor = 1): Float64Array =>
  a.map((x, i) => x + factor * b[i]);
/** |a - b| over |b|. */
export const off = (a: Float64Array, b: Float64Array): number => norm(plus(a, b, -1)) / norm(b);

/** What the formulas need of a net at some inputs. */
interface Slopes {
  /** s_1. */
  readonly shown: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

function slopesOf(x: Float64Array, weights: Weights, outputs: readonly [Output, Output], of: Sizes): Slopes {
  const received = times(x, weights[0], of.widths[0]);
  const shown = received.map(outputs[0].rho);
  const second = times(shown, weights[1], of.widths[1]).map(outputs[1].slope);
  return { shown, first: received.map(outputs[0].slope), second };
}

/** x^T (e * rho'(x w_1)), the mean over samples. */
const toWeights = (x: Float64Array, e: Float64Array, first: Float64Array, of: Sizes): Float64Array =>
  times(turned(x, of.widths[0]), by(e, first), of.samples).map((sum) => sum / of.samples);

/**
 * Eq. 12: gradients by w_1 of the loss of the first layer and, in two parts, of the second, to first order in how far
 * the net is from its ideal one.
 * @param away w less the ideal w
 */
export function nearIdeal(
  x: Float64Array,
  weights: Weights,
  away: Weights,
  outputs: readonly [Output, Output],
  of: Sizes,
): { readonly local: Float64Array; readonly g1: Float64Array; readonly g2: Float64Array } {
  const [, hidden, output] = of.widths;
  const { shown, first, second } = slopesOf(x, weights, outputs, of);
  const moved = by(times(x, away[0], of.widths[0]), first);
  const back = turned(weights[1], output);
  const returned = (e: Float64Array): Float64Array => times(by(e, by(second, second)), back, output);
  return {
    local: toWeights(x, moved, first, of),
    g1: toWeights(x, returned(times(moved, weights[1], hidden)), first, of),
    g2: toWeights(x, returned(times(shown, away[1], hidden)), first, of),
  };
}

/**
 * What appendix C says of a saturating net: what comes back from the second layer, as the text first has it and as
 * s_1 w_2' w_2'^T with the weights to units that are not saturated alone, [samples, hidden]; and how strong the
 * diagonal of w_2' w_2'^T is beside the rest, the mean over samples of its mean over the root mean square of that.
 */
export function saturated(
  x: Float64Array,
  weights: Weights,
  output: Output,
  of: Sizes,
): { readonly returned: Float64Array; readonly rewritten: Float64Array; readonly diagonal: number } {
  const [, hidden, units] = of.widths;
  const { shown, second } = slopesOf(x, weights, [output, output], of);
  const received = times(shown, weights[1], hidden);
  const returned = times(by(received.map(output.rho), second), turned(weights[1], units), units);
  const rewritten = new Float64Array(shown.length);
  let diagonal = 0;
  for (let s = 0; s < of.samples; s++) {
    const kept = weights[1].map((w, k) => w * second[s * units + (k % units)]);
    const gram = times(kept, turned(kept, units), units);
    rewritten.set(times(shown.subarray(s * hidden, (s + 1) * hidden), gram, hidden), s * hidden);
    let [own, others] = [0, 0];
    gram.forEach((g, k) => (k % (hidden + 1) === 0 ? (own += g) : (others += g * g)));
    diagonal += others === 0 ? 0 : own / hidden / Math.sqrt(others / hidden / (hidden - 1)) / of.samples;
  }
  return { returned, rewritten, diagonal };
}

/** Gradients by the first layer's weights, of the first layer's loss and of the second's. */
export interface Parts {
  readonly local: Float64Array;
  readonly distant: Float64Array;
}

/** The same layers as a feedforward net of the library, whose weights are set as one likes. */
export class TwoLayers {
  private readonly pass: ForwardPass;
  readonly net;

  constructor(
    outputs: readonly [Output, Output],
    private readonly of: Sizes,
    engine: Engine,
  ) {
    const neuron = ({ text }: Output) => shiftedSigmoid({ rho: { text } });
    const chip = layered(of.widths, {
      neuron: neuron(outputs[0]),
      output: neuron(outputs[1]),
      synapse: ideal(),
      bias: false,
    }).fabricate();
    this.net = forwardNet(chip, { optimizer: sgd({ rate: 1 }), leak: 0 });
    this.pass = this.net.on(engine);
  }

  /** What the net with some weights shows. */
  predict(weights: Weights, x: Float64Array): Promise<Prediction> {
    ["input-l1", "l1-output"].forEach((name, k) =>
      this.net.chip.setWeights(name, { weights: weights[k], biases: null }),
    );
    return this.pass.predict(this.of.samples, x);
  }

  /** Of what was predicted last. */
  gradients(prediction: Prediction, targets: Prediction["activities"]): Parts {
    const [local, global] = (["local", "global"] as const).map(
      (loss) => forwardGradient(this.net.chip, prediction, targets, loss).gradient["input-l1"].weights,
    );
    return { local, distant: plus(global, local, -1) };
  }

  dispose(): void {
    this.pass.dispose();
  }
}
