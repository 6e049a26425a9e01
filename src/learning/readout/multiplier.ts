/**
 * The multiplier of the local update. What it makes of x and y is xy*x*y + x*x + y*y + one, one device a synapse, so that
 * a sum over rows needs no product of its own: what it adds are sums of one factor alone, and a number of rows. Chopped,
 * one factor and the product change sign together: x*x and one change theirs then.
 */
import type { Chip, Projection } from "../../circuit/chip-types";
import { drawParameters } from "../../circuit/draw";
import type { Multiplication, ReadoutDevice } from "../../device/types";
import type { Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { normal, streamOf } from "../../random";
import { CONSTANTS } from "../../units/constants";
import type { Multiplier } from "./products";
import type { ReadoutSettings } from "./options";

/** Numbers of draws are of 32 bits. */
const NUMBERS = 2 ** 32;

type Values = Readonly<Record<keyof Multiplication, Column>>;

/** Coefficients of the devices of a chip's arrays: [pre (+ 1), post] each, or one number for all. */
export class Multipliers {
  private readonly known = new Map<string, Values>();

  constructor(
    private readonly device: ReadoutDevice & { readonly product: Multiplication },
    private readonly seed: number,
  ) {}

  of({ name, array, bias }: Projection): Values {
    const found = this.known.get(name);
    if (found !== undefined) return found;
    const { parameters, product } = this.device;
    const shape = { rows: array.pre + (bias ? 1 : 0), columns: array.post, key: `multiplier/${name}` };
    const drawn = drawParameters(parameters, shape, this.seed);
    const names = [...Object.keys(drawn), ...Object.keys(CONSTANTS)];
    const columns = [...Object.values(drawn), ...Object.values(CONSTANTS).map(({ value }) => value)];
    const alike = Object.values(drawn).every((column) => typeof column === "number");
    const value = (e: Expression | null): Column => {
      if (e === null) return 0;
      const out = vectorize(e, names)(new Float64Array(alike ? 1 : shape.rows * shape.columns), columns);
      return out.every((v) => v === out[0]) ? out[0] : out;
    };
    const { xy, x, y, one, noise } = product;
    const values = { xy: value(xy), x: value(x), y: value(y), one: value(one), noise: value(noise) };
    this.known.set(name, values);
    return values;
  }
}

/** Which batch, and whose. */
export interface Multiplied {
  readonly chips: readonly { readonly chip: Chip; readonly devices: Multipliers; readonly seed: number }[];
  readonly chop: ReadoutSettings["chop"];
  readonly round: number;
  readonly samples: number;
  /** The first of its samples in the batch. */
  readonly first: number;
}

export function multiplierOf(multiplied: Multiplied): Multiplier {
  const { chips, chop, round, samples, first } = multiplied;
  const [{ devices, seed }] = chips;
  return {
    part(index, parts) {
      if (parts === chips.length) return multiplierOf({ ...multiplied, chips: [chips[index]] });
      const size = samples / parts;
      return multiplierOf({ ...multiplied, samples: size, first: first + index * size });
    },
    async sum(
      { owner, line, scaled, scale, samples: perTerm },
      correlate,
      a,
      b,
      rows,
      aWidth,
      bWidth,
      through,
    ) {
      const values = devices.of(owner);
      const weights = owner.array.pre * owner.array.post;
      const [from, to] = line === "weights" ? [0, weights] : [weights, weights + owner.array.post];
      const at = (column: Column): Column =>
        typeof column === "number" ? column : column.subarray(from, to);
      const out = await correlate(a, b, rows, aWidth, bWidth, through);
      // Of what is wired, units of a row; the widths are those of the array.
      const [aUnits, bUnits] = [a.length / rows, b.length / rows];
      const xy = at(values.xy);
      for (let k = 0; k < out.length; k++) out[k] *= typeof xy === "number" ? xy : xy[k];
      const add = async (coefficient: Column, left: Rows, right: Rows): Promise<void> => {
        if (coefficient === 0) return;
        const sum = await correlate(left(aUnits), right(bUnits), rows, aWidth, bWidth, through);
        const c = at(coefficient);
        for (let k = 0; k < out.length; k++) out[k] += (typeof c === "number" ? c : c[k]) * sum[k];
      };
      /** Ones, with the scale and the sign of each row. */
      const signed = (factor: number): Rows =>
        rowsOf(rows, (row) => factor * signOf(chop, round, first + (row % perTerm)));
      const ones = rowsOf(rows, () => 1);
      const [whole, other] = scaled === "second" ? [b, a] : [a, b];
      // Each term has the scale once: that of the postsynaptic end, or of the ones in its place.
      const place = (pre: Rows, post: Rows): [Rows, Rows] =>
        scaled === "second" ? [pre, post] : [post, pre];
      await add(values.x, ...place(() => other, signed(scale)));
      await add(values.y, ...place(ones, () => whole));
      await add(values.one, ...place(ones, signed(scale)));
      if (values.noise !== 0) {
        const counts = await correlate(ones(aUnits), ones(bUnits), rows, aWidth, bWidth, through);
        const [noise, stream] = [at(values.noise), streamOf(`multiplier/${owner.name}/${line}/${first}`)];
        for (let k = 0; k < out.length; k++)
          out[k] +=
            scale *
            Math.sqrt(counts[k]) *
            (typeof noise === "number" ? noise : noise[k]) *
            normal(seed, stream, round % NUMBERS, k);
      }
      return out;
    },
  };
}

type Rows = (width: number) => ArrayLike<number>;

/** The same in every unit of a row. */
const rowsOf =
  (rows: number, value: (row: number) => number): Rows =>
  (width) => {
    const out = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) out.fill(value(row), row * width, (row + 1) * width);
    return out;
  };

/** Of a sample of a batch. */
function signOf(chop: ReadoutSettings["chop"], round: number, sample: number): 1 | -1 {
  if (chop === "none") return 1;
  return (chop === "batch" ? round : round + sample) % 2 === 0 ? 1 : -1;
}
