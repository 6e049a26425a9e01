/** A number with a physical dimension. The value is SI. */

/**
 * Exponents of kilogram, metre, second, ampere, kelvin. Rational in general (noise densities have halves).
 */
export type Dimension = readonly [kg: number, m: number, s: number, A: number, K: number];

/** A number with its dimension; the number is in SI. */
export interface Quantity {
  readonly value: number;
  readonly dimension: Dimension;
}

export const DIMENSIONLESS: Dimension = [0, 0, 0, 0, 0];
