/**
 * The names that a circuit of layers gives its populations and projections, as types: `layered([64, 32, 10])`
 * has "input", "l1" and "output", and "input-l1", "l1-output" and "output-l1". Of sizes that are not known
 * when code is compiled, names are texts.
 */

/** As a tuple, in order: layers between the first and the last are counted. */
type Layers<Sizes extends readonly unknown[]> = Sizes extends readonly [unknown, ...infer After]
  ? LayersAfter<After, readonly ["input"]>
  : never;

/** `Done` are the names so far: as many as the number of the next layer. */
type LayersAfter<Left extends readonly unknown[], Done extends readonly string[]> = Left extends readonly [
  unknown,
]
  ? readonly [...Done, "output"]
  : Left extends readonly [unknown, ...infer After]
    ? LayersAfter<After, readonly [...Done, `l${Done["length"]}`]>
    : Done;

/** "a-b" for each layer and the next. */
type Forward<Names extends readonly string[]> = Names extends readonly [
  infer From extends string,
  infer To extends string,
  ...infer After extends readonly string[],
]
  ? `${From}-${To}` | Forward<readonly [To, ...After]>
  : never;

/** "b-a" for each layer and the next. */
type Backward<Names extends readonly string[]> = Names extends readonly [
  infer From extends string,
  infer To extends string,
  ...infer After extends readonly string[],
]
  ? `${To}-${From}` | Backward<readonly [To, ...After]>
  : never;

type WithoutFirst<Names extends readonly string[]> = Names extends readonly [
  string,
  ...infer After extends readonly string[],
]
  ? After
  : readonly [];
type Second<Names extends readonly string[]> = Names extends readonly [
  string,
  infer Name extends string,
  ...(readonly string[]),
]
  ? Name
  : never;

/** Whether the number of layers is known when code is compiled. */
type IsCounted<Sizes extends readonly unknown[]> = number extends Sizes["length"] ? false : true;

/** Names of the populations of a layered circuit, from its sizes: "input", "l1", "l2", …, "output". */
export type LayerName<Sizes extends readonly unknown[]> =
  IsCounted<Sizes> extends true ? Layers<Sizes>[number] : string;

/** Forward from layer to layer, and back again except to the input. */
export type LayeredProjection<Sizes extends readonly unknown[]> =
  IsCounted<Sizes> extends true ? Forward<Layers<Sizes>> | Backward<WithoutFirst<Layers<Sizes>>> : string;

/** Forward from layer to layer, and from the output to the first layer after the input. */
export type LoopProjection<Sizes extends readonly unknown[]> =
  IsCounted<Sizes> extends true ? Forward<Layers<Sizes>> | `output-${Second<Layers<Sizes>>}` : string;
