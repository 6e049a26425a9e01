/**
 * Which units of one buffer reach which of another, through which weights: blocks of an array, each used where
 * and as often as it is. All to all is one block; a convolution uses the block of a kernel's tap at every
 * position; a list of pairs has blocks of one synapse. Read backwards, the same weights run the other way: what
 * sends then receives.
 */

/**
 * Block k takes pre[pres[k] + i] * weights[at[k] + i * columns + j] to post[posts[k] + j], for i below block.pre
 * and j below block.post; `columns` is the number of columns of the array, [rows, columns].
 */
export interface Connections {
  /** Widths of the buffers that it joins. */
  readonly pre: number;
  readonly post: number;
  readonly block: { readonly pre: number; readonly post: number };
  /** Where each block begins in the buffers, and in the array, row-major. In the order of `posts`. */
  readonly pres: Int32Array;
  readonly posts: Int32Array;
  readonly at: Int32Array;
}

/** Multiply-adds that a row takes: every use of a weight. */
export const usesOf = ({ block, at }: Connections): number => at.length * block.pre * block.post;

/** Hands every use of a weight to `put`: the units that it joins, and its place in an array of so many columns. */
export function eachUse(
  { block, pres, posts, at }: Connections,
  columns: number,
  put: (pre: number, post: number, at: number) => void,
): void {
  for (let k = 0; k < at.length; k++)
    for (let i = 0; i < block.pre; i++)
      for (let j = 0; j < block.post; j++) put(pres[k] + i, posts[k] + j, at[k] + i * columns + j);
}

/** What is wrong with connections through an array of so many rows and columns, or null. */
export function faultOf(
  { pre, post, block, pres, posts, at }: Connections,
  array: { readonly pre: number; readonly post: number },
): string | null {
  if (pres.length !== at.length || posts.length !== at.length) return "lists of unlike lengths";
  if (at.length === 0) return "no block";
  const cells = array.pre * array.post;
  for (let k = 0; k < at.length; k++) {
    if (!(pres[k] >= 0 && pres[k] + block.pre <= pre)) return `block ${k} reads beyond the buffer`;
    if (!(posts[k] >= 0 && posts[k] + block.post <= post)) return `block ${k} writes beyond the buffer`;
    const last = at[k] + (block.pre - 1) * array.post + block.post;
    if (!(at[k] >= 0 && last <= cells && (at[k] % array.post) + block.post <= array.post))
      return `block ${k} lies outside of the array`;
    if (k > 0 && posts[k] < posts[k - 1]) return `block ${k} is not in the order of what it writes`;
  }
  return null;
}
