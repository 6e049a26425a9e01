/**
 * Normal draws in a kernel: the words of Philox4x32-10 exactly as src/random has them, with nothing but float32.
 * Whole numbers are exact in it below 2^24, so a word of 32 bits is three limbs, of 11, 11 and 10 bits: a column of a
 * product of words is at most three products of 22 bits and a carry. Carries are taken off by powers of two, which are
 * exact on every device; whether it fuses products and sums or not makes no difference.
 *
 * Normals are those of src/random/normals.ts to 1e-6: series in float32, not float64.
 */
import { phaseWords, type PhaseKey } from "../../random";
import { MULTIPLIERS, ROUNDS, WEYL } from "../../random/philox";
import type { KernelText } from "./kernels";

const LIMB = 2 ** 11;
const TOP = 2 ** 10;

/** The limbs of a word, lowest first. */
export const limbsOf = (word: number): readonly number[] => [
  word & (LIMB - 1),
  (word >>> 11) & (LIMB - 1),
  word >>> 22,
];

/** Columns of what a kernel is told of a key: c1, c3, the first step, and the key of every round. */
const COLUMNS = 9 + 6 * ROUNDS;

/** What a kernel has to know of keys, [keys, columns]: each is of as many rows. */
export function wordsOf(keys: readonly PhaseKey[], stream: number, firstStep: number): Float32Array {
  return Float32Array.from(
    keys.flatMap((key) => {
      const [c1, c3, k0, k1] = phaseWords(key, stream);
      const rounds = Array.from({ length: ROUNDS }, (_, round) => [
        ...limbsOf(k0 + Math.imul(round, WEYL[0])),
        ...limbsOf(k1 + Math.imul(round, WEYL[1])),
      ]);
      return [...limbsOf(c1), ...limbsOf(c3), ...limbsOf(firstStep), ...rounds.flat()];
    }),
  );
}

/** Of how many draws of a step numbers are exact. */
export const canDraw = (size: number): boolean => size <= 2 ** 24;

/** Columns and rows of the words of so many keys. */
export const sizeOfWords = (keys: number): readonly number[] => [COLUMNS, keys];

/** Takes off what is above a limb, and carries it. */
const carry = (limb: string): string => `e=Math.floor(p*${1 / LIMB});${limb}=p-e*${LIMB};`;

/** The high and low words h, l of a constant times a word a. */
function product(multiplier: number, a: string, h: string, l: string): string {
  const m = limbsOf(multiplier);
  const columns = [0, 1, 2, 3].map((column) => {
    const terms = [0, 1, 2].flatMap((i) =>
      m[column - i] === undefined ? [] : [`${a}${i}*${m[column - i]}`],
    );
    return `p=${terms.join("+")}${column === 0 ? "" : "+e"};${carry(`r${column}`)}`;
  });
  // A third limb has a bit that belongs to the high word, and so on: what is above 32 bits moves up by one.
  return (
    `${columns.join("")}p=${a}2*${m[2]}+e;${carry("r4")}` +
    `p=Math.floor(r2*${1 / TOP});${l}0=r0;${l}1=r1;${l}2=r2-p*${TOP};` +
    `r5=Math.floor(r3*${1 / TOP});${h}0=p+2.0*(r3-r5*${TOP});` +
    `p=Math.floor(r4*${1 / TOP});${h}1=r5+2.0*(r4-p*${TOP});${h}2=p+2.0*e;`
  );
}

const three = (write: (i: number) => string): string => [0, 1, 2].map(write).join("");
const declared = (...names: string[]): string => names.map((name) => `let ${name}=0.5-0.5;`).join("");

/**
 * The words a, b, c, d of the block of a cell; i is the place of the cell among those of its key, q within its block.
 * @param rows of a key
 */
const block = (width: number, rows: number): string =>
  `const g=Math.floor((this.thread.y+0.5)*${1 / rows});` +
  `const i=(this.thread.y-g*${rows})*${width}+this.thread.x;` +
  `const n=Math.floor((i+0.5)*0.25);const q=i-n*4.0;` +
  declared("p", "e", "r0", "r1", "r2", "r3", "r4", "r5") +
  ["a", "b", "c", "d", "h", "l", "u", "v"]
    .map((word) => declared(`${word}0`, `${word}1`, `${word}2`))
    .join("") +
  `p=n;${carry("a0")}a1=e;` +
  `p=w[g][6]+k[0];${carry("c0")}p=w[g][7]+e;${carry("c1")}p=w[g][8]+e;c2=p-Math.floor(p*${1 / TOP})*${TOP};` +
  three((i) => `b${i}=w[g][${i}];d${i}=w[g][${3 + i}];`) +
  `for(let r=0;r<${ROUNDS};r++){` +
  product(MULTIPLIERS[0], "a", "h", "l") +
  product(MULTIPLIERS[1], "c", "u", "v") +
  three(
    (i) => `p=w[g][9+r*6+${i}];e=(u${i}^b${i});a${i}=(e^p);p=w[g][12+r*6+${i}];e=(h${i}^d${i});c${i}=(e^p);`,
  ) +
  three((i) => `b${i}=v${i};d${i}=l${i};`) +
  "}";

/** 1/1, 1/3, … 1/15: what is left out is 1e-8 of the rest. */
const ARTANH = Array.from({ length: 8 }, (_, k) => 1 / (2 * k + 1));
const SIN = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const COS = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];
const series = (s: string, of: readonly number[]): string =>
  of.reduceRight((sum, c) => (sum === "" ? `(${c})` : `(${c}+${s}*${sum})`), "");

/** The draw q of the block. */
const NORMAL =
  // Of draws two and three the words are c and d.
  `if(q>1.5){${three((i) => `a${i}=c${i};b${i}=d${i};`)}}` +
  // -ln u of u = (word + 1/2)/2^32; near 1 by what it lacks of it.
  `p=(((a2*${LIMB}+a1)*${LIMB}+a0)+0.5)*${2 ** -32};` +
  `e=(((${TOP - 1}-a2)*${LIMB}+(${LIMB - 1}-a1))*${LIMB}+(${LIMB - 1}-a0)+0.5)*${2 ** -32};` +
  `const t=e/(2.0-e);const o=t*t;let m=2.0*t*${series("o", ARTANH)};` +
  `if(a2<${TOP / 2 - 0.5}){m=-Math.log(p);}` +
  `const z=Math.sqrt(m);` +
  `const f=Math.floor(b2*${1 / 256});` +
  `const x=((((b2-f*256.0)-128.0)*${LIMB}+b1)*${LIMB}+b0+0.5)*${(2 ** -30 * Math.PI) / 2};` +
  `const s=x*x;const y=x*${series("s", SIN)};const j=${series("s", COS)};` +
  `let near=z*(j-y);let far=z*(j+y);` +
  // Quadrants turn (near, far) to (-far, near), (-near, -far) and (far, -near).
  `if(f>0.5&&f<1.5){p=near;near=-far;far=p;}` +
  `if(f>1.5&&f<2.5){near=-near;far=-far;}` +
  `if(f>2.5){p=near;near=far;far=-p;}` +
  `let result=near;if(q>0.5&&q<1.5){result=far;}if(q>2.5){result=far;}return result;`;

/**
 * Draws of a step, [rows, width]. Arguments: what `wordsOf` tells, the number of the step from its first on.
 * @param rows of all keys
 */
export const drawKernel = (width: number, rows: number, keys: number): KernelText => ({
  source: `function(w,k){${block(width, rows / keys)}${NORMAL}}`,
  output: [width, rows],
});

/** A limb of the word that the draw is of, likewise: for whoever checks that it is exact. */
export const limbKernel = (width: number, rows: number, keys: number, limb: 0 | 1 | 2): KernelText => ({
  source:
    `function(w,k){${block(width, rows / keys)}let result=a${limb};` +
    ["b", "c", "d"].map((word, j) => `if(q>${j + 0.5}){result=${word}${limb};}`).join("") +
    "return result;}",
  output: [width, rows],
});
